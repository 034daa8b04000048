"""Listings in an essay: coloured by Pygments, once, when the essay is saved."""

from __future__ import annotations

from lxml.html import HtmlElement
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from .gates import LANGUAGE_CLASS
from .tree import new

# Some of Pygments' 500 lexers are quadratic on some input: 10,000 of ` in YAML take 0.9 s, and
# 5,000 a quarter of that. Beyond these limits a listing is shown without colours.
_LISTING_LIMIT = 5_000  # characters in one listing, some 150 lines
_LISTINGS_LIMIT = 30_000  # characters in all listings of an essay
_COLOURED_LIMIT = 3_000  # coloured pieces in an essay; each takes the gates 30 µs
# Names and punctuation are most of any listing. Without colour they need no span either.
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
        # Each time HTML is read, one line end after <pre> is lost; so none may stand there.
        pre.text = (pre.text or "").lstrip("\n")


def _pieces(language: str, text: str) -> list[tuple[str, str]]:
    """Return the text as pairs of short Pygments class ("" for plain) and characters."""
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
    except Exception:  # one of 500 lexers stumbling must not lose the essay
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
