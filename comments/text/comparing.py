"""Whether nearly the same was said before, within a budget of processor time.

Pure functions on text. The numbers were measured by tests/benchmarks/duplicates.py, which prints
them again. Comparing holds Python's lock while RapidFuzz works, so it is done in short slices with
a pause between them, in which other threads answer readers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein, Postfix, Prefix

from comments.text.duplicates import compared, length_of

# How alike a text must be to another writer's to count as near, in percent, by its length in
# normalised characters (wide ones count as two); below the first length never. The shorter, the
# more two people's words meet by chance. Of 720 comments of one site, the most alike pair of
# different ones, against the least alike of what typos in 5 % of the characters, and cutting off
# the last fifth, leave:
#
#     length          different      typos      cut      needed
#     20-29              81           90        81         82
#     30-199             62           89        80         70
#     200 and more       51           92        79         75
#
# The last row could be 70 as well; the higher it is, the sooner long texts are ruled out.
THRESHOLDS = ((20, 82.0), (30, 70.0), (200, 75.0))

# To the same writer's earlier words, at any length: two letters swapped in "Sweet!" leave 60 %,
# one wrong in it 80 %.
OWN_THRESHOLD = 55.0

# Or both begin or end the same, for at least half of the longer and so many characters: an
# opening or a paragraph was added, or more was cut off. The likeness is then the share in common.
# Of 720 comments no two different ones share more than 22 such characters ("is really helpful
# thanks"), and of those with 60 and more no two share more than 26 %.
SAME_END = 50.0
SAME_END_LEAST = 23

# Swapping two words of a long text hardly moves its likeness; of a short one it does. Up to this
# length the words are also compared in alphabetical order, which is slower.
SORTED_UP_TO = 60

# A text is compared without its links alone if its other words are more than this share of it:
# then a link that both have makes them unlike by less than the thresholds leave room for.
MOSTLY = 0.9

# Seconds of processor time that comparing one comment may take, whatever was said before.
BUDGET = 0.05
# Of those, the most that one slice may take. A slice ends at so many texts, most of which are ruled
# out by their length, or at so much work: pairs of characters, 64 of which are one step of
# Levenshtein's distance by bits (Myers). On a processor of 2019 either takes up to 2 ms.
SLICE = 0.005
_TEXTS = 500
_WORK = 64_000_000

# Seconds between two slices: long enough for any thread that waits for Python's lock to get it.
PAUSE = 0.0005
PAUSE_AFTER = 0.001  # of processor time

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+", re.IGNORECASE)

Said = tuple[Any, ...]  # a key, a text that `compared` made, and whatever else is known of it


class Comparison(NamedTuple):
    """The comment that says nearly the same, if one was found, and whether all were looked at."""

    key: int | None
    likeness: float | None  # in percent
    complete: bool


@dataclass
class Wanted:
    """One form of a new comment's words, and the most alike that was found so far."""

    words: str
    threshold: float | None  # for other people's words; None for a courtesy
    best: tuple[float, Said] | None = field(default=None)

    @property
    def least(self) -> float:
        return self.best[0] if self.best else 0.0

    def take(self, others: Sequence[Said], score: float, at: int) -> None:
        """Keep a match if it is better than the one before, which was said later."""
        if self.best is None or score > self.best[0]:
            self.best = score, others[at]


def nearest(
    text: str,
    others: Sequence[Said],
    own: Collection[int] = (),
    *,
    clock: Callable[[], float] = time.thread_time,
    pause: Callable[[float], None] = time.sleep,
) -> Comparison:
    """Return the one of `others` most alike to `text` and how alike in percent.

    `others` are pairs of a key and a text that `compared` made, those first that matter most,
    because what the budget does not reach is not looked at; `own` holds the keys of those by the
    same writer. Other people's words must be longer and more alike to count (THRESHOLDS), and
    short courtesies never do. A link added to `text` makes no difference. The likeness is the
    share of characters that can stay if one is edited into the other (Levenshtein).
    """
    start = clock()
    whole = compared(text)
    wanted = [Wanted(words, _threshold(words)) for words in _forms(text, whole)] if whole else []
    complete = True
    paused = start
    for part in _slices(others, len(whole)) if wanted else ():
        if clock() - start > BUDGET - SLICE:
            complete = False
            break
        if clock() - paused > PAUSE_AFTER:
            pause(PAUSE)
            paused = clock()
        mine = [other for other in part if other[0] in own] if own else []
        for form in wanted:
            if form.threshold is not None:
                _look(form, part, form.threshold / 100)
            if mine:
                _look(form, mine, OWN_THRESHOLD / 100)
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
    """Return the words to look for: with and without links if these are much of the text."""
    bare = compared(_LINK.sub(" ", text)) if _LINK.search(text) else ""
    if not bare or bare == whole:
        return [whole]
    return [bare] if len(bare) > MOSTLY * len(whole) else [whole, bare]


def _slices(others: Sequence[Said], size: int) -> Iterator[Sequence[Said]]:
    """Yield the others in parts that each take a slice to compare with `size` characters."""
    for start in range(0, len(others), _TEXTS):
        yield from _halves(others[start : start + _TEXTS], size)


def _halves(part: Sequence[Said], size: int) -> Iterator[Sequence[Said]]:
    if len(part) == 1 or size * sum(len(other[1]) for other in part) <= _WORK:
        yield part
        return
    middle = len(part) // 2
    yield from _halves(part[:middle], size)
    yield from _halves(part[middle:], size)


def _in_order(words: str) -> str:
    return " ".join(sorted(words.split()))


def _look(form: Wanted, others: Sequence[Said], threshold: float) -> None:
    """Look for what is more alike: as it stands, then with words in order, then by its ends."""
    words, size = form.words, len(form.words)
    similarity, least = Levenshtein.normalized_similarity, max(threshold, form.least)
    texts: list[str | None] = [other[1] for other in others]
    found = process.extractOne(words, texts, scorer=similarity, score_cutoff=least)
    if found is None and form.best is None and size <= SORTED_UP_TO:
        low, high = size * least, size / least  # beyond these none can be alike enough
        sort = [_in_order(text) if text and low <= len(text) <= high else None for text in texts]
        found = process.extractOne(_in_order(words), sort, scorer=similarity, score_cutoff=least)
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


def _look_within(form: Wanted, others: Sequence[Said]) -> None:
    """Look for words of the same writer that one of the two texts begins or ends with."""
    words = form.words
    for at, (_key, text, *_rest) in enumerate(others):
        short, long = sorted((words, text), key=len)
        if len(short) >= SAME_END_LEAST and (long.startswith(short) or long.endswith(short)):
            form.take(others, len(short) / len(long), at)
