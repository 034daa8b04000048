"""Decides which network addresses may be called: public ones, and those that the owner lists.

The sender of a mention chooses an address that this machine calls from inside its own network,
where routers, databases and the cloud's metadata service trust it. So only addresses that anyone
on the internet can reach are called.
"""

from __future__ import annotations

import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from blog.net.names import ascii_name

Address = IPv4Address | IPv6Address
Resolver = Callable[[str], Iterable[str]]

# Ports of web servers. Services on other ports could take a request for a command.
PORTS = frozenset({80, 443, 8080, 8443})

# The only IPv6 addresses given out for the public are in 2000::/3 (RFC 4291 and IANA's "IPv6
# Address Space"). Beyond it are ::1, ::ffff:0:0/96 (IPv4-mapped), ::/96 (IPv4-compatible),
# 64:ff9b::/96 and 64:ff9b:1::/48 (NAT64, RFC 6052 and 8215), 100::/64 (discard, RFC 6666),
# 5f00::/16 (segment routing, RFC 9602), fc00::/7 (unique local, RFC 4193), fe80::/10 (link-local),
# fec0::/10 (site-local, RFC 3879) and ff00::/8 (multicast).
_GLOBAL_UNICAST = ip_network("2000::/3")

# From IANA's "IPv4/IPv6 Special-Purpose Address Registry" and "IPv4 Multicast Address Space".
# Python's is_global reads a copy of them that differs from release to release, and passes
# multicast, 6to4 and others; so an address must pass both.
_SPECIAL = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # behind a carrier's NAT, RFC 6598
        "127.0.0.0/8",  # loopback, RFC 1122
        "168.63.129.16/32",  # Azure's host, from each of its machines; public in form only
        "169.254.0.0/16",  # link-local and the clouds' metadata, RFC 3927
        "172.16.0.0/12",  # private, RFC 1918
        "192.0.0.0/24",  # IETF protocols, RFC 6890
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",  # private, RFC 1918
        "198.18.0.0/15",  # benchmarking, RFC 2544
        "198.51.100.0/24",  # documentation, RFC 5737
        "203.0.113.0/24",  # documentation, RFC 5737
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved and broadcast, RFC 1112 and 919
        "2001::/23",  # IETF protocols, RFC 2928: Teredo 2001::/32, benchmarking, ORCHID
        "2001:db8::/32",  # documentation, RFC 3849
        "2002::/16",  # 6to4, RFC 3056: holds an IPv4 address
        "3fff::/20",  # documentation, RFC 9637
    )
]

# RFC 1123 2.1, and the underscore that names in use have.
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_LONGEST_NAME = 253
# The last part of a host that browsers and getaddrinfo read as an IPv4 address (WHATWG URL,
# "ends in a number").
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

_ENTRY = re.compile(r"(?P<place>\[[^\]]+\]|[^:]+):(?P<port>[0-9]{1,5})")

# EAI_NODATA (a name without addresses) is the GNU library's own.
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

# A name can have many addresses; this many are tried.
_MOST_ADDRESSES = 8
# A look-up can run longer than its fetch: it holds a thread until the system's resolver gives up,
# after about half a minute.
_MOST_LOOKUPS = 16
_lookups = threading.BoundedSemaphore(_MOST_LOOKUPS)


class Deadline:
    """The time at which a whole fetch ends, over all its steps."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left, more than 0; raises TimeoutError if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def is_public(address: Address) -> bool:
    """Return whether an address is a public one that leads to one machine."""
    if isinstance(address, IPv6Address) and (
        address.scope_id is not None or address not in _GLOBAL_UNICAST
    ):
        return False
    return address.is_global and not any(address in network for network in _SPECIAL)


def read_host(host: str) -> Address | str:
    """Return the IP address in the host of a URL, or its name in lower-case ASCII.

    Raises ValueError for anything else, and for an IP address that is not in its usual form: 127.1,
    0x7f.0.0.1, 2130706433, full-width digits, a dot at the end, an IPv6 zone. No real page is
    linked in such a form, and programs read them differently. Names in other scripts are converted
    as browsers do it (names.ascii_name).
    """
    if ":" in host:
        if "%" in host:
            raise ValueError(host)
        return IPv6Address(host)
    name = host.lower() if host.isascii() else ascii_name(host)
    if not host.isprintable() or len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise ValueError(host)
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return IPv4Address(host)
    return name


def allows(entry: str, host: str, port: int, address: Address) -> bool:
    """Return whether an entry of LINKBACK_PRIVATE_HOSTS allows this host and port.

    An entry is a network, an address or a host name, which allows all its addresses. It allows
    PORTS, or the one port it ends with: wiki.lan:8000, [fd00::1]:8000. An entry that cannot be
    read allows nothing.
    """
    named = _ENTRY.fullmatch(entry)
    place = named["place"].strip("[]") if named else entry.strip("[]")
    if port not in ({int(named["port"])} if named else PORTS):
        return False
    try:
        return address in ip_network(place, strict=False)
    except ValueError:
        return place.lower() == host


def reachable(
    host: Address | str, port: int, allowed: Collection[str], resolve: Resolver, deadline: Deadline
) -> list[Address]:
    """Return the addresses of a host if all of them may be called, else none.

    One address that may not be called is enough to refuse the host: a public page has no private
    address, so a name with both is an attack or internal. A name that does not exist gives the
    same result as one that exists in the internal network only. The resolver is asked once.

    Raises TimeoutError at the deadline, and OSError if the resolver fails.
    """
    if isinstance(host, str):
        addresses = [ip_address(text) for text in _ask(resolve, host, deadline)]
    else:
        addresses = [host]
    for address in addresses:
        public = port in PORTS and is_public(address)
        if not public and not any(allows(entry, str(host), port, address) for entry in allowed):
            return []
    return addresses[:_MOST_ADDRESSES]


def look_up(name: str) -> list[str]:
    """Return the addresses of a name by the system's resolver, none if it does not exist.

    Raises OSError if the resolver fails.
    """
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_NAME:
            return []
        raise
    return [str(answer[4][0]) for answer in answers]


def _ask(resolve: Resolver, name: str, deadline: Deadline) -> list[str]:
    """Return a resolver's answer, or raise TimeoutError at the deadline.

    getaddrinfo has no time-out, so it runs in a thread, which is abandoned if it is late.
    """
    if not _lookups.acquire(timeout=deadline.left()):
        raise TimeoutError
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(resolve(name)))
        except Exception as error:
            answers.put(error)
        finally:
            _lookups.release()

    threading.Thread(target=ask, name=f"look up {name}", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
