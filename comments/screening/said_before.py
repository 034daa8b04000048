"""Finds the earlier comment if a writer says the same again under an essay."""

from blog.lib.statement import Statement
from comments.models import Comment
from comments.text.duplicates import compared, normalise
from comments.text.fingerprints import meaning

_SAME = Statement(
    lambda post, fingerprint: (
        Comment.objects.filter(post=post, fingerprint=fingerprint).order_by("pk").values_list("pk")
    ),
    int,
    str,
)


def said_before(comment, own=()):
    """Return the same writer's earlier comment with the same words, or None (one or two queries).

    `own` are the numbers of the comments that the sender's cookie proves it wrote. They find a
    comment without an e-mail address that was sent before the browser had its cookie.
    """
    for (pk,) in _SAME.rows(comment.post_id, comment.fingerprint):
        if pk != comment.pk:
            return Comment.objects.filter(pk=pk).first()
    if not own or comment.email or comment.author_id:
        return None
    others = Comment.objects.filter(post=comment.post, pk__in=own, parent=comment.parent_id)
    others = others.filter(passage=comment.passage)
    others = others.filter(email="", author=None, words=compared(comment.body))
    others = others.exclude(pk=comment.pk).exclude(fingerprint=None)
    said = normalise(comment.name), meaning(comment.body)
    return next((o for o in others if (normalise(o.name), meaning(o.body)) == said), None)
