"""The pixels of a picture as they look, in sRGB."""

from __future__ import annotations

import contextlib
from io import BytesIO

from PIL import Image as Pixels
from PIL import ImageCms, ImageOps


def upright(image: Pixels.Image) -> Pixels.Image:
    """Return the pixels alone: turned as EXIF says, in sRGB, and with nothing else kept."""
    profile = image.info.get("icc_profile")
    pixels = ImageOps.exif_transpose(image)
    mode = "RGBA" if pixels.has_transparency_data else "RGB"
    if profile:
        # A profile that fits nothing is as good as none.
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            fitting = pixels.mode in ("RGB", "RGBA", "CMYK", "L")
            converted = ImageCms.profileToProfile(
                pixels if fitting else pixels.convert(mode),
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=mode,
            )
            pixels = converted or pixels
    if pixels.mode != "L" or mode == "RGBA":
        pixels = pixels.convert(mode)
    pixels.info = {}
    return pixels
