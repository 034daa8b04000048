"""Whether the same thing was said before: exactly, nearly, or by others in the same words.

Pure functions on text, so that the form, an import and the benchmark share one meaning of "the
same". The numbers were measured by tests/benchmarks/duplicates.py, which prints them anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein, Postfix, Prefix

from blog.markup.characters import without_piles

# Words this short, of whoever, are a courtesy: "Congratulations", "I love this song". Among 2,376
# real comments of ten sites the longest line that two people wrote by chance has 25 characters
# ("is that charlie from lost"); the shortest that a campaign repeated often has 31 ("check out this
# video on youtube", 19 names).
COURTESY = 30

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

Said = tuple[int, str]
Match = tuple[int, str, float]

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
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+", re.IGNORECASE)


class _Table(dict[int, str]):
    """What becomes of each character, for str.translate, found once for each common one."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self.rule = rule

    def __missing__(self, point: int) -> str:
        answer = self.rule(chr(point))
        if point < 0x3000:  # the rest of Unicode would be a million entries
            self[point] = answer
        return answer


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


_SHOWN, _WORDS = _Table(_as_shown), _Table(_in_words)
_SHOWN.update((ord(char), sign) for sign, same in _ONE_SIGN.items() for char in same)


def normalise(text: str) -> str:
    """Return the words of a comment as they are compared.

    Case, white space, kinds of quotes and dashes, punctuation, Markdown's signs and characters
    that show nothing make no difference. Letters with their accents, digits and symbols do. A
    comment of punctuation alone (":)") keeps it; one that shows nothing is "". Takes any str,
    and its own answer unchanged.
    """
    words = shown = _shown(text)
    # Taking one sign away can uncover another: "(# Head" shows its heading mark once the bracket
    # is gone.
    while True:
        folded = _BLOCK_MARKS.sub("", _ESCAPE.sub("", words)).translate(_WORDS)
        folded = _shown(" ".join(folded.split()))
        if folded == words:
            break
        words = folded
    return words or "".join(shown.split())


def fingerprint(name: str, email: str, text: str) -> str:
    """Return 64 hex characters that are equal if one writer says the same again.

    The writer is the e-mail address if one is given, whatever its case; else the name.
    """
    email = email.strip().lower()
    writer = ["email", email] if email else ["name", normalise(name)]
    return _digest([*writer, normalise(text)])


def words_fingerprint(text: str) -> str:
    """Return 64 hex characters that are equal for the same words of anyone, or "" for few words.

    Few is less than COURTESY characters; wide ones, as of Chinese, say more and count as two.
    """
    words = normalise(text)
    return _digest(["words", words]) if _length(words) >= COURTESY else ""


def nearest(
    text: str, others: Iterable[tuple[int, str]], own: Collection[int] = ()
) -> tuple[int, float] | None:
    """Return the one of `others` most alike to `text` and how alike in percent, or None.

    `others` are pairs of a key and a text that `normalise` made; `own` holds the keys of those by
    the same writer. Other people's words must be longer and more alike to count (THRESHOLDS), and
    short courtesies never do. A link added to `text` makes no difference. The likeness is
    the share of characters that can stay if one is edited into the other (Levenshtein).
    """
    everyone = list(others)
    mine = [other for other in everyone if other[0] in own] if own else []
    whole = normalise(text)
    if not whole:
        return None
    found = []
    for words in _forms(text, whole):
        needed = [percent for length, percent in THRESHOLDS if _length(words) >= length]
        if needed:
            found.append(_most_alike(words, everyone, needed[-1]))
        if mine:
            found.append(_most_alike(words, mine, OWN_THRESHOLD))
    best = max(filter(None, found), key=lambda match: match[2], default=None)
    if best is None:
        return None
    key, other, likeness = best
    return key, max(likeness, _likeness(whole, other))


def _forms(text: str, whole: str) -> list[str]:
    """Return the words to look for: with and without links if these are much of the text."""
    bare = normalise(_LINK.sub(" ", text))
    if not bare or bare == whole:
        return [whole]
    return [bare] if len(bare) > MOSTLY * len(whole) else [whole, bare]


def _length(words: str) -> int:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in words)
    return len(words) + wide


def _likeness(one: str, other: str) -> float:
    return 100 * Levenshtein.normalized_similarity(one, other)


def _in_order(words: str) -> str:
    return " ".join(sorted(words.split()))


def _most_alike(words: str, others: list[Said], threshold: float) -> Match | None:
    """Return the most alike, first as it stands, then with words in order, then by its ends."""
    similarity, least = Levenshtein.normalized_similarity, threshold / 100
    size = len(words)
    whole = [other for _, other in others]
    best = process.extractOne(words, whole, scorer=similarity, score_cutoff=least)
    if best is None and size <= SORTED_UP_TO:
        low, high = size * least, size / least  # beyond these none can be alike enough
        texts = [_in_order(text) if low <= len(text) <= high else None for _, text in others]
        best = process.extractOne(_in_order(words), texts, scorer=similarity, score_cutoff=least)
    if best is None:
        for end in (Prefix, Postfix):
            least = best[1] if best else SAME_END / 100
            scorer = end.normalized_similarity
            same = process.extractOne(words, whole, scorer=scorer, score_cutoff=least)
            if same and end.similarity(words, same[0]) >= SAME_END_LEAST:
                best = same
    return (*others[best[2]], 100 * best[1]) if best else None


def _shown(text: str) -> str:
    """Return a text without what shows nothing, its letters in one form and one case."""
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
