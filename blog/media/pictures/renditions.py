"""Makes the narrower pictures that pages offer to small screens, and first frames of moving ones.

They are made of our own clean files. One is decoded at a time: of the largest that is kept, 2,560
pixels square, that takes 26 MB.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any, NamedTuple

from django.core.files.storage import default_storage
from PIL import Image as Pixels

from blog.media.files import length_of, put
from blog.media.names import made_of, size_of

from .turns import JOB, alone

# Of six photographs, each in five widths, WebP at 80 differed from the exact smaller picture about
# as much as JPEG at 82, with 15 to 60 hundredths fewer bytes; at 75 it took a fifth less and showed
# where skies turn. AVIF took a quarter less, and fifteen times as long to make. Method 6 took 5
# hundredths less in three times the time.
PHOTOGRAPH: dict[str, Any] = {"quality": 80, "method": 4}
# What was sent as PNG is mostly drawn or a picture of a screen, whose letters would get a halo. In
# flat colours it often has fewer bytes without any loss.
DRAWING: dict[str, Any] = {"quality": 88, "method": 4, "use_sharp_yuv": True}
EXACT: dict[str, Any] = {"lossless": True, "quality": 50, "method": 4}


class Unreadable(Exception):
    """The file that renditions are made of is broken."""


class Made(NamedTuple):
    """How many files were made now, and the bytes of all there are."""

    files: int
    total: int


def make_missing(name: str) -> Made:
    """Make what is missing of a picture's renditions; what is there already is whole.

    Raises FileNotFoundError if the picture itself is not there, Unreadable if it is broken, Busy
    if its turn does not come, and another OSError where the storage fails.
    """
    lengths = {each: length_of(each) for each in made_of(name)}
    missing = [each for each, length in lengths.items() if length is None]
    if missing:
        with alone(JOB), default_storage.open(name) as file:
            original = opened(file)
            recipes = recipes_for(name, original)
            for each in missing:
                content = made_small(original, each, recipes)
                put(each, content)
                lengths[each] = len(content)
    return Made(len(missing), sum(length or 0 for length in lengths.values()))


def opened(file: IO[bytes]) -> Pixels.Image:
    """Return the pixels of one of our files in a mode that WebP has; of a moving one the first."""
    try:
        with Pixels.open(file, formats=["JPEG", "PNG", "WEBP"]) as image:
            return image.convert("RGBA" if image.has_transparency_data else "RGB")
    except Exception as error:
        # What Pillow's readers raise is whatever a broken file makes of them.
        raise Unreadable(str(error)) from error


def recipes_for(name: str, original: Pixels.Image) -> list[dict[str, Any]]:
    """Return how a picture is written; of several ways the one with the fewest bytes.

    What comes out smaller without loss in its narrowest width does so in most others, and what does
    not, as a photograph, would take many times as long to try.
    """
    if not name.endswith(".png"):
        return [PHOTOGRAPH]
    narrowest = made_of(name)[0]
    lossy, exact = (len(made_small(original, narrowest, [recipe])) for recipe in (DRAWING, EXACT))
    return [EXACT, DRAWING] if exact < lossy else [DRAWING]


def made_small(original: Pixels.Image, name: str, recipes: list[dict[str, Any]]) -> bytes:
    """Return the content of a rendition of this name as WebP."""
    width, height = map(int, size_of(name) or ())
    smaller = original.resize((width, height), Pixels.Resampling.LANCZOS, reducing_gap=3.0)
    return min((written(smaller, recipe) for recipe in recipes), key=len)


def written(pixels: Pixels.Image, recipe: dict[str, Any]) -> bytes:
    content = BytesIO()
    pixels.save(content, "WEBP", **recipe)
    return content.getvalue()
