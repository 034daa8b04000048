"""Reading files that anybody may have made."""

from __future__ import annotations

from typing import IO, NamedTuple

# The most pieces of one file: libpng writes one for each 8 KB.
PIECES = 100_000


class Broken(Exception):
    """A file begins as a picture and does not go on as one."""


class Part(NamedTuple):
    """A frame of a moving picture as a file of its own, and how it is shown over the one before."""

    content: bytes
    left: int
    top: int
    milliseconds: int
    # What is done with its place afterwards: nothing, "clear", or "as before".
    after: str
    # Whether what is below shows through; otherwise it takes its place.
    over: bool


def exactly(file: IO[bytes], length: int) -> bytes:
    """Read so many bytes. Raises Broken where there are fewer."""
    content = file.read(length)
    if len(content) < length:
        raise Broken("It ends early.")
    return content
