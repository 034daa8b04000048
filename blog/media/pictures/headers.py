"""What a picture's header says: its kind, its size, and what its pixels will take to unpack.

Headers are read here by hand, before any library is asked, for a file of a few hundred bytes can
claim any size. Where one is unclear, the most is assumed.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import cache
from typing import IO, Any, NamedTuple

from PIL import Image as Pixels
from PIL import features

from blog.media.names import LARGEST_SIDE

from . import av1, gif, png
from .files import PIECES, Broken, exactly

AVIF, HEIC = {b"avif", b"avis"}, {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
# Bytes for each pixel while it is unpacked and copied smaller, measured with Pillow 13 and
# pillow-heif 1.8. A PNG's go by its colour type.
PNG = {0: 1.6, 2: 4.8, 3: 1.6, 4: 4.8, 6: 4.8}
DEEP_GREY, GIF_STILL, MOVES = 2.6, 1.6, 33.0
WEBP, WEBP_LOSSLESS, AVIF_PIXEL, HEIC_PIXEL, HEIC_DEEP = 17.0, 18.0, 12.0, 5.75, 9.5


class Header(NamedTuple):
    """What is known of a picture before it is unpacked."""

    kind: str
    width: int
    height: int
    # Bytes of memory for each pixel while it is unpacked.
    pixel: float
    # By how much a JPEG is made smaller while it is unpacked; all of any other kind is unpacked.
    scale: int = 1
    # Whether a JPEG is progressive, or otherwise in several scans.
    scans: bool = False
    frames: int = 1
    lossless: bool = False
    # Bits for one colour of a pixel.
    depth: int = 8
    # CMYK as Adobe writes it, with the values turned around.
    inverted: bool = True


def kind_of(start: bytes) -> str | None:
    """Return which kind of picture begins so; None for any other file."""
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        length = int.from_bytes(start[:4], "big")
        brands = {start[at : at + 4] for at in (8, *range(16, min(length, len(start)), 4))}
        return "AVIF" if brands & AVIF else "HEIC" if brands & HEIC else None
    return None


def accepted() -> str:
    """Return the types of files that can be chosen here, as a field for files lists them."""
    kinds = {"AVIF": "image/avif", "HEIC": "image/heic,image/heif"}
    more = [types for kind, types in kinds.items() if can_read(kind)]
    return ",".join(["image/jpeg,image/png,image/webp,image/gif", *more])


def can_read(kind: str) -> bool:
    """Return whether what this kind needs is installed."""
    if kind == "HEIC":
        return heic_library() is not None
    return kind != "AVIF" or bool(features.check("avif"))


@cache
def heic_library() -> Any:
    """Return what unpacks HEIC, None where it is not built for the machine. It takes 9 MB."""
    try:
        import pillow_heif  # noqa: PLC0415 - costly, and few processes look at pictures
    except ImportError:
        return None
    return pillow_heif


def header_of(file: IO[bytes], kind: str) -> Header:
    """Return what the header of a file of this kind says. Raises Broken, or what a library does."""
    file.seek(0)
    header = READ[kind](file)
    if header.width < 1 or header.height < 1:
        raise Broken("It has no size.")
    return header


def jpeg_header(file: IO[bytes]) -> Header:
    """Read a JPEG's markers up to its first scan.

    With one scan and no progression it is unpacked row by row. All coefficients of any other are
    unpacked first, two bytes each, whatever size is wanted.
    """
    frame, kind, adobe, doubt = b"", 0, False, False
    for marker, segment in jpeg_segments(file):
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):
            doubt = doubt or bool(frame)
            frame, kind = segment, marker
        adobe = adobe or (marker == 0xEE and segment.startswith(b"Adobe"))
        if marker == 0xDA:
            break
    else:
        raise Broken("It has no scan.")
    if len(frame) < 6 or len(frame) < 6 + 3 * frame[5] or not segment:
        raise Broken("It has no frame.")
    parts = frame[5]
    samples = [(byte >> 4, byte & 15) for byte in frame[7 : 7 + 3 * parts : 3]]
    if not all(1 <= across <= 4 and 1 <= down <= 4 for across, down in samples):
        raise Broken("Its sampling is impossible.")
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    scale = max(way for way in (1, 2, 4, 8) if way == 1 or max(width, height) >= way * LARGEST_SIDE)
    pixel = 0.2 + (4 if parts > 1 else 1) / scale**2
    several = doubt or kind not in (0xC0, 0xC1) or segment[0] != parts
    if several:
        most = max(across for across, _ in samples) * max(down for _, down in samples)
        pixel += 2.03 * sum(across * down for across, down in samples) / most
    return Header("JPEG", width, height, pixel, scale=scale, scans=several, inverted=adobe)


def jpeg_segments(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with what follows it, as libjpeg finds them."""
    file.read(2)
    for _ in range(PIECES):
        byte = exactly(file, 1)
        while byte != b"\xff":  # libjpeg skips what is between
            byte = exactly(file, 1)
        while byte == b"\xff":
            byte = exactly(file, 1)
        marker = byte[0]
        if marker == 0xD9:
            return
        if marker in (0, 1) or 0xD0 <= marker <= 0xD8:
            continue
        length = int.from_bytes(exactly(file, 2), "big")
        yield marker, exactly(file, max(0, length - 2))
    raise Broken("It has too many markers.")


def scans_in(file: IO[bytes]) -> int:
    """Return how many scans a JPEG has at most: each is work on every pixel."""
    file.seek(0)
    found, before = 0, b""
    while part := file.read(2**20):
        found += len(re.findall(rb"\xff\xda", before + part))
        before = part[-1:]
    return found


def png_header(file: IO[bytes]) -> Header:
    """Read a PNG's first chunk, and look for the one that says how many frames there are."""
    start = exactly(file, 33)
    if start[12:16] != b"IHDR":
        raise Broken("It has no header.")
    width, height, depth, colours = struct.unpack(">2I2B", start[16:26])
    pixel, frames = DEEP_GREY if (depth, colours) == (16, 0) else PNG.get(colours, 8.0), 1
    for name, at, length in png.chunks(file):
        if name == b"acTL" and length >= 8:
            file.seek(at)
            frames = max(1, int.from_bytes(exactly(file, 4), "big"))
    pixel = MOVES if frames > 1 else pixel
    return Header("PNG", width, height, pixel, frames=frames, lossless=True, depth=depth)


def gif_header(file: IO[bytes]) -> Header:
    """Read a GIF's screen, and count its frames."""
    width, height = struct.unpack("<2H", gif.screen(file)[6:10])
    frames = 0
    for frame in gif.frames(file, []):
        frames += 1
        # A frame that reaches over the screen makes it larger.
        width, height = max(width, frame.left + frame.width), max(height, frame.top + frame.height)
    if not frames:
        raise Broken("It has no frame.")
    pixel = MOVES if frames > 1 else GIF_STILL
    return Header("GIF", width, height, pixel, frames=frames, lossless=True)


def webp_header(file: IO[bytes]) -> Header:
    """Read a WebP's first chunk, and count its frames."""
    start = exactly(file, 30)
    frames, lossless = 1, start[12:16] == b"VP8L"
    if lossless:
        bits = int.from_bytes(start[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif start[12:16] == b"VP8 ":
        width = int.from_bytes(start[26:28], "little") & 0x3FFF
        height = int.from_bytes(start[28:30], "little") & 0x3FFF
    elif start[12:16] == b"VP8X":
        width = int.from_bytes(start[24:27], "little") + 1
        height = int.from_bytes(start[27:30], "little") + 1
        frames, lossless = webp_frames(file)
    else:
        raise Broken("It has no header.")
    pixel = MOVES if frames > 1 else WEBP_LOSSLESS if lossless else WEBP
    return Header("WEBP", width, height, pixel, frames=frames, lossless=lossless)


def webp_frames(file: IO[bytes]) -> tuple[int, bool]:
    """Return how many frames the chunks after the first hold, and whether one is lossless."""
    frames, lossless = 0, False
    for _ in range(PIECES):
        head = file.read(8)
        if len(head) < 8:
            break
        length = int.from_bytes(head[4:], "little")
        frames += head[:4] == b"ANMF"
        lossless = lossless or head[:4] == b"VP8L"
        file.seek(length + length % 2, 1)
    return max(1, frames), lossless


def avif_header(file: IO[bytes]) -> Header:
    """Ask libavif, which reads the boxes and unpacks nothing yet."""
    with Pixels.open(file, formats=["AVIF"]) as image:
        frames, clear = int(getattr(image, "n_frames", 1)), image.mode == "RGBA"
        size = image.size
    file.seek(0)
    content = file.read()
    for width, height in av1.sizes(content):
        if width * height > size[0] * size[1] + 2**16:
            raise Broken("It is larger than it says.")
    start = content[: 2**16]
    bits = start[start.find(b"pixi") + 9 :][:3] if b"pixi" in start else b""
    pixel = AVIF_PIXEL + (1.5 if clear else 0) + (3 if max(bits, default=8) > 8 else 0)
    return Header("AVIF", *size, MOVES if frames > 1 else pixel, frames=frames)


def heic_header(file: IO[bytes]) -> Header:
    """Ask libheif, which reads the boxes and unpacks nothing yet."""
    heif = heic_library().open_heif(file)
    width, height = heif.size
    pixel = HEIC_DEEP if heif.info.get("bit_depth", 8) > 8 else HEIC_PIXEL
    return Header("HEIC", width, height, pixel + (2 if heif.has_alpha else 0))


READ = {
    "JPEG": jpeg_header,
    "PNG": png_header,
    "GIF": gif_header,
    "WEBP": webp_header,
    "AVIF": avif_header,
    "HEIC": heic_header,
}
