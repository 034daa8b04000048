"""How search reads a text and a query: folded, and cut into words. One place for both databases.

Folded, two spellings are the same where they differ by capitals, accents, composed, wide and other
compatibility forms, a final sigma, ё for е, the dotless ı, digits of other scripts, the points of
Hebrew, the vowel signs of Arabic and its forms of alef, yeh and kaf, or a nukta. й, ї and ў are
letters of their own, and so is each kana with its voicing mark.

A word is what stands between spaces and punctuation, with the vowel signs that spell it. Chinese,
Japanese, Korean, and Thai and its neighbours have no spaces where words end: a run of their signs
is cut into pairs that overlap, and ends with its last sign alone, so that any part of the run can
be looked for: 数据库 is 数据, 据库 and 库.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from .counting import HAN, HANGUL, KANA, UNSPACED

# Raised with each change here or in stems.py, so that what is stored is folded again. PostgreSQL
# has the rules of `fold` as well: a change needs a migration such as posts.0029.
VERSION = 1
# Signs of a word; what is longer is cut, in texts and queries alike.
LONGEST = 64

# After NFKD, which parts letters and marks. A breve makes и and у other letters, two dots make і
# another. Further: Cyrillic titlo, Hebrew points, Arabic vowels and stretches, signs of the Quran,
# the nukta, enclosing marks; and what does not show: joiners, directions, soft hyphens, variants.
LEFT_OUT = (
    "\u0306(?<![ИиУу]\u0306)|\u0308(?<![Іі]\u0308)|[\u0300-\u0305\u0307\u0309-\u036f\u0483-\u0489\u0591-\u05bd"
    "\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u093c\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe20-\ufe2f\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
_LETTERS = {
    **dict(zip("ıøłđðħŧŋ", "iolddhtn", strict=True)),
    **{"æ": "ae", "œ": "oe", "þ": "th", "ς": "σ"},
    **dict(zip("ىیکةٱ", "ييكها", strict=True)),
}
_DIGITS = {chr(ord(zero) + digit): str(digit) for zero in "٠۰०০੦૦௦౦೦൦๐၀" for digit in range(10)}
LETTERS = _LETTERS | _DIGITS
_LEFT_OUT = re.compile(LEFT_OUT)
_TO_FOLD = re.compile(f"[{''.join(LETTERS)}]")

_KANA_MARKS = "\u3099\u309a"
_PAIRED = HAN + KANA + _KANA_MARKS + UNSPACED + HANGUL


def _marks() -> str:
    """Return the combining marks as the inside of a class: Python's patterns have no name."""
    blocks = (0x300, 0x2100), (0x302A, 0x3030), (0xA66F, 0xAC00), (0xFB1E, 0xFB1F), (0xFE00, 0xFE30)
    further = (0x10A01, 0x12000), (0x16AF0, 0x17000), (0x1E000, 0x1E950)
    marks = [
        code
        for start, end in blocks + further
        for code in range(start, end)
        if unicodedata.category(chr(code)) in ("Mn", "Mc")
    ]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in _ranges(marks))


def _ranges(codes: list[int]) -> list[tuple[int, int]]:
    """Return ranges that hold these ascending numbers."""
    ranges: list[tuple[int, int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = ranges[-1][0], code
        else:
            ranges.append((code, code))
    return ranges


# Texts in English, punctuation included, which need no more than small letters.
_PLAIN = re.compile("[\\x00-\\x7f\xa0\xa7\xa9\xab\xb7\xbb\u2010-\u2027\u2030-\u203a]*+")
# Runs of signs that are cut into pairs, and words.
_RUNS = re.compile(rf"([{_PAIRED}]++)|((?:[^\W_{_PAIRED}]++|[{_marks()}]++)++)")
# The same, where a text has no other signs.
_ASCII_RUNS = re.compile("(?!)()|([A-Za-z0-9]++)")
# What folds as one: a syllable of letters of Hangul, or a sign with its marks.
_TOGETHER = re.compile(
    "[\u1100-\u115f]+[\u1160-\u11a7]*[\u11a8-\u11ff]*|.[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*",
    re.S,
)


def is_plain(text: str) -> bool:
    """Whether a text is in English letters, so that it folds sign by sign."""
    return _PLAIN.fullmatch(text) is not None


def fold(text: str) -> str:
    """Return the form in which texts are compared."""
    if is_plain(text):
        return text.lower()
    parted = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", text))
    letters = _TO_FOLD.sub(lambda letter: LETTERS[letter[0]], parted.casefold())
    return unicodedata.normalize("NFC", letters)


@lru_cache(maxsize=1 << 14)
def fold_word(word: str) -> str:
    return fold(word)[:LONGEST]


def runs_in(text: str) -> Iterator[re.Match[str]]:
    """Yield each run of signs that are cut into pairs, as group 1, and each word, as group 2."""
    return (_ASCII_RUNS if text.isascii() else _RUNS).finditer(text)


def runs(folded: str) -> Iterator[tuple[str, bool]]:
    """Yield the words of a folded text, and its runs of signs, which are to be cut into pairs."""
    for run in runs_in(folded):
        yield (run[1], True) if run[1] else (run[2][:LONGEST], False)


def pairs(run: str) -> list[str]:
    """Return the pairs of a run of signs, and its last sign."""
    return [run[at : at + 2] for at in range(len(run))]


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, folded."""
    words: list[str] = []
    for run, is_paired in runs(fold(text)):
        words += pairs(run) if is_paired else [run]
    return words


def folded_with_places(run: str) -> tuple[str, list[int]]:
    """Return a run folded, and for each sign of that where it starts in the run; and the end."""
    folded, places = "", []
    for part in _TOGETHER.finditer(run):
        signs = fold(part[0])
        folded += signs
        places += [part.start()] * len(signs)
    return folded, [*places, len(run)]
