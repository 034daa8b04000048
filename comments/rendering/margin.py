"""Readers' notes: an approved comment set beside the words of the essay it speaks of.

A moderator names the words (`Comment.passage`). Here they are found in the essay's stored HTML
and underlined, and the comment's beginning goes into the margin beside them, in the shape the
author's own notes have, so that one piece of stylesheet places both.
"""

import re
from collections.abc import Iterable
from textwrap import shorten
from typing import NamedTuple

import lxml.html
from django.utils.translation import gettext as _
from lxml.builder import ElementMaker
from lxml.html import HtmlElement

E = ElementMaker(makeelement=lxml.html.html_parser.makeelement)

# Characters of a comment that stand in the margin before "Read the comment".
EXCERPT_LENGTH = 140
# Notes in one block that get an anchor of their own; the stylesheet knows r1 to r4.
ANCHORS = 4


class ReaderNote(NamedTuple):
    passage: str
    name: str
    text: str
    url: str


def has_passage(html: str, passage: str) -> bool:
    """Return whether some block of the essay holds these words, white space aside."""
    return any(find_words(block, passage) for block in blocks_of(parse(html)))


def annotate(html: str, notes: Iterable[ReaderNote]) -> str:
    """Return the essay's stored HTML with each note set beside its words.

    A note whose words the essay no longer holds is left out; the comment itself stays where it
    is. Returns an empty string when no note found its place.
    """
    root = parse(html)
    placed = [note for note in notes if place(root, note)]
    if not placed:
        return ""
    return (root.text or "") + "".join(
        lxml.html.tostring(child, encoding="unicode") for child in root
    )


def parse(html: str) -> HtmlElement:
    return lxml.html.fragment_fromstring(html, create_parent="div")


def blocks_of(root: HtmlElement) -> list[HtmlElement]:
    """Return the top-level blocks, looking into the wrappers of those that have notes already."""
    blocks = []
    for child in root:
        inside = child if child.get("class") == "noted" else [child]
        blocks += [block for block in inside if block.tag != "aside"]
    return blocks


def place(root: HtmlElement, note: ReaderNote) -> bool:
    for block in blocks_of(root):
        if found := find_words(block, note.passage):
            wrapper = block.getparent()
            if wrapper.get("class") != "noted":
                wrapper = E.div({"class": "noted"})
                block.addprevious(wrapper)
                wrapper.tail, block.tail = block.tail, None
                wrapper.append(block)
            number = len(wrapper.findall("aside")) + 1
            underline(block, *found, number)
            wrapper.append(aside(note, number))
            return True
    return False


def aside(note: ReaderNote, number: int) -> HtmlElement:
    words = shorten(note.text, EXCERPT_LENGTH, placeholder=" …")
    anchored = f"note reader n{number}" if number <= ANCHORS else "note reader"
    return E.aside(
        {"class": anchored, "role": "note"},
        E.p(
            E.span({"class": "name"}, note.name),
            " ",
            E.i(words),
            " ",
            E.a({"href": note.url}, _("Read the comment")),
        ),
    )


def find_words(block: HtmlElement, passage: str) -> tuple[int, int] | None:
    """Return where the words start and end in the block's text, in characters, if they do."""
    words = [re.escape(word) for word in passage.split()]
    found = re.search(r"\s+".join(words), block.text_content()) if words else None
    return found.span() if found else None


def underline(block: HtmlElement, start: int, end: int, number: int) -> None:
    """Wrap the characters from `start` to `end` of the block's text, through inline elements."""
    position, pieces = 0, []
    for text in block.xpath(".//text()"):
        low, high = max(start - position, 0), min(end - position, len(text))
        if low < high:
            pieces.append((text, low, high))
        position += len(text)
    for nth, (text, low, high) in enumerate(pieces):
        anchored = f"passage r{number}" if nth == 0 and number <= ANCHORS else "passage"
        mark = E.span({"class": anchored}, text[low:high])
        mark.tail = text[high:]
        owner = text.getparent()
        if text.is_tail:
            owner.tail = text[:low]
            owner.addnext(mark)
        else:
            owner.text = text[:low]
            owner.insert(0, mark)
