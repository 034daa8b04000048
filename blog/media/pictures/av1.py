"""The sizes that the pictures inside an AVIF have, by their own headers.

libavif believes the size that the container says until all is unpacked: 3 KB that say 64 × 64 took
525 MiB. (ISO/IEC 14496-12 for the boxes, section 5.5 of the AV1 specification for the headers.)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from .files import PIECES, Broken

# Boxes that hold boxes which are looked into, with the bytes before those.
INSIDE = {b"meta": 4, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0}
SEQUENCE_HEADER = 1
# The most bytes of a table: some four thousand entries.
TABLE = 2**16

Box = tuple[bytes, int, int]


def sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the width and height of each AV1 picture. Raises Broken where one is unclear."""
    found = [*boxes(content, 0, len(content))]
    named = {kind: (start, end) for kind, start, end in found}
    coded = {
        number
        for kind, start, end in found
        if kind == b"infe" and (number := coded_item(content[start:end])) is not None
    }
    for number, data in items(content, named):
        if number in coded:
            yield from headers_in(data, open_end=True)
    for start, end in chunks(content, found):
        yield from headers_in(content[start:end], open_end=False)


def boxes(content: bytes, at: int, end: int) -> Iterator[Box]:
    """Yield each box with where its content begins and ends, those inside it next."""
    for _ in range(PIECES):
        if at + 8 > end:
            return
        size, kind, head = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        stop = at + size if size else end
        if not at + head <= stop <= end:
            raise Broken("A box is longer than what it is in.")
        yield kind, at + head, stop
        if kind in INSIDE:
            yield from boxes(content, at + head + INSIDE[kind], stop)
        elif kind == b"iinf":
            yield from boxes(content, at + head + (6 if content[at + head] == 0 else 8), stop)
        at = stop


def coded_item(infe: bytes) -> int | None:
    """Return the number of an item that is an AV1 picture."""
    length = 2 if infe[:1] == b"\2" else 4
    kind = infe[4 + length + 2 : 4 + length + 6]
    return int.from_bytes(infe[4 : 4 + length], "big") if kind == b"av01" else None


class Numbers:
    """Reads numbers of so many bits, one after another."""

    def __init__(self, content: bytes) -> None:
        self.bits, self.left = int.from_bytes(content, "big"), 8 * len(content)

    def read(self, bits: int) -> int:
        self.left -= bits
        if self.left < 0:
            raise Broken("It ends early.")
        return self.bits >> self.left & ((1 << bits) - 1)


def items(content: bytes, named: dict[bytes, tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the data of each item, as the iloc box says where they are."""
    if b"iloc" not in named:
        return
    start, end = named[b"iloc"]
    if end - start > TABLE:
        raise Broken("It has too many items.")
    numbers = Numbers(content[start:end])
    version = numbers.read(32) >> 24
    offset, length, base, index = (8 * numbers.read(4) for _ in range(4))
    inside, left = named.get(b"idat", (0, 0))[0], 2 * len(content)
    for _ in range(numbers.read(32 if version == 2 else 16)):
        number = numbers.read(32 if version == 2 else 16)
        origin = inside if version and numbers.read(16) & 15 else 0
        numbers.read(16)
        origin += numbers.read(base)
        data = b""
        for _ in range(numbers.read(16)):
            numbers.read(index if version else 0)
            at = origin + numbers.read(offset)
            data += content[at : at + (numbers.read(length) or len(content))]
            if len(data) > left:
                raise Broken("Its items are longer than the file.")
        left -= len(data)
        yield number, data


def chunks(content: bytes, found: list[Box]) -> Iterator[tuple[int, int]]:
    """Yield where the pictures of tracks begin and end, as they lie in the file."""
    starts = []
    for kind, start, end in found:
        if kind in (b"stco", b"co64"):
            length = 4 if kind == b"stco" else 8
            table = content[start + 8 : end]
            if len(table) > TABLE:
                raise Broken("It has too many pieces.")
            starts += [
                int.from_bytes(table[at : at + length], "big")
                for at in range(0, len(table) - length + 1, length)
            ]
    ends = [end for kind, _, end in found if kind == b"mdat"]
    for at, following in itertools.pairwise(sorted({*starts, *ends, len(content)})):
        if at in starts:
            yield at, following


def headers_in(data: bytes, *, open_end: bool) -> Iterator[tuple[int, int]]:
    """Yield the size that each sequence header says among the units of a picture or a track.

    The last unit of a picture needs no length.
    """
    at, some = 0, False
    for _ in range(PIECES):
        if at >= len(data):
            break
        head = data[at]
        at += 2 if head & 4 else 1
        if head & 2:
            length, at = leb128(data, at)
        elif open_end:
            length = len(data) - at
        else:
            raise Broken("A unit has no length.")
        if head >> 3 & 15 == SEQUENCE_HEADER:
            yield size_in(Numbers(data[at : min(at + length, at + 512)]))
            some = True
        at += length
    if not some or at < len(data):
        raise Broken("It has no sequence header, or too many units.")


def leb128(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that is written here, and where it ends."""
    number = 0
    for shift in range(0, 56, 7):
        byte = data[at] if at < len(data) else 0
        number, at = number | (byte & 127) << shift, at + 1
        if byte < 128:
            break
    return number, at


def size_in(header: Numbers) -> tuple[int, int]:
    """Return the largest width and height of frames after this sequence header."""
    read = header.read
    read(4)
    if read(1):  # a still picture's short form
        read(5)
    else:
        delays = timing(header) if read(1) else 0
        waits = read(1)
        for _ in range(read(5) + 1):
            read(12)
            if read(5) > 7:
                read(1)
            if delays and read(1):
                read(2 * delays + 1)
            if waits and read(1):
                read(4)
    across, down = read(4) + 1, read(4) + 1
    return read(across) + 1, read(down) + 1


def timing(header: Numbers) -> int:
    """Read what a sequence header says of time; return the bits of a delay, 0 for none."""
    read = header.read
    read(64)
    if read(1):
        zeros = 0
        while not read(1):
            zeros += 1
        read(min(zeros, 32))
    if not read(1):
        return 0
    delays = read(5) + 1
    read(32 + 5 + 5)
    return delays
