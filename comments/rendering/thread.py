"""The order of the comments under an essay, and the name of the way they are rendered now."""

from __future__ import annotations

import hashlib
from array import array
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


def reading_order(
    comments: Iterable[tuple[int, int | None, bool]],
) -> tuple[array[int], array[int]]:
    """Return the numbers of the comments that readers see in reading order, and their depths.

    `comments` are all comments of one essay, oldest first, each as (number, parent's number,
    whether it is approved). Replies follow their parent, depth first; a comment without a parent
    has depth 0. A removed comment is included only if an approved one is below it.
    """
    top = array("q")
    replies: dict[int, list[int]] = {}
    parents: dict[int, int] = {}
    removed: set[int] = set()
    for number, parent, is_approved in comments:
        if parent is None:
            top.append(number)
        else:
            replies.setdefault(parent, []).append(number)
            parents[number] = parent
        if not is_approved:
            removed.add(number)

    found, depths = _depth_first(top, replies)
    numbers, depths_of = array("q"), array("q")
    needed: set[int] = set()
    while found:
        number, depth = found.pop(), depths.pop()
        if number not in removed or number in needed:
            numbers.append(number)
            depths_of.append(depth)
            if number in parents:
                needed.add(parents[number])
    numbers.reverse()
    depths_of.reverse()
    return numbers, depths_of


def _depth_first(top: array[int], replies: dict[int, list[int]]) -> tuple[array[int], array[int]]:
    """Return the numbers in reading order, and the depth of each.

    As arrays, since a thread may have very many: pairs would take five times the memory.
    """
    found, depths = array("q"), array("q")
    for start in top:
        # Without recursion, because a chain of replies can be longer than Python's stack.
        waiting = [(start, 0)]
        while waiting:
            number, depth = waiting.pop()
            found.append(number)
            depths.append(depth)
            waiting += [(reply, depth + 1) for reply in reversed(replies.get(number, ()))]
    return found, depths
