"""Makes HTML of a comment. All but its marks shows as typed: HTML and entities too."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from html import escape

import lxml.html
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token
from pygments.lexers import get_all_lexers

from .blocks import INFO
from .comment_blocks import read, with_ends_of_code
from .comment_inline import Passage, as_html
from .comment_links import whole_address
from .direction import set_directions, turns
from .guards import MarkupError, too_deep
from .tree import inner_html

# lxml drops what is nested deeper than 255 elements.
_DEEPEST = 100
_LABEL = re.compile(r"\[([^\[\]]+)\]")
# `[1]: https://…` in a line of its own. It is a definition if a link needs it, else text.
_DEFINITION = re.compile(
    r"""\ {0,3}\[(?P<label>[^\[\]]+)\]:[ ]*(?P<address>\S+)"""
    r"""(?:[ ]+(?:(["'])(?P<title>.*)\3|\((?P<note>.*)\)))?[ ]*"""
)
_ANY_TAG = re.compile(r"<[^<>]*+>")
_INVISIBLE = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn"})


def comment_html(text: str) -> str:
    """Return HTML of a comment; of one that would show nothing, what was typed."""
    if not text.strip():
        return ""
    html = _Writer(text).html()
    words = _ANY_TAG.sub("", html)
    if all(unicodedata.category(char) in _INVISIBLE for char in words):
        html = f"<p>{as_html(text.strip())}</p>"
    if turns(words):
        root = lxml.html.fragment_fromstring(html, create_parent="div")
        set_directions(root)
        html = inner_html(root)
    return html


class _Writer:
    """Writes the blocks of one comment."""

    def __init__(self, text: str) -> None:
        text = with_ends_of_code(text)
        self.source = text.split("\n")
        self.tokens = [*read(text)]
        self.references: dict[str, tuple[str, str]] = {}
        # The lines of definitions by their labels.
        self.lines: dict[str, str] = {}
        if "]:" in text:
            self.times = Counter(map(normalizeReference, _LABEL.findall(text)))
            self.tokens = [
                part for token in self.tokens for part in self.without_definitions(token)
            ]
        self.passage = Passage(self.references)

    def without_definitions(self, token: Token) -> list[Token]:
        """Return a passage as itself, or in parts where lines of it may be definitions."""
        if token.type != "inline" or "]:" not in token.content:
            return [token]
        parts, lines = list[Token](), list[str]()
        for line in token.content.split("\n"):
            if label := self.defined(line):
                parts += [Token("inline", "", 0, content="\n".join(lines))] * bool(lines)
                parts.append(Token("definition", "", 0, content=label))
                lines = []
            else:
                lines.append(line)
        return parts + [Token("inline", "", 0, content="\n".join(lines))] * bool(lines)

    def defined(self, line: str) -> str:
        """Keep a definition of what is mentioned elsewhere too; return its label or nothing."""
        if not (found := _DEFINITION.fullmatch(line)):
            return ""
        label, address = normalizeReference(found["label"]), found["address"]
        if self.times[label] < 2 or label in self.references:
            return ""
        if address[0] == "<" and address[-1] == ">":
            address = address[1:-1]
        if not (href := whole_address(address)):
            return ""
        self.references[label] = href, found["title"] or found["note"] or ""
        self.lines[label] = line
        return label

    def indent(self, token: Token) -> str:
        """Return the spaces before a paragraph's first word, which markdown-it-py leaves out."""
        line = self.source[token.map[0]] if token.map and token.level == 1 else ""
        return " " * (len(line) - len(line.lstrip(" ")))

    def html(self) -> str:
        # Read first, so that it is known which definitions they need.
        passages = [
            self.passage.html(self.indent(token) + token.content) if token.type == "inline" else ""
            for token in self.tokens
        ]
        done, depth = list[str](), 0
        paragraph: list[str] | None = None
        for place, (token, passage) in enumerate(zip(self.tokens, passages, strict=True)):
            depth += token.nesting
            if depth > _DEEPEST:
                raise MarkupError(too_deep())
            if token.type == "paragraph_open":
                paragraph = []
            elif token.type == "inline":
                (done if paragraph is None else paragraph).append(passage)
            elif token.type == "definition":
                if token.content not in self.passage.used and paragraph is not None:
                    paragraph.append(self.passage.html(self.lines[token.content]))
            elif token.type == "paragraph_close":
                words = "<br>\n".join(paragraph or ())
                paragraph = None
                if words:
                    done.append(words if token.hidden else f"<p>{words}</p>\n")
            else:
                is_tight = token.tag == "li" and self.tokens[place + 1].hidden
                done.append(_block(token, "" if is_tight else "\n"))
        return "".join(done)


def _block(token: Token, after: str) -> str:
    if token.type in ("fence", "code_block"):
        return f'<pre tabindex="0"><code>{escape(_code(token), quote=False)}</code></pre>\n'
    if token.nesting < 0:
        return f"</{token.tag}>\n"
    start = f' start="{token.attrs["start"]}"' if "start" in token.attrs else ""
    return f"<{token.tag}{start}>{after}"


def _code(token: Token) -> str:
    """Return the text of a code block; what names no language belongs to it."""
    text, info = token.content, token.info.strip()
    if info and not (INFO.fullmatch(info) and info.split()[0].lower() in _languages()):
        text = f"{info}\n{text}"
    return text if text.endswith("\n") or not text else f"{text}\n"


@cache
def _languages() -> frozenset[str]:
    """Return what languages are called after back ticks."""
    lexers = get_all_lexers(plugins=False)
    return frozenset(
        alias.lower() for _name, aliases, _files, _types in lexers for alias in aliases
    )
