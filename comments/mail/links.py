"""Makes and reads the links in mails, which are signed with SECRET_KEY and allow one action each.

A link says who it was mailed to; no session or cookie is needed. Opening one only shows a page.
The action needs a button on that page, a POST, because mail scanners open every link.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db.models import F, Max
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.models import AddressUse, Comment, MailAddress, ModerationEvent

# Seconds after which a link to judge a comment, or to confirm an address, expires.
VALID_FOR = 7 * 24 * 3600

Action = ModerationEvent.Action

VERBS = {
    "approve": (_("Approve"), Comment.Status.APPROVED),
    "spam": (pgettext_lazy("a button", "Spam"), Comment.Status.SPAM),
    "trash": (pgettext_lazy("a button", "Trash"), Comment.Status.TRASH),
}


class Unusable(Exception):
    """The link cannot be used; `why` says why, `status` is the HTTP status."""

    def __init__(self, why, status):
        super().__init__(why)
        self.why, self.status = why, status


@dataclass
class Case:
    """The comment of a judging link, and the decision made about it since it was mailed."""

    user: object
    comment: Comment
    verb: str
    # The version that the mail showed; None in mails from before there were versions.
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
        """The verbs with a button on the page: the link's own, or all if the text changed."""
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

    A link holds the number of the comment's last decision, so any newer decision makes it void.
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
    """Return the number of each comment's last change of status, if it has one."""
    events = ModerationEvent.objects.filter(comment__in=comments).exclude(before=F("after"))
    return dict(events.order_by().values_list("comment").annotate(last=Max("pk")))


def read_judging(token, *, lock=False):
    """Return the case of a judging link; `lock` locks the comment. Raises Unusable."""
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
    """Return the AddressUse of a confirming link; raises Unusable.

    Links from before browsers had keys hold the address only, and confirm the comments from then.
    """
    given = read(token, "comments.mail.confirm", VALID_FOR)
    if isinstance(given, int):
        address = address_or_unusable(given)
        # Not stored, because a GET request never writes.
        return address.uses.filter(browser="").first() or AddressUse(address=address)
    number, use = given
    found = AddressUse.objects.select_related("address").filter(pk=use, address=number).first()
    if found is None:
        # If the owner refused all mail, say that rather than that the link is unknown.
        address = address_or_unusable(number)
        raise Unusable("refused" if address.refused_at else "forgotten", 410)
    return found


def refusing_link(address):
    return absolute("mail-refuse", signing.dumps(address.pk, salt="comments.mail.refuse"))


def read_refusing(token):
    """Return the address of a refusing link, which never expires. Raises Unusable."""
    return address_or_unusable(read(token, "comments.mail.refuse", None))


def address_or_unusable(number):
    if found := MailAddress.objects.filter(pk=number).first():
        return found
    raise Unusable("forgotten", 410)


def stopping_link(address, post):
    token = signing.dumps([address.pk, post.pk], salt="comments.mail.stop")
    return absolute("mail-stop", token)


def read_stopping(token):
    """Return the numbers of address and essay; such links never expire. Raises Unusable."""
    return read(token, "comments.mail.stop", None)


def read(token, salt, max_age):
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except signing.SignatureExpired as error:
        raise Unusable("expired", 410) from error
    except signing.BadSignature as error:
        raise Unusable("broken", 404) from error
