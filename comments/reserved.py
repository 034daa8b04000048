"""Names that nobody may use who is not signed in: those of the staff and of an essay's author."""

from django.contrib.auth import get_user_model
from django.db.models import Q

from .models import Comment
from .text.lookalikes import read_as


def reserved_name(comment):
    """Return the name of a staff member or the essay's author that the comment's reads as, or "".

    A person's own names are theirs while they are signed in. A user name that readers are not
    shown may be somebody's first name: it is let through where a person approved a comment by
    that name from the same browser. One query, and another for such a user name.
    """
    known = Q(is_staff=True, is_active=True) | Q(pk=comment.post.author_id)
    people = get_user_model().objects.filter(known).only("username", "first_name", "last_name")
    people = [user for user in people if user.pk != comment.author_id]
    shown = [user.get_full_name() or short(user) for user in people]
    if comment.author_id != comment.post.author_id:
        shown.append(comment.post.byline)
    if name := read_as(comment.name, shown):
        return name
    name = read_as(comment.name, [short(user) for user in people])
    return "" if name and is_approved_here(comment) else name


def short(user):
    """Return a user name without what makes it an e-mail address."""
    return user.get_username().partition("@")[0]


def is_approved_here(comment):
    """Return whether a person approved a comment by this name from this browser."""
    approved = Comment.objects.approved().filter(name=comment.name, judged_at__isnull=False)
    return bool(comment.browser) and approved.filter(browser=comment.browser).exists()
