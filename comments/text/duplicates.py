"""Normalises the words of a comment, so that the same words compare as equal.

Pure functions on text, so that the form, an import and the benchmark agree on what "the same
words" are. fingerprints.py finds what one writer says again, comparing.py what is nearly the same.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from blog.markup.characters import without_piles

# Shorter texts are courtesies, which many people write: "Congratulations", "I love this song". In
# 2,376 real comments of ten sites the longest line that two people wrote by chance has 25
# characters ("is that charlie from lost"); the shortest that a campaign repeated often has 31
# ("check out this video on youtube", 19 names).
COURTESY = 30

# Characters of a comment's words that are stored to compare it with others. One of 720 real
# comments is longer. Comments with a shortened end are found as well as with the whole text, but
# less well with 1,500 characters, or with 1,000 and 400 from the end. Comparing two takes 0.1 ms.
KEPT = 2000
_READ = 4 * KEPT  # with white space and invisible characters

# Characters of a very long text that are compared to recognise a campaign, besides its length.
_CAMPAIGN = 6000

# Characters that are normalised at once.
_PIECE = 400

# Invisible characters that count as letters or marks: joiners, fillers and variation selectors
# (Unicode's Default_Ignorable_Code_Point, except category Cf).
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0}
_INVISIBLE.update(range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))

# All signs that people or their keyboards use for an apostrophe, a quote or a dash. Replaced before
# NFKC, which would turn the acute accent into a space with a mark.
_ONE_SIGN = {
    "'": "´`ʹʻʼʽˈ‘’‚‛′‵＇｀",
    '"': "“”„‟«»‹›″‶〃＂¨",
    "-": "−⁻₋",
    " ": "\u2800",  # braille without a dot
}

# Signs that are part of what is said: C#, 5 %, R&D, @name.
_SAID = frozenset("#%&@")
# Signs that do not divide a word: don't, un*believ*able.
_DROPPED = frozenset("'*~")

# Markdown's marks for quotes and headings. They are removed before every word, not only at the
# start of a line, because line breaks make no difference.
_BLOCK_MARKS = re.compile(r"(?<!\S)[>#=]+")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
# A line of a quotation, and the start of a block that ends a quotation without an empty line.
_QUOTED = re.compile(r" {0,3}>")
_BLOCK = re.compile(r" {0,3}(?:[-+*][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|```|~~~)")


class CharacterTable(dict[int, str | int]):
    """A table for str.translate that applies a rule to each character and caches the results."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self.rule = rule

    def __missing__(self, point: int) -> str | int:
        if 0x20000 <= point < 0xE0000:  # rare ideographs, which stay unchanged
            return point
        char = chr(point)
        answer = self.rule(char)
        kept = point if answer == char else answer  # an int takes less memory than a str
        if len(self) < 20_000:  # all of Unicode would be a million entries
            self[point] = kept
        return kept


def _as_shown(char: str) -> str:
    unseen = ord(char) in _INVISIBLE or unicodedata.category(char) in ("Cf", "Cs")
    return "" if unseen else char


def _in_words(char: str) -> str:
    category = unicodedata.category(char)
    if char in _SAID:
        return char
    if char.isspace() or (category[0] in "PZ" and char not in _DROPPED):
        return " "
    return "" if category == "Cc" or char in _DROPPED else char


_SHOWN, _WORDS = CharacterTable(_as_shown), CharacterTable(_in_words)
_SHOWN.update((ord(char), sign) for sign, same in _ONE_SIGN.items() for char in same)


def normalise(text: str) -> str:
    """Return the words of a comment in the form in which they are compared.

    Case, white space, kinds of quotes and dashes, punctuation, Markdown's signs and invisible
    characters make no difference. Letters with their accents, digits and symbols do. A comment of
    punctuation only (":)") keeps it; one of invisible characters is "". Normalising the result
    again does not change it.
    """
    words = "".join(_parts(text))
    return words or "".join("".join(shown(piece).split()) for piece in pieces(text))


def pieces(text: str) -> Iterator[str]:
    """Yield a text in short parts that end with white space."""
    start = 0
    while start < len(text):
        end = start + _PIECE
        if end < len(text):
            space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            end = space + 1 if space > start else end
        yield text[start:end]
        start = end


def _parts(text: str) -> Iterator[str]:
    """Yield the normalised words of a text in parts, to be joined."""
    spaced, first = False, True
    for piece in pieces(text):
        if words := _words(piece):
            yield f" {words}" if spaced and not first else words
            spaced = first = False
        spaced = spaced or piece[-1:].isspace()


def _beginning(text: str, most: int) -> str:
    """Return the first `most` characters of a text's normalised words, reading only as needed.

    Some characters become eighteen when they are normalised (U+FDFA).
    """
    found, size = [], 0
    for part in _parts(text):
        found.append(part)
        size += len(part)
        if size >= most:
            break
    return "".join(found)[:most].rstrip()


def _words(text: str) -> str:
    words = shown(text)
    # Repeated, because removing one sign can uncover another: "(# Head" has a heading mark after
    # its bracket is removed.
    while True:
        folded = _BLOCK_MARKS.sub("", _ESCAPE.sub("", words)).translate(_WORDS)
        folded = " ".join(folded.split())
        if folded == words or (folded := shown(folded)) == words:
            return words
        words = folded


def own_words(text: str) -> str:
    """Return a comment without the lines it quotes (`> …`), which are someone else's words.

    A line right after a quoted one continues the quotation, as in CommonMark. If nothing else is
    left, such lines are returned; if there are none either, the whole text.
    """
    if ">" not in text:
        return text
    own: list[str] = []
    continued: list[str] = []
    quoting = False
    for line in text.splitlines():
        if _QUOTED.match(line):
            quoting = True
            continue
        quoting = quoting and bool(line.strip()) and not _BLOCK.match(line)
        (continued if quoting else own).append(line)
    for lines in (own, continued):
        if words := "\n".join(lines).strip():
            return words
    return text


@lru_cache(maxsize=8)  # called several times for each text while it is screened and stored
def compared(text: str) -> str:
    """Return the words that are stored to compare a comment: its own, the first KEPT characters."""
    seen = " ".join(own_words(text[:_READ]).translate(_SHOWN).split())
    return _beginning(seen, KEPT) or normalise(seen[:KEPT])[:KEPT]


def words_fingerprint(text: str) -> str:
    """Return 64 hex characters that are equal for the same words by anyone, or "" for short texts.

    Short is less than COURTESY characters; wide ones, as in Chinese, count as two. Of a very long
    text its beginning and its length count.
    """
    words, rest = compared(text), []
    if len(words) >= KEPT - 1:
        words = _beginning(own_words(text), _CAMPAIGN)
        rest = [str(len(text))] if len(words) >= _CAMPAIGN - 1 else []
    return _digest(["words", words, *rest]) if length_of(words) >= COURTESY else ""


def length_of(words: str) -> int:
    """Return the number of characters; wide ones, as in Chinese, count as two."""
    if words.isascii():
        return len(words)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in words)
    return len(words) + wide


def shown(text: str) -> str:
    """Return a text without invisible characters, in one Unicode form and in lower case."""
    if text.isascii():
        return text.replace("`", "'").lower()
    while True:
        # Stacked marks are removed first: sorting 100,000 of them took nine seconds.
        seen = without_piles(text.translate(_SHOWN))
        # Twice, because folding case can undo the form; Unicode does the same (NFKC_Casefold).
        seen = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
        if seen == text:
            return seen
        text = seen


def _digest(parts: list[str]) -> str:
    # JSON separates the parts unambiguously, and writes even lone surrogates in ASCII.
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()
