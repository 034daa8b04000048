import difflib
import re

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.counting import counted
from blog.lib.listing import listed
from blog.lib.progress import progress
from blog.markup import plain_text
from blog.ops.renderings import comments, essays
from blog.posts.models import Post, posts_of_earlier_markup, render_again
from blog.posts.tasks import render_essays
from comments.models import comments_of_earlier_markup
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

    def compare(self, most):
        changed, total = self.compare_texts(essays(), most)
        said = _("Essays that change: %(changed)d of %(total)d.")
        self.stdout.write(said % {"changed": changed, "total": total})
        changed, total = self.compare_texts(comments(), most)
        if total:
            said = _("Comments that change: %(changed)d of %(total)d.")
            self.stdout.write(said % {"changed": changed, "total": total})

    def compare_texts(self, texts, most):
        """Write how each text changes; return how many do, and how many there are."""
        changed = total = 0
        for text in texts:
            total += 1
            if text.now != text.before:
                changed += 1
                self.stdout.write(text.called)
                for line in differences(text.before, text.now, most):
                    self.stdout.write(f"    {line}")
        return changed, total


def differences(before, now, most):
    """Yield what differs between two versions of an essay's HTML: words, anchors and lines."""
    old, new = plain_text(before), plain_text(now)
    if old.split() == new.split():
        yield _("The words stay.")
    else:
        said = _("Words: %(old)d before, %(new)d now.")
        yield said % {"old": counted(old).words, "new": counted(new).words}
    if gone := sorted({*ANCHOR.findall(before)} - {*ANCHOR.findall(now)}):
        yield _("Anchors that are gone: %(names)s.") % {"names": listed(gone)}
    lines = difflib.unified_diff(before.split("\n"), now.split("\n"), lineterm="", n=0)
    lines = [line for line in [*lines][2:] if line[:2] != "@@"]
    yield from (line[:MOST_CHARACTERS] if most else line for line in lines[:most])
    if rest := len(lines[most:] if most else []):
        said = ngettext("%(count)d more line", "%(count)d more lines", rest)
        yield said % {"count": rest}
