"""The Markdown of this site: Python-Markdown with some parts replaced.

The replaced parts were too slow on hostile input, or took everyday text for markup.
"""

from __future__ import annotations

import re
import secrets
import xml.etree.ElementTree as etree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from markdown import Markdown
from markdown.blockprocessors import HashHeaderProcessor
from markdown.extensions import Extension
from markdown.extensions.footnotes import FootnoteBlockProcessor
from markdown.extensions.tables import TableProcessor
from markdown.inlinepatterns import (
    AUTOLINK_RE,
    AUTOMAIL_RE,
    InlineProcessor,
    SimpleTagInlineProcessor,
)
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from .comment_links import register_links
from .gates import PHRASING
from .tags import code_spans, first_of, with_text_marked
from .typography import Typography

# Replaces `<` where that is text, so that Markdown does not see a tag.
LESS_THAN = "\x06"


def post_html(text: str) -> tuple[str, str]:
    """Return unsafe HTML of an essay, and the mark of its note references and notes.

    `<sup data-note="mark-0">` refers to `<aside data-note="mark-0">`; these asides come last. The
    mark is random each time, so that raw HTML in the text cannot forge it.
    """
    notes = Notes(secrets.token_hex(8))
    md = Markdown(
        extensions=["tables", "def_list", "abbr", "sane_lists", notes],
    )
    _register_common(md)
    md.preprocessors.register(TextMarked(md), "text_marked", 22)
    tables = WholeTables(md.parser, {"use_align_attribute": True})
    md.parser.blockprocessors.register(tables, "table", 75)
    return md.convert(text).replace(LESS_THAN, "&lt;"), notes.mark


def comment_html(text: str) -> str:
    """Return unsafe HTML of a comment: raw HTML is text, line ends are `<br>`."""
    md = Markdown(extensions=["sane_lists"])
    md.preprocessors.deregister("html_block")
    md.inlinePatterns.deregister("html")
    _register_common(md)
    register_links(md)
    md.treeprocessors.register(LineEnds(md), "line_ends", 15)
    return md.convert(text)


def _register_common(md: Markdown) -> None:
    md.preprocessors.register(Fences(md), "fences", 25)
    md.parser.blockprocessors.register(HashHeadings(md.parser), "hashheader", 70)
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
# A language, perhaps with attributes for other programs. Anything else after a fence is the first
# line of the code.
_INFO = re.compile(
    r"""(?:[\w+#.-]+|\{[^{}]*\})?(?:\s+(?:\{[^{}]*\}|[\w-]+=(?:"[^"]*"|[^\s"]+)))*\s*"""
)
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
        if not _INFO.fullmatch(info):
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


class TextMarked(Preprocessor):
    """Hides each `<` that is text from Markdown, which could take the rest of it for raw HTML.

    Runs after fenced code was replaced. Inline code is text anyway.
    """

    LINKS = (
        re.compile(AUTOLINK_RE),
        re.compile(AUTOMAIL_RE),
        re.compile(r"(?:(?<=\]\()|(?<=\]:)|(?<=\]: ))<[^<>\n]*>"),  # [x](<a b>), [x]: <a b>
    )

    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        if "<" not in text:
            return lines
        skip = first_of(*self.LINKS, text=text, skip=code_spans(text))
        return with_text_marked(text, LESS_THAN, skip).split("\n")


class WholeTables(TableProcessor):
    """Tables that put surplus cells of a row into its last cell, and so lose nothing."""

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        head, rule, *rows = blocks[0].split("\n")
        blocks[0] = "\n".join([head, rule, *map(self.fitted, rows)])
        super().run(parent, blocks)

    def fitted(self, row: str) -> str:
        width = len(self.separator)
        # Python-Markdown's own way to split a row, which has no public name.
        cells = self._split_row(row.strip(" "))  # type: ignore[attr-defined]
        if len(cells) <= width:
            return row
        cells[width - 1 :] = [r"\|".join(cells[width - 1 :])]
        return f"|{'|'.join(cells)}|" if self.border else "|".join(cells)


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


class Notes(Extension):
    """Footnotes: collects definitions, and marks references and bodies for `notes.py`."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark = mark
        self.texts: dict[str, str] = {}
        self.marks: dict[str, str] = {}

    def extendMarkdown(self, md: Markdown) -> None:
        self.parser = md.parser  # FootnoteBlockProcessor reads this, and calls setFootnote
        definitions = FootnoteBlockProcessor(self)  # type: ignore[arg-type]
        md.parser.blockprocessors.register(definitions, "notes", 17)
        md.inlinePatterns.register(NoteReference(self), "notes", 175)
        md.treeprocessors.register(NoteBodies(self), "notes", 50)

    def setFootnote(self, id: str, text: str) -> None:
        if id in self.texts:
            # Nothing can refer to a second note of one label, so it is shown as an unused one.
            id = f"{id}]{len(self.texts)}"
        self.marks[id] = f"{self.mark}-{len(self.texts)}"
        self.texts[id] = text


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
        done = 0
        while done < len(self.notes.texts):  # a note may hold more definitions
            for id, text in list(self.notes.texts.items())[done:]:
                body = etree.Element("div")
                self.notes.parser.parseChunk(body, text)
                aside = etree.SubElement(root, "aside", {"data-note": self.notes.marks[id]})
                aside.extend(list(body))
                done += 1


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
