"""From a sound or film that somebody sent to one that is safe to keep.

What it is follows from its content, never from its name.
"""

from __future__ import annotations

import hashlib
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from . import mp3, mp4, ogg, webm
from .files import AT_ONCE, Broken, Refused, size_of

__all__ = ["Prepared", "Refused", "kind_of", "prepare"]

# Brands of pictures in the same boxes as films.
PICTURES = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
PICTURES |= {b"avif", b"avis", b"jpeg", b"crx "}
# The largest side that a name can say.
LARGEST_SIDE = 9999


class Prepared(NamedTuple):
    """A sound or film as it is to be kept; the file itself was changed. A sound has no size."""

    name: str
    width: int
    height: int
    bytes: int


def kind_of(head: bytes) -> str:
    """Return "mp3", "ogg", "mp4" or "webm" by a file's first bytes; "" for anything else."""
    if head[4:8] == b"ftyp":
        return "" if head[8:12] in PICTURES else "mp4"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "webm"
    return "mp3" if head[:3] == b"ID3" or mp3.frame_length(head) else ""


def prepare(file: IO[bytes]) -> Prepared:
    """Clean a file where it lies, in little memory, and return how it is to be kept.

    Raises Refused with a sentence for one that cannot be cleaned.
    """
    file.seek(0)
    try:
        ending, width, height = cleaned(file, kind_of(file.read(16)))
    except Broken as error:
        raise Refused(_("This file is damaged, or breaks off. Export it again.")) from error
    size = f"-{width}x{height}" if width else ""
    return Prepared(f"{hash_of(file)}{size}.{ending}", width, height, size_of(file))


def cleaned(file: IO[bytes], kind: str) -> tuple[str, int, int]:
    """Clean a file, and return its ending and size."""
    if kind == "mp3":
        mp3.clean(file)
        return "mp3", 0, 0
    if kind == "ogg":
        ogg.clean(file)
        return "ogg", 0, 0
    film: mp4.Film | webm.Film
    if kind == "mp4":
        film = mp4.clean(file)
        if film.has_sound and not film.has_film:
            return "m4a", 0, 0
    elif kind == "webm":
        film = webm.clean(file)
    else:
        raise Broken
    if not film.has_film:
        raise Refused(_("This file holds no film. Export a sound as MP3, M4A or Ogg."))
    if not (0 < film.width <= LARGEST_SIDE and 0 < film.height <= LARGEST_SIDE):
        raise Broken
    return kind, film.width, film.height


def hash_of(file: IO[bytes]) -> str:
    sum_ = hashlib.sha256()
    file.seek(0)
    while piece := file.read(AT_ONCE):
        sum_.update(piece)
    return sum_.hexdigest()[:32]
