"""Renders stored comments again, after the way comments are read has changed."""

from django.db import transaction
from django.utils.html import escape

from blog.markup import COMMENT_VERSION, MarkupError, plain_text, render_comment
from blog.posts.models import SearchEntry
from blog.posts.search.indexing import read_again
from comments.models.comment import Comment
from comments.models.queries import entry_of

# Comments that are rendered in one transaction.
AT_ONCE = 50


def comments_of_earlier_markup(*, every=False):
    """Yield lists of primary keys of comments that an earlier version of the markup rendered."""
    found = Comment.objects.order_by("pk")
    if not every:
        found = found.filter(rendered_with__lt=COMMENT_VERSION)
    last = 0
    while some := [*found.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]]:
        last = some[-1]
        yield some


def rendered_now(body, before, *, is_plain=False, imported=False):
    """Return a comment's text and its HTML today; as they are, if only an earlier version took it.

    Imported text has backslashes and entities that only earlier versions left out. Where these
    would show, it is made again of what was shown.
    """
    try:
        html = f"<p>{escape(body)}</p>" if is_plain else str(render_comment(body))
        if imported and before and plain_text(html) != plain_text(before):
            # Costs a tenth of every start, and most processes never need it.
            from blog.markup.from_html.html_to_markdown import comment_markdown  # noqa: PLC0415

            body = comment_markdown(before)
            html = str(render_comment(body))
    except MarkupError:
        return body, before
    return body, html


@transaction.atomic
def render_again(keys):
    """Render these comments again, with their threads and what is searched.

    Return those that came out differently. Their times and their decisions stay as they are.
    """
    changed = []
    found = Comment.objects.select_related("post").select_for_update(of=("self",))
    for comment in found.filter(pk__in=keys).order_by("pk"):
        before = comment.body, comment.body_html
        comment.body, comment.body_html = rendered_now(
            *before,
            is_plain=comment.is_plain,
            imported=bool(comment.origin) and not comment.rendered_with,
        )
        if (comment.body, comment.body_html) != before:
            comment.read_words()
            Comment.objects.filter(pk=comment.pk).update(
                body=comment.body,
                body_html=comment.body_html,
                words=comment.words,
                campaign=comment.campaign,
            )
        if comment.body_html != before[1]:
            changed.append(comment)
    Comment.objects.filter(pk__in=keys).update(rendered_with=COMMENT_VERSION)
    Comment.objects.show([comment for comment in changed if comment.is_approved], edited=True)
    return changed


def findable_again(after=0):
    """Have search read approved comments again; yield the last key of each batch."""
    approved = Comment.objects.approved().filter(kind=Comment.Kind.COMMENT)
    yield from read_again(approved, entry_of, SearchEntry.Kind.COMMENT, after)
