"""Pictures that move: kept as an animated WebP, with the first frame by itself beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image as Pixels

from .colours import in_srgb, plain
from .headers import Header
from .turning import orientation_of, turned

# The largest side of a moving picture, in pixels, and how long writing one may take, in seconds.
LARGEST_SIDE, SECONDS = 1280, 30
# Browsers show a frame that is said to be shorter than this many milliseconds for the second.
SHORTEST, USUAL = 11, 100


def moving(file: IO[bytes], header: Header) -> tuple[bytes, bytes, tuple[int, int]]:
    """Return a moving picture as animated WebP, its first frame as WebP, and its size."""
    with Pixels.open(file, formats=[header.kind]) as image:
        loop = image.info.get("loop", 1 if header.kind == "GIF" else 0)
        if header.kind == "GIF" and "loop" in image.info and loop:
            loop += 1  # a GIF says how often it begins again, others how often it is shown
        frames = Frames(shown(image, header), header.frames)
        first = frames.copy()
        content = BytesIO()
        frames.save(
            content,
            "WEBP",
            save_all=True,
            append_images=[],
            duration=frames.durations,
            loop=loop,
            quality=80,
            method=2,
            allow_mixed=True,
        )
    still = BytesIO()
    first.save(still, "WEBP", quality=85)
    return content.getvalue(), still.getvalue(), first.size


def shown(image: Pixels.Image, header: Header) -> Iterator[tuple[Pixels.Image, int]]:
    """Yield each frame as it is shown, with its milliseconds."""
    orientation = orientation_of(image) if header.kind != "AVIF" else 1
    # An APNG may hold a still picture for programs that know no other; it is not shown.
    before = 1 if image.info.get("default_image") else 0
    for index in range(before, before + header.frames):
        image.seek(index)
        image.load()
        frame = in_srgb(plain(image, header), header, image.info)
        frame.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Pixels.Resampling.LANCZOS)
        duration = round(image.info.get("duration") or 0)
        yield (
            turned(frame, orientation).convert("RGBA"),
            duration if duration >= SHORTEST else USUAL,
        )


class Frames(Pixels.Image):
    """What Pillow's writer asks for one frame after another, so that only one is in memory."""

    def __init__(self, frames: Iterator[tuple[Pixels.Image, int]], count: int) -> None:
        super().__init__()
        self.frames, self.n_frames, self.at = frames, count, -1
        self.durations: list[int] = []
        self.until = time.monotonic() + SECONDS
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Go on to the next frame. No other is asked for, but the first when all are written."""
        if frame != self.at + 1:
            return
        if time.monotonic() > self.until:
            raise ValidationError(_("This picture moves for too long. Make it shorter or smaller."))
        picture, duration = next(self.frames)
        self.im, self._mode, self._size = picture.im, picture.mode, picture.size
        self.at = frame
        self.durations.append(duration)
