"""Finds the earlier comment that says nearly the same as a new one."""

from blog.lib.statement import Statement
from comments.models import Comment
from comments.text import recent
from comments.text.comparing import nearest
from comments.text.recent import ON_ESSAY, ON_SITE, Said

_READ = ("pk", "words", "post_id", "browser", "network", "author_id", "name", "email")
_ON_SITE = Statement(
    lambda after: (
        Comment.objects.written().filter(pk__gt=after).order_by("-pk").values_list(*_READ)[:ON_SITE]
    ),
    int,
)
_ON_ESSAY = Statement(
    lambda post: (
        Comment.objects.written().filter(post=post).order_by("-pk").values_list(*_READ)[:ON_ESSAY]
    ),
    int,
)


def find_look_alike(comment, browser=""):
    """Set the comment's `look_alike` and `likeness`; saves nothing.

    `browser` is the key that the sender's cookie proves. One query; one more if the essay's
    comments are not in memory, and one for a look-alike.
    """
    said = recent.said_lately(comment.post_id, newest_on_site, newest_on_essay)
    if comment.pk:
        said = [row for row in said if row.key != comment.pk]
    writer = recent.writer_of(comment.author_id, comment.name, comment.email)
    own = recent.said_by(comment.post_id, writer, browser, comment.network)
    found = nearest(comment.body, said, own)
    comment.compared_in_time = found.complete
    # A comment in memory may have been deleted.
    alike = Comment.objects.filter(pk=found.key).first() if found.key else None
    comment.look_alike = alike
    comment.likeness = round(found.likeness) if alike else None


def newest_on_site(after):
    """Return the site's comments after this number, newest first (one query)."""
    return [as_said(*row) for row in _ON_SITE.rows(after)]


def newest_on_essay(post):
    """Return an essay's newest comments, newest first (one query)."""
    return [as_said(*row) for row in _ON_ESSAY.rows(post)]


def as_said(pk, words, post, browser, network, *who):
    return Said(pk, words, post, recent.writer_of(*who), browser, network)
