"""Inline marks of essays, where CommonMark means something else than Python-Markdown.

`Literals` reads what binds tighter than all else, from left to right: escapes, code, addresses in
`<>` and HTML tags. `Links` reads links and images. Emphasis is read after both (`emphasis.py`).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from html import unescape
from typing import NamedTuple

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX, AtomicString, code_escape
from markdown_it.common.utils import normalizeReference

from .gates import SCHEMES
from .gates import scheme as scheme_of

# What a processor returns: an element or text, and the places it stands between.
Found = tuple[etree.Element | str | None, int | None, int | None]
NOTHING: Found = (None, None, None)

# CommonMark 0.31.2, sections 2.4, 6.5 and 6.6. Possessive, so that each character is read once.
_PUNCTUATION = r"""!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~"""
_ADDRESS = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>\x00-\x1f]*+)>")
_HOST_PART = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_MAIL = re.compile(rf"<([a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]++@{_HOST_PART}(?:\.{_HOST_PART})*+)>")
# A number so long that no character has it.
_NO_CHARACTER = r"&#(?:[0-9]{8}|[xX][0-9a-fA-F]{7})"
_ATTRIBUTE = (
    r"""\s++[a-zA-Z_:][a-zA-Z0-9_.:-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+"""
)
_TAG = re.compile(
    rf"<[a-zA-Z][a-zA-Z0-9-]*+(?:{_ATTRIBUTE})*+\s*+/?>|</[a-zA-Z][a-zA-Z0-9-]*+\s*+>|<!---?>"
)
# What is left out with all up to its end.
_COMMENTS = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"))
_HOST = re.compile(r"[^/?#]*//[^/?#]*")
_POINTED = re.compile(r"<[^<>\n]*+>")


class Literals(InlineProcessor):
    """Escapes, code, addresses in `<>` and HTML tags: nothing in them is a mark."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(rf"\\(?:[{_PUNCTUATION}]|\n)|`+|<|{_NO_CHARACTER}", md)

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]
        mark, start, end = m[0], m.start(0), m.end(0)
        if mark == "\\\n":
            return etree.Element("br"), start, end
        if mark == "\\&":
            return "&amp;", start, end  # no entity begins here
        if mark[0] == "&":
            return "&amp;", start, start + 1
        if mark[0] == "\\":
            return f"{STX}{ord(mark[1])}{ETX}", start, end
        return self.code(mark, data, end) if mark[0] == "`" else self.tag(data, start)

    def code(self, mark: str, data: str, at: int) -> Found:
        start = at - len(mark)
        same = (run for run in re.finditer("`+", data[at:]) if len(run[0]) == len(mark))
        if (closing := next(same, None)) is None:
            return AtomicString(mark), start, at
        text = data[at : at + closing.start()].replace("\n", " ")
        if text[0] == text[-1] == " " and text.strip(" "):
            text = text[1:-1]
        code = etree.Element("code")
        code.text = AtomicString(code_escape(text))
        return code, start, at + closing.end()

    def tag(self, data: str, start: int) -> Found:
        if data.startswith("](", max(0, start - 2)) and _POINTED.match(data, start):
            return NOTHING  # the address of a link
        for pattern, prefix in ((_ADDRESS, ""), (_MAIL, "mailto:")):
            found = pattern.match(data, start)
            if found and scheme_of(prefix + found[1]) in SCHEMES:
                link = etree.Element("a", {"href": prefix + without_brackets(found[1])})
                link.text = AtomicString(code_escape(found[1]))
                return link, start, found.end()
        end = found.end() if (found := _TAG.match(data, start)) else end_of_comment(data, start)
        return (self.md.htmlStash.store(data[start:end]), start, end) if end else NOTHING


def without_brackets(address: str) -> str:
    """Return an address with `[` and `]` encoded, but for those of a host."""
    host = _HOST.match(address)
    start = host.end() if host else 0
    return address[:start] + address[start:].replace("[", "%5B").replace("]", "%5D")


def end_of_comment(data: str, start: int) -> int:
    """Return where a comment that begins here ends, or 0."""
    for opening, closing in _COMMENTS:
        if data.startswith(opening, start):
            end = data.find(closing, start + len(opening))
            return end + len(closing) if end >= 0 else 0
    return 0


class Target(NamedTuple):
    """What a label leads to, and where that ends."""

    label: str
    href: str
    title: str | None
    end: int


_TO_ADDRESS = re.compile(r"[ \t\n]*+(?:<(?P<pointed>[^<>\n]*+)>)?+")
_TO_END = re.compile(
    r"""(?:[ \n]++(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|\((?P<round>[^()]*+)\)))?+"""
    r"""[ \n]*+\)"""
)
_BRACKET = re.compile(r"[\[\]]")
_REFERENCE = re.compile(r"\[([^][]*+)\]")
_NEAR = 1000  # characters in which most labels end
_LONGEST_REFERENCE = 999
_DEEPEST_BRACKETS = 32  # in an address, as in cmark


class Links(InlineProcessor):
    """Links and images: `[label](address "title")`, `[label][reference]` and `[reference]`."""

    def __init__(self, md: Markdown, marks: str = r"!?\[") -> None:
        super().__init__(marks, md)
        self.read, self.pairs = "", dict[int, int]()  # of a long passage

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]
        at = m.end(0) - 1
        if (target := self.target(data, at)) is None:
            return NOTHING
        if m[0] == "![":
            element = etree.Element("img", {"src": target.href, "alt": ""})
            element.text = self.without_marks(target.label)
        elif self.has_link(data, at):
            return NOTHING
        else:
            element = etree.Element("a", {"href": target.href})
            element.text = target.label
        if target.title is not None:
            element.set("title", target.title)
        return element, m.start(0), target.end

    def has_link(self, data: str, at: int) -> bool:
        """Whether a link stands within the label that begins here: then the label is none."""
        close, inner = self.closing(data, at), at
        while (inner := data.find("[", inner + 1, close)) >= 0:
            if data[inner - 1] != "!" and self.target(data, inner):
                return True
        return False

    def without_marks(self, label: str) -> str:
        """Return an image's label with the labels of its own links and images in their place."""
        parts, at = list[str](), 0
        for found in re.finditer(r"!?\[", label):
            if found.start() >= at and (inner := self.target(label, found.end() - 1)):
                parts += [label[at : found.start()], self.without_marks(inner.label)]
                at = inner.end
        return "".join([*parts, label[at:]])

    def closing(self, data: str, at: int) -> int | None:
        """Return where the `[` at this place is closed, or None."""
        depth = 0
        for found in _BRACKET.finditer(data, at, at + _NEAR):
            depth += 1 if found[0] == "[" else -1
            if not depth:
                return found.start()
        if data is not self.read:  # so that it is read once for all that is not closed near by
            self.read, self.pairs = data, pairs_of(data)
        return self.pairs.get(at)

    def target(self, data: str, at: int) -> Target | None:
        """Return what the label that begins here leads to, or None."""
        if (close := self.closing(data, at)) is None:
            return None
        if data.startswith("(", close + 1) and (found := self.address(data, close + 2)):
            return Target(data[at + 1 : close], *found)
        if named := _REFERENCE.match(data, close + 1):
            first, last = (close + 1, named.end() - 1) if named[1] else (at, close)
            if to := self.reference(data, first, last):
                return Target(data[at + 1 : close], *to, named.end())
            return None
        if to := self.reference(data, at, close):
            return Target(data[at + 1 : close], *to, close + 1)
        return None

    def reference(self, data: str, at: int, close: int) -> tuple[str, str | None] | None:
        if not 1 < close - at <= _LONGEST_REFERENCE:
            return None
        typed = self.as_typed(data[at + 1 : close])
        return self.md.references.get(normalizeReference(typed)) if typed.strip() else None

    @property
    def stashed(self) -> dict[str, etree.Element | str]:
        """What Python-Markdown put aside of the passage (tests/test_markup_posts.py holds it)."""
        nodes: dict[str, etree.Element | str] = self.md.treeprocessors["inline"].stashed_nodes  # type: ignore[attr-defined]
        return nodes

    def as_typed(self, text: str) -> str:
        """Return text as it was before Literals took its escapes and code out."""

        def put_back(found: re.Match[str]) -> str:
            node = self.stashed.get(found[1])
            if isinstance(node, str):
                return node
            if node is not None and node.tag == "code":
                return f"`{node.text}`"
            return found[0]

        text = re.sub(rf"{STX}klzzwxh:([0-9]+){ETX}", put_back, text)
        return re.sub(rf"{STX}([0-9]+){ETX}", lambda found: "\\" + chr(int(found[1])), text)

    def address(self, data: str, at: int) -> tuple[str, str | None, int] | None:
        """Return the address and title that stand here, and where their bracket is closed."""
        start = _TO_ADDRESS.match(data, at)
        if start is None:
            return None
        href, end = start["pointed"], start.end()
        if href is None:
            if data.startswith("<", start.end()):
                return None
            end = end_of_address(data, start.end())
            href = data[start.end() : end]
        if (rest := _TO_END.match(data, end)) is None:
            return None
        titles = (rest[kind] for kind in ("double", "single", "round"))
        title = next((title for title in titles if title is not None), None)
        return self.plain(href), None if title is None else self.plain(title), rest.end()

    def plain(self, text: str) -> str:
        """Return an address or title without escapes and entities."""
        return unescape(re.sub(rf"\\([{_PUNCTUATION}])", r"\1", self.as_typed(text)))


class Descriptions(Treeprocessor):
    """Makes what the label of an image holds its alternative text."""

    def run(self, root: etree.Element) -> None:
        for image in root.iter("img"):
            if text := "".join(image.itertext()):
                image.set("alt", text)
            image.text = None
            for child in list(image):
                image.remove(child)


def pairs_of(data: str) -> dict[int, int]:
    """Return, for each `[` that is closed, where that is."""
    pairs, waiting = dict[int, int](), list[int]()
    for found in _BRACKET.finditer(data):
        if found[0] == "[":
            waiting.append(found.start())
        elif waiting:
            pairs[waiting.pop()] = found.start()
    return pairs


def end_of_address(data: str, at: int) -> int:
    """Return where an address ends: at a space, or at a bracket that it did not open."""
    depth = 0
    for found in re.compile(r"[() \t\n]").finditer(data, at):
        if found[0] == "(":
            depth += 1
        elif found[0] != ")" or not depth or depth > _DEEPEST_BRACKETS:
            return found.start()
        else:
            depth -= 1
    return len(data)
