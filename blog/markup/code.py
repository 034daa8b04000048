"""Colours code blocks in an essay with Pygments, once, when the essay is saved."""

from __future__ import annotations

from lxml.html import HtmlElement
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from .gates import LANGUAGE_CLASS
from .tree import new

# Some of Pygments' 500 lexers are quadratic on some input: 10,000 ` in YAML take 0.9 s, 5,000 a
# quarter of that. Code blocks beyond these limits are shown without colours.
_LISTING_LIMIT = 5_000  # characters of one code block, some 150 lines
_LISTINGS_LIMIT = 30_000  # characters of all code blocks of an essay
_COLOURED_LIMIT = 3_000  # coloured pieces of an essay; cleaning takes 30 µs for each
# Names and punctuation, the most frequent tokens, get no colour and so need no span.
_PLAIN = frozenset({"", "n", "nx", "p", "w", "err", "x"})


def colour_code(root: HtmlElement) -> None:
    characters = coloured = 0
    for code in root.iter("code"):
        pre = code.getparent()
        if pre.tag != "pre" or not LANGUAGE_CLASS.fullmatch(code.get("class", "")):
            code.attrib.pop("class", None)
            continue
        text = str(code.text_content())
        characters += len(text)
        if len(text) > _LISTING_LIMIT or characters > _LISTINGS_LIMIT:
            continue
        pieces = _pieces(code.get("class").removeprefix("language-"), text)
        coloured += len(pieces)
        if coloured <= _COLOURED_LIMIT:
            _colour(code, pieces)
    for pre in root.iter("pre"):
        pre.set("tabindex", "0")
        # A parser drops one line end after <pre> each time, so there must be none.
        pre.text = (pre.text or "").lstrip("\n")


def _pieces(language: str, text: str) -> list[tuple[str, str]]:
    """Return the text as pairs of a short Pygments class ("" for plain text) and characters."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return []
    pieces: list[tuple[str, str]] = []
    try:
        for kind, value in lexer.get_tokens(text):
            while kind.parent and kind not in STANDARD_TYPES:
                kind = kind.parent
            name = STANDARD_TYPES.get(kind, "")
            name = "" if name in _PLAIN else name
            if pieces and (pieces[-1][0] == name or value.isspace()):
                pieces[-1] = pieces[-1][0], pieces[-1][1] + value
            else:
                pieces.append((name, value))
    except Exception:  # an error in one of 500 lexers must not lose the essay
        return []
    return pieces


def _colour(code: HtmlElement, pieces: list[tuple[str, str]]) -> None:
    if not pieces:
        return
    for child in list(code):
        code.remove(child)
    code.set("class", f"{code.get('class')} hl")
    code.text = ""
    last: HtmlElement | None = None
    for name, value in pieces:
        if name:
            last = new("span", value, class_=name)
            code.append(last)
        elif last is None:
            code.text = value
        else:
            last.tail = value
