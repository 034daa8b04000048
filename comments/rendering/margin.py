"""Readers' notes: puts approved comments beside the words of the essay that they are about.

The words are found in the essay's stored HTML and underlined, and the notes are put into the margin
beside them, with the same markup as the author's own notes, so that the same CSS places all. Notes
on the same words stand together, and are folded where there are more than one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from textwrap import shorten
from typing import NamedTuple

import lxml.html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lxml.builder import ElementMaker
from lxml.html import HtmlElement

from blog.lib.listing import listed
from blog.markup.direction import direction_of

from .parts import Essay, Node, Part
from .places import Finder, Place, Selector
from .room import leave_room

E = ElementMaker(makeelement=lxml.html.html_parser.makeelement)

# Characters of a note and of an answer that are shown in the margin before "Read on": six lines.
EXCERPT_LENGTH, ANSWER_LENGTH = 190, 120
# Characters to a line of the margin and of the text, by which is estimated what fits.
MARGIN_LINE, TEXT_LINE = 33, 72
# Notes in one block that get a class of their own; the stylesheet has r1 to r4.
ANCHORS = 4


class Answer(NamedTuple):
    name: str
    text: str
    url: str
    by_author: bool = False
    depth: int = 1


class ReaderNote(NamedTuple):
    key: int
    selector: Selector
    name: str
    text: str
    url: str
    reply_url: str = ""
    by_author: bool = False
    is_waiting: bool = False
    # What its writer can do while it waits: addresses and what they are for.
    choices: tuple[tuple[str, str], ...] = ()
    answers: tuple[Answer, ...] = ()
    # Whether more was answered than is shown here.
    is_continued: bool = False
    # How many notes there are on these words, if not all are given.
    among: int = 1
    # Whether it is a mention, whose address is on another site, and the other words that it is on.
    is_elsewhere: bool = False
    also: tuple[tuple[str, str], ...] = ()


class Group:
    """Notes that stand together: on the same words or words that overlap, or on a whole part."""

    def __init__(self, place: Place, note: ReaderNote):
        self.start, self.end = place.start, place.end
        self.notes = [(place, note)]

    def takes(self, place: Place, note: ReaderNote) -> bool:
        is_same = self.start == self.end == place.start == place.end
        if not (is_same or place.start < self.end):
            return False
        self.end = max(self.end, place.end)
        self.notes.append((place, note))
        return True

    @property
    def lines(self) -> int:
        if len(self.notes) > 1:
            return 2
        note = self.notes[0][1]
        shown = min(len(note.text), EXCERPT_LENGTH) + len(note.name)
        shown += sum(min(len(answer.text), ANSWER_LENGTH) for answer in note.answers)
        return math.ceil(shown / MARGIN_LINE) + 1


def has_passage(html: str, passage: str) -> bool:
    """Return whether one part of the essay has these words; white space may differ."""
    return Finder(html).find(Selector(passage)) is not None


def annotate(html: str, notes: Iterable[ReaderNote], finder: Finder | None = None) -> str:
    """Return the essay's stored HTML with each note beside its words.

    A note whose part has left the essay is left out; its comment stays in the thread.
    Returns "" if no note is left.
    """
    finder = finder or Finder(html)
    by_part: dict[int, list[tuple[Place, ReaderNote]]] = {}
    for note in notes:
        if place := finder.find(note.selector):
            if finder.is_whole(place):
                place = Place(place.part, 0, 0)
            by_part.setdefault(place.part, []).append((place, note))
    if not by_part:
        return ""
    essay = finder.essay
    for number in sorted(by_part):
        set_beside(essay, essay.parts[number], grouped(essay.parts[number], by_part[number]))
    for wrapper in essay.root.iter("div"):
        if wrapper.get("class") == "noted":
            in_order(wrapper)
    leave_room(essay.root)
    html = "".join(lxml.html.tostring(child, encoding="unicode") for child in essay.root)
    # lxml does not know that nothing is inside of a picture's source.
    return (essay.root.text or "") + html.replace("</source>", "")


def grouped(part: Part, notes: list[tuple[Place, ReaderNote]]) -> list[Group]:
    """Return the notes on one part in groups; in one, if side by side they would not fit."""
    groups: list[Group] = []
    for place, note in sorted(notes, key=lambda each: (each[0].start, -each[0].end)):
        if not (groups and groups[-1].takes(place, note)):
            groups.append(Group(place, note))
    fits = math.ceil(len(part.text) / TEXT_LINE) + 3
    if len(groups) > 1 and sum(group.lines for group in groups) > fits:
        for group in groups[1:]:
            groups[0].notes += group.notes
        del groups[1:]
    return groups


def set_beside(essay: Essay, part: Part, groups: list[Group]) -> None:
    wrapper = wrapper_of(essay.root, part.element)
    # From the last to the first, so that the places of the others in the text stay as they are.
    for group in reversed(groups):
        number = len(wrapper.findall("aside")) + 1
        anchor = f"r{number}" if number <= ANCHORS else ""
        if any(place.has_words for place, _note in group.notes):
            underline(part, group, anchor)
        elif anchor:
            part.element.set("class", f"{part.element.get('class', '')} {anchor}".strip())
        wrapper.append(aside(group, number))


def wrapper_of(root: HtmlElement, element: HtmlElement) -> HtmlElement:
    """Return the wrapper for the notes of the top-level block that holds this element."""
    block = element
    while block.getparent() is not root and block.getparent().get("class") != "noted":
        block = block.getparent()
    wrapper = block.getparent()
    if wrapper is root:
        wrapper = E.div({"class": "noted"})
        block.addprevious(wrapper)
        wrapper.tail, block.tail = block.tail, None
        wrapper.append(block)
    return wrapper


def in_order(wrapper: HtmlElement) -> None:
    """Put the notes of a block in the order of what they are on."""
    order: dict[str, int] = {}
    notes = wrapper.findall("aside")
    for element in wrapper.iter():
        if isinstance(element.tag, str) and element.tag != "aside":
            for name in (element.get("class") or "").split():
                if name[0] == "r" and name[1:].isdecimal():
                    order.setdefault(f"n{name[1:]}", len(order))
    for note in notes:
        wrapper.remove(note)
    wrapper.extend(sorted(notes, key=lambda note: rank(note, order)))


def rank(note: HtmlElement, order: dict[str, int]) -> int:
    names = (note.get("class") or "").split()
    return next((order[name] for name in names if name in order), len(order))


# --- The words ------------------------------------------------------------------------------------


def underline(part: Part, group: Group, anchor: str) -> None:
    """Underline the words of a group, across inline elements, as links to their notes."""
    spans = [(*part.raw_span(p.start, p.end), note) for p, note in group.notes if p.has_words]
    edges = sorted({edge for start, end, _note in spans for edge in (start, end)})
    position, pieces = 0, []
    for node in part.nodes:
        text = node.text
        cuts = [edge - position for edge in edges if 0 < edge - position < len(text)]
        for low, high in zip([0, *cuts], [*cuts, len(text)], strict=True):
            on = [
                note for start, end, note in spans if start <= position + low < end and low < high
            ]
            if on:
                pieces.append((node, low, high, on))
        position += len(text)
    marks = []
    for nth, (node, _low, _high, on) in enumerate(pieces):
        marks.append((on, passage(on, anchor if nth == 0 else "", is_link=not in_link(node))))
    for (node, low, high, _on), (_notes, mark) in zip(pieces[::-1], marks[::-1], strict=True):
        text = node.text
        mark.text, mark.tail = text[low:high], text[high:]
        if node.is_tail:
            node.owner.tail = text[:low]
            node.owner.addnext(mark)
        else:
            node.owner.text = text[:low]
            node.owner.insert(0, mark)
    for _start, _end, note in sorted(spans, key=lambda span: span[0] - span[1]):
        name(f"w{note.key}", [mark for on, mark in marks if note in on], part.element)


def passage(notes: list[ReaderNote], anchor: str, *, is_link: bool) -> HtmlElement:
    """Return an element for a piece of the words."""
    is_much = len(notes) > 1 or notes[0].among > 1
    names = " ".join(filter(None, ["passage", "much" if is_much else "", anchor]))
    if is_link:
        return E.a({"class": names, "href": f"#n{notes[0].key}"})
    return E.span({"class": names})


def name(key: str, pieces: list[HtmlElement], part: HtmlElement) -> None:
    """Give the words their name, to which the note's permalink leads.

    It is that of one element, or of the first piece, where the words begin in one element and end
    in another.
    """
    pieces = list(dict.fromkeys(alone(piece, part) for piece in pieces))
    if not all(one.getnext() is next_ and not one.tail for one, next_ in pairwise(pieces)):
        del pieces[1:]
    if len(pieces) == 1 and pieces[0].get("id") is None:
        pieces[0].set("id", key)
        return
    whole = E.span({"id": key})
    pieces[0].addprevious(whole)
    whole.tail, pieces[-1].tail = pieces[-1].tail, None
    whole.extend(pieces)


def alone(piece: HtmlElement, part: HtmlElement) -> HtmlElement:
    """Return the outermost element within the part that holds this one and nothing else."""
    while (above := piece.getparent()) is not part:
        if len(above) > 1 or above.text or piece.tail:
            break
        piece = above
    return piece


def in_link(node: Node) -> bool:
    owner = node.owner.getparent() if node.is_tail else node.owner
    return any(element.tag == "a" for element in [owner, *owner.iterancestors()])


# --- The notes ------------------------------------------------------------------------------------


def aside(group: Group, number: int) -> HtmlElement:
    notes = [note for _place, note in group.notes]
    count = max(len(notes), notes[0].among)
    said = ngettext("%(count)d note", "%(count)d notes", count) % {"count": count}
    names = listed(dict.fromkeys(note.name for note in notes))
    head = E.summary(E.b(said), " ", E.span(shorten(names, 80, placeholder=" …")))
    classes = [
        "note",
        "reader",
        f"n{number}" if number <= ANCHORS else "",
        "one" if count == 1 else "",
    ]
    element = E.aside(
        {"class": " ".join(filter(None, classes)), "role": "note"},
        E.details(head, *map(note_html, notes)),
    )
    if count > 1:
        head.append(E.span({"class": "again"}, _("Fold them again")))
    if any(note.is_waiting for note in notes):
        element[0].set("open", "")
    if count > len(notes):
        element[0].append(E.p(E.a({"href": "#comments"}, _("All are among the comments"))))
    return element


def note_html(note: ReaderNote) -> HtmlElement:
    links = []
    words = shorten(note.text, EXCERPT_LENGTH, placeholder=" …")
    if words.endswith(" …"):
        links.append(E.a({"href": note.url}, _("Read on")))
    if note.reply_url:
        links.append(E.a({"href": note.reply_url, "rel": "nofollow"}, _("Answer")))
    said = said_by(note.name, words, note.url, note.by_author, links)
    if note.is_elsewhere:
        for link in said.iter("a"):
            link.set("rel", "nofollow ugc")
    element = E.div({"id": f"n{note.key}"}, said)
    if note.is_waiting:
        element.set("class", "waits")
        waits = E.p(E.b(_("Waiting for a moderator.")), " ")
        waits[0].tail = f" {_('Only you can see this, in this browser.')} "
        element.append(with_links(waits, [E.a({"href": url}, said) for url, said in note.choices]))
    if note.also:
        element.append(also_on(note.also))
    for answer in note.answers:
        words = shorten(answer.text, ANSWER_LENGTH, placeholder=" …")
        answered = said_by(answer.name, words, answer.url, answer.by_author, [])
        answered.set("class", "to" if answer.depth == 1 else "to deep")
        element.append(answered)
    if note.is_continued:
        element.append(E.p(E.a({"href": note.url}, _("Continued below"))))
    return element


def also_on(others: tuple[tuple[str, str], ...]) -> HtmlElement:
    """Return a line with links to other words of the essay."""
    links = [
        E.a({"href": url}, shorten(words, ANSWER_LENGTH // 2, placeholder=" …"))
        for words, url in others
    ]
    return with_links(E.p(_("Also on"), " "), links)


def said_by(
    name: str, words: str, url: str, by_author: bool, links: list[HtmlElement]
) -> HtmlElement:
    names = "name own" if by_author else "name"
    said = E.p(E.a({"class": names, "href": url}, name), " ", E.i(words), " ")
    if direction_of([words]) == "rtl":  # the stylesheet sets no italics then
        said.set("dir", "rtl")
    return with_links(said, links)


def with_links(said: HtmlElement, links: list[HtmlElement]) -> HtmlElement:
    for link in links:
        link.tail = " "
        said.append(link)
    return said
