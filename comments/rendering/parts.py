"""Reads the parts of an essay that a note can stand beside, and its words as they are compared.

A part is a paragraph, list item, quotation, heading, caption, table cell or listing. Its text is
folded: one space for any white space, one quotation mark for all of them, nothing invisible. The
author's own notes and the numbers that refer to them belong to no part.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

import lxml.html
from lxml.html import HtmlElement

PARTS = frozenset({
    "p", "li", "blockquote", "h2", "h3", "h4", "h5", "h6", "figcaption", "caption",
    "td", "th", "pre", "dt", "dd", "summary"
})  # fmt: skip
# Not of a part's text: footnotes, their numbers, links to headings, and what players say instead.
LEFT_OUT = frozenset({"aside", "audio", "video"})
LEFT_OUT_CLASSES = frozenset({"ref", "anchor", "back"})

# Marks that a change of the essay's language turns into others, some with a space inside.
QUOTES = frozenset("\"'“”„‘’‚«»‹›״׳")
NARROW = frozenset("\u00a0\u202f")

# Ends of sentences, with what closes a quotation; Chinese and Japanese have no space after them.
_SENTENCE = re.compile(r"[.!?…؟।۔]{1,3}[\"”’»)\]]{0,3} (?![a-zа-я])|[。！？][」』”’）]{0,3}")
# A sentence shorter than this is taken with the next one: "No." or "J. S. Mill".
SHORTEST_SENTENCE = 12


class Node(NamedTuple):
    """A piece of text in the tree: the text of `owner`, or what follows it."""

    owner: HtmlElement
    is_tail: bool

    @property
    def text(self) -> str:
        return (self.owner.tail if self.is_tail else self.owner.text) or ""


class Part:
    def __init__(self, element: HtmlElement):
        self.element = element
        self.nodes: list[Node] = []

    @cached_property
    def raw(self) -> str:
        return "".join(node.text for node in self.nodes)

    @cached_property
    def folded(self) -> tuple[str, list[int]]:
        return fold(self.raw)

    @property
    def text(self) -> str:
        return self.folded[0]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in `raw` the characters from `start` to `end` of `text` stand."""
        positions = self.folded[1]
        return positions[start], positions[end - 1] + 1

    def words(self, start: int, end: int) -> str:
        """Return these characters as readers see them, on one line."""
        low, high = self.raw_span(start, end)
        return " ".join(self.raw[low:high].split())

    def sentences(self) -> list[tuple[int, int]]:
        """Return where each sentence begins and ends in `text`; of a listing, each line."""
        found: list[tuple[int, int]] = []
        begin = 0
        for end in [*self._ends(), len(self.text)]:
            stop = end - 1 if self.text[end - 1 : end] == " " else end
            if stop - begin >= SHORTEST_SENTENCE or (end == len(self.text) and stop > begin):
                found.append((begin, stop))
                begin = end
        if len(found) > 1 and found[-1][1] - found[-1][0] < SHORTEST_SENTENCE:
            last = found.pop()
            found[-1] = (found[-1][0], last[1])
        return found

    def _ends(self) -> list[int]:
        if self.element.tag != "pre":
            return [
                end.end() for end in _SENTENCE.finditer(self.text) if end.end() < len(self.text)
            ]
        places, raw = self.folded[1], self.raw
        return [n for n in range(1, len(places)) if "\n" in raw[places[n - 1] : places[n]]]


class Essay:
    """The parts of an essay's stored HTML; `text` has them all, one on each line."""

    def __init__(self, html: str):
        self.root: HtmlElement = lxml.html.fragment_fromstring(html, create_parent="div")
        self.parts: list[Part] = []
        self._read(self.root, None)
        self.parts = [part for part in self.parts if part.text]
        self.starts: list[int] = []
        at = 0
        for part in self.parts:
            self.starts.append(at)
            at += len(part.text) + 1
        self.text = "\n".join(part.text for part in self.parts)

    def part_at(self, position: int) -> int:
        """Return the number of the part that holds the character at `position` of `text`."""
        return max(0, bisect_right(self.starts, position) - 1)

    def _read(self, element: HtmlElement, part: Part | None) -> None:
        if element.tag in PARTS:
            part = Part(element)
            self.parts.append(part)
        if part:
            part.nodes.append(Node(element, is_tail=False))
        for child in element:
            if child.tag not in LEFT_OUT and not (
                LEFT_OUT_CLASSES.intersection((child.get("class") or "").split())
            ):
                self._read(child, part)
            if part:
                part.nodes.append(Node(child, is_tail=True))


def fold(text: str, *, edges: bool = False) -> tuple[str, list[int]]:
    """Return the text as it is compared, and for each of its characters the place in `text`.

    Narrow spaces beside a quotation mark go with it, as in French. With `edges`, white space at
    the beginning and the end stays, as one space.
    """
    kept: list[str] = []
    places: list[int] = []
    gap: int | None = None
    narrow = True
    for at, char in enumerate(text):
        if char.isspace():
            narrow = char in NARROW and (narrow or gap is None)
            gap = at if gap is None else gap
            continue
        if char > "\x7f" and unicodedata.category(char) == "Cf":
            continue
        is_quote = char in QUOTES
        if gap is not None and (kept or edges):
            after_quote = bool(kept) and kept[-1] == '"'
            if not (narrow and (is_quote or after_quote)):
                kept.append(" ")
                places.append(gap)
        gap, narrow = None, True
        kept.append('"' if is_quote else char)
        places.append(at)
    if gap is not None and edges:
        kept.append(" ")
        places.append(gap)
    return "".join(kept), places
