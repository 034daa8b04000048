"""Finds the most similar earlier comment, within a budget of processor time.

Pure functions on text. The numbers below come from tests/benchmarks/duplicates.py. RapidFuzz holds
Python's lock while it compares, so the work is done in short slices, with pauses in which other
threads answer readers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import LCSseq, Levenshtein, Postfix, Prefix

from comments.text.duplicates import compared, length_of

# How similar a text must be to another writer's to count as nearly the same, in percent, by its
# length in normalised characters (wide ones count as two); shorter texts than the first length
# never count, because short texts of two people are often similar by chance. For 720 comments of
# one site, this table shows the most similar pair of different comments, and the least similar
# result of typos in 5 % of the characters and of cutting off the last fifth:
#
#     length          different      typos      cut      needed
#     20-29              81           90        81         82
#     30-199             62           89        80         70
#     200 and more       51           92        79         75
#
# The last row could be 70 too; a higher value rules out long texts sooner.
THRESHOLDS = ((20, 82.0), (30, 70.0), (200, 75.0))

# The same for a writer's own earlier words, of any length: "Sweet!" with two letters swapped is
# 60 % similar, with one letter wrong 80 %.
OWN_THRESHOLD = 55.0

# Two texts also count if they begin or end the same, for at least this share of the longer one and
# this many characters: a paragraph was added, or part was cut off. The likeness is then the shared
# part. Of 720 comments no two different ones share more than 22 characters this way ("is really
# helpful thanks"), and of those with 60 and more no two share more than 26 %.
SAME_END = 50.0
SAME_END_LEAST = 23

# Swapping two words changes the likeness of a short text a lot. Up to this length the words are
# also compared in alphabetical order, which is slower.
SORTED_UP_TO = 60

# Up to this length, counting what two texts have in common takes less time than their distance: at
# 160 characters 0.4 of it, at 220 0.7, at 300 0.8, at 600 1.2 times as much, at 1,700 1.7 times.
COMMON_UP_TO = 320

# If a text's words without its links are more than this share of it, only they are compared. If
# they are less, the whole text is compared too.
MOSTLY = 0.9

# Seconds of processor time that comparing one comment may take.
BUDGET = 0.05
# The most seconds of one slice. A slice ends after _TEXTS texts, most of which are ruled out by
# their length, or after _WORK pairs of characters, 64 of which are one step of Levenshtein's
# distance by bits (Myers). On a processor of 2019 either takes up to 2 ms.
SLICE = 0.005
_TEXTS = 500
_WORK = 64_000_000

# Seconds between two slices: long enough for any thread that waits for Python's lock to get it.
PAUSE = 0.0005
PAUSE_AFTER = 0.004  # of processor time

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+", re.IGNORECASE)

Candidate = tuple[Any, ...]  # a key, a text that `compared` made, and possibly more
Slice = tuple[Sequence[Candidate], list[str]]  # some of them, and their texts


class Comparison(NamedTuple):
    """The comment that says nearly the same, if any, and whether all were compared."""

    key: int | None
    likeness: float | None  # in percent
    complete: bool


@dataclass
class Wanted:
    """One form of a new comment's words, and the most similar text found so far."""

    words: str
    threshold: float | None  # for other people's words; None if the text is too short for that
    best: tuple[float, Candidate] | None = field(default=None)

    @property
    def least(self) -> float:
        return self.best[0] if self.best else 0.0

    def take(self, others: Sequence[Candidate], score: float, at: int) -> None:
        """Keep a match if it is better than the best so far."""
        if self.best is None or score > self.best[0]:
            self.best = score, others[at]


def nearest(
    text: str,
    others: Sequence[Candidate],
    own: Collection[int] = (),
    *,
    clock: Callable[[], float] = time.thread_time,
    pause: Callable[[float], None] = time.sleep,
) -> Comparison:
    """Return the one of `others` that is most similar to `text`, and how similar in percent.

    `others` are pairs of a key and a text that `compared` made, the most important first, because
    the last ones are left out if the budget is used up; `own` holds the keys of those by the same
    writer. Other people's words must be longer and more similar to count (THRESHOLDS). Links added
    to `text` make no difference. The likeness is the share of characters that can stay if one text
    is edited into the other (Levenshtein).
    """
    start = clock()
    whole = compared(text)
    wanted = [Wanted(words, _threshold(words)) for words in _forms(text, whole)] if whole else []
    complete = True
    paused = start
    for part, texts in _slices(others, len(whole)) if wanted else ():
        if clock() - start > BUDGET - SLICE:
            complete = False
            break
        if clock() - paused > PAUSE_AFTER:
            pause(PAUSE)
            paused = clock()
        mine = [other for other in part if other[0] in own] if own else []
        for form in wanted:
            if form.threshold is not None:
                _look(form, part, texts, form.threshold / 100)
            if mine:
                _look(form, mine, [other[1] for other in mine], OWN_THRESHOLD / 100)
                _look_within(form, mine)
    return _best_of(wanted, whole, complete)


def _best_of(wanted: list[Wanted], whole: str, complete: bool) -> Comparison:
    best = max(filter(None, (form.best for form in wanted)), key=lambda b: b[0], default=None)
    if best is None:
        return Comparison(None, None, complete)
    score, (key, other, *_rest) = best
    likeness = max(score, Levenshtein.normalized_similarity(whole, other))
    return Comparison(key, 100 * likeness, complete)


def _threshold(words: str) -> float | None:
    size = length_of(words)
    return next((percent for length, percent in reversed(THRESHOLDS) if size >= length), None)


def _forms(text: str, whole: str) -> list[str]:
    """Return the words to compare: without links, and also with them if they are long."""
    bare = compared(_LINK.sub(" ", text)) if _LINK.search(text) else ""
    if not bare or bare == whole:
        return [whole]
    return [bare] if len(bare) > MOSTLY * len(whole) else [whole, bare]


def _slices(others: Sequence[Candidate], size: int) -> Iterator[Slice]:
    """Yield the others in parts that take one slice each to compare with `size` characters."""
    for start in range(0, len(others), _TEXTS):
        part = others[start : start + _TEXTS]
        yield from _halves(part, [other[1] for other in part], size)


def _halves(part: Sequence[Candidate], texts: list[str], size: int) -> Iterator[Slice]:
    if len(part) == 1 or size * sum(map(len, texts)) <= _WORK:
        yield part, texts
        return
    middle = len(part) // 2
    yield from _halves(part[:middle], texts[:middle], size)
    yield from _halves(part[middle:], texts[middle:], size)


def _in_order(words: str) -> str:
    return " ".join(sorted(words.split()))


def _look(form: Wanted, others: Sequence[Candidate], texts: list[str], threshold: float) -> None:
    """Look for a better match: the whole text, then its words in order, then its start or end."""
    words, size = form.words, len(form.words)
    least = max(threshold, form.least)
    found = _most_similar(words, texts, least)
    if found is None and form.best is None and size <= SORTED_UP_TO:
        low, high = size * least, size / least  # texts outside these lengths are too different
        sort = [_in_order(text) if low <= len(text) <= high else None for text in texts]
        found = _most_similar(_in_order(words), sort, least)
    if found is not None:
        form.take(others, found[1], found[2])
        return
    for end in (Prefix, Postfix):
        least = max(SAME_END / 100, form.least)
        same = process.extractOne(
            words, texts, scorer=end.normalized_similarity, score_cutoff=least
        )
        if same is not None and end.similarity(words, same[0]) >= SAME_END_LEAST:
            form.take(others, same[1], same[2])


def _most_similar(
    words: str, texts: Sequence[str | None], least: float
) -> tuple[str | None, float, int] | None:
    """Return the most similar text, how similar it is and its place, or None below `least`.

    The characters that can stay are in both texts in the same order, so at least as many must be
    common to both (LCSseq). Few texts have enough, and in short ones that is counted sooner.
    """
    found = None
    for count in (LCSseq, Levenshtein) if len(words) <= COMMON_UP_TO else (Levenshtein,):
        similarity = count.normalized_similarity
        found = process.extractOne(words, texts, scorer=similarity, score_cutoff=least)
        if found is None:
            break
    return found


def _look_within(form: Wanted, others: Sequence[Candidate]) -> None:
    """Look for a text of the same writer that starts or ends with the other one."""
    words = form.words
    for at, (_key, text, *_rest) in enumerate(others):
        short, long = sorted((words, text), key=len)
        if len(short) >= SAME_END_LEAST and (long.startswith(short) or long.endswith(short)):
            form.take(others, len(short) / len(long), at)
