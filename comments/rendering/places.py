"""Finds where a note stands: its words in the essay, after any change of that.

A note keeps a W3C TextQuoteSelector (exact words, what stood before and after them) and their
position. First the same words are looked for, then the nearest in the part that has most of what
stood around them. A place that is not sure is not taken: a note then stands beside its part, or
in the thread, and never beside words that it does not speak of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from rapidfuzz import fuzz

from .parts import Essay, fold

# Characters of the words, and of what is kept of the text before and after them.
LONGEST, AROUND = 2000, 150
# No essay has as many characters.
LONGEST_ESSAY = 10**8
# The texts around two places are compared for this many characters; they are alike from these
# percents on. Unrelated English reaches 55.
NEAR, ALIKE = 40, 80
# Words this long, in characters and in words, seldom stand in an essay twice by chance.
TELLING, TELLING_WORDS = 25, 5
# Shorter ones need both texts around them; from these percents on, one is not quite another, and
# for the shortest, such as "and", it must be the same.
SHORT, UNLIKE, SAME = 24, 65, 90
# Words of this length that stand in the essay once are the same if they are this close to where
# they were, or all of a part.
ONLY, CLOSE = 14, 60
# Only longer ones are looked for where they have changed.
SHORTEST = 4
# Places of the same words that are compared; "e" has thousands.
MOST_PLACES = 200
# A part is the note's own if it has this share of the pieces, of five characters each, around it.
# Fewer pieces than the last are no proof.
PIECE, SHARE, FEWEST = 5, 0.6, 20
# How alike the nearest words must be, in percent, and the longest texts that are compared for it.
NEAREST, MOST_COMPARED = 75, 8000
# Comparisons for all notes of an essay together, each of at most about a millisecond.
COMPARISONS = 1000


# Where a note stands: at its words, beside a part as a whole, beside the part whose words have
# changed, or in the thread alone.
WORDS, WHOLE, CHANGED, GONE = "words", "whole", "changed", "gone"


class Selector(NamedTuple):
    """What a note is about. `before` and `after` are folded; so is `start` a place in that text."""

    exact: str
    before: str = ""
    after: str = ""
    start: int | None = None

    def quoted(self) -> dict[str, str | int | None]:
        """Return it by the names of the Web Annotation Data Model, 4.2.4 and 4.2.5."""
        names = ("exact", "prefix", "suffix", "start")
        return dict(zip(names, self, strict=True))

    @classmethod
    def read(cls, given: object) -> Selector | None:
        """Return what `quoted` gave, cut to what is kept; None for anything else."""
        if not isinstance(given, dict):
            return None
        exact, before, after = (given.get(name, "") for name in ("exact", "prefix", "suffix"))
        if not all(isinstance(text, str) for text in (exact, before, after)) or not exact:
            return None
        start = given.get("start")
        if type(start) is not int or not 0 <= start < LONGEST_ESSAY:
            start = None
        return cls(exact[:LONGEST], before[-AROUND:], after[:AROUND], start)


class Place(NamedTuple):
    """The words from `start` to `end` of a part's text; beside the part alone if they are equal."""

    part: int
    start: int
    end: int

    @property
    def has_words(self) -> bool:
        return self.start < self.end


class Finder:
    """Finds the places of many notes in one essay."""

    def __init__(self, html: str):
        self.essay = Essay(html)
        self.left = COMPARISONS
        self._found: dict[Selector, Place | None] = {}

    def find(self, selector: Selector) -> Place | None:
        if selector not in self._found:
            self._found[selector] = self._find(selector)
        return self._found[selector]

    def selector(self, place: Place) -> Selector:
        """Return what is kept of a note on these words."""
        start = self.essay.starts[place.part] + place.start
        end = start + place.end - place.start
        text = self.essay.text
        exact = self.essay.parts[place.part].words(place.start, place.end)
        before = text[max(0, start - AROUND) : start]
        return Selector(exact, before, text[end : end + AROUND], start)

    def state(self, place: Place | None) -> str:
        if place is None:
            return GONE
        if not place.has_words:
            return CHANGED
        return WHOLE if self.is_whole(place) else WORDS

    def is_whole(self, place: Place) -> bool:
        """Return whether these are all words of a part of several sentences, to be said at once."""
        part = self.essay.parts[place.part]
        if place.start > 0 or not place.has_words:
            return False
        is_all = place.end == len(part.text) or place.end > LONGEST - NEAR
        return is_all and len(part.sentences()) > 1

    def _find(self, selector: Selector) -> Place | None:
        words = fold(selector.exact[: LONGEST * 2])[0]
        if not words:
            return None
        if (at := self._same_around(selector, words)) is None:
            at = self._same_words(selector, words)
        if at is not None:
            return self.place(at, len(words))
        return self._nearest(selector, words)

    def place(self, start: int, length: int) -> Place:
        part = self.essay.part_at(start)
        begin = start - self.essay.starts[part]
        return Place(part, begin, begin + length)

    def places(self, words: str) -> list[int]:
        """Return where these words stand in the essay's text, within one part."""
        return [*occurrences(self.essay.text, words, MOST_PLACES)] if words else []

    def _same_around(self, selector: Selector, words: str) -> int | None:
        """Return where the words stand with the same text before and after them."""
        if selector.start is None or "\n" in words:
            return None
        text, whole = self.essay.text, selector.before + words + selector.after
        if text.startswith(whole, selector.start - len(selector.before)):
            return selector.start
        places = [*occurrences(text, whole, MOST_PLACES)]
        if not places or not (selector.before or selector.after):
            return None
        expected = selector.start - len(selector.before)
        return min(places, key=lambda at: abs(at - expected)) + len(selector.before)

    def _same_words(self, selector: Selector, words: str) -> int | None:
        """Return where the same words stand, with the likest text around them."""
        text = self.essay.text
        places = [
            at for at in occurrences(text, words, MOST_PLACES)
            if not is_whole_word(selector, words) or cuts_no_word(text, at, at + len(words))
        ]  # fmt: skip
        if not (selector.before or selector.after):  # a moderator's own words
            return next(occurrences(text, words, 1), None)
        found = []
        is_telling = len(words) >= TELLING and (
            words.count(" ") + 1 >= TELLING_WORDS or len(words.encode()) > 2 * len(words)
        )
        for at in places:
            sides = around(selector, text, at, at + len(words))
            is_part = self._is_part(at, at + len(words))
            is_near = is_alike(sides, least=least_of(words))
            far = abs(at - (selector.start or 0))
            is_only = len(places) == 1 and len(words) >= ONLY
            if is_near or is_telling or (is_only and (is_part or far <= CLOSE)):
                found.append((sum(sides), -far, at))
        return max(found)[2] if found else None

    def _is_part(self, start: int, end: int) -> bool:
        part = self.essay.part_at(start)
        begin = self.essay.starts[part]
        return (start, end) == (begin, begin + len(self.essay.parts[part].text))

    # --- Words that have changed --------------------------------------------------------------

    def _nearest(self, selector: Selector, words: str) -> Place | None:
        if (part := self._part_of(selector, words)) is None:
            return None
        nothing = Place(part, 0, 0)
        text = self.essay.parts[part].text
        if len(words) < SHORTEST or len(text) > MOST_COMPARED or self.left <= 0:
            return nothing
        self.left -= 1
        start, end = nearest_words(words, text)
        if not start < end or fuzz.ratio(words, text[start:end]) < NEAREST:
            return nothing
        if next(occurrences(self.essay.text, words, 1), None) is not None:
            return nothing  # the very words stand somewhere, but who knows whether these are they
        begin = self.essay.starts[part]
        sides = around(selector, self.essay.text, begin + start, begin + end)
        least = ALIKE if len(words) < SHORT else UNLIKE
        return Place(part, start, end) if is_alike(sides, least) else nothing

    def _part_of(self, selector: Selector, words: str) -> int | None:
        """Return the part that has most of what stood around the words, with or without these."""
        before = selector.before.rpartition("\n")[2]
        after = selector.after.partition("\n")[0]
        whole = pieces(f"{before}{words[:AROUND]}\n{words[-AROUND:]}{after}")
        part, share = self._part_with(whole)
        if share >= SHARE and len(whole) >= FEWEST:
            return part
        # Else the part that has what stood on both sides, if not the words themselves.
        part, share = self._part_with(pieces(f"{before}\n{after}"))
        if share >= SHARE and self._has_sides(part, before, after, selector):
            return part
        return None

    def _part_with(self, wanted: set[str]) -> tuple[int, float]:
        """Return the part that has the largest share of these pieces, and the share."""
        shared: Counter[int] = Counter()
        for piece in wanted:
            shared.update(self._parts_with.get(piece, ()))
        for part, count in shared.most_common(1):
            return part, count / len(wanted)
        return 0, 0.0

    def _has_sides(self, part: int, before: str, after: str, selector: Selector) -> bool:
        """Return whether a part has what stood before and after the words.

        Of one at an edge of its part, the neighbour counts: a sentence alone may have been moved.
        """
        start, own = self.essay.starts[part], pieces(self.essay.parts[part].text)
        end, text = start + len(self.essay.parts[part].text), self.essay.text
        for side, beyond, there in (
            (before, selector.before[-NEAR:], text[max(0, start - NEAR) : start]),
            (after, selector.after[:NEAR], text[end : end + NEAR]),
        ):
            wanted = pieces(side)
            if len(wanted) < FEWEST // 2:
                if not beyond or fuzz.ratio(beyond, there) < ALIKE:
                    return False
            elif len(wanted & own) < SHARE * len(wanted):
                return False
        return True

    @cached_property
    def _parts_with(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, part in enumerate(self.essay.parts):
            for piece in pieces(part.text):
                found.setdefault(piece, []).append(number)
        return found


def pieces(text: str) -> set[str]:
    lines = text.split("\n")
    return {line[at : at + PIECE] for line in lines for at in range(len(line) - PIECE + 1)}


def occurrences(text: str, words: str, most: int) -> Iterator[int]:
    at = text.find(words)
    while at >= 0 and most > 0:
        yield at
        most -= 1
        at = text.find(words, at + 1)


def cuts_no_word(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
    return not (len(before) == 2 and before.isalnum()) and not (len(after) == 2 and after.isalnum())


def is_whole_word(selector: Selector, words: str) -> bool:
    before, after = selector.before[-1:] + words[:1], words[-1:] + selector.after[:1]
    return not (len(before) == 2 and before.isalnum()) and not (len(after) == 2 and after.isalnum())


def around(selector: Selector, text: str, start: int, end: int) -> list[float]:
    """Return how alike the texts before, and after, a note's words and this place are.

    Where the words begin or end their part, what is beyond says little: its neighbour may have
    gone. It counts only for words that are the whole part.
    """
    before, after = selector.before[-NEAR:], selector.after[:NEAR]
    begins, ends = before.endswith("\n"), after.startswith("\n")
    sides = []
    if before and (ends or not begins):
        sides.append(fuzz.ratio(before, text[max(0, start - NEAR) : start]))
    if after and (begins or not ends):
        sides.append(fuzz.ratio(after, text[end : end + NEAR]))
    return sides


def is_alike(sides: list[float], least: float) -> bool:
    """Return whether one side is alike, and the other at least so much."""
    return max(sides, default=0) >= ALIKE and min(sides) >= least


def least_of(words: str) -> float:
    """Return how alike both sides of the same words must be: the shorter these are, the more."""
    if len(words) < SHORTEST:
        return SAME
    return UNLIKE if len(words) < SHORT else 0


def nearest_words(words: str, text: str) -> tuple[int, int]:
    """Return the start and end of what is likest to `words` in `text`, in whole words."""
    half = min(100, len(words) // 2)
    if len(words) < NEAR:
        first = last = fuzz.partial_ratio_alignment(words, text)
    else:
        first = fuzz.partial_ratio_alignment(words[:half], text)
        last = fuzz.partial_ratio_alignment(words[-half:], text)
    if first is None or last is None:
        return 0, 0
    start, end = first.dest_start, last.dest_end
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    start += text[start:end].startswith(" ")
    end -= text[start:end].endswith(" ")
    return (start, end) if end - start <= 2 * len(words) else (0, 0)
