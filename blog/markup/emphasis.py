"""Emphasis as CommonMark means it (0.31.2, section 6.2), also between words without spaces.

Python-Markdown takes a mark beside a quote or a bracket for emphasis where CommonMark does not. And
CommonMark takes none for it in `是**“重点”**的`, so letters of scripts without spaces count as one.
"""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as etree
from dataclasses import dataclass
from html import unescape
from typing import TypeGuard

from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX, AtomicString

_MARKS = re.compile(r"\*+|_+")
_PLACEHOLDER_BEFORE = re.compile(rf"{STX}([^{STX}{ETX}]*){ETX}\Z")
_PLACEHOLDER_AFTER = re.compile(rf"{STX}([^{STX}{ETX}]*){ETX}")
# Scripts that put no space between words, or put endings right behind them.
UNSPACED = re.compile(
    "[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
_SIGN, _SPACE = "<", " "


@dataclass
class Run:
    """Marks of one kind in a row, and what they open and close."""

    mark: str
    left: int
    opens: bool
    closes: bool
    number: int = 0
    length: int = 0
    opened: tuple[str, ...] = ()
    closed: int = 0

    def pairs_with(self, closer: Run) -> bool:
        both = closer.opens or self.closes
        odd = (self.length + closer.length) % 3 == 0 and self.length % 3
        return self.mark == closer.mark and not (both and odd)


Part = str | etree.Element | Run


class Emphasis(Treeprocessor):
    """Makes `<em>` and `<strong>` of the marks that the inline patterns left."""

    def run(self, root: etree.Element) -> None:
        for element in list(root.iter()):
            texts = [element.text, *(child.tail for child in element)]
            if element.tag != "code" and any(has_marks(text) for text in texts):
                parts = self.parts_of(element)
                pair([part for part in parts if isinstance(part, Run)])
                rebuild(element, parts)

    def parts_of(self, element: etree.Element) -> list[Part]:
        """Return what an element holds: texts, runs of marks and other elements."""
        parts, pieces = list[Part](), [(None, element.text), *((e, e.tail) for e in element)]
        for place, (child, text) in enumerate(pieces):
            if child is not None:
                parts.append(child)
            if not has_marks(text):
                parts.append(text or "")
                continue
            following = pieces[place + 1][0] if place + 1 < len(pieces) else None
            edges = beside(child), beside(following)
            at = 0
            for found in _MARKS.finditer(text):
                parts += [text[at : found.start()], self.run_of(found, *edges)]
                at = found.end()
            parts.append(text[at:])
        return parts

    def run_of(self, found: re.Match[str], first: str, last: str) -> Run:
        text, (start, end) = found.string, found.span()
        before, after = text[start - 1 : start] or first, text[end : end + 1] or last
        if before == ETX and (name := _PLACEHOLDER_BEFORE.search(text, max(0, start - 30), start)):
            before = self.stands_for(name[1])[-1:]
        if after == STX and (name := _PLACEHOLDER_AFTER.match(text, end)):
            after = self.stands_for(name[1])[:1]
        left, right = flanks(before, after), flanks(after, before)
        opens, closes = left, right
        if found[0][0] == "_":
            opens = left and (not right or is_sign(before))
            closes = right and (not left or is_sign(after))
        return Run(found[0][0], end - start, opens, closes, length=end - start)

    def stands_for(self, name: str) -> str:
        """Return what stands in the text where Python-Markdown put a placeholder."""
        if name.isdecimal():
            return chr(int(name))
        number = name.rpartition(":")[2]
        stash = self.md.htmlStash.rawHtmlBlocks
        html = str(stash[int(number)]) if number.isdecimal() and int(number) < len(stash) else ""
        return unescape(html) or _SIGN


def has_marks(text: str | None) -> TypeGuard[str]:
    return bool(text and not isinstance(text, AtomicString) and _MARKS.search(text))


def beside(element: etree.Element | None) -> str:
    return _SPACE if element is None or element.tag == "br" else _SIGN


def is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def flanks(outer: str, inner: str) -> bool:
    """Return whether marks between these characters belong to what is on the inner side."""
    if inner.isspace():
        return False
    return (
        not is_sign(inner) or outer.isspace() or is_sign(outer) or UNSPACED.match(outer) is not None
    )


def pair(runs: list[Run]) -> None:
    """Find out which runs open and close which emphasis, each read a few times at most."""
    waiting, lowest = list[Run](), dict[tuple[str, bool, int], int]()
    for number, run in enumerate(runs):
        run.number = number
        kind = run.mark, run.opens, run.length % 3
        while run.closes and run.left:
            place = len(waiting) - 1
            while place >= 0 and waiting[place].number >= lowest.get(kind, 0):
                if waiting[place].pairs_with(run):
                    break
                place -= 1
            else:
                lowest[kind] = number
                break
            opener = waiting[place]
            used = 2 if min(opener.left, run.left) > 1 else 1
            opener.opened += ("strong" if used == 2 else "em",)
            run.closed += 1
            opener.left, run.left = opener.left - used, run.left - used
            del waiting[place + bool(opener.left) :]
        if run.opens and run.left:
            waiting.append(run)


def rebuild(element: etree.Element, parts: list[Part]) -> None:
    """Give an element what it holds, with the emphasis that was found."""
    for child in list(element):
        element.remove(child)
        child.tail = None
    element.text = None
    inside = [element]
    for part in parts:
        if isinstance(part, str):
            add(inside[-1], part)
        elif isinstance(part, Run):
            del inside[len(inside) - part.closed :]
            add(inside[-1], part.mark * part.left)
            for tag in reversed(part.opened):
                inside.append(etree.SubElement(inside[-1], tag))
        else:
            inside[-1].append(part)


def add(element: etree.Element, text: str) -> None:
    if not text:
        return
    if len(element):
        element[-1].tail = element[-1].tail + text if element[-1].tail else text
    else:
        element.text = element.text + text if element.text else text
