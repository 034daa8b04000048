"""In which order the comments under an essay stand, and how their rendering is told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.template.loader import get_template


def rendering() -> str:
    """Return a short name for how threads are rendered now, from all that shapes their HTML.

    A page made under another name is stale: a template, the language or the time zone changed.
    """
    names = ("comments/_thread.html", "comments/_mentions.html")
    sources = [get_template(name).template.source for name in names]
    return digest(settings.LANGUAGE_CODE, settings.TIME_ZONE, *sources)


@lru_cache(maxsize=8)
def digest(*shape: str) -> str:
    return hashlib.sha256(repr(list(shape)).encode()).hexdigest()[:16]


def reading_order(comments: Iterable[tuple[int, int | None, bool]]) -> list[tuple[int, int]]:
    """Return number and depth of each comment that readers see, in reading order.

    `comments` are all under one essay, oldest first, each as its number, its parent's, and whether
    it is approved. Replies stand under what they answer, depth first; a comment that answers no
    other has depth 0. A removed comment has a line only while something approved stands below it.
    """
    replies: dict[int | None, list[int]] = {}
    parents: dict[int, int | None] = {}
    approved: set[int | None] = set()
    for number, parent, is_approved in comments:
        replies.setdefault(parent, []).append(number)
        parents[number] = parent
        if is_approved:
            approved.add(number)

    found = []
    # Depth first by hand: a chain of replies can be longer than Python's stack.
    waiting = [(number, 0) for number in reversed(replies.get(None, ()))]
    while waiting:
        number, depth = waiting.pop()
        found.append((number, depth))
        waiting += [(reply, depth + 1) for reply in reversed(replies.get(number, ()))]

    lines: list[tuple[int, int]] = []
    needed: set[int | None] = set()
    for number, depth in reversed(found):
        if number in approved or number in needed:
            lines.append((number, depth))
            needed.add(parents[number])
    return lines[::-1]
