"""Taking a linkback: who may send it, what it may name, and how many looks at sources it may cost.

Whoever sends one has this site call an address of their choice. So what can be known without the
network is asked first, in this order: is the target ours, published and open; is it known already;
do the limits allow a look. Then it is noted, and a job looks at the source (verify.py): a request
never calls out, so no source, however slow, holds up whoever reads here.

A pingback's sender is owed the true fault, which only the source can tell. It waits for that a few
seconds, but only where a thread is to spare (settings.LINKBACK_WAITS); all others are told at
once that it was received. Webmention's senders have a status page.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.lib.rates import network_of, wait_for
from blog.posts.models import Post
from comments.linkbacks.ours import is_ours, published_at, target_at
from comments.linkbacks.protocols.pingback import (
    ACCESS_DENIED,
    ALREADY_REGISTERED,
    GENERIC,
    NO_SOURCE,
    Call,
    Fault,
)
from comments.linkbacks.verify import verify
from comments.models import BlockRule, Comment, Linkback, Look, RateEvent
from comments.models.turns import LOOKS, take_turn
from comments.text.permalinks import MAX_LENGTH, address_key, normalise_address, stripped

# Looks that may wait at once. Two are made at a time, of ten seconds at most: an hour's work.
MOST_OPEN = 500
# Of the room that is left, one network and one source host may each have one part in so many: the
# less there is, the less for each (Choudhury and Hahne 1998, "Dynamic queue length thresholds"). A
# flood from 50 networks leaves a sixth of MOST_OPEN free for others, and 490 are needed to leave
# none. The same with LINKBACK_RATE_SITE, which else six networks would use up at their own rate.
SHARE, SHARE_OF_RATE = 10, 2

# Mentions of one host that moderators have not judged yet. More would bury what else waits there.
MOST_UNJUDGED = 100

# Seconds a pingback waits for its look. A worker looks for jobs once a second; most pages are there
# in another. Senders wait longer, but not much: WordPress 3 s in all (wp-includes/comment.php,
# pingback()), and one that gave up takes the ping for failed, though it was received.
LONGEST_WAIT = 2.0
# Each question costs readers a little, as one process has one Python.
_STEP = 0.25

_waiting: threading.BoundedSemaphore | None = None
_making = threading.Lock()


class Limited(Fault):
    """Too much was sent; says for how many seconds to `wait`, and what is `known` of the link."""

    def __init__(self, wait: int, known: Linkback | None) -> None:
        said = gettext_lazy("Too many mentions were sent. Send this one again later.")
        super().__init__(ACCESS_DENIED, said)
        self.wait, self.known = wait, known


@dataclass(frozen=True)
class Received:
    """What was noted: the linkback, whether it was known, and the look that was asked for."""

    linkback: Linkback
    known: bool
    look: Look | None


def endpoints() -> tuple[str, str]:
    """Return the addresses pingbacks and webmentions are sent to."""
    return _endpoints_of(settings.SITE_URL)


@cache
def _endpoints_of(site_url: str) -> tuple[str, str]:
    return site_url + reverse("pingback"), site_url + reverse("webmention")


def receive(protocol: str, source: str, target: str, address: str | None) -> Received:
    """Note that `source` says it links to `target`, and have a job look whether it does.

    Both are http or https addresses that differ. `address` is the sender's; None for the site
    itself, which no limit holds. A link that is known, by whichever protocol it came, keeps its row
    and is looked at again; one that is just waiting for a look waits no more than once.

    Raises Fault, without anything noted: NO_TARGET or NOT_A_TARGET, NO_SOURCE, GENERIC for a page
    that mentions itself, ACCESS_DENIED for what a moderator blocked, and Limited.
    """
    target = stripped(target)
    post = target_at(target)
    key, spelled = address_key(source), normalise_address(source)
    if key is None or spelled is None or len(spelled) > MAX_LENGTH:
        raise Fault(NO_SOURCE)
    own = is_ours(source)
    if own and published_at(source) == post:
        raise Fault(GENERIC, _("The source and the target are the same page."))
    # Cut as Linkback.save() cuts it; no host that is called has a longer name (RFC 1035, 2.3.4).
    host = (urlsplit(spelled).hostname or "")[:255]
    look = Look(host=host, network=network_of(address or ""))
    look.address = address if look.network else None
    given = {"source": spelled, "target": target, "protocol": protocol}
    digest = row_key(spelled)
    with transaction.atomic():
        take_turn(LOOKS)
        linkback = Linkback.objects.filter(post=post, key=digest).first()
        if linkback and linkback.looks.filter(began_at=None, ended_at=None).exists():
            return Received(_as_sent_last(linkback, protocol, spelled), True, None)
        if address is not None:
            refuse_blocked(post, spelled, look)
            if wait := _wait_for(look, linkback, address, own=own):
                raise Limited(wait, linkback)
        known = linkback is not None
        linkback = linkback or Linkback.objects.create(post=post, key=digest, **given)
        look.linkback = _as_sent_last(linkback, protocol, spelled)
        look.save()
        verify.enqueue(look.pk)
    return Received(linkback, known, look)


def _wait_for(look: Look, linkback: Linkback | None, address: str, *, own: bool) -> int:
    """Return the seconds until the sender may send this again; 0 counts it as sent now."""
    wait = seconds_to_wait(look, own=own)
    if not (wait or linkback or own) and unjudged(look.host) >= MOST_UNJUDGED:
        wait = 3600
    # Last, as it counts: networks of each size have a share of what the site takes.
    return wait or RateEvent.objects.take(RateEvent.Kind.MENTION, address)


def row_key(source: str) -> str:
    """Return what a source is kept under, the same for one page sent as http and as https.

    A digest, because an index of PostgreSQL holds 2,700 bytes, which an address of 2,000
    characters can pass.
    """
    place = (address_key(source) or "").partition("://")[2]
    return hashlib.sha256(place.encode()).hexdigest()


def noted_from(source: str) -> QuerySet[Linkback]:
    """Return what was noted of this source before, whatever it named."""
    return Linkback.objects.filter(key=row_key(source))


def receive_own(source: str, targets: Iterable[str]) -> None:
    """Note that an essay of ours at `source` links to these of ours, and to no others any more.

    What it linked to before is looked at too, so that a link that went takes its mention down.
    """
    before = noted_from(source).values_list("target", flat=True)
    for target in {*targets, *before}:
        with contextlib.suppress(Fault):  # it is none of ours that takes mentions
            receive("webmention", source, target, None)


def receive_pingback(call: Call, address: str) -> str:
    """Take a pingback and return what to say of it, or raise Fault with what was wrong.

    Waits a while for the look at the source, if a thread is to spare.
    """
    try:
        received = receive("pingback", call.source, call.target, address)
    except Limited as limited:
        if limited.known and limited.known.state == Linkback.State.ACCEPTED:
            raise Fault(ALREADY_REGISTERED) from None
        raise
    linkback, look = received.linkback, received.look
    if received.known and linkback.state == Linkback.State.ACCEPTED:
        raise Fault(ALREADY_REGISTERED)
    if look and wait_until_told(look):
        linkback.refresh_from_db(fields=["state", "fault"])
        if linkback.fault is not None:
            raise Fault(linkback.fault)
        return _("The pingback was received. It is shown once it is approved.")
    return _("The pingback was received. The source page will be read soon.")


def refuse_blocked(post: Post, source: str, look: Look) -> None:
    """Raise Fault where a moderator filed this site or network under spam beforehand."""
    bare = Comment(post=post, source=source, address=look.address)
    if any(rule.outcome == BlockRule.Outcome.SPAM for rule in BlockRule.objects.met_by(bare)):
        raise Fault(ACCESS_DENIED, _("You may not send mentions here."))


def seconds_to_wait(look: Look, *, own: bool) -> int:
    """Return how many seconds a limit asks a sender to wait for one more look; 0 for none.

    Only the first limit reached is reported, so that refusing a flood costs little. How often one
    machine is called does not refuse anything, as many blogs share one: looks wait for their turn.
    """
    looks = Look.objects.all()
    return (
        wait_for(looks.filter(network=look.network), settings.LINKBACK_RATE_PER_NETWORK)
        or wait_for(looks, settings.LINKBACK_RATE_SITE)
        or (60 if crowded(look, own=own) else 0)
    )


def unjudged(host: str) -> int:
    """Return how many mentions of a host wait for a moderator."""
    waiting = Linkback.objects.filter(comment__status=Comment.Status.PENDING)
    return waiting.filter(host=host).count()


def crowded(look: Look, *, own: bool) -> bool:
    """Return whether its network or its host has its share of the room that is left for looks."""
    mine, its = Q(network=look.network), Q(host=look.host)
    all_, network, host = counted(Look.objects.ahead(), mine, its)
    most = share(MOST_OPEN, all_, SHARE)
    # What is ours is read without calling anyone.
    if network >= most or (not own and host >= most):
        return True
    if settings.LINKBACK_RATE_SITE is None:
        return False
    count, period = settings.LINKBACK_RATE_SITE
    since = timezone.now() - timedelta(seconds=period)
    all_, network = counted(Look.objects.filter(created_at__gt=since), mine)
    return network >= share(count, all_, SHARE_OF_RATE)


def counted(looks: QuerySet[Look], *kinds: Q) -> Iterable[int]:
    """Return how many looks there are, and how many of each kind."""
    numbers = {f"kind_{place}": Count("pk", filter=kind) for place, kind in enumerate(kinds)}
    return looks.aggregate(all=Count("pk"), **numbers).values()


def share(room: int, taken: int, parts: int) -> int:
    """Return how much one may have of a room of which so much is taken: 1 while any is left."""
    return -((taken - room) // parts)


def wait_until_told(look: Look) -> bool:
    """Wait until a look came to something; return whether it did.

    At once False where as many threads of this process wait as may: the rest are for readers.
    """
    slots = _slots()
    if not slots or not slots.acquire(blocking=False):
        return False
    try:
        deadline = time.monotonic() + LONGEST_WAIT
        ahead = Look.objects.filter(pk=look.pk).ahead()
        while time.monotonic() < deadline:
            if not ahead.all().exists():
                return True
            time.sleep(_STEP)
    finally:
        slots.release()
    return False


def _slots() -> threading.BoundedSemaphore | None:
    global _waiting
    if not settings.LINKBACK_WAITS:
        return None
    with _making:
        _waiting = _waiting or threading.BoundedSemaphore(settings.LINKBACK_WAITS)
    return _waiting


def _as_sent_last(linkback: Linkback, protocol: str, source: str) -> Linkback:
    """Keep how a link that is known was sent now: by http or https, and by which protocol.

    One that came by both protocols is read as a webmention, which knows more links.
    """
    if linkback.protocol == Linkback.Protocol.WEBMENTION:
        protocol = linkback.protocol
    if (protocol, source) != (linkback.protocol, linkback.source):
        linkback.protocol, linkback.source = protocol, source
        linkback.save(update_fields=["protocol", "source", "host"])
    return linkback
