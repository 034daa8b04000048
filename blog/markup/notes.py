"""Turns footnotes into margin notes, each after the block that refers to it first."""

from __future__ import annotations

from django.utils.translation import gettext as _
from lxml.html import HtmlElement

from .tree import new, wrap


def take_out_of_links(root: HtmlElement) -> None:
    """Put each reference within a link behind it: its number is a link, and none holds another."""
    for reference in reversed(list(root.iter("sup"))):
        link = next(reference.iterancestors("a"), None)
        if link is not None and "data-note" in reference.attrib:
            reference.drop_tree()
            reference.tail, link.tail = link.tail, None
            link.addnext(reference)


def take_notes(root: HtmlElement, mark: str) -> dict[str, HtmlElement]:
    """Remove the notes from the tree and return them by mark; they are its last children."""
    notes: dict[str, HtmlElement] = {}
    for aside in root.findall("aside"):
        own = aside.attrib.pop("data-note", "")
        if own.startswith(mark):
            root.remove(aside)
            notes[own] = aside
    return notes


def set_notes(root: HtmlElement, waiting: dict[str, HtmlElement]) -> None:
    """Number the notes and put each after the top-level block that refers to it first."""
    numbers: dict[str, int] = {}
    for block in list(root):
        _set_block_notes(block, waiting, numbers)
    while waiting:  # nothing refers to these; they are kept at the end
        note = waiting.pop(next(iter(waiting)))
        note.set("class", "note")
        note.set("role", "doc-footnote")
        root.append(note)
        _set_block_notes(note, waiting, numbers)


def _set_block_notes(
    block: HtmlElement, waiting: dict[str, HtmlElement], numbers: dict[str, int]
) -> None:
    holders = [block]
    for holder in holders:  # the list grows, because a note may refer to more notes
        for reference in list(holder.iter("sup")):
            mark = reference.attrib.pop("data-note", None)
            if mark in waiting:
                holders.append(waiting.pop(mark))
                numbers[mark] = len(numbers) + 1
                _number(reference, holders[-1], numbers[mark], place=len(holders) - 1)
            elif mark in numbers:
                _refer(reference, numbers[mark])
                reference.set("class", "ref")
    if len(holders) > 1:
        wrap(block, new("div", class_="noted"))
        block.getparent().extend(holders[1:])


def _refer(reference: HtmlElement, number: int) -> HtmlElement:
    for child in list(reference):
        reference.remove(child)
    link = new("a", str(number), href=f"#fn-{number}", role="doc-noteref")
    reference.text = None
    reference.append(link)
    return link


def _number(reference: HtmlElement, note: HtmlElement, number: int, place: int) -> None:
    """Link the first reference and its note; `place` counts from 1 within the block."""
    _refer(reference, number).set("id", f"fnref-{number}")
    # The stylesheet places four notes beside a block; later ones follow it.
    reference.set("class", f"ref r{place}" if place <= 4 else "ref")
    note.set("class", f"note n{place}" if place <= 4 else "note")
    note.set("id", f"fn-{number}")
    note.set("role", "doc-footnote")
    note.set("aria-label", _("Note %(number)d") % {"number": number})
    back = new("a", str(number), class_="back", href=f"#fnref-{number}", role="doc-backlink")
    back.set("aria-label", _("Back to note %(number)d in the text") % {"number": number})
    if not len(note) or note[0].tag != "p":
        note.insert(0, new("p"))
    first = note[0]
    back.tail = " " + (first.text or "")
    first.text = None
    first.insert(0, back)
