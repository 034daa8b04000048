"""Turning a picture as the camera says it was held."""

from __future__ import annotations

from PIL import ExifTags
from PIL import Image as Pixels

TURNS = {
    2: Pixels.Transpose.FLIP_LEFT_RIGHT,
    3: Pixels.Transpose.ROTATE_180,
    4: Pixels.Transpose.FLIP_TOP_BOTTOM,
    5: Pixels.Transpose.TRANSPOSE,
    6: Pixels.Transpose.ROTATE_270,
    7: Pixels.Transpose.TRANSVERSE,
    8: Pixels.Transpose.ROTATE_90,
}


def orientation_of(image: Pixels.Image) -> int:
    """Return what EXIF says, 1 to 8; 1 where it says nothing, or nothing that can be read."""
    try:
        said = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # whatever broken EXIF makes of Pillow's reader; the picture may be whole
        return 1
    return said if isinstance(said, int) else 1


def turned(image: Pixels.Image, orientation: int) -> Pixels.Image:
    """Return a picture upright."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image
