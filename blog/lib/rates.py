"""How often something may be done: by which networks it is counted, their shares, and the waits.

A share is what a network may take of the whole site's rate. One IPv6 network can have 65,536
/64 in it, so each size has a share of its own, and none has all of it.
"""

import ipaddress
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import timezone

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What a network of each size may take of the site's rate, as a fraction, by the length of its
# prefix. A house has a /64 or one IPv4 address, a site a /56 or /48; registries give providers a
# /32, and /20 to the largest (RIPE-738, section 5.1.2).
SHARES = {
    4: {32: (1, 5), 24: (1, 4), 16: (1, 2), 8: (3, 4)},
    6: {64: (1, 5), 56: (1, 4), 48: (1, 2), 32: (3, 4), 20: (7, 8)},
}
# The network that a rate "per network" counts by.
HOUSE = {4: 24, 6: 64}
# IPv6 addresses that translators make for IPv4 ones (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Limit(NamedTuple):
    """At most `most` in `seconds` of all whose sender (`sender_of`) begins with `prefix`."""

    prefix: str
    most: int
    seconds: int


@lru_cache(maxsize=256)  # one request asks for its own four times
def address_of(text: str) -> Address | None:
    """Return the address a sender is counted by; None for what is none.

    Where IPv6 only carries an IPv4 address (mapped, NAT64, 6to4, Teredo), it is that one: else all
    of IPv4 would be one /64 of a translator, and one IPv4 address a /48.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.version == 4:
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (0, address))[1]


def network_of(address: str) -> str:
    """Return the network an address belongs to: /24 of IPv4, /64 of IPv6, which one house has."""
    if (parsed := address_of(address)) is None:
        return ""
    network = (int(parsed), HOUSE[parsed.version])
    kind = ipaddress.IPv4Network if parsed.version == 4 else ipaddress.IPv6Network
    return str(kind(network, strict=False))


def sender_of(address: str) -> str:
    """Return whom an address counts as: "4" or "6", then an IPv4 address or a /64 in hexadecimal.

    All of one network begin alike. No address, as behind a Unix socket, is "?", one sender.
    """
    if (parsed := address_of(address)) is None:
        return "?"
    digits = 8 if parsed.version == 4 else 16
    return f"{parsed.version}{parsed.packed.hex()[:digits]}"


def limits_of(
    sender: str, per_network: tuple[int, int] | None, site: tuple[int, int] | None
) -> list[Limit]:
    """Return all limits a sender has to keep to; a rate is how many in how many seconds, or None.

    A share is rounded up to whole ones, and leaves at least one to others where there are two.
    """
    version = int(sender[0]) if sender[0] in "46" else 0
    limits = []
    if per_network:
        limits.append(Limit(sender[: prefix_length(HOUSE.get(version, 64))], *per_network))
    if site:
        count, seconds = site
        limits.append(Limit("", count, seconds))
        for bits, (part, of) in SHARES.get(version, {64: (1, 5)}).items():
            share = max(1, min(-(-count * part // of), count - 1))
            limits.append(Limit(sender[: prefix_length(bits)], share, seconds))
    return limits


def prefix_length(bits: int) -> int:
    """Return how many characters of a sender a network's prefix has: four bits each."""
    return 1 + bits // 4


def wait_for(rows: Any, rate: tuple[int, int] | None, time: str = "created_at") -> int:
    """Return how many seconds until one more of these rows, by their `time`, keeps to the rate."""
    if rate is None:
        return 0
    count, period = rate
    now, span = timezone.now(), timedelta(seconds=period)
    since = now - span
    # What lies further ahead was there before the clock was set back, and says nothing of today.
    times = rows.filter(**{f"{time}__gt": since, f"{time}__lt": now + span}).order_by(f"-{time}")
    newest = list(times.values_list(time, flat=True)[:count])
    if len(newest) < count:
        return 0
    return max(1, round(float((newest[-1] - since).total_seconds())))
