import difflib
import re

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.progress import progress
from blog.markup import plain_text
from blog.posts.models import Post, posts_of_earlier_markup, render_again, rendered_now
from blog.posts.tasks import render_essays
from comments.models import Comment, comments_of_earlier_markup
from comments.models import rendered_now as rendered_comment
from comments.tasks import render_comments, render_some_again

# Of each essay, unless more is asked for: lines that differ, and characters of a line.
MOST_LINES, MOST_CHARACTERS = 12, 160
ANCHOR = re.compile(r' id="([^"]*)"')


class Command(BaseCommand):
    help = (
        "Renders essays and comments of earlier versions again. Killed, it goes on where it was "
        "when it is run again. With --dry-run it says which change and how, and writes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say which change and how, also before the database is brought up to date; "
            "--verbosity 2 shows every line",
        )
        parser.add_argument("--all", action="store_true", help="render those of this version too")
        parser.add_argument(
            "--later", action="store_true", help="leave it to the worker, in pieces of two minutes"
        )

    def handle(self, **options):
        if options["dry_run"]:
            self.compare(MOST_LINES if options["verbosity"] < 2 else None)
        elif options["later"]:
            if next(posts_of_earlier_markup(), None):
                render_essays.enqueue()
            if next(comments_of_earlier_markup(), None):
                render_comments.enqueue()
        else:
            self.render(every=options["all"])

    def render(self, *, every):
        posts = Post.objects.order_by("pk").values_list("pk", flat=True)
        tell, count = progress(self.stdout), 0
        for pk in [*posts] if every else posts_of_earlier_markup():
            count += render_again(pk)
            if tell:
                tell(_("essays"), count)
        said = ngettext("%(count)d essay changed.", "%(count)d essays changed.", count)
        self.stdout.write(said % {"count": count})
        self.render_comments(tell, every=every)

    def render_comments(self, tell, *, every):
        count = 0
        for keys in comments_of_earlier_markup(every=every):
            count += render_some_again(keys)
            if tell:
                tell(_("comments"), count)
        if count:
            said = ngettext("%(count)d comment changed.", "%(count)d comments changed.", count)
            self.stdout.write(said % {"count": count})

    def later_columns(self):
        """Return what else is looked at where the database has it: earlier versions have not."""
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(cursor, Post._meta.db_table)
        return [column.name for column in columns if column.name == "lang"]

    def compare(self, most):
        names = ["title", "path", "body", "body_html", *self.later_columns()]
        changed = total = 0
        posts = Post.objects.order_by("pk").values_list(*names)
        for title, path, body, before, *lang in posts.iterator():
            total += 1
            if (now := rendered_now(body, before, *lang)) != before:
                changed += 1
                self.stdout.write(f"{title} (/{path}/)")
                for line in differences(before, now, most):
                    self.stdout.write(f"    {line}")
        said = _("Essays that change: %(changed)d of %(total)d.")
        self.stdout.write(said % {"changed": changed, "total": total})
        self.compare_comments(most)

    def compare_comments(self, most):
        names = ("pk", "name", "post__path", "body", "body_html", "source", "origin")
        changed = total = 0
        found = Comment.objects.order_by("pk").values_list(*names)
        for pk, name, path, body, before, source, origin in found.iterator():
            total += 1
            is_plain = bool(source and body and not origin)
            _body, now = rendered_comment(body, before, is_plain=is_plain, imported=bool(origin))
            if now != before:
                changed += 1
                self.stdout.write(f"{name} (/{path}/#c{pk})")
                for line in differences(before, now, most):
                    self.stdout.write(f"    {line}")
        if total:
            said = _("Comments that change: %(changed)d of %(total)d.")
            self.stdout.write(said % {"changed": changed, "total": total})


def differences(before, now, most):
    """Yield what differs between two versions of an essay's HTML: words, anchors and lines."""
    old, new = plain_text(before).split(), plain_text(now).split()
    if old == new:
        yield _("The words stay.")
    else:
        yield _("Words: %(old)d before, %(new)d now.") % {"old": len(old), "new": len(new)}
    if gone := sorted({*ANCHOR.findall(before)} - {*ANCHOR.findall(now)}):
        yield _("Anchors that are gone: %(names)s.") % {"names": ", ".join(gone)}
    lines = difflib.unified_diff(before.split("\n"), now.split("\n"), lineterm="", n=0)
    lines = [line for line in [*lines][2:] if line[:2] != "@@"]
    yield from (line[:MOST_CHARACTERS] if most else line for line in lines[:most])
    if rest := len(lines[most:] if most else []):
        said = ngettext("%(count)d more line", "%(count)d more lines", rest)
        yield said % {"count": rest}
