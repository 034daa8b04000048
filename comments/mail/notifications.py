"""Who is mailed about what. Each function writes down mails, each of them once, and returns them.

Nothing here speaks to a mail server: jobs send what is written (tasks), as it is then (letters).
"""

import re
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from comments.models import Comment, Mail, MailAddress, MailChoice, Subscription

# So many mails about single comments a person gets in an hour; what comes on top goes together.
AT_ONCE_IN_AN_HOUR = 10
# The hour, in the site's time zone, at which the daily digest is made: before the day begins.
DIGEST_HOUR = 7

# What mail servers everywhere take: no quoted names, spaces or control characters, which also
# leaves nothing that could end a header.
MAILABLE = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+")


def mailable(email):
    """Return whether a mail can be addressed to it, whoever it is."""
    return len(email) <= 254 and MAILABLE.fullmatch(email) is not None


def unreachable_superusers():
    """Return those who run the site and have no address: nothing can be mailed to them."""
    people = get_user_model().objects.filter(is_superuser=True, is_active=True)
    return people.filter(email="").order_by("pk")


def subscribe(comment):
    """Note that the writer of this comment wants mail; nothing is sent before they confirmed."""
    if mailable(comment.email):
        address, _new = MailAddress.objects.get_or_create(email=comment.email.lower())
        if address.refused_at is None:
            confirmed_at = timezone.now() if address.is_proven_by(comment.browser) else None
            given = {"confirmed_at": confirmed_at}
            Subscription.objects.get_or_create(address=address, comment=comment, defaults=given)


def about_new(comment):
    """Tell those who judge it of a comment that waits, and an author of one under an own essay."""
    if comment.judged_at or comment.status not in (Comment.Status.PENDING, Comment.Status.APPROVED):
        return []
    return [mail for user in told_of(comment) if (mail := tell(user, comment))]


def told_of(comment):
    """Return who has to know of it (two queries, and one or two a person)."""
    author = comment.post.author
    people = [author] if author.has_perms(["posts.change_post"]) else []
    if comment.status == Comment.Status.PENDING:
        # All who may judge every comment; `with_perm` asks the permissions and not each person.
        people += get_user_model().objects.with_perm(
            "comments.change_comment", backend="django.contrib.auth.backends.ModelBackend"
        )
    known = {user.pk: user for user in people}
    # Own is what was written signed in: by an address typed in a form anybody could hide from
    # its owner.
    return [user for user in known.values() if user.email and user.pk != comment.author_id]


def tell(user, comment):
    """Write down a mail about this comment, or the digest it will be in."""
    when = MailChoice.of(user).when
    if when == MailChoice.When.NEVER or not mailable(user.email):
        return None
    now = timezone.now()
    lately = Mail.objects.filter(
        user=user, kind=Mail.Kind.MODERATOR, created_at__gt=now - timedelta(hours=1)
    )
    if when == MailChoice.When.AT_ONCE and lately.count() < AT_ONCE_IN_AN_HOUR:
        kind, about = Mail.Kind.MODERATOR, str(comment.pk)
        return Mail.objects.put(kind, user.email, about, comment=comment, user=user)
    due = next_digest(now, daily=when == MailChoice.When.DAILY)
    about = due.isoformat()
    return Mail.objects.put(Mail.Kind.DIGEST, user.email, about, user=user, due_at=due)


def next_digest(now, *, daily):
    """Return the next full hour, or the next DIGEST_HOUR of a day."""
    local = timezone.localtime(now)
    due = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if daily:
        due = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
        due += timedelta(days=due <= local)
    return due.astimezone(now.tzinfo)


def about_published(comment, *, waited):
    """Tell the writer of what it answers; after a wait, its own writer too, once."""
    wishes = Subscription.objects.filter(Q(comment=comment) | Q(comment=comment.parent_id))
    mails = []
    for wish in wishes.select_related("address", "comment"):
        address, own = wish.address, wish.comment_id == comment.pk
        if not wish.is_live:
            if own and address.use_by(comment.browser).asked_at is None:
                # What was filed as spam asked nobody; now that a person approved it, it may.
                mails.append(address.ask(comment))
        elif own and waited:
            kind = Mail.Kind.APPROVED
            mails.append(Mail.objects.put(kind, address.email, str(comment.pk), comment=comment))
        elif not own and not (by_same(comment, wish) or is_told(comment, wish, waited=waited)):
            kind = Mail.Kind.REPLY
            mails.append(Mail.objects.put(kind, address.email, str(comment.pk), comment=comment))
    return [mail for mail in mails if mail]


def by_same(reply, wish):
    """Return whether a reply is by the person who asked for replies, as far as is proven."""
    if reply.author_id is not None and reply.author_id == wish.comment.author_id:
        return True
    same = reply.browser and reply.browser == wish.comment.browser
    return bool(same) or wish.address.is_proven_by(reply.browser)


def is_told(reply, wish, *, waited):
    """Return whether this subscriber is already mailed the reply as its moderator."""
    person = Q(to__iexact=wish.address.email)
    if wish.comment.author_id:
        person |= Q(user=wish.comment.author_id)
    told = reply.mails.filter(person, kind=Mail.Kind.MODERATOR)
    # One that is not sent when the reply is approved has nothing left to say.
    return (told.filter(sent_at__isnull=False) if waited else told).exists()


def to_confirm(comment):
    """Ask the address given with a new comment whether it wants mail, unless that is known."""
    if comment.status == Comment.Status.SPAM:
        return []
    wishes = comment.subscriptions.filter(confirmed_at=None).select_related("address")
    return [mail for wish in wishes if (mail := wish.address.ask(comment))]
