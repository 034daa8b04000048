"""The fonts a card is set in: Charis SIL, which is shipped, and beside it those of the server."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from .charmap import Broken, Face, faces_in

OWN = Path(__file__).parent / "fonts" / "CharisSIL-Regular.ttf"
# Where systems keep fonts.
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)
ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
# What a name says of a font that goes well with Charis, and of one that does not.
FITTING = ("serif", "naskh", "amiri", "mincho", "song", "ming", "batang")
UNFITTING = tuple(
    "bold italic oblique light thin black heavy medium mono condensed narrow ui display kufi "
    "nastaliq rashi typewriter semi extra symbols math music".split()
)
# Fonts whose signs only say that a character is lacking.
LAST_RESORT = ("lastresort", "unifont", "fallback")


class Lacking(ValueError):
    """No font here has a sign for part of the text."""


@cache
def own() -> Face:
    return faces_in(OWN)[0]


@cache
def of_the_server() -> tuple[Face, ...]:
    """Return the fonts of this machine, those that go best with Charis first.

    Looked for once in a process.
    """
    found = []
    for path in sorted({*files()}, key=fitness):
        try:
            found += faces_in(path)
        except (Broken, OSError):
            continue
    return tuple(found)


def files() -> Iterable[Path]:
    for folder in FOLDERS:
        for at, _folders, names in os.walk(os.path.expanduser(folder)):
            yield from (Path(at, name) for name in names if name.lower().endswith(ENDINGS))


def fitness(path: Path) -> tuple[object, ...]:
    """Return what fonts are sorted by."""
    name = path.stem.lower()
    return (
        any(word in name for word in LAST_RESORT),
        sum(word in name for word in UNFITTING),
        not any(word in name for word in FITTING),
        name,
        str(path),
    )


# --- Which font sets which part of a text ---------------------------------------------------


def clusters(text: str) -> list[str]:
    """Return a text cut where a reader sees one sign end: marks stay with their letter."""
    found: list[str] = []
    for character in text:
        is_mark = unicodedata.category(character).startswith("M")
        is_joined = bool(found) and found[-1][-1] == "\u200d"
        if found and (is_mark or is_joined or goes_on(found[-1], character)):
            found[-1] += character
        else:
            found.append(character)
    return found


def goes_on(before: str, character: str) -> bool:
    """Whether an emoji's skin or second half of a flag, or a joiner, belongs to what is before."""
    code = ord(character)
    is_flag = 0x1F1E6 <= code <= 0x1F1FF
    starts_flag = len(before) == 1 and 0x1F1E6 <= ord(before) <= 0x1F1FF
    return code in (0x200C, 0x200D) or 0x1F3FB <= code <= 0x1F3FF or (is_flag and starts_flag)


def is_seen(character: str) -> bool:
    """Whether a font needs a sign for it: joiners and chosen forms are only instructions."""
    code = ord(character)
    return not (
        unicodedata.category(character) in ("Cf", "Cc")
        or 0xFE00 <= code <= 0xFE0F
        or code >= 0xE0000
    )


def covers(face: Face, cluster: str) -> bool:
    return all(face.has(character) for character in cluster if is_seen(character))


def chosen(text: str) -> list[tuple[str, Face]]:
    """Return the parts of a text, each with its font: as few fonts as there can be.

    Raises Lacking.
    """
    parts = clusters(text)
    fonts = [own()]
    wanted = Counter(part for part in parts if not covers(own(), part) or is_emoji(part))
    while wanted:
        best = most_fitting(wanted)
        fonts.append(best)
        wanted = Counter({part: n for part, n in wanted.items() if not covers(best, part)})
    return assigned(parts, fonts)


def most_fitting(wanted: Counter[str]) -> Face:
    """Return the font that has signs for most of these, the first of several."""
    emoji = [face for face in of_the_server() if face.colour] if any(map(is_emoji, wanted)) else []
    plain = [face for face in of_the_server() if not face.colour]

    def count(face: Face) -> int:
        return sum(n for part, n in wanted.items() if covers(face, part))

    # Emoji are set in colour where the server has such a font.
    for among in (emoji, plain):
        best = max(among, key=count, default=None)
        if best and count(best):
            return best
    raise Lacking(" ".join(wanted))


def is_emoji(part: str) -> bool:
    """Whether it is shown as an emoji: by its block, or because it says so."""
    return 0x1F300 <= ord(part[0]) <= 0x1FAFF or "\ufe0f" in part or is_flag(part)


def is_flag(part: str) -> bool:
    return 0x1F1E6 <= ord(part[0]) <= 0x1F1FF


def assigned(parts: Sequence[str], fonts: Sequence[Face]) -> list[tuple[str, Face]]:
    """Return neighbours of one font as one part; a space is set in the font before it."""
    found: list[tuple[str, Face]] = []
    for number, part in enumerate(parts):
        face = found[-1][1] if found else None
        if not (face and is_common(part) and covers(face, part) and not face.colour):
            fitting = [each for each in fonts if covers(each, part)]
            if is_emoji(part) and len(fitting) > 1:
                fitting.sort(key=lambda each: not each.colour)
            face = fitting[0]
            if is_common(part) and not found:
                face = first_of(parts[number:], fonts, face)
        if found and found[-1][1] is face:
            found[-1] = (found[-1][0] + part, face)
        else:
            found.append((part, face))
    return found


def is_common(part: str) -> bool:
    """Whether it belongs to no script: a space, a digit, most punctuation."""
    return unicodedata.category(part[0])[0] in "ZPN"


def first_of(parts: Sequence[str], fonts: Sequence[Face], otherwise: Face) -> Face:
    """Return the font of the first letter, for what stands before it."""
    letter = next((part for part in parts if not is_common(part)), None)
    face = next((each for each in fonts if letter and covers(each, letter)), otherwise)
    return face if covers(face, parts[0]) and not face.colour else otherwise
