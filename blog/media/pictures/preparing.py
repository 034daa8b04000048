"""From a picture that somebody sent to one that is safe to keep and looks the same everywhere.

Nothing of the file itself is kept: its pixels are read within limits and written again. So there is
no place left for scripts, second files, or where a photograph was taken.
"""

from __future__ import annotations

import threading
from io import BytesIO
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image as Pixels

from blog.media.names import LARGEST_SIDE, name_of

from .colours import upright

# How each format that is read is written, and what it is then called. A still GIF is a small PNG.
WRITTEN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "JPEG": ("JPEG", "jpg", {"quality": 85, "optimize": True, "progressive": True}),
    "PNG": ("PNG", "png", {"optimize": True}),
    "GIF": ("PNG", "png", {"optimize": True}),
    "WEBP": ("WEBP", "webp", {"quality": 85}),
}
# Ours is the limit, and it is looked at before any pixel is read.
Pixels.MAX_IMAGE_PIXELS = None
# Reading takes four bytes for each pixel, so one picture is read at a time.
one_at_a_time = threading.Lock()


class Prepared(NamedTuple):
    """A picture as it is to be kept."""

    name: str
    content: bytes
    width: int
    height: int


def prepare(file: Any) -> Prepared:
    """Return an uploaded file as it is to be kept.

    Raises ValidationError with a sentence for what is too large, moves, or is another kind of file.
    """
    if file.size > settings.IMAGE_BYTES:
        message = _("This file has %(size).1f MB; %(most)d are the most. Make the image smaller.")
        raise ValidationError(
            message % {"size": file.size / 1e6, "most": settings.IMAGE_BYTES // 1_000_000}
        )
    with one_at_a_time:
        try:
            return read(file)
        except ValidationError:
            raise
        except Exception as error:
            # What Pillow's readers raise is whatever a broken file makes of them.
            raise ValidationError(
                _(
                    "This image cannot be read here. Choose a JPEG, PNG, WebP or GIF; an "
                    "SVG can hold scripts, so export it as PNG."
                ),
                code="unreadable",
            ) from error


def read(file: Any) -> Prepared:
    """Return what a file becomes. Raises what Pillow raises where it is broken."""
    file.seek(0)
    with Pixels.open(file, formats=["JPEG", "PNG", "WEBP", "GIF"]) as image:
        if image.width * image.height > settings.IMAGE_PIXELS:
            message = _(
                "This image has %(width)d × %(height)d pixels; %(most)d million are the most. "
                "Make it smaller."
            )
            raise ValidationError(
                message
                % {
                    "width": image.width,
                    "height": image.height,
                    "most": settings.IMAGE_PIXELS // 1_000_000,
                }
            )
        # Phones put a second picture into a JPEG for bright screens; the first is the image.
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        if kind != "JPEG" and getattr(image, "is_animated", False):
            raise ValidationError(
                _("This image moves, and no reader could stop it. Choose a still one.")
            )
        pixels = upright(image)
    pixels.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    written, ending, options = WRITTEN[kind]
    if written == "JPEG" and pixels.mode not in ("L", "RGB"):
        pixels = pixels.convert("RGB")
    content = BytesIO()
    pixels.save(content, written, **options)
    name = name_of(content.getvalue(), *pixels.size, ending)
    return Prepared(name, content.getvalue(), *pixels.size)
