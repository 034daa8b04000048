"""The Markdown of this site: Python-Markdown, with the parts of it replaced that do not fit.

What is replaced was too slow on hostile input, or read everyday text as markup.
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
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from .gates import PHRASING

# Python-Markdown brackets its placeholders with STX and ETX and takes both out of the source.
STX, ETX = "\x02", "\x03"


def post_html(text: str) -> tuple[str, str]:
    """Return unsafe HTML of an essay, and the mark its note references and notes carry.

    `<sup data-note="mark-0">` refers to `<aside data-note="mark-0">`; all of those asides come
    last. The mark is made up anew each time, so that raw HTML in the text cannot forge it.
    """
    notes = Notes(secrets.token_hex(8))
    md = Markdown(
        extensions=["tables", "def_list", "abbr", "sane_lists", notes],
        extension_configs={"tables": {"use_align_attribute": True}},
    )
    _register_common(md)
    return md.convert(text), notes.mark


def comment_html(text: str) -> str:
    """Return unsafe HTML of a comment: raw HTML is text, line ends are `<br>`."""
    md = Markdown(extensions=["sane_lists"])
    md.preprocessors.deregister("html_block")
    md.inlinePatterns.deregister("html")
    _register_common(md)
    md.inlinePatterns.register(BareAddress(md), "bare_address", 115)
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
    """A listing between two fences, without them and without their indentation."""

    indent: str
    info: str
    code: list[str]


# `[^`]` because two fences on one line are a code span.
_FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<info>[^`]*)$")
_HOLDER = re.compile(r" *(?:(?:[-*+]|\d+\.|:)(?: |$)|\[\^[^\]]+\]:)")


def read_fences(lines: Iterable[str]) -> Iterator[tuple[str, bool] | Fence]:
    """Yield each listing, and each other line with whether a list item or note holds it.

    Within those, a fence may stand more than three spaces in. A fence that is never closed ends
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
        indent, fence = opening["indent"], opening["fence"]
        code: list[str] = []
        for inner in rest:
            closing = _FENCE.match(inner)
            if closing and not closing["info"] and closing["fence"].startswith(fence):
                break
            own = len(inner) - len(inner.lstrip(" "))
            code.append(inner[min(own, len(indent)) :])
        else:
            while code and not code[-1]:  # Python-Markdown adds blank lines to every text
                code.pop()
        yield Fence(indent, opening["info"], code)


class Fences(Preprocessor):
    """Python-Markdown's own extension searches the rest of the text for each unclosed fence."""

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


class Notes(Extension):
    """Footnotes. Definitions are collected; references and bodies are marked, not placed."""

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
        if id not in self.texts:
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
    """Appends the notes before inline markup is read, so that theirs is read as well."""

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes = notes

    def run(self, root: etree.Element) -> None:
        done = 0
        while done < len(self.notes.texts):  # a note may hold further definitions
            for id, text in list(self.notes.texts.items())[done:]:
                body = etree.Element("div")
                self.notes.parser.parseChunk(body, text)
                aside = etree.SubElement(root, "aside", {"data-note": self.notes.marks[id]})
                aside.extend(list(body))
                done += 1


class BareAddress(InlineProcessor):
    """`https://…` in running text becomes a link, without the punctuation after it."""

    ANCESTOR_EXCLUDES = ("a",)

    def __init__(self, md: Markdown) -> None:
        super().__init__(rf'(?<![\w/])https?://[^\s<>"{STX}{ETX}]+', md)

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | None, int | None, int | None]:
        address = m[0]
        spare = {close: address.count(close) - address.count(open) for open, close in ("()", "[]")}
        end = len(address)
        while end and (address[end - 1] in ".,;:!?'\"*_~”’" or spare.get(address[end - 1], 0) > 0):
            end -= 1
            if address[end] in spare:
                spare[address[end]] -= 1
        address = address[:end]
        if not address.partition("://")[2]:
            return None, None, None
        link = etree.Element("a", {"href": address})
        link.text = AtomicString(address)
        return link, m.start(), m.start() + end


class LineEnds(Treeprocessor):
    """People expect the lines they typed, so each line end becomes `<br>`.

    Runs before Python-Markdown adds line ends of its own between blocks.
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


class Typography(Treeprocessor):
    """Straight quotes, hyphens and full stops become what a printer would set.

    One pass over each paragraph. Python-Markdown's smarty extension makes fifteen, builds the
    paragraph anew for each mark it finds, and loses the context at each tag.
    """

    # The text of one paragraph is joined with CUT between the pieces, and KEPT for code.
    CUT, KEPT = "\x04", "\x05"
    RAW_HTML = f"{STX}wzxhzdk:"
    TOKEN = re.compile(rf"{STX}[^{ETX}]*{ETX}|(?<!-)-{{2,3}}(?!-)|(?<!\.)\.\.\.(?!\.)|[\"']")
    SIGNS = {"--": "–", "---": "—", "...": "…"}
    ELIDED = re.compile(r"(?:\d\ds?|tis|twas|til|em)\b|n'", re.IGNORECASE)
    OPENERS = frozenset(" \n\u00a0([{<“‘–—-/=")
    CLOSERS = frozenset(["", *" \n\u00a0,;:!?)]}"])

    def run(self, root: etree.Element) -> None:
        self.pieces: list[tuple[etree.Element, str]] = []
        self.walk(root)
        self.set_paragraph()

    def walk(self, element: etree.Element) -> None:
        if element.tag not in PHRASING:
            self.set_paragraph()
        self.pieces.append((element, "text"))
        for child in element:
            self.walk(child)
            self.pieces.append((child, "tail"))
        if element.tag not in PHRASING:
            self.set_paragraph()

    def set_paragraph(self) -> None:
        pieces = [(el, slot, getattr(el, slot)) for el, slot in self.pieces if getattr(el, slot)]
        self.pieces = []
        texts = [self.KEPT if isinstance(text, AtomicString) else text for *_place, text in pieces]
        before = self.CUT.join(texts)
        after = self.typeset(before)
        if after != before:
            for (element, slot, _text), text in zip(pieces, after.split(self.CUT), strict=True):
                if text != self.KEPT:
                    setattr(element, slot, text)

    def typeset(self, text: str) -> str:
        result: list[str] = []
        end = 0
        last = " "  # the last visible character, as far as tags are looked through
        for match in self.TOKEN.finditer(text):
            between = text[end : match.start()]
            last = between.rstrip(self.CUT)[-1:] or last
            found, end = match[0], match.end()
            result.append(between)
            if found.startswith(STX):
                if not found.startswith(self.RAW_HTML):
                    last = "x"
                result.append(found)
                continue
            following = text[end : end + 8].lstrip(self.CUT)
            if found == "--" and last in " \n" and following[:1].isalnum():
                sign = found  # an option of a command
            elif found in self.SIGNS:
                sign = self.SIGNS[found]
            else:
                opens = last in self.OPENERS and following[:1] not in self.CLOSERS
                if found == '"':
                    sign = "“" if opens else "”"
                else:
                    sign = "‘" if opens and not self.ELIDED.match(following) else "’"
            result.append(sign)
            last = sign
        return "".join([*result, text[end:]])
