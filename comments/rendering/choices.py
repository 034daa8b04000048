"""The words of an essay that a note can be set beside, as a page offers them without a script.

A choice is named by its part, its place there and a digest of its words, so that it is found again
after the essay has changed.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from typing import NamedTuple

from .parts import fold
from .places import LONGEST, Finder, Place, Selector, around

# The name of a choice: its part, its place there, its length, and a digest of its words.
NAME = re.compile(r"([0-9]{1,6})\.([0-9]{1,7})\.([0-9]{1,4})\.([0-9a-f]{12})")
# A quotation that a script or another site gives may be this many times too long, and is then cut.
MOST_TIMES = 2
# Of one over several paragraphs, so many of its lines are looked for together, then fewer.
MOST_LINES = 50


class Choice(NamedTuple):
    value: str
    words: str
    place: Place
    selector: Selector
    is_whole: bool = False
    is_first: bool = False


class Choices:
    """The sentences of an essay; and of those of one part, that part as a whole."""

    def __init__(self, html: str):
        self.finder = Finder(html)

    @cached_property
    def all(self) -> list[Choice]:
        found: list[Choice] = []
        for number, part in enumerate(self.finder.essay.parts):
            sentences = part.sentences()
            if len(sentences) > 1:
                found.append(self._choice(number, 0, cut(part.text), is_whole=True))
            for start, end in sentences:
                end = start + cut(part.text[start:end])
                found.append(self._choice(number, start, end, is_only=len(sentences) == 1))
        return found

    def of_part(self, number: int) -> list[Choice]:
        return [choice for choice in self.all if choice.place.part == number]

    def offers(self, choice: Choice) -> bool:
        return choice.value in {offered.value for offered in self.all}

    def named(self, value: str) -> Choice | None:
        """Return the choice of this name, or the only one with the same words."""
        if not (given := NAME.fullmatch(value)):
            return None
        number, start, length = map(int, given.groups()[:3])
        parts = self.finder.essay.parts
        if length and number < len(parts) and start + length <= len(parts[number].text):
            found = self._choice(number, start, start + length)
            if found.value == value:
                return found
        same = [choice for choice in self.all if choice.value.endswith(given[4])]
        return same[0] if len(same) == 1 else None

    def quoted(self, exact: str, before: str = "", after: str = "") -> tuple[Choice, bool] | None:
        """Return the choice of the words of a quotation, and whether it is its first part only."""
        lines = [line for line in exact[: LONGEST * MOST_TIMES].splitlines() if line.strip()]
        for count in range(min(len(lines), MOST_LINES), 0, -1):
            if place := self._best(fold(" ".join(lines[:count]))[0], before, after):
                choice = self._choice(place.part, place.start, place.end)
                return choice, count < len(lines)
        return None

    def _best(self, words: str, before: str, after: str) -> Place | None:
        """Return where these words stand, with the likest text around them."""
        words = words[: cut(words)]
        if not words:
            return None
        sides = Selector(
            words, fold(before[-200:], edges=True)[0], fold(after[:200], edges=True)[0]
        )
        text = self.finder.essay.text
        best = max(
            (
                (sum(around(sides, text, at, at + len(words))), -at)
                for at in self.finder.places(words)
            ),
            default=None,
        )
        return self.finder.place(-best[1], len(words)) if best else None

    def _choice(
        self, part: int, start: int, end: int, *, is_whole: bool = False, is_only: bool = False
    ) -> Choice:
        text, place = self.finder.essay.parts[part].text[start:end], Place(part, start, end)
        digest = hashlib.blake2s(text.encode(), digest_size=6).hexdigest()
        value = f"{part}.{start}.{end - start}.{digest}"
        selector = self.finder.selector(place)
        return Choice(value, selector.exact, place, selector, is_whole, is_whole or is_only)


def cut(text: str) -> int:
    """Return how much of a text may be chosen: all, or as many whole words as are kept."""
    if len(text) <= LONGEST:
        return len(text)
    end = text.rfind(" ", 0, LONGEST)
    return end if end > 0 else LONGEST
