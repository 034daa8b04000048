"""Texts of Ghost's editor before 2023, Mobiledoc, for those that have no HTML."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from . import shapes
from .card_data import Part, anything_in, part_of
from .values import text, words

_TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "aside", "pull-quote"}
_INLINE = {
    "strong": "strong",
    "b": "strong",
    "em": "em",
    "i": "em",
    "s": "s",
    "strike": "s",
    "del": "s",
    "u": "u",
    "code": "code",
    "sub": "sub",
    "sup": "sup",
    "mark": "mark",
}
PARAGRAPH, PICTURE, LIST, CARD = 1, 2, 3, 10


def mobiledoc_parts(source: str) -> list[Part] | None:
    """Return the stretches of a text in order; None for any other text."""
    try:
        said = json.loads(source, strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("sections"), list):
        return None
    document = _Document(said)
    found = (document.section(each) for each in said["sections"] if isinstance(each, list))
    return [part for part in found if part is not None]


class _Document:
    def __init__(self, said: dict[str, Any]) -> None:
        self.markups, self.atoms, self.cards = (
            said[name] if isinstance(said.get(name), list) else []
            for name in ("markups", "atoms", "cards")
        )

    def section(self, given: list[Any]) -> Part | None:
        kind = given[0] if given else None
        rest = [*given[1:], None, None]
        if kind == PARAGRAPH:
            tag = words(rest[0]).lower()
            tag = "blockquote" if tag in ("aside", "pull-quote") else tag if tag in _TAGS else "p"
            inner = self.inline(rest[1])
            return Part(f"<{tag}>{inner}</{tag}>" if inner.strip() else "")
        if kind == PICTURE:
            return Part(shapes.figure(shapes.image(words(rest[0]))))
        if kind == LIST:
            tag = "ol" if words(rest[0]) == "ol" else "ul"
            items = rest[1] if isinstance(rest[1], list) else []
            inner = "".join(f"<li>{self.inline(item)}</li>" for item in items)
            return Part(f"<{tag}>{inner}</{tag}>")
        return self.card(rest[0]) if kind == CARD else None

    def card(self, number: Any) -> Part | None:
        given = _at(self.cards, number)
        if not isinstance(given, list) or not given:
            return None
        kind = words(given[0])
        data = given[1] if len(given) > 1 and isinstance(given[1], dict) else {}
        found = part_of(kind, data)
        return found if found is not None else Part(anything_in(data), lost=kind or "?")

    def inline(self, markers: Any) -> str:
        """Return the HTML of a line: each marker opens marks, holds words, and closes some."""
        made: list[str] = []
        opened: list[str] = []
        for marker in markers if isinstance(markers, list) else ():
            if not isinstance(marker, list) or len(marker) < 4:
                continue
            kind, opens, closes, value = marker[:4]
            for number in opens if isinstance(opens, list) else ():
                begin, end = self.mark(number)
                made.append(begin)
                opened.append(end)
            made.append(self.atom(value) if kind == 1 else escape(text(value), quote=False))
            count = closes if isinstance(closes, int) else 0
            while count > 0 and opened:
                made.append(opened.pop())
                count -= 1
        return "".join([*made, *reversed(opened)])

    def atom(self, number: Any) -> str:
        given = _at(self.atoms, number)
        if not isinstance(given, list) or not given:
            return ""
        return "<br>" if given[0] == "soft-return" else escape(words((given[1:] or [""])[0]))

    def mark(self, number: Any) -> tuple[str, str]:
        given = _at(self.markups, number)
        if not isinstance(given, list) or not given:
            return "", ""
        name = words(given[0]).lower()
        if name == "a" and len(given) > 1 and isinstance(given[1], list):
            pairs = dict(zip(map(words, given[1][::2]), given[1][1::2], strict=False))
            address = words(pairs.get("href"))
            return (f'<a href="{escape(address)}">', "</a>") if address else ("", "")
        tag = _INLINE.get(name)
        return (f"<{tag}>", f"</{tag}>") if tag else ("", "")


def _at(rows: list[Any], number: Any) -> Any:
    is_number = isinstance(number, int) and not isinstance(number, bool)
    return rows[number] if is_number and 0 <= number < len(rows) else None
