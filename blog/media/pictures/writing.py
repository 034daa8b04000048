"""Writing a picture as it is kept: a photograph small, a drawing or a screenshot crisp."""

from __future__ import annotations

import tempfile
from typing import Any

from PIL import Image as Pixels
from PIL import ImageChops

# Of a photograph's pixels, fewer are equal to their neighbour than of a screenshot's.
FLAT = 0.4
# A drawing may take this many times as much as it would as a photograph.
WORTH = 3


def written(image: Pixels.Image, kind: str, lossless: bool) -> tuple[bytes, str]:
    """Return a picture of this kind as a file, with the ending of its name.

    What came without loss stays so, unless it looks like a photograph and would be far larger.
    """
    small = as_photograph(image, kind)
    if not lossless:
        return small
    if kind == "GIF" or flat(image) >= FLAT:
        return as_drawing(image, kind)
    crisp = as_drawing(image, kind)
    return crisp if len(crisp[0]) <= WORTH * len(small[0]) else small


def as_photograph(image: Pixels.Image, kind: str) -> tuple[bytes, str]:
    """Return JPEG, or WebP where that was sent or something is transparent."""
    if kind == "WEBP" or image.mode in ("LA", "RGBA"):
        return saved(image, "WEBP", quality=85), "webp"
    return saved(image, "JPEG", quality=85, optimize=True, progressive=True), "jpg"


def as_drawing(image: Pixels.Image, kind: str) -> tuple[bytes, str]:
    """Return PNG, or WebP without loss where that was sent."""
    if kind == "WEBP":
        return saved(image, "WEBP", lossless=True, quality=50), "webp"
    return saved(image, "PNG", optimize=True), "png"


def saved(image: Pixels.Image, kind: str, **options: Any) -> bytes:
    """Return an image as a file of this kind.

    By way of the disk, for Pillow lets other threads run only while it writes to a real file: into
    memory, a JPEG would keep readers waiting for 0.2 seconds.
    """
    with tempfile.TemporaryFile() as file:
        image.save(file, kind, **options)
        file.seek(0)
        return file.read()


def flat(image: Pixels.Image) -> float:
    """Return which part of a picture's pixels have the same colour as the next one."""
    if image.width < 2:
        return 1.0
    colours = image.convert("RGB")
    beside = colours.crop((1, 0, image.width, image.height))
    difference = ImageChops.difference(colours.crop((0, 0, image.width - 1, image.height)), beside)
    red, green, blue = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.histogram()[0] / (most.width * most.height)
