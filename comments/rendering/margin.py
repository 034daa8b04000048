"""Readers' notes: puts an approved comment beside the words of the essay that it is about.

A moderator names the words (`Comment.passage`). Here they are found in the essay's stored HTML and
underlined, and the start of the comment is put into the margin beside them, with the same markup
as the author's own notes, so that the same CSS places both.
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

# Characters of a comment that are shown in the margin before "Read the comment".
EXCERPT_LENGTH = 140
# Marks that a change of the essay's language turns into others, some with a space inside.
QUOTE = re.compile("[\"'“”„‘’‚«»‹›״׳]")
ANY_QUOTE = f"[\u00a0\u202f]?{QUOTE.pattern}[\u00a0\u202f]?"
# Notes in one block that get a class of their own; the stylesheet has r1 to r4.
ANCHORS = 4


class ReaderNote(NamedTuple):
    passage: str
    name: str
    text: str
    url: str


def has_passage(html: str, passage: str) -> bool:
    """Return whether one block of the essay has these words; white space may differ."""
    return any(find_words(block, passage) for block in blocks_of(parse(html)))


def annotate(html: str, notes: Iterable[ReaderNote]) -> str:
    """Return the essay's stored HTML with each note beside its words.

    A note whose words are no longer in the essay is left out; its comment stays in the thread.
    Returns "" if no note is left.
    """
    root = parse(html)
    placed = [note for note in notes if place(root, note)]
    if not placed:
        return ""
    html = "".join(lxml.html.tostring(child, encoding="unicode") for child in root)
    # lxml does not know that nothing is inside of a picture's source.
    return (root.text or "") + html.replace("</source>", "")


def parse(html: str) -> HtmlElement:
    return lxml.html.fragment_fromstring(html, create_parent="div")


def blocks_of(root: HtmlElement) -> list[HtmlElement]:
    """Return the top-level blocks, and those inside the wrappers made for notes."""
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
    """Return the start and end of the words in the block's text, in characters, or None.

    One quotation mark is as good as another.
    """
    words = [ANY_QUOTE.join(map(re.escape, QUOTE.split(word))) for word in passage.split()]
    found = re.search(r"\s+".join(words), block.text_content()) if words else None
    return found.span() if found else None


def underline(block: HtmlElement, start: int, end: int, number: int) -> None:
    """Wrap the characters from `start` to `end` of the block's text, across inline elements."""
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
