"""The order of the comments under an essay, and the name of the way they are rendered now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.template.loader import get_template

from blog.lib.languages import site_language


def rendering() -> str:
    """Return a short name for how threads are rendered now: a digest of everything it depends on.

    A page with another name is stale, because a template, the language or the time zone changed.
    """
    names = ("_thread", "_on", "_mentions", "_reactions")
    sources = [get_template(f"comments/{name}.html").template.source for name in names]
    return digest(site_language(), settings.TIME_ZONE, *sources)


@lru_cache(maxsize=8)
def digest(*shape: str) -> str:
    return hashlib.sha256(repr(list(shape)).encode()).hexdigest()[:16]


def reading_order(comments: Iterable[tuple[int, int | None, bool]]) -> list[tuple[int, int]]:
    """Return number and depth of each comment that readers see, in reading order.

    `comments` are all comments of one essay, oldest first, each as (number, parent's number,
    whether it is approved). Replies follow their parent, depth first; a comment without a parent
    has depth 0. A removed comment is included only if an approved one is below it.
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
    # Without recursion, because a chain of replies can be longer than Python's stack.
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
