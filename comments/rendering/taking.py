"""Takes a note's words into the Markdown of a draft: in place of the words it is about, or after.

The words are found in the Markdown by their letters alone, and the new text is rendered and read:
unless it differs by just these words, nothing is changed. So marks of emphasis, links, lists and
what else an author typed never break.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from blog.markup import MarkupError, preview_post, trimmed

from .places import Finder, Selector, occurrences

# What of the Markdown is not read: addresses, elements, and marks of the author's own notes.
UNREAD = re.compile(
    r"\]\([^)\s]{0,2000}|\]\[[^\]\n]{0,200}\]|</?[a-zA-Z][^<>\n]{0,2000}>|\[\^[^\]\n]{0,200}\]"
)
# What may close or open around words that are replaced.
CLOSING = re.compile(r"(?:\]\([^)\n]{0,2000}\)|[*_~`]{1,9}){1,9}")
OPENING = "*_~`["
# Places that are compared, and of these the ones that are tried.
MOST_PLACES, MOST_TRIED = 200, 2
# Letters around the words that are compared.
AROUND = 60


def taken_in(body: str, lang: str, selector: Selector, words: str, *, after: bool) -> str | None:
    """Return the Markdown with these words in place of those of the note, or after them.

    None if they do not stand there, or cannot be changed so by themselves.
    """
    words = trimmed(words.replace("\r\n", "\n"))
    try:
        finder = Finder(preview_post(body, lang))
        added = Finder(preview_post(words, lang)).essay.text
        place = finder.find(selector)
        if place is None or not place.has_words or not added:
            return None
        start = finder.essay.starts[place.part] + place.start
        end = start + place.end - place.start
        text = finder.essay.text
        old = text[start:end]
        wanted = text[:start] + (f"{old} {added}" if after else added) + text[end:]
        for low, high in spans(body, text, start, end):
            new = body[:high] + " " + words if after else body[:low] + words
            new += body[high:]
            if Finder(preview_post(new, lang)).essay.text == wanted:
                return new
    except MarkupError:
        return None
    return None


def spans(body: str, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the characters of `text` from `start` to `end` may stand in the Markdown."""
    letters, places = letters_of(body)
    wanted = letters_of(text[start:end])[0]
    if not wanted:
        return
    before = letters_of(text[max(0, start - AROUND) : start])[0]
    after = letters_of(text[end : end + AROUND])[0]

    def likeness(at: int) -> int:
        stop = at + len(wanted)
        left = alike(letters[max(0, at - AROUND) : at][::-1], before[::-1])
        return left + alike(letters[stop : stop + AROUND], after)

    found = sorted(occurrences(letters, wanted, MOST_PLACES), key=likeness, reverse=True)
    for at in found[:MOST_TRIED]:
        low, high = places[at], places[at + len(wanted) - 1] + 1
        low, high = with_signs(body, low, high, text[start:end])
        yield low, high
        closing = CLOSING.match(body, high)
        wide = closing.end() if closing else high
        open_ = low
        while open_ and body[open_ - 1] in OPENING:
            open_ -= 1
        yield from dict.fromkeys(
            pair for pair in ((low, wide), (open_, high), (open_, wide)) if pair != (low, high)
        )


def alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def letters_of(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text in lower case, and where each stands."""
    skipped = bytearray(len(text))
    for found in UNREAD.finditer(text):
        skipped[found.start() : found.end()] = b"\x01" * (found.end() - found.start())
    letters, places = [], []
    for at, char in enumerate(text):
        if char.isalnum() and not skipped[at]:
            lower = char.lower()
            letters.append(lower if len(lower) == 1 else char)
            places.append(at)
    return "".join(letters), places


def with_signs(body: str, low: int, high: int, words: str) -> tuple[int, int]:
    """Widen a span by the signs before and after the letters of the words, such as a full stop."""
    first = next(n for n, char in enumerate(words) if char.isalnum())
    last = next(n for n, char in enumerate(words[::-1]) if char.isalnum())
    for sign in words[len(words) - last :].replace("…", "..."):
        is_sign = high < len(body) and not body[high].isspace() and body[high] not in OPENING
        if is_sign and not (sign == "." and body[high] not in ".…"):
            high += 1
    for _sign in words[:first]:
        if low and not body[low - 1].isspace() and body[low - 1] not in OPENING:
            low -= 1
    return low, high
