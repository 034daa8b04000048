"""The text of one post: the HTML that Ghost showed, or what its editor kept where there is none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .card_data import Part
from .cards import simple
from .lexical import lexical_parts
from .mobiledoc import mobiledoc_parts
from .store import Row
from .values import text

_FOR_MAIL = re.compile(r'"type"\s*:\s*"email(?:-cta)?"|\[\s*"email(?:-cta)?"\s*,')
# Comments by which Ghost says where a card begins, and the part that members read.
_MACHINES_NOTE = re.compile(r"<!--\s{0,8}(?:/?kg-card|members-only|more)\b[^<>]{0,200}-->")
_NOTE = re.compile(r"\[\^([^\]\s]{1,80})\]")


@dataclass
class Text:
    """Stretches of a text, each with its notes by their names; without them it is Markdown."""

    parts: list[tuple[str, dict[str, str] | None]] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    unknown: set[str] = field(default_factory=set)
    unreadable: str = ""


def text_of_post(row: Row) -> Text:
    made = Text()
    if html := text(row.get("html")):
        take_html(made, html)
    if not any(part.strip() for part, _notes in made.parts):
        made = _from_editor(row)
    editor = f"{text(row.get('lexical'))}{text(row.get('mobiledoc'))}"
    made.lost["email"] = bool(made.lost["email"] or _FOR_MAIL.search(editor))
    return made


def take_html(made: Text, html: str) -> None:
    found = simple(_MACHINES_NOTE.sub("", html))
    made.parts.append((found.html, found.notes))
    made.lost += found.lost


def _from_editor(row: Row) -> Text:
    made = Text()
    for name, read in (("lexical", lexical_parts), ("mobiledoc", mobiledoc_parts)):
        source = text(row.get(name))
        if not source.strip():
            continue
        parts = read(source)
        if parts is None:
            made.unreadable = _("its %(editor)s is broken") % {"editor": name}
            continue
        made.unreadable = ""
        _take(made, parts)
        if any(part.strip() for part, _notes in made.parts):
            return made
    if markdown := text(row.get("markdown")):
        made.parts.append((markdown, None))
    return made


def _take(made: Text, parts: list[Part]) -> None:
    """Join stretches of HTML, and keep what is Markdown as it was typed."""
    waiting: list[str] = []
    count = 0
    for part in [*parts, Part("", is_markdown=True)]:
        if part.lost in ("email", "form"):
            made.lost[part.lost] += 1
        elif part.lost:
            made.unknown.add(part.lost)
        if not part.is_markdown:
            waiting.append(part.source)
            continue
        if html := "\n".join(filter(str.strip, waiting)):
            take_html(made, html)
        waiting = []
        if part.source.strip():
            count += 1
            made.parts.append((_own_notes(part.source, count), None))


def _own_notes(markdown: str, number: int) -> str:
    """Return a card's Markdown with names of its notes that no other card has."""
    if number == 1:
        return markdown
    return _NOTE.sub(lambda found: f"[^card{number}-{found[1]}]", markdown)
