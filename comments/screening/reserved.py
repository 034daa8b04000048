"""Names that nobody may use who is not signed in: those of the staff and of an essay's author."""

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
    """Return the name of a staff member or the essay's author that the comment's reads as, or "".

    A person's own names are theirs while they are signed in. A user name that readers are not
    shown may be somebody's first name: it is let through where a person approved a comment by
    that name from the same browser. One query, and another for such a user name.
    """
    shown, short = [], []
    for pk, username, first, last in _PEOPLE.rows(comment.post.author_id):
        if pk != comment.author_id:
            short.append(username.partition("@")[0])  # without what makes it an e-mail address
            shown.append(f"{first} {last}".strip() or short[-1])
    if comment.author_id != comment.post.author_id:
        shown.append(comment.post.byline)
    name = read_as(comment.name, [*shown, *short])
    is_unseen = name and name not in shown
    return "" if is_unseen and is_approved_here(comment) else name


def is_approved_here(comment):
    """Return whether a person approved a comment by this name from this browser."""
    approved = Comment.objects.approved().filter(name=comment.name, judged_at__isnull=False)
    return bool(comment.browser) and approved.filter(browser=comment.browser).exists()
