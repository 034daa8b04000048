"""The words of a comment in the form in which they are compared, and who else said the same.

Pure functions on text, so that the form, an import and the benchmark share one meaning of "the
same words". What one writer says again is found by fingerprints.py, what is nearly the
same by comparing.py.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from blog.markup.characters import without_piles

# Words this short, of whoever, are a courtesy: "Congratulations", "I love this song". Among 2,376
# real comments of ten sites the longest line that two people wrote by chance has 25 characters
# ("is that charlie from lost"); the shortest that a campaign repeated often has 31 ("check out this
# video on youtube", 19 names).
COURTESY = 30

# Characters that are kept of the words of a comment, to compare it with others. Of 720 real
# comments one is longer; of a comment cut off at the end as much is found as of the whole, which
# with 1,500 kept, or 1,000 and 400 from the end, it is not. Comparing two takes 0.1 ms.
KEPT = 2000
_READ = 4 * KEPT  # white space and what shows nothing included

# The words of a text by which a campaign is known: so many characters, and how many there are.
_CAMPAIGN = 6000

# Characters that are normalised at once.
_PIECE = 400

# What shows nothing though it counts as a letter or a mark: joiners, fillers and variation
# selectors (Unicode's Default_Ignorable_Code_Point, beyond category Cf).
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0}
_INVISIBLE.update(range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))

# Every sign people or their keyboards put for an apostrophe, a quote or a dash. NFKC would take
# the acute accent for a space with a mark on it, so this comes first.
_ONE_SIGN = {
    "'": "´`ʹʻʼʽˈ‘’‚‛′‵＇｀",
    '"': "“”„‟«»‹›″‶〃＂¨",
    "-": "−⁻₋",
    " ": "\u2800",  # braille without a dot
}

# Signs that are part of what is said: C#, 5 %, R&D, @name.
_SAID = frozenset("#%&@")
# Signs that do not part the word they stand in: don't, un*believ*able.
_DROPPED = frozenset("'*~")

# Markdown's marks for quotes and headings. They are taken from before every word, not only from
# the first of a line, because where lines end is no difference.
_BLOCK_MARKS = re.compile(r"(?<!\S)[>#=]+")
ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
# A line of a quotation, and the start of a block that ends one without an empty line before it.
_QUOTED = re.compile(r" {0,3}>")
_BLOCK = re.compile(r" {0,3}(?:[-+*][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|```|~~~)")


class CharacterTable(dict[int, str | int]):
    """What becomes of each character, for str.translate, found once for each common one."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self.rule = rule

    def __missing__(self, point: int) -> str | int:
        if 0x20000 <= point < 0xE0000:  # rare ideographs, which stay what they are
            return point
        char = chr(point)
        answer = self.rule(char)
        kept = point if answer == char else answer  # a number takes less memory than a text
        if len(self) < 20_000:  # the rest of Unicode would be a million entries
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
    """Return the words of a comment as they are compared.

    Case, white space, kinds of quotes and dashes, punctuation, Markdown's signs and characters
    that show nothing make no difference. Letters with their accents, digits and symbols do. A
    comment of punctuation alone (":)") keeps it; one that shows nothing is "". Takes any str,
    and its own answer unchanged.
    """
    words = "".join(_parts(text))
    return words or "".join("".join(shown(piece).split()) for piece in pieces(text))


def pieces(text: str) -> Iterator[str]:
    """Yield a text in parts that end with white space, so that none takes long at once."""
    start = 0
    while start < len(text):
        end = start + _PIECE
        if end < len(text):
            space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            end = space + 1 if space > start else end
        yield text[start:end]
        start = end


def _parts(text: str) -> Iterator[str]:
    """Yield the words of a text in parts, which are the whole when they are put together."""
    spaced, first = False, True
    for piece in pieces(text):
        if words := _words(piece):
            yield f" {words}" if spaced and not first else words
            spaced = first = False
        spaced = spaced or piece[-1:].isspace()


def _beginning(text: str, most: int) -> str:
    """Return the first so many characters of the words of a text, taking no more than needed.

    Some characters grow eighteenfold when they are normalised (U+FDFA).
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
    # Taking one sign away can uncover another: "(# Head" shows its heading mark once the bracket
    # is gone.
    while True:
        folded = _BLOCK_MARKS.sub("", ESCAPE.sub("", words)).translate(_WORDS)
        folded = " ".join(folded.split())
        if folded == words or (folded := shown(folded)) == words:
            return words
        words = folded


def own_words(text: str) -> str:
    """Return a comment without the lines it quotes (`> …`), which are someone else's words.

    A line right after a quoted one continues that, as in CommonMark. Where nothing else is there,
    such lines count, and where not even they are, the whole text.
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


@lru_cache(maxsize=8)  # each text is asked for several times while it is screened and stored
def compared(text: str) -> str:
    """Return the words of a comment as they are kept to be compared: its own, the first KEPT."""
    seen = " ".join(own_words(text[:_READ]).translate(_SHOWN).split())
    return _beginning(seen, KEPT) or normalise(seen[:KEPT])[:KEPT]


def words_fingerprint(text: str) -> str:
    """Return 64 hex characters that are equal for the same words of anyone, or "" for few words.

    Few is less than COURTESY characters; wide ones, as of Chinese, say more and count as two.
    Of a very long text the first words count, and how long it is.
    """
    words, rest = compared(text), []
    if len(words) >= KEPT - 1:
        words = _beginning(own_words(text), _CAMPAIGN)
        rest = [str(len(text))] if len(words) >= _CAMPAIGN - 1 else []
    return _digest(["words", words, *rest]) if length_of(words) >= COURTESY else ""


def length_of(words: str) -> int:
    """Return how many characters there are; wide ones, as of Chinese, count as two."""
    if words.isascii():
        return len(words)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in words)
    return len(words) + wide


def shown(text: str) -> str:
    """Return a text without what shows nothing, its letters in one form and one case."""
    if text.isascii():
        return text.replace("`", "'").lower()
    while True:
        # Sorting a pile of marks takes time by its square: 100,000 took nine seconds.
        seen = without_piles(text.translate(_SHOWN))
        # Folding case can undo the form, so that is made twice, as Unicode has it (NFKC_Casefold).
        seen = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
        if seen == text:
            return seen
        text = seen


def _digest(parts: list[str]) -> str:
    # JSON parts them unmistakably, and writes even lone surrogates in ASCII.
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()
