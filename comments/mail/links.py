"""The links in mails: signed with SECRET_KEY, each with the power for one thing and no other.

A link says who it was mailed to, and nothing else is asked: no session, no cookie. Following one
shows a page; only the button on it, a POST, does anything, for mail scanners follow every link.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db.models import F, Max
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments.models import AddressUse, Comment, MailAddress, ModerationEvent

# Seconds after which a link to judge a comment, or to confirm an address, is worth nothing.
VALID_FOR = 7 * 24 * 3600

Action = ModerationEvent.Action

VERBS = {
    "approve": (_("Approve"), Comment.Status.APPROVED),
    "spam": (_("Spam"), Comment.Status.SPAM),
    "trash": (_("Trash"), Comment.Status.TRASH),
}


class Unusable(Exception):
    """A link that is cut, forged, expired or void; the name says which."""

    def __init__(self, why, status):
        super().__init__(why)
        self.why, self.status = why, status


@dataclass
class Case:
    """What a link to judge is about; `decision` is what happened to it since it was mailed."""

    user: object
    comment: Comment
    verb: str
    # The version that the mail showed; None in a mail from before there were versions.
    mailed: str | None
    decision: ModerationEvent | None

    @property
    def judged(self):
        return self.decision is not None or self.comment.status == VERBS[self.verb][1]

    @property
    def as_mailed(self):
        """Whether the comment is in the version that the mail showed."""
        return self.mailed == self.comment.version

    @property
    def verbs(self):
        """What may be done about it on the page: what the link says, or for a new text each."""
        if self.as_mailed:
            return [self.verb]
        return [verb for verb in VERBS if VERBS[verb][1] != self.comment.status]

    @property
    def whose(self):
        return name_of(self.user)

    @property
    def judged_by(self):
        return name_of(self.decision.by) if self.decision and self.decision.by else ""


def name_of(user):
    return user.get_full_name() or user.get_username()


def absolute(name, *args):
    return settings.SITE_URL + reverse(name, args=args)


def judging_links(user, comments):
    """Return for each comment, by number, its links as (word, address) (one query).

    A link dies with the next decision about its comment, whichever that is: it carries the last.
    """
    last = last_decisions(comments)
    links = {}
    for comment in comments:
        verbs = [verb for verb in VERBS if VERBS[verb][1] != comment.status]
        links[comment.pk] = [
            (VERBS[verb][0], judging_link(user, comment, verb, last.get(comment.pk, 0)))
            for verb in verbs
        ]
    return links


def judging_link(user, comment, verb, last=0):
    what = [user.pk, comment.pk, verb, last, comment.version]
    token = signing.dumps(what, salt="comments.mail.judge")
    return absolute("mail-judge", token)


def last_decisions(comments):
    """Return the number of the last change of status of each comment that has one."""
    events = ModerationEvent.objects.filter(comment__in=comments).exclude(before=F("after"))
    return dict(events.order_by().values_list("comment").annotate(last=Max("pk")))


def read_judging(token, *, lock=False):
    """Return the case a link is about, with its comment locked if asked; raises Unusable."""
    user, number, verb, last, *mailed = read(token, "comments.mail.judge", VALID_FOR)
    comments = Comment.objects.select_for_update(of=("self",)) if lock else Comment.objects.all()
    comment = comments.select_related("post__author", "parent").filter(pk=number).first()
    if comment is None:
        raise Unusable("gone", 410)
    user = get_user_model().objects.filter(pk=user).first()
    if user is None or not Comment.objects.moderated_by(user).filter(pk=number).exists():
        raise Unusable("powerless", 403)
    decisions = comment.events.exclude(before=F("after")).exclude(action=Action.EDIT)
    decision = decisions.select_related("by").filter(pk__gt=last).order_by("-pk").first()
    return Case(user, comment, verb, mailed[0] if mailed else None, decision)


def confirming_link(use):
    """Return the link by which the owner of an address confirms its use by one browser."""
    token = signing.dumps([use.address_id, use.pk], salt="comments.mail.confirm")
    return absolute("mail-confirm", token)


def read_confirming(token):
    """Return the use of an address that a link is about; raises Unusable.

    Links of before browsers had keys name the address alone, and are about what was left then.
    """
    given = read(token, "comments.mail.confirm", VALID_FOR)
    if isinstance(given, int):
        address = address_or_unusable(given)
        # Not stored: a page that is only looked at writes nothing.
        return address.uses.filter(browser="").first() or AddressUse(address=address)
    number, use = given
    found = AddressUse.objects.select_related("address").filter(pk=use, address=number).first()
    if found is None:
        # Where nothing is wanted any more, that is said and not that the link is unknown.
        address = address_or_unusable(number)
        raise Unusable("refused" if address.refused_at else "forgotten", 410)
    return found


def refusing_link(address):
    return absolute("mail-refuse", signing.dumps(address.pk, salt="comments.mail.refuse"))


def read_refusing(token):
    """Return the address a link was mailed to; such a link never expires. Raises Unusable."""
    return address_or_unusable(read(token, "comments.mail.refuse", None))


def address_or_unusable(number):
    if found := MailAddress.objects.filter(pk=number).first():
        return found
    raise Unusable("forgotten", 410)


def stopping_link(address, post):
    token = signing.dumps([address.pk, post.pk], salt="comments.mail.stop")
    return absolute("mail-stop", token)


def read_stopping(token):
    """Return the numbers of address and essay; such a link never expires. Raises Unusable."""
    return read(token, "comments.mail.stop", None)


def read(token, salt, max_age):
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except signing.SignatureExpired as error:
        raise Unusable("expired", 410) from error
    except signing.BadSignature as error:
        raise Unusable("broken", 404) from error
