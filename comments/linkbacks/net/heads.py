"""Heads of answers as browsers take them: lines that are no header fields are passed over.

h11 refuses a whole answer for one such line; readers of the same page notice nothing.
"""

from __future__ import annotations

import re

_END = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What a value cannot hold (RFC 9110 5.5); browsers drop or keep these, and nothing hangs on it.
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = re.compile(rb"[0-9]{1,20}")


def end_of_head(data: bytes | bytearray, searched: int) -> int:
    """Return where the head of an answer ends, the empty line included; 0 if it goes on.

    In the first `searched` bytes there is no end.
    """
    found = _END.search(data, max(0, searched - 3))
    return found.end() if found else 0


def readable(head: bytes) -> bytes:
    """Return a head of which each line is a header field or continues one.

    As in browsers, white space before the colon does not count; a line without a colon, or with
    an invalid name, is left out together with the lines that continue it. So are a length that
    is not a number and the transfer coding `identity`, which RFC 2616 had.
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
    """Return whether a field that frames the body says something that can be followed."""
    if name == b"content-length":
        return all(_LENGTH.fullmatch(part.strip()) for part in value.split(b","))
    return not (name == b"transfer-encoding" and value.lower() in (b"identity", b""))
