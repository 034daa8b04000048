"""Gives each block the direction of its own first letter, where that is not the page's.

So Arabic on an English site ends with its full stop on the left, in feeds and mails too. Where the
text's language is known, a block that holds a letter of its direction has that one, whatever its
first word is. Nothing is written where nothing turns. Notes and pictures stay on the page's side:
their place is layout.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.conf import settings
from lxml.html import HtmlElement

from blog.lib.languages import is_to_left, site_language

from .gates import BLOCKS

# Letters written from right to left, and what can never be one of them.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LEFT_TO_RIGHT = re.compile(r"[^\W\d_\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")
_LAYOUT = frozenset({"div", "aside", "figure", "hr"})


def of_site() -> str:
    """Return the direction of the site's language."""
    is_bidi = site_language().partition("-")[0] in settings.LANGUAGES_BIDI
    return "rtl" if is_bidi else "ltr"


def turns(text: str) -> bool:
    """Whether a text has letters of the other direction than the site's."""
    if of_site() == "rtl":
        return _LEFT_TO_RIGHT.search(text) is not None
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def isolated(text: str) -> str:
    """Return a name or a title in plain text so that it turns nothing around it."""
    return f"\u2068{text}\u2069" if turns(text) else text


def of_language(tag: str) -> str:
    return "rtl" if is_to_left(tag) else "ltr"


def set_directions(root: HtmlElement, language: str = "") -> None:
    """Set the directions of a text's blocks; `language` is its own, "" where none is said."""
    said = of_language(language) if language else ""
    if said not in ("", of_site()) or turns(root.text_content()):
        _set(root, of_site(), said)


def paragraph(html: str) -> str:
    """Return a paragraph of text and line breaks, with its direction."""
    turned = turns(html) and direction_of([html.replace("<br>", "")]) not in ("", of_site())
    return f'<p dir="auto">{html}</p>' if turned else f"<p>{html}</p>"


def direction_of(parts: Iterable[str]) -> str:
    """Return the direction of the first letter that has one; "" where none has."""
    for part in parts:
        for char in part:
            kind = unicodedata.bidirectional(char)
            if kind in ("L", "R", "AL"):
                return "ltr" if kind == "L" else "rtl"
    return ""


def _set(parent: HtmlElement, around: str, said: str) -> None:
    for block in parent.iterchildren(*BLOCKS):
        own = around
        if block.tag == "pre":
            own = "ltr"
        elif block.tag not in _LAYOUT:
            first = direction_of(map(str, block.itertext()))
            own = said if said and _holds(block, said) else first or said or around
        if own != around:
            holds_blocks = next(block.iterchildren(*BLOCKS), None) is not None
            block.set("dir", own if said or holds_blocks or block.tag == "pre" else "auto")
        _set(block, own, said)


def _holds(block: HtmlElement, direction: str) -> bool:
    letter = _RIGHT_TO_LEFT if direction == "rtl" else _LEFT_TO_RIGHT
    return letter.search(block.text_content()) is not None
