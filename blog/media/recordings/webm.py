"""WebM (RFC 8794, RFC 9559): tags, titles and dates become void space of zeros.

Nothing moves. What a browser records itself has no lengths for its largest parts; it is read on
until something follows that cannot be inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from .files import Broken, Refused, blank, read, size_of, write

HEADER, SEGMENT, DOC_TYPE = 0x1A45DFA3, 0x18538067, 0x4282
SEEK_HEAD, SEEK, SEEK_ID = 0x114D9B74, 0x4DBB, 0x53AB
INFO, TRACKS, TRACK, CLUSTER, CUES = 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675, 0x1C53BB6B
TAGS, ATTACHMENTS, VOID = 0x1254C367, 0x1941A469, 0xEC
TRACK_TYPE, VIDEO = 0x83, 0xE0
WIDTHS, HEIGHTS = (0x54B0, 0xB0), (0x54BA, 0xBA)  # as shown, else as stored
DISPLAY_UNIT = 0x54B2
# Elements of a segment that stay, with those of a cluster that has no length.
KEPT = frozenset({SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES, 0xE7, 0xA3, 0xA0, 0xAB, 0xA7})
# What stays of the others: a scale of time, a length, and what wrote it.
KEPT_INFO = frozenset({0x2AD7B1, 0x4489, 0x4D80, 0x5741})
# Names of a track and what was before it was encoded.
LEFT_OUT_OF_TRACK = frozenset({0x536E, 0x258688, 0x3A9697, 0x26B240})
FILM, SOUND, WORDS = 1, 2, 17
MOST_ELEMENTS = 5_000_000


class Element(NamedTuple):
    """An element: its kind, where it begins, and where its content begins and ends."""

    kind: int
    start: int
    body: int
    end: int
    has_length: bool


@dataclass
class Film:
    """What is seen of a file."""

    width: int = 0
    height: int = 0
    has_film: bool = False


def element(file: IO[bytes], at: int, end: int) -> Element:
    """Return the element that begins here; raises Broken where none does or it is too long."""
    file.seek(at)
    head = file.read(min(12, end - at))
    if not head or not head[0]:
        raise Broken
    width = 9 - head[0].bit_length()
    if width > 4 or len(head) <= width:
        raise Broken
    kind, length = int.from_bytes(head[:width], "big"), 9 - head[width].bit_length()
    if length > 8 or len(head) < width + length:
        raise Broken
    size = int.from_bytes(head[width : width + length], "big") & (1 << 7 * length) - 1
    body = at + width + length
    if size == (1 << 7 * length) - 1:
        return Element(kind, at, body, end, False)
    if body + size > end:
        raise Broken
    return Element(kind, at, body, body + size, True)


def elements(file: IO[bytes], at: int, end: int) -> Iterator[Element]:
    """Yield the elements between two places, and those of a cluster without a length like them."""
    for _count in range(MOST_ELEMENTS):
        if at >= end:
            return
        found = element(file, at, end)
        if not found.has_length and found.kind not in (SEGMENT, CLUSTER):
            raise Broken
        yield found
        at = found.body if found.kind == CLUSTER and not found.has_length else found.end
    raise Broken


def clean(file: IO[bytes]) -> Film:
    """Clean the file where it lies, and say what it shows; raises Broken or Refused."""
    size, film = size_of(file), Film()
    header = element(file, 0, size)
    if header.kind != HEADER or not header.has_length:
        raise Broken
    kinds = [one for one in elements(file, header.body, header.end) if one.kind == DOC_TYPE]
    if not kinds or content(file, kinds[0]).rstrip(b"\0") != b"webm":
        raise Refused(_("This film is in Matroska's format. Export it as WebM or MP4."))
    segment = element(file, header.end, size)
    if segment.kind != SEGMENT:
        raise Broken
    for part in list_of(file, segment):
        settle(file, part, film)
    if segment.end != size:
        blank(file, segment.end, size - segment.end)
        file.truncate(segment.end)
    return film


def list_of(file: IO[bytes], parent: Element) -> Iterator[Element]:
    """Yield an element's parts, which may be made void meanwhile."""
    return elements(file, parent.body, parent.end)


def settle(file: IO[bytes], part: Element, film: Film) -> None:
    if part.kind not in KEPT:
        void(file, part)
    elif part.kind == SEEK_HEAD:
        for one in list_of(file, part):
            if one.kind != SEEK or leads_away(file, one):
                void(file, one)
    elif part.kind == INFO:
        for one in list_of(file, part):
            if one.kind not in KEPT_INFO:
                void(file, one)
    elif part.kind == TRACKS:
        for one in list_of(file, part):
            if one.kind == TRACK:
                take_track(file, one, film)
            else:
                void(file, one)


def leads_away(file: IO[bytes], seek: Element) -> bool:
    """Whether an entry of the index leads to what is made void."""
    ids = [content(file, one) for one in list_of(file, seek) if one.kind == SEEK_ID]
    return not ids or int.from_bytes(ids[0], "big") not in KEPT


def take_track(file: IO[bytes], track: Element, film: Film) -> None:
    parts = list(list_of(file, track))
    kind = next((number(file, one) for one in parts if one.kind == TRACK_TYPE), 0)
    if kind not in (FILM, SOUND, WORDS):
        raise Refused(_("Beside pictures, sound and words, this film holds something else."))
    for one in parts:
        if one.kind in LEFT_OUT_OF_TRACK or one.kind == 0xBF:  # a sum that would be wrong now
            void(file, one)
        elif kind == FILM and one.kind == VIDEO:
            take_size(file, one, film)
    film.has_film |= kind == FILM


def take_size(file: IO[bytes], video: Element, film: Film) -> None:
    said = {one.kind: number(file, one) for one in list_of(file, video) if one.end - one.body <= 8}
    shown = 0 if said.get(DISPLAY_UNIT) else 1  # a display's size may be no number of pixels
    width, height = (
        next((said[kind] for kind in kinds[1 - shown :] if said.get(kind)), 0)
        for kinds in (WIDTHS, HEIGHTS)
    )
    if width and height and not film.width:
        film.width, film.height = width, height


def content(file: IO[bytes], one: Element) -> bytes:
    if one.end - one.body > 64:
        raise Broken
    return read(file, one.body, one.end - one.body)


def number(file: IO[bytes], one: Element) -> int:
    return int.from_bytes(content(file, one), "big")


def void(file: IO[bytes], one: Element) -> None:
    """Make an element void, of the same length; raises Broken where it has none."""
    length = one.end - one.start
    if not one.has_length or length < 2:
        raise Broken
    if length <= 128:
        head = bytes([VOID, 0x80 | length - 2])
    else:
        head = bytes([VOID, 0x01]) + (length - 9).to_bytes(7, "big")
    write(file, one.start, head)
    blank(file, one.start + len(head), length - len(head))
