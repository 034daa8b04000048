"""In which order the comments under an essay stand, and how their rendering is told apart."""

import hashlib

from django.conf import settings
from django.template.loader import get_template


def rendering(threads_per_page):
    """Return a short name for how threads are rendered now, from all that shapes their HTML.

    A page made under another name is stale: a template, the language or the time zone changed.
    """
    shape = [settings.LANGUAGE_CODE, settings.TIME_ZONE, threads_per_page]
    for name in ("comments/_thread.html", "comments/_mentions.html"):
        shape.append(get_template(name).template.source)
    return hashlib.sha256(repr(shape).encode()).hexdigest()[:16]


def in_reading_order(post, starts, replies):
    """Return the lines of a page of the thread: each start, then its replies, depth first.

    `replies` are all comments below the starts, oldest first. A removed comment has a line only
    while something approved still stands below it.
    """
    answers = {}
    for reply in replies:
        reply.post = post
        answers.setdefault(reply.parent_id, []).append(reply)

    rows = []
    for start in starts:
        start.post = post
        # Depth first by hand: a chain of replies can be longer than Python's stack.
        waiting = [start]
        while waiting:
            comment = waiting.pop()
            rows.append(comment)
            for reply in reversed(answers.get(comment.pk, ())):
                reply.parent = comment
                waiting.append(reply)
    return without_dead_ends(rows)


def without_dead_ends(rows):
    """Return `rows` less the removed comments below which nothing approved stands."""
    kept, needed = [], set()
    for comment in reversed(rows):
        if comment.is_approved or comment.pk in needed:
            kept.append(comment)
            needed.add(comment.parent_id)
    return kept[::-1]
