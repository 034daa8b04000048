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
from html import escape

from markdown import Markdown
from markdown.blockprocessors import HashHeaderProcessor
from markdown.extensions.abbr import AbbrTreeprocessor
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from .blocks import INFO, Blocks
from .comment_links import register_links
from .emphasis import Emphasis
from .gates import PHRASING
from .inline import Descriptions, Links, Literals
from .typography import Typography


def post_html(text: str) -> tuple[str, str]:
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
    _register_common(md)
    notes = Notes(blocks, mark=secrets.token_hex(8))
    md.inlinePatterns.register(NoteReference(notes), "notes", 175)
    md.treeprocessors.register(NoteBodies(notes), "notes", 50)
    return md.convert(text), notes.mark


# Python-Markdown's own patterns for what Literals, Links and Emphasis read.
_READ_BY_OURS = (
    "backtick escape reference link image_link image_reference short_reference short_image_ref"
    " autolink automail html em_strong"
).split()


def comment_html(text: str) -> str:
    """Return unsafe HTML of a comment: raw HTML is text, line ends are `<br>`."""
    md = Markdown(extensions=["sane_lists"])
    md.preprocessors.register(Fences(md), "fences", 25)
    md.parser.blockprocessors.register(HashHeadings(md.parser), "hashheader", 70)
    md.preprocessors.deregister("html_block")
    md.inlinePatterns.deregister("html")
    _register_common(md)
    register_links(md)
    md.treeprocessors.register(LineEnds(md), "line_ends", 15)
    return md.convert(text)


def _register_common(md: Markdown) -> None:
    strikethrough = SimpleTagInlineProcessor(r"()~~(?=[^\s~])(.+?)(?<=[^\s~])~~", "del")
    md.inlinePatterns.register(strikethrough, "strikethrough", 65)
    md.ESCAPED_CHARS += ["~", '"', "'"]
    md.treeprocessors.register(Typography(md), "typography", 6)


@dataclass
class Fence:
    """A code block between two fences, without the fences and their indentation."""

    indent: str
    info: str
    code: list[str]


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
        code: list[str] = []
        if not INFO.fullmatch(info):
            code.append(info)
            info = ""
        for inner in rest:
            closing = _FENCE.match(inner)
            if closing and not closing["info"] and closing["fence"].startswith(fence):
                break
            own = len(inner) - len(inner.lstrip(" "))
            code.append(inner[min(own, len(indent)) :])
        else:
            while code and not code[-1]:  # Python-Markdown adds blank lines to every text
                code.pop()
        yield Fence(indent, info, code)


class Fences(Preprocessor):
    """Reads fenced code in linear time.

    Python-Markdown's own extension searches the rest of the text for each unclosed fence.
    """

    def run(self, lines: list[str]) -> list[str]:
        result: list[str] = []
        for part in read_fences(lines):
            if isinstance(part, Fence):
                result += ["", part.indent + self.stash(part), ""]
            else:
                result.append(part[0])
        return result

    def stash(self, fence: Fence) -> str:
        words = re.findall(r"[\w+#.-]+", fence.info)
        name = f' class="language-{words[0].lstrip(".")}"' if words else ""
        # HTML drops one line end after <pre>, but none after <code>.
        text = escape("".join(line + "\n" for line in fence.code), quote=False)
        return self.md.htmlStash.store(f"<pre><code{name}>{text}</code></pre>")


class HashHeadings(HashHeaderProcessor):
    """`#` needs a space after it, as in CommonMark: "#1 on the list" is a paragraph."""

    RE = re.compile(r"(?:^|\n)(?P<level>#{1,6})(?P<header>[ \t][^\n]*)?(?:\n|$)")

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        match = self.RE.search(block)
        if match is None:  # test() has found one
            return
        before, after = block[: match.start()], block[match.end() :]
        if before:
            self.parser.parseBlocks(parent, [before])
        heading = etree.SubElement(parent, f"h{len(match['level'])}")
        words = (match["header"] or "").strip()
        closing = words.rstrip("#")
        heading.text = closing.rstrip() if not closing or closing.endswith(" ") else words
        if after:
            blocks.insert(0, after)


class Notes:
    """The notes that were read, each with a mark that `notes.py` finds it by."""

    def __init__(self, blocks: Blocks, mark: str) -> None:
        self.blocks, self.mark = blocks, mark

    @cached_property
    def marks(self) -> dict[str, str]:
        """The mark of each label, once all are read; of equal labels the first is meant."""
        labels = [label for label, _tokens in self.blocks.notes]
        return {label: self.mark_of(place) for place, label in reversed([*enumerate(labels)])}

    def mark_of(self, place: int) -> str:
        return f"{self.mark}-{place}"


class NoteReference(InlineProcessor):
    def __init__(self, notes: Notes) -> None:
        super().__init__(r"\[\^([^\]]*)\]")
        self.notes = notes

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | None, int | None, int | None]:
        if m[1] not in self.notes.marks:
            return None, None, None
        return etree.Element("sup", {"data-note": self.notes.marks[m[1]]}), m.start(), m.end()


class NoteBodies(Treeprocessor):
    """Appends the notes before inline markup is read, so that their own is read too."""

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes = notes

    def run(self, root: etree.Element) -> None:
        for place, (_label, tokens) in enumerate(self.notes.blocks.notes):  # it grows
            aside = etree.SubElement(root, "aside", {"data-note": self.notes.mark_of(place)})
            self.notes.blocks.build(aside, tokens)


class LineEnds(Treeprocessor):
    """Makes each line end `<br>`, because people expect the lines they typed.

    Runs before Python-Markdown adds line ends between blocks.
    """

    def run(self, root: etree.Element) -> None:
        for element in list(root.iter()):
            if element.tag in ("pre", "code"):
                continue
            text = (element.text or "").lstrip("\n")
            if not len(element) or element[0].tag not in PHRASING:
                text = text.rstrip("\n")
            first, *more = text.split("\n")
            if more:
                element.text = first
                for place, line in enumerate(more):
                    element.insert(place, self.br(line))
            self.split_tails(element)

    def split_tails(self, element: etree.Element) -> None:
        if not any("\n" in (child.tail or "") for child in element):
            return
        children = list(element)
        for child in children:
            element.remove(child)
        for child in children:
            element.append(child)
            if child.tag != "br" and child.tail and "\n" in child.tail:
                child.tail, *more = child.tail.split("\n")
                element.extend(self.br(line) for line in more)

    def br(self, line: str) -> etree.Element:
        element = etree.Element("br")
        element.tail = line
        return element
