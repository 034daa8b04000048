"""From a picture that somebody sent to one that is safe to keep and looks the same everywhere.

Nothing of the file itself is kept: its pixels are read within limits and written again. So there is
no place left for scripts, second files, or where a photograph was taken.

Reading takes at most 300 MiB, judged by the file's header before anything is unpacked, and one
picture is read at a time on a machine (`turns`).
"""

from __future__ import annotations

from typing import IO, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image as Pixels
from PIL import JpegImagePlugin

from blog.media.names import LARGEST_SIDE, name_of

from . import limits
from .colours import Info, in_bands, in_srgb, reduced
from .files import Broken
from .headers import Header, can_read, header_of, heic_library, kind_of, scans_in
from .moving import moving
from .turning import orientation_of, turned
from .turns import REQUEST, Busy, alone
from .writing import written

# Ours are the limits, and they are looked at before any pixel is read.
Pixels.MAX_IMAGE_PIXELS = None


class Prepared(NamedTuple):
    """A picture as it is to be kept; one that moves with its first frame as a second file."""

    name: str
    content: bytes
    width: int
    height: int
    still: bytes = b""


def prepare(file: Any) -> Prepared:
    """Return an uploaded file as it is to be kept.

    Raises ValidationError with a sentence for what is too large or cannot be read; its code is
    "busy" where the file may be sent again as it is.
    """
    limits.check_bytes(file.size)
    file.seek(0)
    kind = kind_of(file.read(64))
    if kind is None:
        raise ValidationError(
            _(
                "This image cannot be read here. Choose a JPEG, PNG, WebP or GIF; an "
                "SVG can hold scripts, so export it as PNG."
            ),
            code="unreadable",
        )
    if not can_read(kind):
        message = _("%(kind)s cannot be read on this site. Save it as JPEG.")
        raise ValidationError(message % {"kind": kind})
    try:
        with alone(REQUEST):
            return read(file, kind)
    except ValidationError:
        raise
    except Busy as error:
        message = _("Other pictures are being read just now. Try again in a moment.")
        raise ValidationError(message, code="busy") from error
    except Exception as error:
        # What the readers raise is whatever a broken file makes of them.
        message = _("This file is damaged or not complete. Save it again, or choose another.")
        raise ValidationError(message, code="broken") from error


def read(file: Any, kind: str) -> Prepared:
    """Return what a file becomes. Raises what its reader raises where it is broken."""
    header = header_of(file, kind)
    limits.check(header, file.size)
    if header.scans and scans_in(file) > limits.SCANS:
        raise Broken("It has too many scans.")
    file.seek(0)
    if header.frames > 1:
        content, still, size = moving(file, header)
        name = name_of(content, *size, "moving.webp")
        return Prepared(name, content, *size, still)
    pixels, info, orientation = (
        unpacked_heic(file, header) if kind == "HEIC" else unpacked(file, header)
    )
    pixels.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Pixels.Resampling.LANCZOS)
    pixels = turned(in_srgb(pixels, header, info), orientation)
    content, ending = written(pixels, kind, header.lossless)
    return Prepared(name_of(content, *pixels.size, ending), content, *pixels.size)


def unpacked(file: IO[bytes], header: Header) -> tuple[Pixels.Image, Info, int]:
    """Return the pixels in a plain mode, with what the file says of them and how it was held."""
    with opened(file, header) as image:
        if header.scale > 1:
            size = max(1, image.width // header.scale), max(1, image.height // header.scale)
            image.draft(None, size)
        image.load()
        times = limits.times_for(header, image.size)
        return reduced(image, header, times), image.info, orientation_of(image)


def opened(file: IO[bytes], header: Header) -> Pixels.Image:
    """Open a file as its kind alone. Of a JPEG with others behind it, the first is the picture."""
    if header.kind == "JPEG":
        return JpegImagePlugin.JpegImageFile(file)
    return Pixels.open(file, formats=[header.kind])


def unpacked_heic(file: IO[bytes], header: Header) -> tuple[Pixels.Image, Info, int]:
    """Return the same of a HEIC's primary picture, which libheif turns itself.

    Pillow would hold it once more, at four bytes for each pixel.
    """
    heif = heic_library().open_heif(file)
    mode, (width, height), info = heif.mode, heif.size, heif.info
    data: Any = memoryview(heif.data)
    stride = heif.stride

    def rows(top: int, bottom: int) -> Pixels.Image:
        part = data[top * stride : bottom * stride]
        band = Pixels.frombuffer(mode, (width, bottom - top), part, "raw", mode, stride, 1)
        return band.convert("RGBA") if mode == "RGBa" else band

    pixels = in_bands(rows, (width, height), limits.times_for(header, (width, height)))
    return pixels, {"icc_profile": info.get("icc_profile")}, 1
