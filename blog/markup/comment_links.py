"""Links of comments: `[text](address)` is one only where the address may stand in a comment.

Everything else of that form (`f[i](x)`, `[me](a@b.example)`, `[x](tel:…)`) stays text as typed,
because the cleaners would take the address away, and with it words.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from collections import Counter
from html import unescape

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import (
    AUTOLINK_RE,
    IMAGE_LINK_RE,
    LINK_RE,
    AutolinkInlineProcessor,
    ImageInlineProcessor,
    InlineProcessor,
    LinkInlineProcessor,
)
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from .gates import keeps_address
from .typography import ETX, STX

# Brackets are no host's, entities are decoded by then, and what is encoded later is none either.
_ADDRESS = re.compile(
    r"""https?://[^\s/?#\\\[\]&<>^`{|}"%]+(?:[/?#]\S*)?|mailto:[^\s/\[\]]+""", re.IGNORECASE
)
# Hosts of this form are kept for certain, so that most addresses need no parsing.
_USUAL = re.compile(
    r"https?://(?!(?:[^/?#]*\.)?xn--)(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{1,4})?(?:[/?#]|$)"
)

# An element of the tree until it is known whether the definition is needed.
_DEFINITION = "definition"


def may_link(address: str) -> bool:
    """Return whether a link of a comment with this address still has it in the end."""
    decoded = unescape(address)
    if not _ADDRESS.fullmatch(decoded):
        return False
    return _USUAL.match(decoded) is not None or keeps_address(decoded)


def register_links(md: Markdown) -> None:
    """Put these links in the place of Python-Markdown's."""
    md.inlinePatterns.register(Link(LINK_RE, md), "link", 160)
    md.inlinePatterns.register(Image(IMAGE_LINK_RE, md), "image_link", 150)
    md.inlinePatterns.register(Autolink(AUTOLINK_RE, md), "autolink", 120)
    md.inlinePatterns.register(BareAddress(md), "bare_address", 115)
    for name in ("reference", "short_reference", "image_reference", "short_image_ref"):
        md.inlinePatterns[name].ANCESTOR_EXCLUDES = ("a", _DEFINITION)  # type: ignore[misc]
    md.references = references = References()
    definitions = Definitions(md, references)
    md.preprocessors.register(Labels(md, definitions), "labels", 21)
    md.parser.blockprocessors.register(definitions, "reference", 15)
    md.treeprocessors.register(NeededDefinitions(md, references), "needed_definitions", 17)


class Link(LinkInlineProcessor):
    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | None, int | None, int | None]:
        element, start, end = super().handleMatch(m, data)
        if not isinstance(element, etree.Element) or not may_link(element.get("href", "")):
            return None, None, None
        return element, start, end


class Image(ImageInlineProcessor):
    """An image, which becomes a link. Within a link it cannot, and is text."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | None, int | None, int | None]:
        element, start, end = super().handleMatch(m, data)
        if not isinstance(element, etree.Element) or not may_link(element.get("src", "")):
            return None, None, None
        return element, start, end


class Autolink(AutolinkInlineProcessor):
    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | None, int | None, int | None]:
        if not may_link(self.unescape(m[1])):
            return None, None, None
        return super().handleMatch(m, data)  # type: ignore[return-value]


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
        if not may_link(address):
            return None, None, None
        link = etree.Element("a", {"href": address})
        link.text = AtomicString(address)
        return link, m.start(), m.start() + end


class References(dict[str, tuple[str, str]]):
    """The definitions of a comment by their labels, and which of them are referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def __getitem__(self, label: str) -> tuple[str, str]:
        self.used.add(label)
        return super().__getitem__(label)


class Labels(Preprocessor):
    """Counts what stands in brackets, because only a label that comes again may be needed."""

    LABEL = re.compile(r"\[([^\[\]]+)\]")

    def __init__(self, md: Markdown, definitions: Definitions) -> None:
        super().__init__(md)
        self.definitions = definitions

    def run(self, lines: list[str]) -> list[str]:
        labels = self.LABEL.findall("\n".join(lines))
        self.definitions.times = Counter(map(_key, labels))
        return lines


class Definitions(BlockProcessor):
    """Reads `[1]: https://…` as a definition, and keeps its line in case that nothing needs it."""

    LINE = re.compile(
        r"""^ {0,3}\[(?P<label>[^\[\]]+)\]:[ ]*(?P<address>\S+)"""
        r"""(?:[ ]+(?:(["'])(?P<title>.*)\3|\((?P<note>.*)\)))?[ ]*$""",
        re.MULTILINE,
    )

    def __init__(self, md: Markdown, references: References) -> None:
        super().__init__(md.parser)
        self.references = references
        self.times: Counter[str] = Counter()

    def test(self, parent: etree.Element, block: str) -> bool:
        return "]:" in block and parent.tag != "li"

    def run(self, parent: etree.Element, blocks: list[str]) -> bool:
        block = blocks[0]
        for line in self.LINE.finditer(block):
            label, address = _key(line["label"]), line["address"]
            if address.startswith("<") and address.endswith(">"):
                address = address[1:-1]
            if self.times[label] < 2 or label in self.references or not may_link(address):
                continue
            before, after = block[: line.start()], block[line.end() :].lstrip("\n")
            blocks.pop(0)
            if before.strip():
                self.parser.parseBlocks(parent, [before.rstrip("\n")])
            self.references[label] = address, line["title"] or line["note"] or ""
            kept = etree.SubElement(parent, _DEFINITION, {"label": label})
            kept.text = line[0].strip()
            if after.strip():
                blocks.insert(0, after)
            return True
        return False


class NeededDefinitions(Treeprocessor):
    """Takes the lines of definitions away that a link needs. The others are text."""

    def __init__(self, md: Markdown, references: References) -> None:
        super().__init__(md)
        self.references = references

    def run(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for child in list(parent):
                if child.tag != _DEFINITION:
                    continue
                if child.get("label") in self.references.used:
                    parent.remove(child)
                else:
                    child.tag = "p"
                    child.attrib.clear()


def _key(label: str) -> str:
    return " ".join(label.lower().split())
