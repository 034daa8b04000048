"""Renders stored texts again, after this site's own markup has changed."""

import re

from django.db import transaction
from django.dispatch import Signal

from blog.lib.counting import counted
from blog.markup import VERSION, MarkupError, plain_text, render_post
from blog.media.names import FOLDER, NAME, renditions_of

from .post import Post
from .search_entry import SearchEntry

# Sent with `post` and its HTML `before`, in the transaction that writes it. Nothing that an author
# wrote has changed, so nobody is to be notified of it.
rendered_again = Signal()

# Posts whose text is held in memory together.
AT_ONCE = 50
_IMAGE = re.compile(rf'<img [^<>]*?src="[^"<>]*?{FOLDER}({NAME})"[^<>]*>')


def lacks_widths(html):
    """Whether an essay's HTML shows one of our pictures without the narrower ones there are."""
    return any(
        " srcset=" not in shown[0] and renditions_of(shown[1]) for shown in _IMAGE.finditer(html)
    )


def posts_that_lack_widths():
    """Yield the primary keys of posts that were rendered before there were renditions."""
    posts, last = Post.objects.filter(body_html__contains=FOLDER).order_by("pk"), 0
    while some := [*posts.filter(pk__gt=last).values_list("pk", "body_html")[:AT_ONCE]]:
        last = some[-1][0]
        yield from (pk for pk, html in some if lacks_widths(html))


def posts_of_earlier_markup():
    """Yield the primary keys of posts that an earlier version of the markup rendered."""
    posts, last = Post.objects.filter(rendered_with__lt=VERSION).order_by("pk"), 0
    while some := [*posts.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]]:
        last = some[-1]
        yield from some


def rendered_now(body, before, lang=""):
    """Return what becomes of a text today; what it is, if only an earlier version took it."""
    try:
        return str(render_post(body, lang))
    except MarkupError:
        return before


@transaction.atomic
def render_again(pk):
    """Render one post's text again; return whether it came out differently.

    Its versions, its times, and what was sent about it stay as they are.
    """
    post = Post.objects.select_for_update().filter(pk=pk).first()
    if post is None:
        return False
    before, html = post.body_html, rendered_now(post.body, post.body_html, post.lang)
    if html == before:
        Post.objects.filter(pk=pk).exclude(rendered_with=VERSION).update(rendered_with=VERSION)
        return False
    text, post.body_html = plain_text(html), html
    words, seconds = counted(text)
    Post.objects.filter(pk=pk).update(
        body_html=html, words=words, reading_seconds=seconds, rendered_with=VERSION
    )
    if text != plain_text(before):
        SearchEntry.objects.put(SearchEntry.of_post(post))
    rendered_again.send(Post, post=post, before=before)
    return True
