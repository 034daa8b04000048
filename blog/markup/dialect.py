"""The Markdown of this site: Python-Markdown with some parts replaced.

The replaced parts were too slow on hostile input, or took everyday text for markup.
"""

from __future__ import annotations

import re
import secrets
import xml.etree.ElementTree as etree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from markdown import Markdown
from markdown.extensions.abbr import AbbrTreeprocessor
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown_it.common.utils import normalizeReference

from .blocks import INFO, Blocks
from .emphasis import Emphasis
from .inline import Descriptions, Links, Literals
from .typography import Typography


def post_html(text: str, language: str) -> tuple[str, str]:
    """Return unsafe HTML of an essay, and the mark of its note references and notes.

    `<sup data-note="mark-0">` refers to `<aside data-note="mark-0">`; these asides come last. The
    mark is random each time, so that raw HTML in the text cannot forge it.
    """
    md = Markdown()
    md.parser = blocks = Blocks(md)
    for name in ("normalize_whitespace", "html_block"):  # markdown-it-py reads these
        md.preprocessors.deregister(name)
    md.treeprocessors.register(Emphasis(md), "emphasis", 18)
    for name in _READ_BY_OURS:
        md.inlinePatterns.deregister(name)
    md.inlinePatterns.register(Literals(md), "literals", 190)
    md.inlinePatterns.register(Links(md), "links", 170)
    md.inlinePatterns.register(Links(md, marks=r"!\["), "images_in_links", 165)
    md.treeprocessors.register(Descriptions(md), "descriptions", 15)
    md.treeprocessors.register(AbbrTreeprocessor(md, blocks.abbreviations), "abbr", 7)
    strikethrough = SimpleTagInlineProcessor(r"()~~(?=[^\s~])(.+?)(?<=[^\s~])~~", "del")
    md.inlinePatterns.register(strikethrough, "strikethrough", 65)
    md.ESCAPED_CHARS += ["~", '"', "'"]
    md.treeprocessors.register(Typography(md, language), "typography", 6)
    notes = Notes(blocks, mark=secrets.token_hex(8))
    md.inlinePatterns.register(NoteReference(notes), "notes", 175)
    md.treeprocessors.register(NoteBodies(notes), "notes", 50)
    return md.convert(text), notes.mark


# Python-Markdown's own patterns for what Literals, Links and Emphasis read.
_READ_BY_OURS = (
    "backtick escape reference link image_link image_reference short_reference short_image_ref"
    " autolink automail html em_strong"
).split()


@dataclass
class Fence:
    """A code block between two fences, without the fences and their indentation."""

    indent: str
    info: str
    code: list[str]
    lines: list[str]  # as typed, with the fences
    is_plain: bool = False  # neither it nor its end is indented, so nothing else can be meant


# `[^`]`, because two fences on one line are a code span.
_FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<info>[^`]*)$")
_HOLDER = re.compile(r" *(?:(?:[-*+]|\d+\.|:)(?: |$)|\[\^[^\]]+\]:)")


def read_fences(lines: Iterable[str]) -> Iterator[tuple[str, bool] | Fence]:
    """Yield each code block, and each other line with whether it is in a list item or note.

    In those, a fence may be indented by more than three spaces. A fence that is never closed ends
    with the text, as in CommonMark.
    """
    held = False
    rest = iter(lines)
    for line in rest:
        start = line.lstrip(" ")[:3]
        opening = _FENCE.match(line) if start in ("```", "~~~") else None
        if opening is None or (len(opening["indent"]) > 3 and not held):
            if start and (_HOLDER.match(line) or not line.startswith(" ")):
                held = _HOLDER.match(line) is not None
            yield line, held
            continue
        indent, fence, info = opening.group("indent", "fence", "info")
        code, lines = list[str](), [line]
        if not INFO.fullmatch(info):
            code.append(info)
            info = ""
        is_plain = False
        for inner in rest:
            lines.append(inner)
            closing = _FENCE.match(inner)
            if closing and not closing["info"] and closing["fence"].startswith(fence):
                is_plain = not (indent or closing["indent"])
                break
            own = len(inner) - len(inner.lstrip(" "))
            code.append(inner[min(own, len(indent)) :])
        else:
            while code and not code[-1]:  # Python-Markdown adds blank lines to every text
                code.pop()
        yield Fence(indent, info, code, lines, is_plain)


class Notes:
    """The notes that were read, each with a mark that `notes.py` finds it by."""

    def __init__(self, blocks: Blocks, mark: str) -> None:
        self.blocks, self.mark = blocks, mark

    @cached_property
    def marks(self) -> dict[str, str]:
        """The mark of each label, once all are read; of equal labels the first is meant.

        Each label is there as it is typed and as CommonMark compares labels, without case.
        """
        labels = [label for label, _tokens in self.blocks.notes]
        places = [*enumerate(labels)][::-1]
        folded = {normalizeReference(label): self.mark_of(place) for place, label in places}
        return folded | {label: self.mark_of(place) for place, label in places}

    def mark_for(self, label: str) -> str | None:
        return self.marks.get(label) or self.marks.get(normalizeReference(label))

    def mark_of(self, place: int) -> str:
        return f"{self.mark}-{place}"


class NoteReference(InlineProcessor):
    def __init__(self, notes: Notes) -> None:
        super().__init__(r"\[\^([^\]]*)\]")
        self.notes = notes

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | None, int | None, int | None]:
        if (mark := self.notes.mark_for(m[1])) is None:
            return None, None, None
        return etree.Element("sup", {"data-note": mark}), m.start(), m.end()


class NoteBodies(Treeprocessor):
    """Appends the notes before inline markup is read, so that their own is read too."""

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes = notes

    def run(self, root: etree.Element) -> None:
        for place, (_label, tokens) in enumerate(self.notes.blocks.notes):  # it grows
            aside = etree.SubElement(root, "aside", {"data-note": self.notes.mark_of(place)})
            self.notes.blocks.build(aside, tokens)
