"""What a PNG is made of: its chunks, and the frames of one that moves, each a PNG of its own.

Pillow lays a frame that is half transparent over what is clear as if that were black. So each is
read by itself, and `moving` puts them together.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from .files import PIECES, Broken, Part, exactly

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Chunks before the pixels that say how all frames look.
SHARED = (b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"iCCP", b"cHRM")
AFTER = {1: "clear", 2: "as before"}


class Control(NamedTuple):
    """What an fcTL chunk says of a frame."""

    number: int
    width: int
    height: int
    left: int
    top: int
    delay: int
    of: int
    after: int
    over: int


def chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each chunk, where its content begins, and its length."""
    file.seek(len(SIGNATURE))
    for _ in range(PIECES):
        head = file.read(8)
        if len(head) < 8:
            return
        length, start = int.from_bytes(head[:4], "big"), file.tell()
        yield head[4:], start, length
        if head[4:] == b"IEND":
            return
        file.seek(start + length + 4)
    raise Broken("It has too many chunks.")


def chunk(name: bytes, content: bytes) -> bytes:
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def parts(file: IO[bytes], loops: list[int]) -> Iterator[Part]:
    """Yield each frame as a PNG of its own, and where it goes."""
    head, shared, pixels = b"", b"", b""
    control: Control | None = None
    for name, start, length in chunks(file):
        if name not in (b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fdAT", b"IEND", *SHARED):
            continue
        file.seek(start)
        content = exactly(file, length)
        if name == b"IHDR":
            head = content
        elif name == b"acTL" and length >= 8:
            loops.append(int.from_bytes(content[4:8], "big"))
        elif name in SHARED:
            shared += chunk(name, content) if not pixels else b""
        elif name in (b"fcTL", b"IEND"):
            if control and pixels:
                yield part(head, shared, pixels, control)
            pixels = b""
            control = Control(*struct.unpack(">5I2H2B", content[:26])) if name == b"fcTL" else None
        elif control:  # without one, it is a still picture for programs that know no other
            pixels += content if name == b"IDAT" else content[4:]


def part(head: bytes, shared: bytes, pixels: bytes, control: Control) -> Part:
    width, height = struct.unpack(">2I", head[:8])
    if control.left + control.width > width or control.top + control.height > height:
        raise Broken("A frame reaches over the picture.")
    size = struct.pack(">2I", control.width, control.height)
    whole = SIGNATURE + chunk(b"IHDR", size + head[8:]) + shared + chunk(b"IDAT", pixels)
    milliseconds = round(1000 * control.delay / (control.of or 100))
    after = AFTER.get(control.after, "")
    content = whole + chunk(b"IEND", b"")
    return Part(content, control.left, control.top, milliseconds, after, control.over == 1)
