"""Splits an essay's source into its paragraphs, and finds which paragraph became which.

A block is what blank lines separate; fenced code is one block, whatever stands in it.
"""

import re
from typing import NamedTuple

from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio

from blog.lib.differences import common

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# Two paragraphs are the same one, changed, where at least so many hundredths of them agree.
ALIKE = 45
# Beyond these, paragraphs that differ are paired in their order, as comparing would take long:
# pairs of equal ones that are looked for, and pairs of characters in those that differ.
MOST_PAIRS = 25_000_000
MOST_DIFFERING = 10_000
MOST_CHARACTERS = 2_000_000_000

# Where a block stands in the earlier and in the later text; None where it is not in it.
Pair = tuple[int | None, int | None]


class Block(NamedTuple):
    """A paragraph, and the blank lines after it."""

    text: str
    gap: str = ""


def blocks(text: str) -> tuple[str, list[Block]]:
    """Return the blank lines at the start, and the blocks: together they are the whole text."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    found, current, lead, at, hopeless = [], [], "", 0, {}
    while at < len(lines):
        if not lines[at].strip():
            start = at
            while at < len(lines) and not lines[at].strip():
                at += 1
            blank = "".join(lines[start:at])
            if current:
                found.append(_block("".join(current), blank))
                current = []
            else:
                lead = blank
            continue
        end = _end_of_fence(lines, at, hopeless)
        current += lines[at:end]
        at = end
    if current:
        found.append(_block("".join(current), ""))
    return lead, found


def _block(text, blank):
    stripped = text.rstrip("\n")
    return Block(stripped, text[len(stripped) :] + blank)


def _end_of_fence(lines, at, hopeless):
    """Return the line after the fenced code that begins here; the next line where none does.

    `hopeless` remembers which fences are closed nowhere below, so that none is looked for twice.
    """
    found = FENCE.match(lines[at])
    if found is None or len(found[1]) >= hopeless.get(found[1][0], len(found[1]) + 1):
        return at + 1
    closing = re.compile(rf" {{0,3}}{found[1]}{found[1][0]}*\s*$")
    for number in range(at + 1, len(lines)):
        if closing.match(lines[number]):
            return number + 1
    hopeless[found[1][0]] = len(found[1])
    return at + 1


def align(old: list[str], new: list[str]) -> list[Pair]:
    """Return which block became which, in order: equal ones, then those that are much alike."""
    start, end = common(old, new)
    pairs: list[Pair] = [(at, at) for at in range(start)]
    a, b, c, d = start, len(old) - end, start, len(new) - end
    if (b - a) * (d - c) > MOST_PAIRS:
        pairs += _in_order(range(a, b), range(c, d))
    else:
        pairs += _by_equals(old, new, (a, b, c, d))
    return pairs + [(b + at, d + at) for at in range(end)]


def _by_equals(old, new, bounds):
    a, b, c, d = bounds
    pairs, from_old, from_new = [], a, c
    for tag, i, j, k, m in Indel.opcodes(old[a:b], new[c:d]).as_list():
        if tag != "equal":
            continue
        pairs += _alike(old, new, range(from_old, a + i), range(from_new, c + k))
        pairs += zip(range(a + i, a + j), range(c + k, c + m), strict=True)
        from_old, from_new = a + j, c + m
    return pairs + _alike(old, new, range(from_old, b), range(from_new, d))


def _alike(old, new, these, those):
    """Pair blocks of which none is equal: so that most of their characters agree."""
    if not these or not those:
        return [*((at, None) for at in these), *((None, at) for at in those)]
    characters = sum(len(old[at]) for at in these) * sum(len(new[at]) for at in those)
    if len(these) * len(those) > MOST_DIFFERING or characters > MOST_CHARACTERS:
        return _in_order(these, those)
    likeness = [[ratio(old[i], new[j], score_cutoff=ALIKE) for j in those] for i in these]
    # best[i][j]: the most that can agree of the blocks from the i-th and the j-th on.
    best = [[0.0] * (len(those) + 1) for _ in range(len(these) + 1)]
    for i in reversed(range(len(these))):
        for j in reversed(range(len(those))):
            both = likeness[i][j] and likeness[i][j] + best[i + 1][j + 1]
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(these) and j < len(those):
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((these[i], those[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((these[i], None))
            i += 1
        else:
            pairs.append((None, those[j]))
            j += 1
    return pairs + [(at, None) for at in these[i:]] + [(None, at) for at in those[j:]]


def _in_order(these, those):
    both = min(len(these), len(those))
    return [
        *zip(these[:both], those[:both], strict=True),
        *((at, None) for at in these[both:]),
        *((None, at) for at in those[both:]),
    ]
