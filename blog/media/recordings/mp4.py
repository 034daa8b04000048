"""MP4 and M4A (ISO/IEC 14496-12): what is not on a short list of boxes becomes free space of zeros.

So cameras' places, titles and pictures go with boxes that nobody here has heard of, and times are
set to zero. Nothing moves, so the places of sounds and pictures in the file stay right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from .files import Broken, Refused, blank, read, size_of, write

# Boxes that stay, by the box they stand in; "" is the file. What stands in others stays with them.
KEPT: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods"}),
    b"trak": frozenset({b"tkhd", b"edts", b"mdia"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"sthd", b"nmhd", b"hdlr", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset(
        {b"tfhd", b"tfdt", b"trun", b"sbgp", b"sgpd", b"subs", b"saiz", b"saio", b"senc"}
    ),
}
FREE = frozenset({b"free", b"skip", b"wide"})
# Boxes that begin with when they were made and changed.
TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
# Kinds of tracks that are shown; others hold places, times, or what an editor wanted to know.
SOUND, FILM = b"soun", b"vide"
SHOWN = frozenset({SOUND, FILM, b"text", b"sbtl", b"subt"})
# Boxes beside each other, and bytes of a table of a track that is taken out.
MOST_BOXES, MOST_TABLE = 100_000, 4 << 20
QUICKTIME = b"qt  "


class Box(NamedTuple):
    """A box: its kind, where it begins, and where its content begins and ends."""

    kind: bytes
    start: int
    body: int
    end: int


@dataclass
class Film:
    """What is seen of a file: its size, and whether there are pictures and sound."""

    width: int = 0
    height: int = 0
    has_film: bool = False
    has_sound: bool = False


def boxes(file: IO[bytes], at: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two places; raises Broken where they do not fit."""
    count = 0
    while at < end:
        if end - at < 8:
            raise Broken
        size, kind, body = *_head(read(file, at, 8)), at + 8
        if size == 1:
            size, body = int.from_bytes(read(file, body, 8), "big"), at + 16
        elif size == 0:
            size = end - at
        count += 1
        if size < body - at or at + size > end or count > MOST_BOXES:
            raise Broken
        yield Box(kind, at, body, at + size)
        at += size


def _head(head: bytes) -> tuple[int, bytes]:
    return int.from_bytes(head[:4], "big"), head[4:]


def clean(file: IO[bytes]) -> Film:
    """Clean the file where it lies, and say what it shows; raises Broken or Refused."""
    film, size = Film(), size_of(file)
    top = list(boxes(file, 0, size))
    if not top or top[0].kind != b"ftyp" or b"moov" not in {box.kind for box in top}:
        raise Broken
    if top[0].end - top[0].body < 8:
        raise Broken
    if read(file, top[0].body, 4) == QUICKTIME:  # what phones record is the same by another name
        write(file, top[0].body, b"mp42")
    for box in top:
        settle(file, box, b"", film)
    return film


def settle(file: IO[bytes], box: Box, parent: bytes, film: Film) -> None:
    """Clean a box and what stands in it, or make it free space."""
    if box.kind not in KEPT[parent]:
        free(file, box)
        return
    if box.kind == b"trak":
        kind = kind_of(file, box)
        if kind not in SHOWN:
            # What it says lies among the pictures.
            blank_samples(file, box)
            free(file, box)
            return
        film.has_film |= kind == FILM
        film.has_sound |= kind == SOUND
    if box.kind in TIMED:
        clear_times(file, box)
    if box.kind == b"tkhd":
        take_size(file, box, film)
    if box.kind == b"hdlr" and box.end - box.body > 24:
        blank(file, box.body + 24, box.end - box.body - 24)  # its name, in which some write a date
    if box.kind == b"dref":
        settle_sources(file, box)
    if box.kind in KEPT:
        for inner in list(boxes(file, box.body, box.end)):
            settle(file, inner, box.kind, film)


def free(file: IO[bytes], box: Box) -> None:
    write(file, box.start + 4, b"free")
    blank(file, box.body, box.end - box.body)


def settle_sources(file: IO[bytes], box: Box) -> None:
    """Blank where pictures and sound are said to lie; raises Refused if that is another file."""
    for source in boxes(file, box.body + 8, box.end):
        if source.end - source.body < 4:
            raise Broken
        if not read(file, source.body + 3, 1)[0] & 1:
            raise Refused(_("Part of this film is in another file. Export it as one."))
        blank(file, source.body + 4, source.end - source.body - 4)


def clear_times(file: IO[bytes], box: Box) -> None:
    version = read(file, box.body, 1)[0]
    length = 16 if version == 1 else 8
    if box.end - box.body < 4 + length:
        raise Broken
    blank(file, box.body + 4, length)


def take_size(file: IO[bytes], box: Box, film: Film) -> None:
    """Take the size of a track's pictures, as they are shown; that of a sound is zero."""
    length = box.end - box.body
    if length < 84:
        raise Broken
    turned, size = read(file, box.end - 44, 36), read(file, box.end - 8, 8)
    width, height = int.from_bytes(size[:2], "big"), int.from_bytes(size[4:6], "big")
    if not turned[0:4].strip(b"\0") and turned[4:8].strip(b"\0"):  # by a quarter
        width, height = height, width
    if width and height and not film.width:
        film.width, film.height = width, height


# --- Tracks that are taken out --------------------------------------------------------------------


def inside(file: IO[bytes], box: Box, *path: bytes) -> Box | None:
    """Return the first box at this path in a box."""
    for kind in path:
        found = next((one for one in boxes(file, box.body, box.end) if one.kind == kind), None)
        if found is None:
            return None
        box = found
    return box


def kind_of(file: IO[bytes], track: Box) -> bytes:
    handler = inside(file, track, b"mdia", b"hdlr")
    if handler is None or handler.end - handler.body < 12:
        raise Broken
    return read(file, handler.body + 8, 4)


def numbers(file: IO[bytes], box: Box | None, skipped: int, width: int) -> list[int]:
    """Return the table of a box: a count after `skipped` bytes, then as many numbers."""
    if box is None:
        return []
    if box.end - box.body > MOST_TABLE:
        raise Broken
    content = read(file, box.body, box.end - box.body)
    count = int.from_bytes(content[skipped : skipped + 4], "big")
    table = content[skipped + 4 : skipped + 4 + count * width]
    if len(table) != count * width:
        raise Broken
    return [int.from_bytes(table[at : at + width], "big") for at in range(0, len(table), width)]


def blank_samples(file: IO[bytes], track: Box) -> None:
    """Write zeros over what a track says, wherever in the file it lies."""
    table = inside(file, track, b"mdia", b"minf", b"stbl")
    if table is None:
        return
    sizes_box = inside(file, table, b"stsz")
    each = int.from_bytes(read(file, sizes_box.body + 4, 4), "big") if sizes_box else 0
    if sizes_box is None or (each and not inside(file, table, b"stsc")):
        raise Broken
    count = int.from_bytes(read(file, sizes_box.body + 8, 4), "big")
    sizes = iter([] if each else numbers(file, sizes_box, 8, 4))
    chunks = numbers(file, inside(file, table, b"stco"), 4, 4)
    chunks = chunks or numbers(file, inside(file, table, b"co64"), 4, 8)
    rule = numbers(file, inside(file, table, b"stsc"), 4, 12)
    steps = [(one >> 64, one >> 32 & 0xFFFFFFFF) for one in rule]  # first chunk, samples in each
    end, done, step = size_of(file), 0, 0
    for number, place in enumerate(chunks, 1):
        while step + 1 < len(steps) and steps[step + 1][0] <= number:
            step += 1
        many = min(steps[step][1] if steps else 0, count - done)
        length = each * many if each else sum(next(sizes, 0) for _sample in range(many))
        if place + length > end:
            raise Broken
        blank(file, place, length)
        done += many
