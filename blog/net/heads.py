"""Cleans the head of an answer as browsers do: lines that are not header fields are skipped.

h11 refuses a whole answer for one such line, while the same page works in a browser.
"""

from __future__ import annotations

import re

_END = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Characters that a value cannot hold (RFC 9110 5.5).
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = re.compile(rb"[0-9]{1,20}")


def end_of_head(data: bytes | bytearray, searched: int) -> int:
    """Return where the head of an answer ends, with its empty line; 0 if it is not complete.

    The first `searched` bytes were searched before.
    """
    found = _END.search(data, max(0, searched - 3))
    return found.end() if found else 0


def readable(head: bytes) -> bytes:
    """Return a head in which every line is a header field or continues one.

    As in browsers, white space before the colon is ignored. A line without a colon or with an
    invalid name is left out, with the lines that continue it. So are a Content-Length that is not
    a number and the transfer coding `identity` of RFC 2616.
    """
    status, _end, rest = head.partition(b"\n")
    kept = [_CONTROLS.sub(b"", status)]
    dropped = False
    for line in rest.split(b"\n"):
        line = line.removesuffix(b"\r")
        if line[:1] in (b" ", b"\t"):
            if not dropped and len(kept) > 1:
                kept.append(b" " + _CONTROLS.sub(b"", line.strip()))
            continue
        name, colon, value = line.partition(b":")
        name, value = name.rstrip(b" \t"), _CONTROLS.sub(b"", value).strip()
        dropped = not (colon and _NAME.fullmatch(name) and _counts(name.lower(), value))
        if not dropped:
            kept.append(name + b": " + value)
    return b"\r\n".join(kept) + b"\r\n\r\n"


def _counts(name: bytes, value: bytes) -> bool:
    """Return False for a Content-Length or Transfer-Encoding that cannot be used."""
    if name == b"content-length":
        return all(_LENGTH.fullmatch(part.strip()) for part in value.split(b","))
    return not (name == b"transfer-encoding" and value.lower() in (b"identity", b""))
