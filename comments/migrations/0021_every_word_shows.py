"""Comments whose words earlier versions dropped, or heaped with marks, are rendered again.

Those are few: code on the line of a fence, definitions, titles of links, characters that XML
forbids, and more marks on a letter than a script needs. Only comments that may hold one are
rendered, so 100,000 comments take some seconds. Threads with one that changed, and readers' notes
beside essays, are rendered again when the server starts.
"""

import re

from django.db import migrations
from django.utils.html import escape

from blog.markup import MarkupError, render_comment, without_unwanted

BATCH = 1000
TEXTS = ("name", "body", "title", "passage")
MAY_CHANGE = re.compile(r"```|~~~|\]:|\[\]\(|[\"')]\)")


def render_again(apps, schema_editor):
    Comment = apps.get_model("comments", "Comment")
    posts, last = set(), 0
    names = (*TEXTS, "body_html", "post", "origin", "source")
    while rows := list(Comment.objects.filter(pk__gt=last).only(*names).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        changed = [comment for comment in rows if changes(comment)]
        Comment.objects.bulk_update(changed, [*TEXTS, "body_html"])
        posts |= {comment.post_id for comment in changed}
    ThreadPage = apps.get_model("comments", "ThreadPage")
    beside = Comment.objects.exclude(passage="").values("post")
    apps.get_model("posts", "Post").objects.filter(pk__in=beside).update(thread_stale=True)
    ThreadPage.objects.filter(post__in=posts).update(rendering="")


def changes(comment):
    """Bring a comment up to date, and return whether that changed anything."""
    before = {name: getattr(comment, name) for name in (*TEXTS, "body_html")}
    for name in TEXTS:
        setattr(comment, name, without_unwanted(before[name]) or before[name])
    # Imported text has escapes, which the job that renders all comments again still knows.
    may_change = comment.body != before["body"] or MAY_CHANGE.search(comment.body)
    if may_change and not comment.origin:
        # An excerpt is a stranger's plain text; only what was imported became Markdown.
        plain = comment.source and not comment.origin
        try:
            html = f"<p>{escape(comment.body)}</p>" if plain else render_comment(comment.body)
        except MarkupError:  # it was taken by an earlier version, and is shown as it was
            html = comment.body_html
        comment.body_html = str(html)
    return any(getattr(comment, name) != value for name, value in before.items())


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0020_keep_confirmed_wishes"),
        ("posts", "0010_every_word_shows"),
    ]

    operations = [migrations.RunPython(render_again, migrations.RunPython.noop, elidable=True)]
