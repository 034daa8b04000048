"""Receives linkbacks: checks the target, the sender and the limits, then adds a job to verify it.

A linkback makes this site fetch an address that its sender chose. So everything that needs no
network is checked first, in this order: is the target ours, public and open to mentions; is the
linkback known already; do the limits allow another look. Then it is saved, and a job fetches the
source (verify.py). A request never fetches, so a slow source does not delay readers.

Pingback expects an answer that says whether the source links to the target. So the request waits
for the look up to LONGEST_WAIT seconds, in at most settings.LINKBACK_WAITS threads; all other
senders get the answer that it was received. Webmention has a status page for this.
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

from blog.lib.base_path import home, without_base
from blog.lib.rates import network_of, wait_for
from blog.posts.models import Post
from comments.linkbacks.ours import is_ours, published_at, target_at
from comments.linkbacks.protocols.pingback import (
    ACCESS_DENIED,
    ALREADY_REGISTERED,
    GENERIC,
    NO_SOURCE,
    Fault,
    PingbackCall,
)
from comments.linkbacks.verify import verify
from comments.models import BlockRule, Comment, Linkback, Look, RateEvent
from comments.models.turns import LOOKS, take_turn
from comments.text.permalinks import MAX_LENGTH, address_key, normalise_address, stripped

# Looks that may wait in the queue. Two run at a time, ten seconds each at most: an hour's work.
MOST_OPEN = 500
# One network, and one source host, may have 1/SHARE of the places that are still free: the fewer
# are free, the fewer each may have (Choudhury and Hahne 1998, "Dynamic queue length thresholds").
# A flood from 50 networks leaves a sixth of MOST_OPEN free for others; 490 networks are needed to
# fill it. SHARE_OF_RATE does the same for LINKBACK_RATE_SITE, which six networks could use up.
SHARE, SHARE_OF_RATE = 10, 2

# Mentions from one host that wait for a moderator. More would bury the other comments there.
MOST_UNJUDGED = 100

# Seconds a pingback waits for its look. A worker looks for jobs once a second, and most pages are
# fetched within another. WordPress gives up after 3 s (wp-includes/comment.php, pingback()) and
# then counts the pingback as failed, though it was received.
LONGEST_WAIT = 2.0
# Seconds between two checks; each takes a little time from the other threads.
_STEP = 0.25

_waiting: threading.BoundedSemaphore | None = None
_making = threading.Lock()


class Limited(Fault):
    """Too many were sent. `wait` is in seconds; `known` is the linkback if it was sent before."""

    def __init__(self, wait: int, known: Linkback | None) -> None:
        said = gettext_lazy("Too many mentions were sent. Send this one again later.")
        super().__init__(ACCESS_DENIED, said)
        self.wait, self.known = wait, known


@dataclass(frozen=True)
class Received:
    """The saved linkback, whether it was known before, and the look that was added, if any."""

    linkback: Linkback
    known: bool
    look: Look | None


def endpoints() -> tuple[str, str]:
    """Return the addresses pingbacks and webmentions are sent to."""
    return _endpoints_below(home())


@cache
@without_base()
def _endpoints_below(site: str) -> tuple[str, str]:
    return site + reverse("pingback"), site + reverse("webmention")


def receive(protocol: str, source: str, target: str, address: str | None) -> Received:
    """Save that `source` says it links to `target`, and add a job that verifies it.

    Both are http or https addresses that differ. `address` is the sender's; None for the site
    itself, which no limit holds. A link that is known, by whichever protocol it came, keeps its row
    and is looked at again; one that is just waiting for a look waits no more than once in each
    spelling. Anybody may send any spelling, so what it becomes is for the look to say (verify.py).

    Raises Fault and saves nothing: NO_TARGET or NOT_A_TARGET, NO_SOURCE, GENERIC for a page that
    mentions itself, ACCESS_DENIED for what a moderator blocked, and Limited.
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
    look = Look(source=spelled, host=host, network=network_of(address or ""))
    look.address = address if look.network else None
    given = {"source": spelled, "target": target, "protocol": protocol}
    digest = row_key(spelled)
    with transaction.atomic():
        take_turn(LOOKS)
        linkback = Linkback.objects.filter(post=post, key=digest).first()
        if linkback and linkback.looks.waiting(spelled).exists():
            return Received(_by_both(linkback, protocol), True, None)
        if address is not None:
            refuse_blocked(post, spelled, look)
            if wait := _wait_for(look, linkback, address, own=own):
                raise Limited(wait, linkback)
        known = linkback is not None
        linkback = linkback or Linkback.objects.create(post=post, key=digest, **given)
        look.linkback = _by_both(linkback, protocol)
        look.save()
        verify.enqueue(look.pk)
    return Received(linkback, known, look)


def _wait_for(look: Look, linkback: Linkback | None, address: str, *, own: bool) -> int:
    """Return the seconds until the sender may send this again; 0 counts it as sent now."""
    wait = seconds_to_wait(look, own=own)
    if not (wait or linkback or own) and unjudged(look.host) >= MOST_UNJUDGED:
        wait = 3600
    # Last, because this counts the mention against the limits.
    return wait or RateEvent.objects.take(RateEvent.Kind.MENTION, address)


def row_key(source: str) -> str:
    """Return the key of a source's row, the same for http and https.

    A digest, because an index entry of PostgreSQL holds at most 2,700 bytes, and an address of
    2,000 characters can be longer.
    """
    place = (address_key(source) or "").partition("://")[2]
    return hashlib.sha256(place.encode()).hexdigest()


def noted_from(source: str) -> QuerySet[Linkback]:
    """Return the linkbacks from this source, to any target."""
    return Linkback.objects.filter(key=row_key(source))


def receive_own(source: str, targets: Iterable[str]) -> None:
    """Save which of our essays the essay at `source` links to now.

    Its earlier targets are verified again too, so that the mention of a removed link goes.
    """
    before = noted_from(source).values_list("target", flat=True)
    for target in {*targets, *before}:
        with contextlib.suppress(Fault):  # the target takes no mentions
            receive("webmention", source, target, None)


def receive_pingback(call: PingbackCall, address: str) -> str:
    """Receive a pingback and return the sentence to answer, or raise Fault.

    Waits a little for the look at the source, if few enough threads do so already.
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
    """Raise Fault if a block rule files this site or network as spam."""
    bare = Comment(post=post, source=source, address=look.address)
    if any(rule.outcome == BlockRule.Outcome.SPAM for rule in BlockRule.objects.met_by(bare)):
        raise Fault(ACCESS_DENIED, _("You may not send mentions here."))


def seconds_to_wait(look: Look, *, own: bool) -> int:
    """Return the seconds until the limits allow one more look; 0 if they do now.

    Only the first limit that is reached is reported, so that refusing a flood costs little. The
    limit for each machine refuses nothing, because many blogs share one: its looks wait instead.
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
    """Return whether its network or host already has its share of the free places for looks."""
    mine, its = Q(network=look.network), Q(host=look.host)
    all_, network, host = numbers_of(Look.objects.ahead(), mine, its)
    most = share(MOST_OPEN, all_, SHARE)
    # Our own essays are read without a request.
    if network >= most or (not own and host >= most):
        return True
    if settings.LINKBACK_RATE_SITE is None:
        return False
    count, period = settings.LINKBACK_RATE_SITE
    since = timezone.now() - timedelta(seconds=period)
    all_, network = numbers_of(Look.objects.filter(created_at__gt=since), mine)
    return network >= share(count, all_, SHARE_OF_RATE)


def numbers_of(looks: QuerySet[Look], *kinds: Q) -> Iterable[int]:
    """Return how many looks there are, and how many of each kind."""
    numbers = {f"kind_{place}": Count("pk", filter=kind) for place, kind in enumerate(kinds)}
    return looks.aggregate(all=Count("pk"), **numbers).values()


def share(room: int, taken: int, parts: int) -> int:
    """Return how many of `room` places one sender may have while `taken` are used; 0 if full."""
    return -((taken - room) // parts)


def wait_until_told(look: Look) -> bool:
    """Wait until a look has a result; return whether it has one.

    Returns False at once if settings.LINKBACK_WAITS threads of this process wait already.
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


def _by_both(linkback: Linkback, protocol: str) -> Linkback:
    """Read a link that came by both protocols as a webmention, which knows more links."""
    both = {protocol, linkback.protocol}
    if linkback.protocol != Linkback.Protocol.WEBMENTION and Linkback.Protocol.WEBMENTION in both:
        linkback.protocol = Linkback.Protocol.WEBMENTION
        linkback.save(update_fields=["protocol"])
    return linkback
