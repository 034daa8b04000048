"""Reads the marks within a passage of a comment: emphasis, code, links and addresses.

Only what is surely meant is a mark. A mark between letters or digits (`3*4`), around nothing but
signs (`^_^`) or around one name (`__init__`) is text. So is a backslash, except where it keeps a
mark from being read.
"""

from __future__ import annotations

import re
from html import escape
from typing import NamedTuple

from markdown_it.common.utils import normalizeReference

from .comment_emphasis import (
    Kept,
    Mark,
    Part,
    Text,
    is_unspaced,
    is_word,
    may_stand_before,
    settled,
)
from .comment_links import BARE, MAIL, bare_address, opening_tag, whole_address
from .inline import end_of_address
from .typography import CommentTypography

_MARKS = re.compile(
    rf"(?P<bare>{BARE})|(?P<run>\*+|_+|(?<!~)~~(?!~))|(?P<code>`+)|(?P<link>!?\[)"
    rf"|\\(?P<escaped>[*_`\[<]|~~)|<(?P<pointed>[a-zA-Z0-9][^\s<>]*+)>",
    re.IGNORECASE,
)
_TITLE = re.compile(r"""[ \n]++(?:"([^"\n]*+)"|'([^'\n]*+)'|\(([^()\n]*+)\))[ ]*+\)""")
_POINTED = re.compile(r"<([^<>\n]*+)>")
_REFERENCE = re.compile(r"\[([^\[\]]*+)\]")
_OF_CODE = re.compile(r"[\[\]{}/;$_]|\w: ?\w")
# Characters of an address in a link, of code in a line, and of a label.
_LONGEST, _LONGEST_LABEL = 2000, 999
_NODES = re.compile(f"[{CommentTypography.CUT}{CommentTypography.KEPT}]")

# A backslash that keeps a line from being an item, a quotation or, elsewhere, a heading.
_NO_BLOCK = re.compile(r"^\\(?=[-+*](?:[ ]|$)|>|#{1,6}(?:[ ]|$))|^(\d{1,9})\\(?=[.)](?:[ ]|$))")

_NO_BREAK = "\u00a0"
_ROW = re.compile(" {3,}")  # two stand between sentences

# What a mark stands for, and where that ends; nothing if it is text.
Read = tuple[list[Part], int]


def _line(line: str) -> str:
    """Return a line of a passage, whose spaces at the start and in rows are shown."""
    line = line.rstrip(" \t").replace("\t", "    ")
    words = line.lstrip(" ")
    spaces = len(line) - len(words)
    indent = _NO_BREAK * spaces if spaces > 1 else ""
    return indent + _ROW.sub(
        lambda row: _NO_BREAK * (len(row[0]) - 1) + " ", _NO_BLOCK.sub(r"\1", words)
    )


class Target(NamedTuple):
    href: str
    title: str
    end: int


class Passage:
    """Turns passages into HTML. `references` are addresses and titles by label."""

    def __init__(self, references: dict[str, tuple[str, str]]) -> None:
        self.references = references
        self.used: set[str] = set()

    def html(self, data: str) -> str:
        data = "\n".join(map(_line, data.split("\n")))
        return written(settled(self.parts(Text(data), 0, len(data))))

    def parts(self, text: Text, start: int, end: int, *, in_link: bool = False) -> list[Part]:
        """Return the parts between two places of a text."""
        parts, done, at = list[Part](), start, start
        while found := _MARKS.search(text.data, at, end):
            node, at = self.read(text, found, end, in_link=in_link)
            if node:
                parts += [text.data[done : found.start()], *node]
                done = at
        parts.append(text.data[done:end])
        return [part for part in parts if part != ""]

    def read(self, text: Text, found: re.Match[str], end: int, *, in_link: bool = False) -> Read:
        kind, start, stop = found.lastgroup, found.start(), found.end()
        if kind == "run":
            return [Mark.of(text, start, stop)] if text.may_open else [], stop
        if kind == "code":
            return self.code(text.data, start, stop, end)
        if kind == "escaped":
            return self.escaped(text, found, end, in_link=in_link)
        if in_link:
            return [], stop
        if kind == "link":
            return self.link(text, start, stop - 1, end)
        if kind == "pointed":
            node = self.pointed(found["pointed"])
            return node, stop if node else start + 1
        if (address := bare_address(found[0], text.data[start - 1 : start])) is None:
            return [], stop
        return [linked(address.typed, address.href)], start + len(address.typed)

    def escaped(self, text: Text, found: re.Match[str], end: int, *, in_link: bool) -> Read:
        """Read a backslash before a mark; it is left out if the mark would be read without it."""
        mark, at = found["escaped"], found.start("escaped")
        if mark[0] in "*_~":
            return [Mark.of(text, at, found.end(), escaped=True)], found.end()
        if mark == "`":
            node, stop = self.code(text.data, at, at + 1, end, before=found.start())
            return ([text.data[at : stop - 2], "`"] if node else []), stop
        again, used = _MARKS.match(text.data, at, end), self.used.copy()
        node = self.read(text, again, end)[0] if again and not in_link else []
        self.used = used
        return ([Kept(escape(mark))], at + 1) if node else ([], at)

    def code(self, data: str, start: int, at: int, end: int, before: int | None = None) -> Read:
        """Read code in a line. Its back ticks stand around words, not within one.

        With `before`, the back ticks have backslashes, and the first one stands there.
        """
        mark, first = data[start:at], start if before is None else before
        left = data[first - 1] if first else ""
        line_end = data.find("\n", at, end)
        within = min(line_end if line_end >= 0 else end, at + _LONGEST)
        escape_mark = r"\\" if before is not None else ""
        closing = re.compile(rf"(?<!`){escape_mark}{mark}(?!`)").search(data, at, within)
        if closing is None:
            return [], at
        code, right = data[at : closing.start()], data[closing.end() : closing.end() + 1]
        if not code.strip() or not is_code(left, code, right):
            return [], at
        if code[0] == code[-1] == " ":
            code = code[1:-1]
        return [Kept(f"<code>{escape(code, quote=False)}</code>")], closing.end()

    def pointed(self, typed: str) -> list[Part]:
        href = whole_address(f"mailto:{typed}" if MAIL.fullmatch(typed) else typed)
        return [linked(typed, href)] if href else []

    def link(self, text: Text, start: int, at: int, end: int) -> Read:
        """Read `[words](address "title")`, `[words][label]` or `[label]`, or an image like that."""
        close = text.closing(at)
        if close is None or close >= end or not (to := self.target(text.data, at, close, end)):
            return [], at + 1
        words = settled(self.parts(text, at + 1, close, in_link=True))
        if not any(isinstance(part, Kept) or part.strip() for part in words):
            # An image without a description is called as its file is.
            name = to.href.rstrip("/").rpartition("/")[2] if start < at else to.href
            words = [Kept(escape(name or to.href, quote=False))]
        title: list[Part] = [f" ({to.title})"] if to.title else []
        link = Kept(opening_tag(to.href), is_tag=True), *words, Kept("</a>", is_tag=True)
        return [*link, *title], to.end

    def target(self, data: str, at: int, close: int, end: int) -> Target | None:
        if data.startswith("(", close + 1):
            return destination(data, close + 2, end)
        named = _REFERENCE.match(data, close + 1, end)
        label = named[1] if named and named[1].strip() else data[at + 1 : close]
        name = normalizeReference(label) if len(label) <= _LONGEST_LABEL else ""
        if name not in self.references:
            return None
        self.used.add(name)
        return Target(*self.references[name], named.end() if named else close + 1)


def is_code(left: str, code: str, right: str) -> bool:
    """Whether back ticks between these characters stand around code, and are no apostrophes."""
    begins = may_stand_before(left) or is_unspaced(left)
    ends = (not is_word(right) and right != "_") or is_unspaced(right)
    if begins and ends:
        is_apart = not left.strip() and (not right.strip() or right in ".,;:!?)")
        return is_apart or (code[0] not in ")]}" and any(map(str.isalnum, code)))
    if is_word(left) and is_word(right):
        return False
    return _OF_CODE.search(code) is not None or (ends and len(code) > 1 and code.isalnum())


def destination(data: str, at: int, end: int) -> Target | None:
    """Return the address and title that stand in round brackets from here on."""
    while data.startswith(" ", at):
        at += 1
    if pointed := _POINTED.match(data, at, end):
        typed, stop = pointed[1], pointed.end()
    else:
        stop = at + end_of_address(data[at : min(end, at + _LONGEST)], 0)
        typed = data[at:stop]
    title = ""
    if named := _TITLE.match(data, stop, end):
        title, stop = next(filter(None, named.groups()), ""), named.end() - 1
    while data.startswith(" ", stop):
        stop += 1
    if not data.startswith(")", stop) or stop >= end:
        return None
    href = whole_address(typed)
    return Target(href, title.strip(), stop + 1) if href else None


def linked(typed: str, href: str) -> Kept:
    return Kept(f"{opening_tag(href)}{escape(typed, quote=False)}</a>")


def written(parts: list[str | Kept]) -> str:
    """Return the parts as HTML, with typographic signs and line breaks."""
    cut, kept = CommentTypography.CUT, CommentTypography.KEPT
    nodes = iter([part.html for part in parts if isinstance(part, Kept)])
    text = "".join(
        part if isinstance(part, str) else cut if part.is_tag else kept for part in parts
    )
    html = as_html(CommentTypography().typeset(text))
    return _NODES.sub(lambda _node: next(nodes), html)


def as_html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>\n")
