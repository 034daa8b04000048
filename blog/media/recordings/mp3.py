"""MP3: nothing but frames of sound stays. Tags, wherever they stand, hold titles, places and times.

ISO/IEC 11172-3 and 13818-3, layer III; tags as id3.org and wiki.hydrogenaud.io have them.
"""

from __future__ import annotations

from typing import IO

from .files import Broken, move, size_of

# Kilobits a second, by the four bits of a head, for version 1 and for 2 and 2.5.
RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
# Samples a second, by version (2.5, none, 2, 1).
SAMPLES = ((11025, 12000, 8000), (), (22050, 24000, 16000), (44100, 48000, 32000))
# Frames that a sound has at least, and bytes of no known kind that may stand between frames.
LEAST, MOST_JUNK = 3, 1 << 20
WINDOW = 1 << 20


class Window:
    """A file of which a stretch is in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size = file, size_of(file)
        self.start, self.bytes = 0, b""

    def at(self, place: int, length: int) -> bytes:
        """Return these bytes, fewer where the file ends."""
        if not self.start <= place <= self.start + len(self.bytes) - length:
            self.file.seek(place)
            self.start, self.bytes = place, self.file.read(max(WINDOW, length))
        first = place - self.start
        return self.bytes[first : first + length]


def frame_length(head: bytes) -> int:
    """Return the length of the frame that begins so; 0 where none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, samples = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or not 0 < rate < 15 or samples == 3:
        return 0
    rates, times = (RATES_1, 144_000) if version == 3 else (RATES_2, 72_000)
    return times * rates[rate] // SAMPLES[version][samples] + (head[2] >> 1 & 1)


def tag_length(window: Window, at: int) -> int:
    """Return the length of the tag that begins here; 0 where none does."""
    head = window.at(at, 32)
    if head[:3] == b"ID3" and len(head) >= 10:
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        return size + (20 if head[5] & 0x10 else 10)
    if head[:8] == b"APETAGEX" and len(head) == 32:
        is_head = head[23] & 0x20
        return 32 + int.from_bytes(head[12:16], "little") if is_head else 32
    if head[:3] == b"TAG":
        return 227 if head[3:4] == b"+" else 128
    return 0


def clean(file: IO[bytes]) -> None:
    """Leave only frames in the file; raises Broken where it holds too few, or too much else."""
    window = Window(file)
    runs: list[tuple[int, int]] = []
    at = frames = junk = 0
    while at < window.size:
        if length := frame_length(window.at(at, 4)):
            follows = at + length
            if follows > window.size:
                break  # broken off in its last frame
            if (runs and runs[-1][1] == at) or frame_starts(window, follows):
                if runs and runs[-1][1] == at:
                    runs[-1] = runs[-1][0], follows
                else:
                    runs.append((at, follows))
                at, frames = follows, frames + 1
                continue
        skipped = tag_length(window, at) or to_next(window, at)
        junk += 0 if tag_length(window, at) else skipped
        if junk > MOST_JUNK:
            raise Broken
        at += skipped
    if frames < LEAST:
        raise Broken
    end = 0
    for start, stop in runs:
        move(file, start, stop - start, end)
        end += stop - start
    file.truncate(end)


def frame_starts(window: Window, at: int) -> bool:
    """Whether a frame, a tag or the end is here: then what looks like a frame before it is one."""
    return at == window.size or bool(frame_length(window.at(at, 4)) or tag_length(window, at))


def to_next(window: Window, at: int) -> int:
    """Return how far it is to the next byte that a frame or a tag may begin with."""
    ahead = window.at(at + 1, 4096)
    found = [place for byte in (b"\xff", b"I", b"A", b"T") if (place := ahead.find(byte)) >= 0]
    return 1 + min(found, default=len(ahead))
