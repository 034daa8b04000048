"""Normalises web addresses, and decides whether two of them mean the same page."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urljoin, urlsplit

from blog.net.names import ascii_name

# Characters. Browsers and proxies may not handle longer addresses.
MAX_LENGTH = 2000

_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_NOT_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_AROUND = "".join(map(chr, range(0x21)))


def normalise_address(address: str) -> str | None:
    """Return an http or https address in its normal form, or None if it is not one.

    As in RFC 3986 6.2.2 and 6.2.3: scheme and host in lower case, an international host in
    Punycode, no default port, no dot at the host's end, no dot segments, unreserved characters
    plain and all others percent-encoded in capitals. The fragment is removed, because it names a
    part of the same page; so is an empty query. Normalising the result again does not change it.
    """
    address = stripped(address)
    if len(address) > MAX_LENGTH or _NOT_IN_ADDRESSES.search(address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # an unclosed bracket, a port that is not a number
        return None
    scheme, host = parts.scheme.lower(), _host(parts.hostname or "")
    if "[" in parts.netloc and "[" not in host:  # brackets are for IPv6 only
        return None
    if scheme not in _PORTS or not host:
        return None
    before, at, _ = parts.netloc.rpartition("@")
    authority = _escaped(before, ":") + at + host
    if port is not None and port != _PORTS[scheme]:
        authority += f":{port}"
    path = _without_dots(_escaped(parts.path, "/:@"))
    query = "?" + _escaped(parts.query, "/:@?") if parts.query else ""
    return f"{scheme}://{authority}{path}{query}"


def stripped(address: str) -> str:
    """Return an address without surrounding white space and control characters."""
    return address.strip(_AROUND)


def shortened(address: str) -> str:
    """Return an address that is too long without its fragment, which may quote many words."""
    return address if len(address) <= MAX_LENGTH else address.partition("#")[0]


def same_address(one: str, other: str) -> bool:
    """Return whether two addresses name one page: equal when normalised, but for a last slash.

    False if either is not an http or https address.
    """
    key = address_key(one)
    return key is not None and key == address_key(other)


def address_key(address: str) -> str | None:
    """Return a key that is equal for all addresses of one page (`same_address`), or None."""
    normal = normalise_address(address)
    if normal is None:
        return None
    path, mark, query = normal.partition("?")
    return path.rstrip("/") + mark + query


def resolve(base: str, reference: str) -> str | None:
    """Return the absolute http or https address of a reference on a page, or None.

    `base` is the address that the page's references are relative to. Spelling, query and fragment
    are kept.
    """
    address = join(base, reference)
    return address if normalise_address(address) else None


def join(base: str, reference: str) -> str:
    """Return the same without checking that it is an http or https address; "" if it is invalid.

    The reference is cleaned as in a browser (WHATWG URL 4.4): surrounding white space and line
    breaks are removed.
    """
    try:
        return urljoin(base, re.sub(r"[\t\r\n]", "", reference.strip(_AROUND)))
    except ValueError:
        return ""


def _host(host: str) -> str:
    """Return a host name in its normal form, or "" if it is not valid."""
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host).compressed}]"
        except ValueError:
            return ""
    name = ascii_name(host)
    return name if _HOST.fullmatch(name) else ""


def _escaped(part: str, also_plain: str) -> str:
    """Return a part of an address with each character in its normal form."""

    def spelled(escape: re.Match[str]) -> str:
        char = chr(int(escape[1], 16))
        unreserved = char.isascii() and (char.isalnum() or char in "-._~")
        return char if unreserved else escape[0].upper()

    # Escapes must not be escaped again, but a single percent sign must.
    stray = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", _ESCAPE.sub(spelled, part))
    return quote(stray, safe="%!$&'()*+,;=" + also_plain)


def _without_dots(path: str) -> str:
    """Return a path without `.` and `..` (RFC 3986 5.2.4); it begins with a slash."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
