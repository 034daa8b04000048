"""What somebody who leaves the site has written, and to whom it goes."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.dispatch import Signal, receiver
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.accounts.leaving import hands_over, leaves
from blog.lib.figures import figure
from blog.lib.listing import sentences

from .models import Post, Profile

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Essays in one statement.
AT_ONCE = 500
# Sent with `posts`, the numbers of those that another author has now.
has_another_author = Signal()


def writers():
    """Return the people who may write essays (one query)."""
    may = Q()
    for name in ("posts.add_post", "posts.change_post"):
        may |= Q(pk__in=get_user_model().objects.with_perm(name, backend=BACKEND).values("pk"))
    people = get_user_model().objects.filter(may, is_active=True, is_staff=True)
    return people.order_by("first_name", "last_name", "username")


@receiver(hands_over, dispatch_uid="posts.handing_over")
def what_there_is(user, **kwargs):
    own = Post.objects.filter(author=user)
    count, unseen = own.count(), own.exclude(pk__in=Post.objects.published().values("pk")).count()
    if not count:
        return [], writers()
    said = ngettext(
        "What you choose below says whether %(count)s essay or page is handed over.",
        "What you choose below says which of %(count)s essays and pages are handed over.",
        count,
    )
    seen = ngettext(
        "Readers see %(count)s of them now.", "Readers see %(count)s of them now.", count - unseen
    )
    said, seen = said % {"count": figure(count)}, seen % {"count": figure(count - unseen)}
    return [sentences([said, seen])], writers()


@receiver(leaves, dispatch_uid="posts.handing_over")
def hand_over(user, heir, everything, **kwargs):
    """Give them to the heir; published ones only where everything goes."""
    own = Post.objects.filter(author=user)
    if everything:
        Profile.objects.filter(user=user).delete()
    published = set(own.published().values_list("pk", flat=True))
    locked = own.select_for_update().values_list("pk", flat=True)
    numbers = [number for number in locked if everything or number not in published]
    if not numbers:
        return
    if heir is None or heir.pk == user.pk or not writers().filter(pk=heir.pk).exists():
        raise ValidationError(_("Choose somebody who may write essays."))
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        Post.objects.filter(pk__in=some).update(author=heir)
        has_another_author.send(Post, posts=some)
