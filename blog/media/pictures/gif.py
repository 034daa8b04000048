"""What a GIF is made of: its frames, each as a small GIF of its own.

Pillow puts frames together otherwise than browsers do: it clears to the background's colour where
browsers clear to nothing. So each is read by itself, and `moving` puts them together.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from .files import PIECES, Broken, Part, exactly

CONTROL, APPLICATION, DESCRIPTOR = b"\xf9", b"\xff", b","
# What is done before the next frame: nothing, nothing, clear, as before.
AFTER = {2: "clear", 3: "as before"}


class Frame(NamedTuple):
    """A frame where it lies in the file: after its descriptor, up to the next block."""

    left: int
    top: int
    width: int
    height: int
    flags: int
    control: bytes
    start: int
    end: int


def screen(file: IO[bytes]) -> bytes:
    """Read a GIF's beginning: its size, and the colours that its frames share."""
    start = exactly(file, 13)
    return start + (exactly(file, colours_in(start[10])) if start[10] & 128 else b"")


def colours_in(flags: int) -> int:
    return 3 << ((flags & 7) + 1)


def frames(file: IO[bytes], loops: list[int]) -> Iterator[Frame]:
    """Yield the frames after the screen; put into `loops` how often it is said to begin again."""
    control = b""
    for _ in range(PIECES):
        kind = file.read(1)
        if kind == DESCRIPTOR:
            left, top, width, height, flags = struct.unpack("<4HB", exactly(file, 9))
            start = file.tell()
            file.seek(1 + (colours_in(flags) if flags & 128 else 0), 1)
            skip_blocks(file)
            yield Frame(left, top, width, height, flags, control, start, file.tell())
            control = b""
        elif kind == b"!":
            label = exactly(file, 1)
            block = exactly(file, exactly(file, 1)[0])
            if label == CONTROL and len(block) == 4:
                control = block
            if block:
                if label == APPLICATION and block.startswith(b"NETSCAPE2.0"):
                    block = exactly(file, exactly(file, 1)[0])
                    if len(block) == 3 and block[0] == 1:
                        loops.append(int.from_bytes(block[1:], "little"))
                if block:
                    skip_blocks(file)
        else:
            return
    raise Broken("It has too many blocks.")


def skip_blocks(file: IO[bytes]) -> None:
    while (length := file.read(1)) and length != b"\0":
        file.seek(length[0], 1)


def parts(file: IO[bytes], loops: list[int]) -> Iterator[Part]:
    """Yield each frame as a GIF of its own, and where it goes."""
    file.seek(0)
    start = screen(file)
    for frame in frames(file, loops):
        file.seek(frame.start)
        content = exactly(file, frame.end - frame.start)
        after, delay, clear = 0, 0, 0
        control = b""
        if frame.control:
            packed, delay, clear = struct.unpack("<BHB", frame.control)
            after, control = packed >> 2 & 7, b"!\xf9\x04" + bytes([packed & 1, 0, 0, clear, 0])
        size = struct.pack("<2H", frame.width, frame.height)
        head = b"GIF89a" + size + start[10:] + control + b",\0\0\0\0" + size
        whole = head + bytes([frame.flags]) + content + b";"
        yield Part(whole, frame.left, frame.top, delay * 10, AFTER.get(after, ""), over=True)
