"""Removes characters from text: those XML forbids, those that change direction, stacked marks.

`storable` is for everything that people and other programs send. `without_unwanted` is for what
readers see, where a text must not disturb the text around it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Everything but the Char of XML 1.0, section 2.2: C0 controls other than tab and line ends, lone
# surrogates, U+FFFE and U+FFFF. A feed with one of them is invalid, and PostgreSQL, lxml and UTF-8
# refuse some of them.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")

# Bidi overrides and isolates can reverse a text, or change the direction of the text around it.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]+")

# Marks that one letter may have. Counted in NFD, real writing has at most: Vietnamese, Thai
# and Arabic 2, Yoruba, polytonic Greek and IPA 3, Burmese 4 (kha-lya-rhui), Biblical Hebrew 5
# (shin with its dot, dagesh, vowel, meteg and accent: the Masoretic text as in Unicode 16, section
# 9.1). Dozens of marks would cover the lines above and below.
MOST_MARKS = 5
# Tibetan writes the letters of a stack as marks: the seven-fold emblem of Kalachakra, the highest
# stack in use, is a base with 8 (U+0F67 0F90 0FB5 0FA8 0FB3 0FBA 0FBC 0FBB 0F83).
MOST_TIBETAN_MARKS = 8
# A sign drawn around the letter, as in a keycap or a Cyrillic number: one is enough.
MOST_ENCLOSING_MARKS = 1

# Marks, spacing marks and invisible characters, which do not start another letter.
_NO_LETTER = frozenset({"Mn", "Me", "Mc", "Cf"})
_TIBETAN = range(0x0F00, 0x1000)
_TAG = re.compile(r"""(<(?:[^"<>]|"[^"]*")*>)""")


def storable(text: str) -> str:
    """Return the text without the characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def without_unwanted(text: str) -> str:
    """Return `storable` text without bidi overrides and isolates, and without stacked marks."""
    return without_piles(_TURNING.sub("", storable(text)))


def without_piles(text: str) -> str:
    """Return the text with no more marks on a letter than a script needs (see MOST_MARKS).

    The first marks stay. Invisible characters between marks do not start another letter.
    """
    if text.isascii():
        return text
    return _piles().sub(lambda run: "".join(filter(_Letter().takes, run[0])), text)


def without_piles_in_html(html: str) -> str:
    """The same for well-formed HTML, which can have tags between the marks of one letter."""
    if html.isascii():
        return html
    words = _TAG.sub("", html)
    if without_piles(words) == words:
        return html
    takes = _Letter().takes
    texts_and_tags = _TAG.split(html)
    texts_and_tags[::2] = ["".join(filter(takes, text)) for text in texts_and_tags[::2]]
    return "".join(texts_and_tags)


class _Letter:
    """Counts the marks on one letter after another."""

    def __init__(self) -> None:
        self.marks = self.enclosing = 0

    def takes(self, char: str) -> bool:
        """Return whether the next character of the text may stay."""
        category = unicodedata.category(char)
        if category == "Mn":
            most = MOST_TIBETAN_MARKS if ord(char) in _TIBETAN else MOST_MARKS
            self.marks += 1
            return self.marks <= most
        if category == "Me":
            self.enclosing += 1
            return self.enclosing <= MOST_ENCLOSING_MARKS
        if category not in _NO_LETTER:
            self.marks = self.enclosing = 0
        return True


@cache
def _piles() -> re.Pattern[str]:
    """Return a pattern for what may be too many marks, with all that follows them in a row.

    It tells quickly that a text has none: writing such as Hindi has marks in every word.
    """
    kinds: dict[str, list[str]] = {"Mn": [], "Me": [], "Mc": [], "Cf": ["\xad"]}
    for char in map(chr, range(0x300, 0x10000)):
        if (category := unicodedata.category(char)) in _NO_LETTER:
            kinds[category].append(char)
    mark, around, spacing, invisible = map("".join, kinds.values())
    # Above the first plane each range makes matching slower, so there are only three. Between them
    # are mathematical letters, emoji and Chinese, which people write whole lines of.
    mark += "\U000101fd-\U0001d24f\U0001e000-\U0001e94f\U000e0001-\U000e01ef"
    others = around + spacing + invisible
    return re.compile(
        f"(?:(?:[{mark}][{others}]*+){{{MOST_MARKS + 1}}}"
        f"|[{around}](?:[{mark + spacing + invisible}]*+[{around}]){{{MOST_ENCLOSING_MARKS}}})"
        f"[{mark + others}]*+"
    )
