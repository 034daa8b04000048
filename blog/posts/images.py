"""From a file that somebody sent to an image that is safe to keep.

Nothing of the file itself is kept: its pixels are read within limits and written again. So there is
no place left for scripts, second files, or where a photograph was taken.
"""

import contextlib
import logging
import threading
from io import BytesIO
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image as Pixels
from PIL import ImageCms, ImageOps

from blog.media.names import LARGEST_SIDE, name_of

# How each format that is read is written, and what it is then called. A still GIF is a small PNG.
WRITTEN = {
    "JPEG": ("JPEG", "jpg", {"quality": 85, "optimize": True, "progressive": True}),
    "PNG": ("PNG", "png", {"optimize": True}),
    "GIF": ("PNG", "png", {"optimize": True}),
    "WEBP": ("WEBP", "webp", {"quality": 85}),
}

logger = logging.getLogger(__name__)

# Ours is the limit, and it is looked at before any pixel is read.
Pixels.MAX_IMAGE_PIXELS = None
# Reading takes four bytes for each pixel, so one image is read at a time.
one_at_a_time = threading.Lock()


class Prepared(NamedTuple):
    name: str
    content: bytes
    width: int
    height: int


def prepare(file):
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


def read(file):
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
        kind = "JPEG" if image.format == "MPO" else image.format
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


def upright(image):
    """Return the pixels alone: turned as EXIF says, in sRGB, and with nothing else kept."""
    profile = image.info.get("icc_profile")
    pixels = ImageOps.exif_transpose(image)
    mode = "RGBA" if pixels.has_transparency_data else "RGB"
    if profile:
        # A profile that fits nothing is as good as none.
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            pixels = ImageCms.profileToProfile(
                pixels if pixels.mode in ("RGB", "RGBA", "CMYK", "L") else pixels.convert(mode),
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=mode,
            )
    if pixels.mode != "L" or mode == "RGBA":
        pixels = pixels.convert(mode)
    pixels.info = {}
    return pixels


def store(prepared):
    """Keep the image's file; one that is there already is the same.

    Raises ValidationError with a sentence where the storage does not take it.
    """
    try:
        if not default_storage.exists(prepared.name):
            default_storage.save(prepared.name, File(BytesIO(prepared.content)))
    except OSError as error:
        logger.warning("An image could not be stored: %s", error)
        raise ValidationError(
            _("The image could not be stored just now: %(why)s Try again in a moment.")
            % {"why": f"{error.strerror or error}".rstrip(".") + "."}
        ) from error
