"""Reads other people's HTML the way a browser does, at a bounded cost.

lxml's parser (libxml2 since 2.14) splits a page into tags and text by the rules of the HTML
standard: markup in comments, `<script>`, `<textarea>`, `<title>`, `<xmp>` and the like is text.
Its tree is not used, because 58,000 attributes on one tag take 29 seconds and elements nested
deeper than 255 are lost. Its events have neither problem, and are put into a flat list here.
Closing 32,000 open elements takes 6 seconds, hence MAX_DEPTH. Other parsers were slower: html5lib
needs 15 seconds for 10,000 nested elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.entities import html5
from typing import Protocol, cast

from lxml import etree

from comments.text.permalinks import resolve

# A page is read up to these limits. The longest essays have 200,000 characters with their markup;
# browsers nest elements 512 deep at most.
MAX_CHARACTERS = 512 * 1024
MAX_ELEMENTS = 20_000
MAX_DEPTH = 500
_PIECE = 16 * 1024  # bytes

_XHTML = "application/xhtml+xml"
HTML_TYPES = frozenset({"text/html", _XHTML})

# The text in these elements is not part of the page's visible text.
_NO_WORDS = frozenset({
    "script", "style", "title", "textarea", "noscript", "noembed", "noframes", "iframe", "select",
    "xmp", "plaintext", "object", "video", "audio", "canvas", "svg", "math", "datalist"
})  # fmt: skip
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt",
    "u", "var", "wbr"
})  # fmt: skip


class Headers(Protocol):
    """The header fields of a page; a name can occur several times."""

    def all(self, name: str) -> list[str]:
        """Return every value of that name, in order; the name in any case."""


@dataclass(eq=False, slots=True)
class Node:
    """An element. Its content is `page.items[start:end]`, in document order."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None
    start: int
    end: int = 0
    in_noscript: bool = False
    hidden: bool = False

    @property
    def block(self) -> bool:
        """Whether it starts on a new line."""
        return self.tag not in _INLINE

    def tokens(self, name: str) -> list[str]:
        """Return an attribute's words, in lower case except for classes."""
        value = self.attributes.get(name, "")
        return (value if name == "class" else value.lower()).split()

    def ancestors(self) -> Iterator[Node]:
        """Yield its parent, that one's parent, and so on."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


@dataclass
class Page:
    """A page's elements and their text, without comments, templates and escaped markup."""

    url: str
    items: list[Node | str] = field(default_factory=list)
    # Whether the page is longer than the limits.
    cut: bool = False

    def __post_init__(self) -> None:
        self.base = self.url

    @property
    def nodes(self) -> Iterator[Node]:
        """Every element, in document order."""
        return (item for item in self.items if isinstance(item, Node))

    def inside(self, node: Node) -> Iterator[Node]:
        """Yield the elements inside `node`, in document order."""
        return (item for item in self.items[node.start : node.end] if isinstance(item, Node))

    def resolve(self, reference: str) -> str | None:
        """Return the absolute http or https address of an attribute's value, or None."""
        return resolve(self.base, reference)

    def words(self, start: int, end: int) -> str:
        """Return the visible text between two items, with spaces around blocks."""
        pieces: list[str] = []
        silent = 0  # items before this one are hidden
        block_ends: list[int] = []
        for place in range(start, end):
            while block_ends and block_ends[-1] <= place:
                block_ends.pop()
                pieces.append(" ")
            item = self.items[place]
            if place < silent:
                continue
            if isinstance(item, str):
                pieces.append(item)
                continue
            if item.block:
                pieces.append(" ")
                block_ends.append(item.end)
            if item.hidden or item.tag in _NO_WORDS:
                silent = item.end
        return "".join(pieces)

    def text(self, node: Node) -> str:
        """Return the visible text of an element."""
        return "" if node.hidden else self.words(node.start, node.end)

    def raw_text(self, node: Node) -> str:
        """Return all text of an element, visible or not."""
        inside = self.items[node.start : node.end]
        return "".join(item for item in inside if isinstance(item, str))


def read_page(html: str, url: str, media_type: str = "text/html") -> Page:
    """Return a page's elements and text, up to MAX_CHARACTERS, MAX_ELEMENTS and the first element
    deeper than MAX_DEPTH. `url` is the page's address after redirects. Never raises.

    XHTML is read as XML if it is well-formed and declares no entities, because in XML `<script/>`
    is closed and CDATA is text.
    """
    # The parser would make a separate event of each null character.
    text = html[:MAX_CHARACTERS].replace("\0", "\ufffd")
    too_long = len(html) > MAX_CHARACTERS
    if media_type == _XHTML and "<!ENTITY" not in text:
        reader = _Reader(Page(url, cut=too_long))
        parser = etree.XMLParser(
            target=_target(reader), encoding="utf-8", resolve_entities=False, no_network=True
        )
        if _parse(parser, _with_letters(text).encode("utf-8", "replace")):
            return reader.finish()
    data = text.encode("utf-8", "replace")
    reader = _Reader(Page(url, cut=too_long))
    _parse(etree.HTMLParser(target=_target(reader), encoding="utf-8", no_network=True), data)
    return reader.finish()


# In XHTML: comments, CDATA and processing instructions, where nothing is replaced; or a reference
# to one of HTML's named characters.
_NAMED = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    r"|&([A-Za-z][A-Za-z0-9]{1,31};)",
    re.DOTALL,
)
_XML_OWN = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


def _with_letters(xhtml: str) -> str:
    """Return XHTML with names such as `&eacute;` replaced by the characters they mean.

    Browsers know these names from the DOCTYPE (WHATWG HTML, "parsing XHTML documents"), which is
    never loaded here. A name that HTML does not define becomes text.
    """

    def letter(found: re.Match[str]) -> str:
        name = found[1]
        if name is None or name in _XML_OWN:
            return found[0]
        # Some stand for `<` or `&` themselves.
        return escape(html5[name]) if name in html5 else f"&amp;{name}"

    return _NAMED.sub(letter, xhtml)


def _target(reader: _Reader) -> etree.ParserTarget:
    # lxml's stubs ask for more methods than lxml needs.
    return cast("etree.ParserTarget", reader)


def _parse(parser: etree._FeedParser, data: bytes) -> bool:
    """Return whether the data was well-formed up to where reading stopped."""
    try:
        # In pieces, because lxml raises an exception of `start` only at the end of what it was fed.
        for place in range(0, len(data), _PIECE):
            parser.feed(data[place : place + _PIECE])
        parser.close()
    except _Enough:
        return True
    except etree.LxmlError:  # an empty page; or a fault, in XML
        return False
    return True


class _Enough(Exception):
    """Raised to stop reading a page at its limits."""


class _Reader:
    """Takes the parser's events and writes them into a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.open: list[Node] = []
        self.elements = 0
        self.in_template = 0
        self.based = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS or len(self.open) + self.in_template >= MAX_DEPTH:
            self.page.cut = True
            raise _Enough
        tag = tag.rpartition("}")[2].lower()
        if self.in_template or tag == "template":
            self.in_template += 1
            return
        parent = self.open[-1] if self.open else None
        node = Node(tag, dict(attributes), parent, len(self.page.items) + 1)
        if tag == "noscript" or (parent and parent.in_noscript):
            node.in_noscript = True
        node.hidden = "hidden" in attributes or bool(_HIDING.search(attributes.get("style", "")))
        node.hidden = node.hidden or bool(parent and parent.hidden)
        self.page.items.append(node)
        self.open.append(node)
        if tag == "base" and "href" in attributes and not self.based:
            self.based = True
            self.page.base = resolve(self.page.url, attributes["href"]) or self.page.url

    def end(self, _tag: str) -> None:
        if self.in_template:
            self.in_template -= 1
        elif self.open:
            self.open.pop().end = len(self.page.items)

    def data(self, text: str) -> None:
        if not self.in_template:
            self.page.items.append(text)

    def close(self) -> None:
        """Do nothing; lxml requires this method."""

    def finish(self) -> Page:
        for node in self.open:
            node.end = len(self.page.items)
        self.open.clear()
        return self.page
