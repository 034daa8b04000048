"""Ogg with Vorbis or Opus (RFC 3533, RFC 7845): the comments give way to spaces of their length.

What says who wrote the file may be of any length, so it takes the room of all comments. Nothing
moves; only the sums of the pages that had comments are made again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from .files import Broken, Refused, read, size_of, write

FIRST, LAST = 2, 4  # of a page's flags: a stream begins, or ends, with it
# What the first packet of a stream begins with, and its second before the comments.
KINDS = {b"\x01vorbis": b"\x03vorbis", b"OpusHead": b"OpusTags"}
MOST_COMMENTS = 8 << 20
POLYNOMIAL = 0x04C11DB7


def _table() -> list[int]:
    made = []
    for byte in range(256):
        sum_ = byte << 24
        for _bit in range(8):
            sum_ = (sum_ << 1 ^ (POLYNOMIAL if sum_ & 0x80000000 else 0)) & 0xFFFFFFFF
        made.append(sum_)
    return made


TABLE = _table()


@dataclass
class Stream:
    """One sound in the file, while its comments are looked for."""

    mark: bytes
    packets: int = 0
    # Where the pieces of the comments are, and the places and lengths of their pages.
    pieces: list[tuple[int, int]] = field(default_factory=list)
    pages: list[tuple[int, int]] = field(default_factory=list)


def clean(file: IO[bytes]) -> None:
    """Blank the comments of each stream; raises Broken, or Refused where it holds no sound."""
    size, at, streams = size_of(file), 0, dict[int, Stream]()
    while at < size:
        head = read(file, at, 27)
        if head[:5] != b"OggS\0":
            raise Broken
        segments = read(file, at + 27, head[26])
        body, length = at + 27 + len(segments), 27 + len(segments) + sum(segments)
        if at + length > size:
            raise Broken
        serial = int.from_bytes(head[14:18], "little")
        if head[5] & FIRST:
            streams[serial] = begun(read(file, body, min(8, sum(segments))))
        if serial not in streams:
            raise Broken
        if streams[serial].packets < 2:
            take(file, streams[serial], segments, body, (at, length))
        at += length
    if not streams or any(stream.packets < 2 for stream in streams.values()):
        raise Broken


def begun(start: bytes) -> Stream:
    for first, mark in KINDS.items():
        if start.startswith(first):
            return Stream(mark)
    raise Refused(_("An Ogg file may hold sound in Vorbis or Opus, and nothing else."))


def take(
    file: IO[bytes], stream: Stream, segments: bytes, body: int, page: tuple[int, int]
) -> None:
    """Go through the packets of a page until that with the comments has ended."""
    start = at = body
    for segment in segments:
        at += segment
        if segment == 255 and at != body + sum(segments):
            continue
        if stream.packets == 1:
            stream.pieces.append((start, at - start))
            stream.pages.append(page)
        if segment < 255:
            stream.packets += 1
            if stream.packets == 2:
                blank_comments(file, stream)
                return
        start = at


def blank_comments(file: IO[bytes], stream: Stream) -> None:
    length = sum(piece for _start, piece in stream.pieces)
    mark = stream.mark
    # Vorbis ends its comments with a bit that is set.
    end = bytes(4) + (b"\x01" if mark == b"\x03vorbis" else b"")
    room = length - len(mark) - 4 - len(end)
    first = read(file, stream.pieces[0][0], min(stream.pieces[0][1], len(mark)))
    if not 0 <= room <= MOST_COMMENTS or first != mark[: len(first)]:
        raise Broken
    packet = memoryview(mark + room.to_bytes(4, "little") + b" " * room + end)
    for start, piece in stream.pieces:
        write(file, start, packet[:piece])
        packet = packet[piece:]
    for at, size in stream.pages:
        page = bytearray(read(file, at, size))
        page[22:26] = bytes(4)
        write(file, at + 22, sum_of(page).to_bytes(4, "little"))


def sum_of(page: bytes | bytearray) -> int:
    """Return the sum of a page (RFC 3533, section 6)."""
    found = 0
    for byte in page:
        found = (found << 8 & 0xFFFFFFFF) ^ TABLE[found >> 24 ^ byte]
    return found
