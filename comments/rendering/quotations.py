"""Finds the words of an essay that an address from elsewhere names, as browsers find them.

Case and accents make no difference, nor does the kind of quotation marks, and words are whole ones.
What begins in one part and ends in another is taken to the end of the first.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import islice

from .choices import cut
from .fragments import Quote
from .parts import fold
from .places import ONLY, Finder, Place, Selector

# Places compared for all quotations of a source together.
COMPARISONS = 2000
# Scripts that put no space between words: Thai to Myanmar, Khmer, and all from China to Korea.
_SPACELESS = ((0x0E00, 0x109F), (0x1780, 0x17FF), (0x2E80, 0xD7FF), (0xF900, 0xFAFF))


class Quotations:
    """Finds many quotations in one essay, at a bounded cost."""

    def __init__(self, html: str):
        self.finder = Finder(html)
        self.text = lowered(self.finder.essay.text)
        # Around words, the end of a part is as good as a space.
        self.flat = self.text.replace("\n", " ")
        self.left = COMPARISONS

    def find(self, quote: Quote) -> Selector | None:
        """Return the words that are meant, None if the essay does not have them."""
        place = self._place(quote)
        return self.finder.selector(place) if place else None

    def _place(self, quote: Quote) -> Place | None:
        start, end, prefix, suffix = map(words_of, quote[:4])
        if not start:
            return None
        for nth, span in enumerate(self._spans(start, end, prefix, suffix)):
            if nth == quote.nth:
                return self._cut(*span)
        if quote.nth or not (prefix or suffix):
            return None
        # The text around may have changed since, or the words.
        found = [*islice(self._spans(start, end), 2)]
        if found:
            return self._cut(*found[0]) if len(found) == 1 and len(start) >= ONLY else None
        around = fold(quote.prefix)[0], fold(quote.suffix)[0]
        place = None if end else self.finder.find(Selector(quote.start, *around))
        return place if place and place.has_words else None

    def _spans(
        self, start: str, end: str, prefix: str = "", suffix: str = ""
    ) -> Iterator[tuple[int, int]]:
        """Yield where these words begin and end, with these around them."""
        for at in self._places(start, 0):
            stop = at + len(start)
            if not self.flat[max(0, at - len(prefix) - 1) : at].rstrip().endswith(prefix):
                continue
            stops = (last + len(end) for last in self._places(end, stop)) if end else [stop]
            for stop in stops:
                if self.flat[stop : stop + len(suffix) + 1].lstrip().startswith(suffix):
                    yield at, stop
                    break

    def _places(self, words: str, begin: int) -> Iterator[int]:
        at = self.text.find(words, begin)
        while at >= 0 and self.left > 0:
            self.left -= 1
            if self._is_edge(at) and self._is_edge(at + len(words)):
                yield at
            at = self.text.find(words, at + 1)

    def _is_edge(self, at: int) -> bool:
        """Return whether a word may begin or end at this place."""
        before, after = self.text[max(0, at - 1) : at], self.text[at : at + 1]
        if not (before.isalnum() and after.isalnum()):
            return True
        return is_spaceless(before) or is_spaceless(after)

    def _cut(self, start: int, end: int) -> Place:
        essay = self.finder.essay
        part = essay.part_at(start)
        begin = start - essay.starts[part]
        words = essay.parts[part].text[begin : begin + end - start]
        return Place(part, begin, begin + cut(words))


def words_of(text: str) -> str:
    return lowered(fold(unicodedata.normalize("NFC", text))[0])


def lowered(text: str) -> str:
    """Return a text in lower case and without accents, each character in its place."""
    if text.isascii():
        return text.lower()
    return text.translate({ord(char): base_of(char) for char in set(text)})


def base_of(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    base = parts[0] if all(map(unicodedata.combining, parts[1:])) else char
    return low if len(low := base.lower()) == 1 else base


def is_spaceless(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _SPACELESS)
