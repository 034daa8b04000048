"""Marks the differences between two texts, word by word, in bounded time.

A unit is a word, a sign, or one character of a script that writes no spaces between words.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from rapidfuzz.distance import Levenshtein

# The unit of the budget is marking one word, 1.5 µs at most. Comparing this many pairs of words
# takes as long.
PAIRS = 12_000
# Characters that are split into units in that time.
SPLIT = 12
# The most that one comparison may take: 30 ms. The longest comment by default takes a quarter.
MOST_AT_A_TIME = 20_000
# The most that all comparisons of one page may take: 0.4 s of a processor.
MOST_ON_PAGE = 300_000

# Thai, Lao, Myanmar, Khmer, Tibetan, and what Chinese and Japanese are written with.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u3005-\u3007\u3041-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Vowel signs and tones of those that are letters of no width, and belong to the one before.
_ATTACHED = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u102b-\u103e"
    "\u17b6-\u17d3\u3099\u309a\u0300-\u036f\ufe00-\ufe0f\U000e0100-\U000e01ef"
)
_SIGNS = (
    r"!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3001-\u3004\u3008-\u3020\uff01-\uff0f"
)
# Signs that mean something else together, such as != and **.
_OPERATOR = "[!=<>+*/|&~#`_-]+"
_WORD = rf"[^\s{_SIGNS}{_UNSPACED}]"
_UNIT = re.compile(
    rf"(\s*)((?:{_WORD}+(?:['’\-]{_WORD}+)*|[{_UNSPACED}]|{_OPERATOR}|[{_SIGNS}])[{_ATTACHED}]*)"
)
_IS_SIGN = re.compile(f"[{_SIGNS}]")


@dataclass
class Budget:
    """What is left of the time that the comparisons of one page may take.

    `exact` is False once something was too much, and so marked wholly.
    """

    left: int = MOST_ON_PAGE
    exact: bool = field(default=True, init=False)

    def take(self, cost: int) -> bool:
        """Take `cost` from the budget; return False if it is too much, or more than is left."""
        if cost > MOST_AT_A_TIME:
            self.exact = False
            return False
        enough = cost <= self.left
        self.left = self.left - cost if enough else 0
        self.exact = self.exact and enough
        return enough


@dataclass
class Part:
    """Units that both texts have (`kept`), or that only one of them has.

    Each unit comes with the white space before it.
    """

    kept: list[tuple[str, str]] = field(default_factory=list)
    cut: list[tuple[str, str]] = field(default_factory=list)
    added: list[tuple[str, str]] = field(default_factory=list)


def marked(earlier: str, later: str, work: Budget | None = None) -> SafeString:
    """Return `later` as HTML, with added words in <ins> and removed words in <del>.

    If comparing would take more than is left of `work`, everything from the first to the last
    difference is marked. White space is of no matter, and comes out as single spaces.
    """
    before, after = earlier.split(), later.split()
    start, end = common(before, after)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    head, tail = after[:start], after[len(after) - end :]
    work = work or Budget()
    middle = html_of(compared(" ".join(old), " ".join(new), work)) if old or new else ""
    parts = [conditional_escape(" ".join(head)), middle, conditional_escape(" ".join(tail))]
    return mark_safe(" ".join(filter(None, parts)))  # noqa: S308 - each part is escaped


def compared(earlier: str, later: str, work: Budget) -> list[Part]:
    """Return the parts of the later text, and those of the earlier one that it lacks, in order."""
    # Splitting takes time as well, so what is surely too much is not even split.
    splitting = (len(earlier) + len(later)) // SPLIT
    at_least = splitting + _cost(earlier.count(" "), later.count(" "))
    if at_least > MOST_AT_A_TIME or not work.take(splitting):
        work.exact = False
        return [Part(cut=[(" ", earlier)], added=[(" ", later)])]
    old, new = units(earlier), units(later)
    words, others = [unit for _, unit in old], [unit for _, unit in new]
    if not work.take(_cost(len(old), len(new))):
        return [Part(cut=old, added=new)]
    steps: list[Any] = Levenshtein.opcodes(words, others).as_list()
    parts: list[Part] = []
    for tag, a, b, c, d in steps:
        if tag == "equal":
            parts.append(Part(kept=_spaced(old[a:b], new[c:d])))
            continue
        if not parts or parts[-1].kept:
            parts.append(Part())
        parts[-1].cut += old[a:b]
        parts[-1].added += new[c:d]
    return parts


def units(text: str) -> list[tuple[str, str]]:
    """Return the words and signs of a text, each with the white space before it."""
    found: list[tuple[str, str]] = _UNIT.findall(text)
    if found:
        # The first of a text stands apart from what is cut before it; `html_of` drops this one.
        found[0] = f" {found[0][0]}", found[0][1]
    return found


def words_in(found: list[tuple[str, str]]) -> int:
    """Return how many words there are; in scripts without spaces each character is one."""
    text = "".join(each for pair in found for each in pair)
    return sum(not _IS_SIGN.match(unit) for _, unit in _UNIT.findall(text))


def counted(parts: list[Part]) -> tuple[int, int]:
    """Return how many words were added and how many cut."""
    return sum(words_in(part.added) for part in parts), sum(words_in(part.cut) for part in parts)


def html_of(parts: list[Part]) -> SafeString:
    """Return the parts as HTML, with what was added in <ins> and what was cut in <del>."""
    written = []
    for part in parts:
        written.append(_html(part.kept))
        written.append(_html(part.cut, "{}<del>{}</del>"))
        written.append(_html(part.added, "{}<ins>{}</ins>"))
    return mark_safe("".join(written).removeprefix(" "))  # noqa: S308 - each is escaped


def _html(found: list[tuple[str, str]], form: str = "{}{}") -> str:
    if not found:
        return ""
    space, _ = found[0]
    text = "".join(each for pair in found for each in pair).removeprefix(space)
    return str(format_html(form, space, text))


def _spaced(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the units of the later text, the first apart from what was cut before it."""
    (space, unit), *rest = new
    return [(space or old[0][0], unit), *rest]


def _cost(old: int, new: int) -> int:
    return old + new + old * new // PAIRS


def common(before: list[str], after: list[str]) -> tuple[int, int]:
    """Return how many words both texts begin with, and how many of the others both end with."""
    start, shorter = 0, min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-end - 1] == after[-end - 1]:
        end += 1
    return start, end
