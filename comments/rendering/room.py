"""Estimates how far notes reach below an essay's last line, and leaves that room under it.

Notes take no room of their own, so that the text goes on beside them. The last ones would reach
into the margin of what follows.
"""

from __future__ import annotations

import math

from lxml.html import Element, HtmlElement

# Heights in em of the text, and characters to a line, of the text and of the margin.
TEXT, GAP, TEXT_LINE = 1.6, 1.0, 72
NOTE, NOTE_GAP, NOTE_LINE = 1.13, 0.7, 30
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
# What the stylesheet leaves under an essay, and the height that it gives to each `.room`.
UNDER, ROOM = 4.2, 4


def leave_room(root: HtmlElement) -> None:
    """Append what holds the room for the last notes, in place of what held it before."""
    for room in root.findall("div[@class='room']"):
        root.remove(room)
    end = bottom = 0.0
    for child in root:
        is_noted = child.get("class") == "noted"
        block, *notes = child if is_noted else [child]
        height = height_of(block)
        for note in notes:
            top = end + height * share_above(block, note)
            bottom = max(bottom + NOTE_GAP, top) + NOTE * lines_of(note)
        end += height + GAP
    over = bottom + NOTE_GAP - (end - GAP + UNDER)
    for _nth in range(math.ceil(over / ROOM)):
        root.append(Element("div", {"class": "room"}))


def height_of(block: HtmlElement) -> float:
    text = str(block.text_content())
    if block.tag in HEADINGS:
        return 2 * TEXT
    lines = text.count("\n") if block.tag == "pre" else 0
    return TEXT * max(lines, len(list(block.iter("li", "tr"))), math.ceil(len(text) / TEXT_LINE))


def share_above(block: HtmlElement, note: HtmlElement) -> float:
    """Return how much of a block stands above what a note is on, from 0 to 1."""
    numbers = [name[1:] for name in (note.get("class") or "").split() if name[0] == "n"]
    anchors = {f"r{number}" for number in numbers if number.isdecimal()}
    above, text = 0, str(block.text_content())
    for element in block.iter():
        if anchors.intersection((element.get("class") or "").split()):
            return above / max(1, len(text))
        above += len(element.text or "")
    return 0.0


def lines_of(note: HtmlElement) -> int:
    """Return how many lines a note has in the margin, while it is folded if it can be."""
    said = note.findall("details/div/p")
    if not said:  # the author's own
        return math.ceil(len(str(note.text_content())) / NOTE_LINE)
    if "one" not in (note.get("class") or "").split():
        return 2
    return sum(math.ceil(len(str(each.text_content())) / NOTE_LINE) for each in said)
