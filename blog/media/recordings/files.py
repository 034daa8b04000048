"""What the formats share: a file that is changed where it lies, and why one is refused."""

from __future__ import annotations

from typing import IO

# Bytes that are read or written at a time.
AT_ONCE = 1 << 16


class Refused(ValueError):
    """A recording cannot be kept. The message is a translated sentence that says why."""


class Broken(Exception):
    """The file is not what it begins as: it breaks off, or its parts do not fit."""


def read(file: IO[bytes], at: int, length: int) -> bytes:
    """Return exactly these bytes; raises Broken where the file ends before them."""
    file.seek(at)
    found = file.read(length)
    if len(found) != length:
        raise Broken
    return found


def write(file: IO[bytes], at: int, content: bytes) -> None:
    file.seek(at)
    file.write(content)


def blank(file: IO[bytes], at: int, length: int) -> None:
    """Write zeros over these bytes."""
    file.seek(at)
    while length > 0:
        file.write(bytes(min(length, AT_ONCE)))
        length -= AT_ONCE


def move(file: IO[bytes], at: int, length: int, to: int) -> None:
    """Copy these bytes to a place before them."""
    while length > 0 and at != to:
        piece = read(file, at, min(length, AT_ONCE))
        write(file, to, piece)
        at, to, length = at + len(piece), to + len(piece), length - len(piece)


def size_of(file: IO[bytes]) -> int:
    return file.seek(0, 2)
