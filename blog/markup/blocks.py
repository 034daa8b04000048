"""Reads the blocks of an essay as CommonMark means them, with markdown-it-py.

Python-Markdown's block stage knows no containers: a list needs a blank line before it, and a fence
in a quotation falls apart. So markdown-it-py finds paragraphs, lists, quotations, code and tables.
What stands in them stays text, which Python-Markdown's inline patterns and tree processors read.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator, MutableMapping, Sequence
from html import escape
from typing import Any, NamedTuple

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.util import AtomicString
from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, html_block, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote.index import footnote_def

from .tags import KNOWN, LEFT_OUT

# More levels than Python's stack has, so that deeper ones raise RecursionError and lose nothing.
_ANY_DEPTH = 10_000
_ABBREVIATION = re.compile(r"\*\[(?P<short>[^\]\n]+)\] ?: *(?P<long>[^\n]*)")
_KNOWN = KNOWN.keys() | LEFT_OUT
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)")
# What takes all up to its end, blank lines included (CommonMark 4.6).
_TAKES_ALL = re.compile(
    r"<(?P<element>script|pre|style|textarea)(?=[\s>]|$)|(?P<comment><!--)|(?P<order><\?)"
    r"|(?P<data><!\[CDATA\[)|(?P<declaration><![a-zA-Z])",
    re.IGNORECASE,
)
_CLOSING = {"comment": "-->", "order": r"\?>", "data": r"\]\]>", "declaration": ">"}
# A language, perhaps with attributes for other programs, or with signs. Anything else after a fence
# is the first line of the code.
INFO = re.compile(
    r"""(?:[\w+#.;-]+|\{[^{}]*\})?"""
    r"""(?:\s+(?:\{[^{}]*\}|[\w-]+=(?:"[^"]*"|[^\s"]+)|[^\s\w{}"]+))*\s*"""
)


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"maxNesting": _ANY_DEPTH}).enable("table")
    reader.use(_definitions)
    # The inline stage is Python-Markdown's.
    reader.core.ruler.enableOnly(["normalize", "block"])
    ends_paragraph: RuleOptionsType = {"alt": ["paragraph", "reference"]}
    reader.block.ruler.before("reference", "abbreviation", _abbreviation, ends_paragraph)
    reader.block.ruler.before("reference", "note", footnote_def, ends_paragraph)
    reader.block.ruler.at("table", _whole_table, ends_paragraph)
    ends_block: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    reader.block.ruler.at("html_block", _known_html, ends_block)
    # Sorts the rules, once: a second thread would read by those that the first has sorted so far.
    reader.parse(".")
    return reader


def _definitions(reader: MarkdownIt) -> None:
    """Read lists of terms, where only `:` defines: the plugin would read `~` as well."""
    deflist_plugin(reader)
    [rule] = (rule.fn for rule in reader.block.ruler.__rules__ if rule.name == "deflist")
    [marker] = (
        cell
        for name, cell in zip(rule.__code__.co_freevars, rule.__closure__ or (), strict=True)
        if name == "skipMarker"
    )
    plugins_own = marker.cell_contents
    marker.cell_contents = lambda state, line: (
        plugins_own(state, line) if _line(state, line).startswith(":") else -1
    )


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _abbreviation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read `*[HTML]: Hypertext Markup Language`, as Python-Markdown's extension does."""
    if state.is_code_block(start) or not (found := _ABBREVIATION.match(_line(state, start))):
        return False
    if not silent:
        state.env.setdefault("abbreviations", {})[found["short"].strip()] = found["long"].strip()
        state.line = start + 1
    return True


def _known_html(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read raw HTML; a tag that is not known here, or never closed, is text with marks in it."""
    line = _line(state, start)
    tag = _TAG_NAME.match(line)
    if tag and tag[1].lower() not in _KNOWN:
        return False
    opening = _TAKES_ALL.match(line)
    if opening and not _is_closed(state, start, opening):
        return False
    return html_block(state, start, end, silent)


def _is_closed(state: StateBlock, start: int, opening: re.Match[str]) -> bool:
    kind = opening.lastgroup or ""
    closing = rf"</{opening[kind]}\s*>" if kind == "element" else _CLOSING[kind]
    never: set[str] = state.env.setdefault("never closed", set())
    if closing.lower() in never:  # nor later, so it is looked for once
        return False
    found = re.compile(closing, re.IGNORECASE).search(state.src, state.bMarks[start])
    if found is None:
        never.add(closing.lower())
    return found is not None


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a table; surplus cells of a row go into its last cell, so that none is lost."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    row: list[Token] = []
    for token in [] if silent else state.tokens[first:]:
        if token.type == "tr_open":
            row, number = [], (token.map or [start])[0]
        elif token.type == "inline":
            row.append(token)
        elif token.type == "tr_close":
            cells = escapedSplit(_line(state, number).strip(" \t"))
            cells = cells[1 if not cells[0] else 0 : -1 if not cells[-1] else None]
            if len(cells) > len(row):
                row[-1].content = "|".join(cells[len(row) - 1 :]).strip()
    return True


# It keeps nothing between two texts.
_READER = _reader()


class Reading(NamedTuple):
    """What markdown-it-py found: blocks, and by name the abbreviations and addresses of links."""

    tokens: list[Token]
    abbreviations: dict[str, str]
    references: dict[str, tuple[str, str | None]]


def read(text: str) -> Reading:
    env: MutableMapping[str, Any] = {}
    tokens = _READER.parse(text, env)
    references = {
        name: (found["href"], found.get("title") or None)
        for name, found in env.get("references", {}).items()
    }
    return Reading(tokens, env.get("abbreviations", {}), references)


def outline(text: str) -> list[Token]:
    """Return the blocks of a text with the lines they stand on, none if they are too deep."""
    try:
        # Ended by this alone, so that lines count as in the text.
        return _READER.parse(re.sub(r"\r(?!\n)", " ", text), {})
    except RecursionError:
        return []


class Blocks(BlockParser):
    """Python-Markdown's block parser, which here builds its tree of what was read."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.abbreviations: dict[str, str] = {}
        # The blocks of each note, by its label.
        self.notes: list[tuple[str, list[Token]]] = []

    def parseDocument(self, lines: Sequence[str]) -> etree.ElementTree:  # type: ignore[override]
        found = read("\n".join(lines))
        # Typed for titles that are there, but holds those that are not as well.
        self.md.references.update(found.references)  # type: ignore[arg-type]
        self.abbreviations.update(found.abbreviations)
        root = etree.Element(self.md.doc_tag)
        self.build(root, found.tokens)
        return etree.ElementTree(root)

    def build(self, root: etree.Element, tokens: list[Token]) -> None:
        """Add these blocks to an element; what notes hold is kept for later."""
        inside = [root]
        for token in self.without_notes(tokens):
            if token.type == "inline":
                add_text(inside[-1], token.content)
            elif token.type in ("fence", "code_block"):
                self.add_html(inside[-1], code_html(token))
            elif token.type == "html_block":
                self.add_html(inside[-1], token.content.rstrip("\n"))
            elif token.nesting == -1:
                inside.pop()
            elif token.hidden:  # the paragraph of an item in a tight list
                inside.append(inside[-1])
            else:
                element = add_element(inside[-1], token)
                if token.nesting == 1:
                    inside.append(element)

    def without_notes(self, tokens: list[Token]) -> Iterator[Token]:
        depth, note = 0, list[Token]()
        for token in tokens:
            is_end = token.type == "footnote_reference_close"
            depth -= is_end
            if token.type == "footnote_reference_open":
                if not depth:
                    note = []
                    self.notes.append((token.meta["label"], note))
                else:
                    note.append(token)
                depth += 1
            elif depth:
                note.append(token)
            elif not is_end:
                yield token

    def add_html(self, parent: etree.Element, html: str) -> None:
        """Add HTML that no later step changes."""
        etree.SubElement(parent, "p").text = AtomicString(self.md.htmlStash.store(html))


def add_text(parent: etree.Element, text: str) -> None:
    if len(parent):  # the text of an item that began with another block
        parent[-1].tail = f"{parent[-1].tail or ''}\n{text}"
    else:
        parent.text = f"{parent.text}\n{text}" if parent.text else text


def add_element(parent: etree.Element, token: Token) -> etree.Element:
    element = etree.SubElement(parent, token.tag)
    if (start := token.attrGet("start")) is not None:
        element.set("start", str(start))
    if style := str(token.attrGet("style") or ""):  # of a table's cell
        element.set("align", style.removeprefix("text-align:"))
    return element


def code_html(token: Token) -> str:
    """Return a code block, with its language's name as a class."""
    text, info = token.content, unescapeAll(token.info).strip()
    if not INFO.fullmatch(info):
        text, info = f"{info}\n{text}", ""
    words = re.findall(r"[\w+#.-]+", info)
    name = f' class="language-{words[0].lstrip(".")}"' if words else ""
    if text and not text.endswith("\n"):
        text += "\n"  # the fence was never closed
    # HTML drops one line end after <pre>, but none after <code>.
    return f"<pre><code{name}>{escape(text, quote=False)}</code></pre>"
