"""Decides who gets a mail about what. The functions store mails, each once, and return them.

Nothing is sent here: the jobs in `tasks` send the stored mails, and `letters` writes their text.
"""

import re
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from blog.posts.models import writes_essays
from comments.models import Comment, Mail, MailAddress, MailChoice, Subscription

# Mails about single comments a person gets in one hour; further comments go into a digest.
AT_ONCE_IN_AN_HOUR = 10
# The hour, in the site's time zone, of the daily digest.
DIGEST_HOUR = 7

# Addresses that every mail server takes: no quotes, spaces or control characters, so that an
# address cannot end a header.
MAILABLE = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+")


def mailable(email):
    """Return whether mail can be sent to an address of this form."""
    return len(email) <= 254 and MAILABLE.fullmatch(email) is not None


def unreachable_superusers():
    """Return active superusers without an e-mail address, who cannot get mail."""
    people = get_user_model().objects.filter(is_superuser=True, is_active=True)
    return people.filter(email="").order_by("pk")


def subscribe(comment):
    """Store that the writer of this comment wants mail; they must confirm it first."""
    if mailable(comment.email):
        address, _new = MailAddress.objects.get_or_create(email=comment.email.lower())
        if address.refused_at is None:
            confirmed_at = timezone.now() if address.is_proven_by(comment.browser) else None
            given = {"confirmed_at": confirmed_at}
            Subscription.objects.get_or_create(address=address, comment=comment, defaults=given)


def about_new(comment):
    """Store mails about a new comment to moderators, if it waits, and to the essay's author."""
    if comment.judged_at or comment.status not in (Comment.Status.PENDING, Comment.Status.APPROVED):
        return []
    return [mail for user in recipients_of(comment) if (mail := put_for(user, comment))]


def recipients_of(comment):
    """Return the people who get mail about a new comment (two queries, one or two a person)."""
    author = comment.post.author
    people = [author] if writes_essays(author) else []
    if comment.status == Comment.Status.PENDING:
        # All who may judge every comment; `with_perm` finds them in one query.
        people += get_user_model().objects.with_perm(
            "comments.change_comment", backend="django.contrib.auth.backends.ModelBackend"
        )
    known = {user.pk: user for user in people}
    # Leave out its own author, but only if signed in: anyone can type another's address.
    return [user for user in known.values() if user.email and user.pk != comment.author_id]


def put_for(user, comment):
    """Store a mail to this person about a comment, or the digest that will include it."""
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
    """Return the next full hour, or if `daily` the next DIGEST_HOUR."""
    local = timezone.localtime(now)
    due = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if daily:
        due = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
        due += timedelta(days=due <= local)
    return due.astimezone(now.tzinfo)


def about_published(comment, *, waited):
    """Store mails about a published comment, to the writer it answers.

    If it `waited` for a moderator, its own writer gets one too.
    """
    wishes = Subscription.objects.filter(Q(comment=comment) | Q(comment=comment.parent_id))
    mails = []
    for wish in wishes.select_related("address", "comment"):
        address, own = wish.address, wish.comment_id == comment.pk
        if not wish.is_live:
            if own and address.use_by(comment.browser).asked_at is None:
                # No confirmation was sent while it was in spam; now a person approved it.
                mails.append(address.ask(comment))
        elif own and waited:
            kind = Mail.Kind.APPROVED
            mails.append(Mail.objects.put(kind, address.email, str(comment.pk), comment=comment))
        elif not own and not (by_same(comment, wish) or is_mailed(comment, wish, waited=waited)):
            kind = Mail.Kind.REPLY
            mails.append(Mail.objects.put(kind, address.email, str(comment.pk), comment=comment))
    return [mail for mail in mails if mail]


def by_same(reply, wish):
    """Return whether a reply is proven to be by the person who asked for replies."""
    if reply.author_id is not None and reply.author_id == wish.comment.author_id:
        return True
    same = reply.browser and reply.browser == wish.comment.browser
    return bool(same) or wish.address.is_proven_by(reply.browser)


def is_mailed(reply, wish, *, waited):
    """Return whether this subscriber already gets a mail about the reply as its moderator."""
    person = Q(to__iexact=wish.address.email)
    if wish.comment.author_id:
        person |= Q(user=wish.comment.author_id)
    mails = reply.mails.filter(person, kind=Mail.Kind.MODERATOR)
    # If the reply had to wait, an unsent mail will not be sent any more.
    return (mails.filter(sent_at__isnull=False) if waited else mails).exists()


def to_confirm(comment):
    """Store the mail that asks for confirmation of a new comment's address, if needed."""
    if comment.status == Comment.Status.SPAM:
        return []
    wishes = comment.subscriptions.filter(confirmed_at=None).select_related("address")
    return [mail for wish in wishes if (mail := wish.address.ask(comment))]
