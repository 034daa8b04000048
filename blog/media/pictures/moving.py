"""Pictures that move: kept as an animated WebP, with the first frame by itself beside it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image as Pixels

from . import gif, png
from .colours import in_srgb, plain
from .files import Broken, Part
from .headers import Header
from .turning import orientation_of, turned

# The largest side of a moving picture, in pixels, and the seconds of work that one may take.
LARGEST_SIDE, SECONDS = 1280, 20
# Browsers show a frame that is said to be shorter than this many milliseconds for the second.
SHORTEST, USUAL = 11, 100
PARTS = {"GIF": gif.parts, "PNG": png.parts}

Shown = tuple[Pixels.Image, int]


def moving(file: IO[bytes], header: Header) -> tuple[bytes, bytes, tuple[int, int]]:
    """Return a moving picture as animated WebP, its first frame as WebP, and its size."""
    loops: list[int] = []
    if header.kind in PARTS:
        shown = composed(PARTS[header.kind](file, loops), header)
    else:
        shown = whole(file, header, loops)
    frames = Frames(shown, header.frames)
    first = frames.copy()
    content, still = BytesIO(), BytesIO()
    first.save(still, "WEBP", quality=85)
    # Of a drawing, each frame is tried without loss as well. Of a film, that would take long.
    crisp = BytesIO()
    first.save(crisp, "WEBP", lossless=True, quality=20, method=1)
    drawn = len(crisp.getvalue()) < len(still.getvalue())
    how = {"quality": 80, "method": 2, "kmin": 0, "kmax": 0, "allow_mixed": drawn}
    loop = loops[0] if loops else 1 if header.kind == "GIF" else 0
    if header.kind == "GIF" and loops and loop:
        loop += 1  # a GIF says how often it begins again, others how often it is shown
    frames.save(
        content, "WEBP", save_all=True, duration=frames.durations, loop=min(loop, 65_535), **how
    )
    return marked(content.getvalue(), frames.clear), still.getvalue(), first.size


def marked(webp: bytes, clear: bool) -> bytes:
    """Return a WebP that says so if something is clear in it.

    libwebp says it of frames with transparent pixels, not of what is cleared between frames.
    """
    if not clear or webp[12:16] != b"VP8X":
        return webp
    return webp[:20] + bytes([webp[20] | 16]) + webp[21:]


def composed(parts: Iterable[Part], header: Header) -> Iterator[Shown]:
    """Yield each frame laid over those before it."""
    canvas = Pixels.new("RGBA", (header.width, header.height))
    for part in parts:
        with Pixels.open(BytesIO(part.content), formats=[header.kind]) as image:
            image.load()
            frame = in_srgb(plain(image, header), header, image.info).convert("RGBA")
        place = (part.left, part.top)
        before = canvas.copy() if part.after == "as before" else None
        if part.over:
            canvas.alpha_composite(frame, place)
        else:
            canvas.paste(frame, place)
        yield fitting(canvas.copy(), part.milliseconds)
        if part.after == "clear":
            right, bottom = part.left + frame.width, part.top + frame.height
            canvas.paste((0, 0, 0, 0), (*place, right, bottom))
        canvas = before or canvas


def whole(file: IO[bytes], header: Header, loops: list[int]) -> Iterator[Shown]:
    """Yield each frame of a file whose library lays them over each other as browsers do."""
    with Pixels.open(file, formats=[header.kind]) as image:
        loops.append(int(image.info.get("loop", 0)))
        orientation = orientation_of(image)
        for index in range(header.frames):
            image.seek(index)
            image.load()
            frame = turned(in_srgb(plain(image, header), header, image.info), orientation)
            yield fitting(frame.convert("RGBA"), image.info["duration"])


def fitting(frame: Pixels.Image, milliseconds: float) -> Shown:
    """Return a frame as it is kept: no larger than is shown, and no shorter."""
    frame.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Pixels.Resampling.LANCZOS)
    return frame, round(milliseconds) if milliseconds >= SHORTEST else USUAL


class Frames(Pixels.Image):
    """What Pillow's writer asks for one frame after another, so that only one is in memory."""

    def __init__(self, frames: Iterator[Shown], count: int) -> None:
        super().__init__()
        self.frames, self.n_frames, self.at = frames, count, -1
        self.durations: list[int] = []
        self.clear = False
        self.until = time.thread_time() + SECONDS
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Go on to the next frame. No other is asked for, but the first when all are written."""
        if frame != self.at + 1:
            return
        if time.thread_time() > self.until:
            raise ValidationError(_("This picture moves for too long. Make it shorter or smaller."))
        shown = next(self.frames, None)
        if shown is None:
            raise Broken("It has fewer frames than it says.")
        picture, milliseconds = shown
        self.im, self._mode, self._size = picture.im, picture.mode, picture.size
        self.at = frame
        self.clear = self.clear or picture.getextrema()[-1] != (255, 255)
        self.durations.append(milliseconds)
