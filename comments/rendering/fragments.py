"""Reads what the fragment of an address names: words of a page, or one of its comments.

Words are named by text fragments (https://wicg.github.io/scroll-to-text-fragment/), as in
`#:~:text=prefix-,start,end,-suffix`, or by a fragmention, `##words`; comments by `#c12`, or by
`#n12` and `#w12`, the permalinks of notes.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from blog.lib.numbers import number_in

# Characters of a fragment that are read: 2,000 of any script, and all of them percent-encoded.
MAX_FRAGMENT = 20_000
# Quotations that are read of one address.
MOST_QUOTES = 10
# Words of a longer passage, at its start and its end, by which an address names it.
EDGE = 5

# Some programs percent-encode the tilde, and some the second number sign.
_DIRECTIVE = re.compile(r":(?:~|%7[Ee]):")
_FRAGMENTION = re.compile(r"#|%23")
_COMMENT = re.compile(r"[cnw]([0-9]{1,19})")


class Quote(NamedTuple):
    """Words of a page: from `start`, or from there to `end`, with these words around them.

    `nth` is the number of the place among those with these words, from 0.
    """

    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""
    nth: int = 0


class Fragment(NamedTuple):
    quotes: tuple[Quote, ...] = ()
    comment: int | None = None


def fragment_of(address: str) -> Fragment:
    """Return what the fragment of an address names; of a very long one nothing."""
    given = address.partition("#")[2]
    if not given or len(given) > MAX_FRAGMENT:
        return Fragment()
    name, *directives = _DIRECTIVE.split(given, maxsplit=1)
    comment = number_in(found[1]) if (found := _COMMENT.fullmatch(name)) else None
    if not directives:
        mark = _FRAGMENTION.match(given)
        quotes: list[Quote | None] = [_fragmention(given[mark.end() :])] if mark else []
    else:
        texts = [part[5:] for part in directives[0].split("&") if part.startswith("text=")]
        quotes = [_text(text) for text in texts[:MOST_QUOTES]]
    return Fragment(tuple(quote for quote in quotes if quote and quote.start.strip()), comment)


def _text(given: str) -> Quote | None:
    """Return the quotation in a text directive, without `text=`; None if it is not valid."""
    parts = given.split(",", maxsplit=4)
    prefix = parts.pop(0)[:-1] if parts[0].endswith("-") and len(parts) > 1 else ""
    suffix = parts.pop()[1:] if parts[-1].startswith("-") and len(parts) > 1 else ""
    if len(parts) > 2:
        return None
    start, end = (*parts, "")[:2]
    return Quote(unquote(start), unquote(end), unquote(prefix), unquote(suffix))


def _fragmention(given: str) -> Quote:
    """Return the quotation in a fragmention; after two spaces it may say which place is meant."""
    words, _space, number = unquote(given.replace("+", " ")).partition("  ")
    nth = number_in(number.strip()) if number.strip() else 0
    return Quote(words if nth is not None else f"{words} {number}", nth=min(nth or 0, 1000))


def address_of(words: str) -> str:
    """Return the text fragment that names these words of a page, with its number sign."""
    parts = words.split()
    if len(parts) > 2 * EDGE:
        named = [" ".join(parts[:EDGE]), " ".join(parts[-EDGE:])]
    else:
        named = [" ".join(parts)]
    return "#:~:text=" + ",".join(quote(text, safe="").replace("-", "%2D") for text in named)
