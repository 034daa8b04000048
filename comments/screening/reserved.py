"""Names that only their owners may use, signed in: those of the staff and the essay's author."""

from django.contrib.auth import get_user_model
from django.db.models import Q

from blog.lib.statement import Statement
from comments.models import Comment
from comments.text.lookalikes import read_as

_PEOPLE = Statement(
    lambda author: (
        get_user_model()
        .objects.filter(Q(is_staff=True, is_active=True) | Q(pk=author))
        .values_list("pk", "username", "first_name", "last_name")
    ),
    int,
)


def reserved_name(comment):
    """Return the name of a staff member or the essay's author that the comment's name looks like.

    "" if there is none. People may use their own names while signed in. A user name that readers
    never see may be somebody's first name, so it is allowed if a person approved a comment with
    that name from the same browser. One query, and another one for such a user name.
    """
    shown, short = [], []
    for pk, username, first, last in _PEOPLE.rows(comment.post.author_id):
        if pk != comment.author_id:
            short.append(username.partition("@")[0])  # it may be an e-mail address
            shown.append(f"{first} {last}".strip() or short[-1])
    if comment.author_id != comment.post.author_id:
        shown.append(comment.post.byline)
    name = read_as(comment.name, [*shown, *short])
    is_unseen = name and name not in shown
    return "" if is_unseen and is_approved_here(comment) else name


def is_approved_here(comment):
    """Return whether a person approved a comment with this name from this browser."""
    approved = Comment.objects.approved().filter(name=comment.name, judged_at__isnull=False)
    return bool(comment.browser) and approved.filter(browser=comment.browser).exists()
