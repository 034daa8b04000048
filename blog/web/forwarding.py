"""Finds the client's address and scheme in X-Forwarded-For and Forwarded (RFC 7239)."""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# How many hops are read, from the nearest: more than anybody's own proxies.
MOST_HOPS = 20
# Characters of one hop, and of a Forwarded header. An IPv6 address with its port has 47.
HOP_LENGTH, FORWARDED_LENGTH = 200, 8000

# An address with an optional port, which RFC 7239, section 6.2, lets be obfuscated.
_PORT = r"(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?"
_NODE = re.compile(rf"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[0-9.]+)){_PORT}")
# One name=value of a Forwarded header and what ends it (RFC 7239, section 4). A quoted value may
# hold commas and semicolons; a backslash takes the next character as it is.
_VALUE = r""""((?:[^"\\]|\\.)*+)"|([^\s",;]++)"""
_PAIR = re.compile(rf"[ \t]*+(?:([\w!#$%&'*+.^`|~-]++)=(?:{_VALUE}))?+[ \t]*+([,;]|\Z)", re.ASCII)


def client_of(environ: dict[str, Any]) -> str:
    """Return the client's address as TRUSTED_PROXIES report it, or else the peer's.

    It is the right-most hop that is not our proxy: hops left of it were written by the client and
    prove nothing. A hop that is not an address ("unknown", a hidden name) ends the search at the
    proxy that wrote it. X-Forwarded-For comes first, because proxies that write it pass on a
    client's own Forwarded.
    """
    peer = str(environ.get("REMOTE_ADDR", ""))
    client = str(address_of(peer) or peer)
    if not is_proxy(client):
        return client
    for hop in hops_of(environ):
        if (address := address_of(hop)) is None:
            break
        client = str(address)
        if not is_proxy(client):
            break
    return client


def scheme_of(environ: dict[str, Any]) -> str:
    """Return http or https: as seen by the server, or as a proxy of ours reports it."""
    scheme: str = environ["wsgi.url_scheme"]
    # Asked for first, because a look at Django's settings costs more than the rest of this.
    written = environ.get("HTTP_X_FORWARDED_PROTO") or environ.get("HTTP_FORWARDED")
    if not written or not is_proxy(environ.get("REMOTE_ADDR", "")):
        return scheme
    if not (said := environ.get("HTTP_X_FORWARDED_PROTO")):
        said = (forwarded(str(written)) or [{}])[-1].get("proto", "")
    # Of several the last was written by the proxy that is asked.
    said = str(said).rpartition(",")[2].strip().lower()
    return said if said in ("http", "https") else scheme


def hops_of(environ: dict[str, Any]) -> Iterable[str]:
    """Return the hops that the forwarding headers name, the nearest first."""
    if (listed := environ.get("HTTP_X_FORWARDED_FOR")) is not None:
        # Parted from the right, so that what a client adds at the left costs nothing.
        return reversed(str(listed).rsplit(",", MOST_HOPS)[-MOST_HOPS:])
    elements = forwarded(str(environ.get("HTTP_FORWARDED", "")))
    return [element.get("for", "") for element in reversed(elements[-MOST_HOPS:])]


def forwarded(header: str) -> list[dict[str, str]]:
    """Return the elements of a Forwarded header, names in lower case; [] where it is malformed.

    None of a malformed one can be believed: an open quote of a client's may run into what the
    proxy wrote.
    """
    elements: list[dict[str, str]] = [{}]
    place = 0
    while len(header) <= FORWARDED_LENGTH and (pair := _PAIR.match(header, place)):
        name, quoted, bare, end = pair.groups(default="")
        if name and name.lower() in elements[-1]:
            break  # each stands at most once
        if name:
            elements[-1][name.lower()] = re.sub(r"\\(.)", r"\1", quoted) or bare
        if not end:
            return elements
        if end == ",":
            elements.append({})
        place = pair.end()
    return []


def is_proxy(address: str) -> bool:
    """Whether this is the address of one of TRUSTED_PROXIES."""
    return within(address, tuple(settings.TRUSTED_PROXIES))


@lru_cache(maxsize=512)
def within(text: str, networks: tuple[Any, ...]) -> bool:
    address = address_of(text)
    return address is not None and any(address in network for network in networks)


def address_of(text: str) -> Address | None:
    """Return the IP address of a hop, or None; an IPv4-mapped one becomes IPv4.

    Brackets, quotes, a port and the zone of a link-local address are removed.
    """
    return _address_of(text) if len(text) <= HOP_LENGTH else None


@lru_cache(maxsize=512)
def _address_of(text: str) -> Address | None:
    text = text.strip().removeprefix('"').removesuffix('"')
    if node := _NODE.fullmatch(text):
        text = node["v6"] or node["v4"] or ""
        if node["v6"] and ":" not in text:
            return None  # brackets are for IPv6 alone
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
