"""Which characters a font has signs for, read from its file (OpenType's tables `cmap` and `COLR`).

Pillow draws a box for what a font lacks and does not say so.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# Encodings of Unicode, the fullest first, as pairs of platform and encoding.
UNICODE = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
# Fonts in one file that are looked at: a collection of one family has up to this many.
MOST_IN_ONE = 32


class Broken(ValueError):
    """The file is not a font that can be read here."""


@dataclass(frozen=True, eq=False)
class Face:
    """One font of a file: its place there, the starts of its ranges of characters, and their ends.

    `colour` says that its signs are small pictures, as those of emoji are.
    """

    path: Path
    index: int
    starts: array[int]
    ends: array[int]
    colour: bool

    def has(self, character: str) -> bool:
        place = bisect_right(self.starts, ord(character)) - 1
        return place >= 0 and ord(character) <= self.ends[place]


def faces_in(path: Path) -> list[Face]:
    """Return the fonts of a file; raises Broken or OSError."""
    try:
        with path.open("rb") as file:
            found = (face_at(file, path, *place) for place in enumerate(offsets(file)))
            return [face for face in found if face]
    except (struct.error, IndexError, ValueError, MemoryError) as error:
        raise Broken(str(path)) from error


def offsets(file: BinaryIO) -> list[int]:
    """Return where the fonts of a file begin; more than one in a collection."""
    if file.read(4) != b"ttcf":
        return [0]
    _version, count = struct.unpack(">II", file.read(8))
    count = min(count, MOST_IN_ONE)
    return list(struct.unpack(f">{count}I", file.read(4 * count)))


def face_at(file: BinaryIO, path: Path, index: int, offset: int) -> Face | None:
    """Return one font, or None for one whose pictures cannot be drawn here."""
    tables = tables_at(file, offset)
    is_picture = bool({b"CBDT", b"sbix"} & {*tables})
    if not is_picture and (b"SVG " in tables or is_painted(file, tables)):
        return None
    ranges = joined(sorted(ranges_of(read(file, tables[b"cmap"]))))
    if not ranges:
        return None
    starts, ends = (array("L", column) for column in zip(*ranges, strict=True))
    return Face(path, index, starts, ends, is_picture or b"COLR" in tables)


def tables_at(file: BinaryIO, offset: int) -> dict[bytes, tuple[int, int]]:
    """Return the place and the length of each table of a font."""
    file.seek(offset)
    kind, count = struct.unpack(">4sH", file.read(6))
    if kind not in (b"\0\1\0\0", b"OTTO", b"true"):
        raise Broken(repr(kind))
    file.seek(offset + 12)
    entries = struct.iter_unpack(">4s4xII", file.read(16 * count))
    found = {tag: (start, length) for tag, start, length in entries}
    if b"cmap" not in found:
        raise Broken("It has no map of characters.")
    return found


def read(file: BinaryIO, place: tuple[int, int]) -> bytes:
    file.seek(place[0])
    return file.read(place[1])


def is_painted(file: BinaryIO, tables: dict[bytes, tuple[int, int]]) -> bool:
    """Whether its signs have gradients (COLR of version 1), which FreeType leaves blank."""
    if b"COLR" not in tables:
        return False
    return int.from_bytes(read(file, tables[b"COLR"])[:2], "big") > 0


def ranges_of(table: bytes) -> list[tuple[int, int]]:
    """Return the first and last character of each range of the fullest Unicode encoding."""
    count = int.from_bytes(table[2:4], "big")
    places = {
        (platform, encoding): start
        for platform, encoding, start in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count])
    }
    for encoding in UNICODE:
        if (start := places.get(encoding)) is not None:
            part = table[start:]
            form = int.from_bytes(part[:2], "big")
            if form in FORMS:
                return FORMS[form](part)
    return []


def ranges_of_12(part: bytes) -> list[tuple[int, int]]:
    count = int.from_bytes(part[12:16], "big")
    groups = struct.iter_unpack(">III", part[16 : 16 + 12 * count])
    # A group that begins with sign 0 has none for its first character.
    return [(start + (sign == 0), end) for start, end, sign in groups if start <= end]


def ranges_of_4(part: bytes) -> list[tuple[int, int]]:
    count = int.from_bytes(part[6:8], "big") // 2

    def column(number: int, kind: str = "H") -> tuple[int, ...]:
        start = 14 + 2 * count * number + (2 if number else 0)
        return struct.unpack(f">{count}{kind}", part[start : start + 2 * count])

    ends, starts, steps, jumps = column(0), column(1), column(2), column(3)
    found = []
    for place, (start, end, step, jump) in enumerate(zip(starts, ends, steps, jumps, strict=True)):
        if jump == 0 and start <= end < 0xFFFF:
            missing = -step & 0xFFFF  # the one character that would get sign 0
            if start <= missing <= end:
                found += [(start, missing - 1), (missing + 1, end)]
            else:
                found.append((start, end))
        elif jump:
            at = 16 + 6 * count + 2 * place + jump
            signs = struct.unpack_from(f">{end - start + 1}H", part, at)
            found += [(start + n, start + n) for n, sign in enumerate(signs) if sign]
    return [(start, end) for start, end in found if start <= end]


FORMS = {4: ranges_of_4, 12: ranges_of_12}


def joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted ranges with neighbours made one."""
    found: list[tuple[int, int]] = []
    for start, end in ranges:
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
