"""Which way the parts of a line run, and in which order they stand (Unicode's UAX 9, in short).

Titles hold no embeddings, so levels 0 to 2 are enough.
"""

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

Part = TypeVar("Part")
RIGHT_TO_LEFT = ("R", "AL")


def is_right_to_left(text: str) -> bool:
    """Whether a text runs from right to left: by its first letter, as browsers do."""
    for character in text:
        if (kind := unicodedata.bidirectional(character)) in ("L", *RIGHT_TO_LEFT):
            return kind in RIGHT_TO_LEFT
    return False


def levels(text: str, right_to_left: bool) -> list[int]:
    """Return the level of each character: odd ones run from right to left."""
    base = int(right_to_left)
    found: list[int | None] = []
    strong = base
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            strong = 0
            found.append(2 * base)
        elif kind in RIGHT_TO_LEFT:
            strong = 1
            found.append(1)
        elif kind in ("EN", "AN"):
            found.append(2 if base or strong else 0)
        elif kind in ("NSM", "BN") and found:
            found.append(found[-1])
        else:
            found.append(None)
    return settled(found, base)


def settled(found: list[int | None], base: int) -> list[int]:
    """Give what has no direction that of its neighbours, where they agree, else the text's."""
    result: list[int] = []
    following: list[int] = [base] * (len(found) + 1)
    for place in range(len(found) - 1, -1, -1):
        level = found[place]
        following[place] = following[place + 1] if level is None else level
    before = base
    for place, level in enumerate(found):
        if level is None:
            after = following[place]
            is_within = base == 0 and before and after  # right-to-left words and their numbers
            result.append(before if before == after else 1 if is_within else base)
        else:
            before = level
            result.append(level)
    return result


def in_order(parts: Sequence[tuple[int, Part]]) -> list[Part]:
    """Return parts with their levels in the order in which they stand, from the left."""
    found = list(parts)
    for level in range(max((level for level, _part in found), default=0), 0, -1):
        start = 0
        while start < len(found):
            end = start
            while end < len(found) and found[end][0] >= level:
                end += 1
            found[start:end] = reversed(found[start:end])
            start = max(end, start + 1)
    return [part for _level, part in found]
