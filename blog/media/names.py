"""What uploaded files are called: by their content, with their size in the name.

So a name is never a person's, the same file is stored once and kept for ever in caches, and an
essay can say how much room a picture takes, and which smaller ones there are, without asking.

    picture as kept      {hash}-{width}x{height}.{jpg|png|webp}
    the same, narrower   {name of the picture}.{width}.webp
    moving picture       {hash}-{width}x{height}.moving.webp
    its first frame      {name of the moving picture}.still.webp
    sound                {hash}.{mp3|m4a|ogg}
    film                 {hash}-{width}x{height}.{mp4|webm}
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

# The largest side of what is stored, in pixels: twice the widest an essay shows on any screen.
LARGEST_SIDE = 2560
# The widths of renditions, each the least that fills a place on a page: the text's column on a
# phone (341 pixels of a screen of 390, times 1, 2 and 3) and on a desk (630, times 1 and 2), and
# what reaches into the margin (928, times 1 and 2). Those of stored pages stay served if these
# change.
WIDTHS = (360, 720, 1040, 1280, 1920)

_HASH = "[0-9a-f]{32}"
_SIZED = f"{_HASH}-[1-9][0-9]{{0,3}}x[1-9][0-9]{{0,3}}"
PICTURE = rf"{_SIZED}\.(?:jpg|png|webp)"
MOVING = rf"{_SIZED}\.moving\.webp"
SOUND = rf"{_HASH}\.(?:mp3|m4a|ogg)"
FILM = rf"{_SIZED}\.(?:mp4|webm)"
NAME = rf"(?:{PICTURE}(?:\.[1-9][0-9]{{2,3}}\.webp)?|{MOVING}(?:\.still\.webp)?|{SOUND}|{FILM})"

# Where files are served (the URL pattern "media").
FOLDER = "/media/"
_NAME = re.compile(NAME)
_PICTURE = re.compile(PICTURE)
_MOVING = re.compile(MOVING)
_DERIVED = re.compile(rf"({PICTURE}|{MOVING})\.([0-9]+|still)\.webp")
_SIZE = re.compile(r"-([0-9]+)x([0-9]+)\.")


class Rendition(NamedTuple):
    """A picture made smaller, as its name says it."""

    width: int
    height: int
    name: str


def name_of(content: bytes, width: int, height: int, ending: str) -> str:
    """Return the name of a picture's or a film's file, which matches NAME."""
    return f"{hash_of(content)}-{width}x{height}.{ending}"


def hash_of(content: bytes) -> str:
    """Return what a name says of a content."""
    return hashlib.sha256(content).hexdigest()[:32]


def name_in(address: str) -> str | None:
    """Return the name of the file that an address of ours leads to; None for any other."""
    name = address.removeprefix(FOLDER)
    return name if name != address and _NAME.fullmatch(name) else None


def is_moving(name: str) -> bool:
    """Return whether this names a moving picture."""
    return _MOVING.fullmatch(name) is not None


def still_of(name: str) -> str:
    """Return the name of a moving picture's first frame."""
    return f"{name}.still.webp"


def renditions_of(name: str) -> list[Rendition]:
    """Return what is made of a picture, narrowest first; nothing of any other file.

    It follows from the name alone, so that a text can name files that are not made yet.
    """
    if not _PICTURE.fullmatch(name):
        return []
    width, height = map(int, size_of(name) or ())
    return [
        Rendition(narrower, max(1, round(height * narrower / width)), f"{name}.{narrower}.webp")
        for narrower in WIDTHS
        if narrower < width
    ]


def made_of(name: str) -> list[str]:
    """Return the names of all files that are made of the one with this name."""
    made = [rendition.name for rendition in renditions_of(name)]
    return [still_of(name)] if is_moving(name) else made


def thumbnail_of(name: str) -> str:
    """Return the name of the smallest file that shows a picture."""
    if is_moving(name):
        return still_of(name)
    renditions = renditions_of(name)
    return renditions[0].name if renditions else name


def original_of(name: str) -> str | None:
    """Return the name of what a rendition or a first frame is made of; None for any other name."""
    found = _DERIVED.fullmatch(name)
    return found[1] if found else None


def instead_of(name: str) -> list[str]:
    """Return what can be shown while this file is not made yet: the nearest width first.

    The original, which is there from the start, comes last.
    """
    found = _DERIVED.fullmatch(name)
    if found is None:
        return []
    others = renditions_of(found[1])
    if others:
        wanted = int(found[2])
        others.sort(key=lambda other: abs(other.width - wanted))
    return [*(other.name for other in others if other.name != name), found[1]]


def size_of(name: str) -> tuple[str, str] | None:
    """Return the width and height of what this names; None for a sound."""
    found = _SIZE.search(name)
    if found is None:
        return None
    made = _DERIVED.fullmatch(name)
    if made and made[2] != "still":
        height = max(1, round(int(found[2]) * int(made[2]) / int(found[1])))
        return made[2], str(height)
    return found[1], found[2]


def size_in(address: str) -> tuple[str, str] | None:
    """Return the width and height an address of ours says; None for any other address."""
    name = name_in(address)
    return size_of(name) if name else None
