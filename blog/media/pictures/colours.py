"""The pixels of a picture as they look: every mode and depth in eight bits of grey or of sRGB."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image as Pixels
from PIL import ImageChops, ImageCms

from .headers import Header

# Modes that can be reduced as they are. Of any other, a few rows at a time are expanded first, as
# they are of those with transparency: while they are reduced, all their colours are copied.
PLAIN, CLEAR = ("L", "RGB", "CMYK"), ("LA", "RGBA")
GREY = ("1", "L", "LA", "I", "I;16", "I;16L", "I;16B", "I;16N")
# Pixels that are expanded at once, and the most of a profile, in bytes.
AT_ONCE, PROFILE = 2**20, 4_000_000


def reduced(image: Pixels.Image, header: Header, times: int) -> Pixels.Image:
    """Return a picture in a plain mode, so many times smaller. No copy of all of it is made."""
    if image.mode in (PLAIN if times > 1 else PLAIN + CLEAR) and "transparency" not in image.info:
        return image.reduce(times) if times > 1 else image

    def rows(top: int, bottom: int) -> Pixels.Image:
        return plain(image.crop((0, top, image.width, bottom)), header)

    return in_bands(rows, image.size, times)


def in_bands(
    rows: Callable[[int, int], Pixels.Image], size: tuple[int, int], times: int
) -> Pixels.Image:
    """Return the picture of this size whose rows are given, so many times smaller."""
    width, height = size
    step = max(1, AT_ONCE // width // times) * times
    mode = rows(0, 1).mode
    whole = Pixels.new(mode, (-(-width // times), -(-height // times)))
    for top in range(0, height, step):
        band = rows(top, min(top + step, height))
        whole.paste(band.reduce(times) if times > 1 else band, (0, top // times))
    return whole


def plain(image: Pixels.Image, header: Header) -> Pixels.Image:
    """Return a picture in a plain mode, with what it says of transparency in a channel."""
    if image.mode in PLAIN + CLEAR and "transparency" not in image.info:
        return image
    clear = image.info.get("transparency")
    grey = image.mode in GREY
    if image.mode.startswith("I"):
        return from_sixteen(image.convert("I"), clear)
    if isinstance(clear, int) and image.mode == "L" and header.depth < 8:
        # Said in the file's own steps, while the pixels are stretched to 255 by now.
        image.info["transparency"] = clear * 255 // (2**header.depth - 1)
    elif isinstance(clear, tuple) and header.depth == 16:
        image.info["transparency"] = tuple(value >> 8 for value in clear)
    if clear is None and not image.has_transparency_data:
        return image.convert("L" if grey else "RGB")
    return image.convert("LA" if grey and image.mode != "1" else "RGBA")


def from_sixteen(image: Pixels.Image, clear: object) -> Pixels.Image:
    """Return grey of sixteen bits in eight, the whole range of values in the whole range."""
    grey = image.point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if isinstance(clear, int):
        above = image.point(lambda value: value * 1 + -clear).convert("L")
        below = image.point(lambda value: value * -1 + clear).convert("L")
        grey.putalpha(ImageChops.lighter(above, below).point([0] + [255] * 255))
    return grey


Info = dict[str | tuple[int, int], Any]


def in_srgb(image: Pixels.Image, header: Header, info: Info) -> Pixels.Image:
    """Return a picture of a plain mode in grey or sRGB, and transparent only where it is."""
    colour, alpha = image, None
    if image.mode in ("LA", "RGBA"):
        alpha = image.getchannel("A")
        colour = image.convert(image.mode[:-1])
    if image.mode == "CMYK" and not header.inverted:
        colour = ImageChops.invert(image)
    grey = colour.mode == "L"
    profile = info.get("icc_profile")
    if isinstance(profile, bytes) and len(profile) <= PROFILE:
        colour = by_profile(colour, profile)
    elif "srgb" not in info and isinstance(gamma := info.get("gamma"), float):
        colour = by_gamma(colour, gamma)
    colour = colour.convert("L" if grey else "RGB")
    if alpha is not None and alpha.getextrema()[0] != 255:
        colour.putalpha(alpha)
    colour.info = {}
    return colour


def by_profile(image: Pixels.Image, profile: bytes) -> Pixels.Image:
    """Return a picture in sRGB; a profile for other colours than it has is as good as none."""
    with contextlib.suppress(ImageCms.PyCMSError, OSError):
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        if given.profile.xcolor_space.strip() == {"L": "GRAY"}.get(image.mode, image.mode):
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, given, srgb, outputMode="RGB") or image
    return image


def by_gamma(image: Pixels.Image, gamma: float) -> Pixels.Image:
    """Return a picture of a PNG that says its gamma; nearly that of sRGB is taken for it."""
    if not 0.05 < gamma < 5 or abs(gamma * 2.2 - 1) < 0.05 or image.mode not in ("L", "RGB"):
        return image
    table = [round(255 * (value / 255) ** (1 / (2.2 * gamma))) for value in range(256)]
    return image.point(table * len(image.getbands()))
