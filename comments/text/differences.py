"""Marks the differences between two similar texts, word by word, for moderators."""

from dataclasses import dataclass
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from rapidfuzz.distance import Levenshtein

# The labels of the fields of a comment that can change.
LABELS = {
    "body": _("text"),
    "name": _("name"),
    "email": _("email"),
    "url": _("website"),
    "passage": _("set beside"),
    "source": _("source"),
    "title": _("title of the source"),
}


# The unit of the budget is marking one word, 1.5 µs at most. Comparing this many pairs of words
# takes as long.
PAIRS = 12_000
# The most that one comparison may take: 30 ms. The longest comment by default takes a quarter.
MOST_AT_A_TIME = 20_000
# The most that all comparisons of one page may take: 0.4 s of a processor.
MOST_ON_PAGE = 300_000


@dataclass
class Budget:
    """What is left of the time that the comparisons of one page may take."""

    left: int = MOST_ON_PAGE

    def take(self, cost: int) -> bool:
        """Take `cost` from the budget; return False if it is too much, or more than is left."""
        if cost > MOST_AT_A_TIME:
            return False
        enough = cost <= self.left
        self.left = self.left - cost if enough else 0
        return enough


def marked(earlier: str, later: str, work: Budget | None = None) -> SafeString:
    """Return `later` as HTML, with added words in <ins> and removed words in <del>.

    If comparing would take more than is left of `work`, everything from the first to the last
    difference is marked.
    """
    before, after = earlier.split(), later.split()
    parts = []
    for tag, src_start, src_end, dest_start, dest_end in _steps(before, after, work or Budget()):
        gone = " ".join(before[src_start:src_end])
        new = " ".join(after[dest_start:dest_end])
        if tag == "equal":
            parts.append(conditional_escape(new))
            continue
        if gone:
            parts.append(format_html("<del>{}</del>", gone))
        if new:
            parts.append(format_html("<ins>{}</ins>", new))
    return mark_safe(" ".join(filter(None, parts)))  # noqa: S308 - each part is escaped above


def _steps(before: list[str], after: list[str], work: Budget) -> list[Any]:
    """Return the steps from one text to the other, as of Levenshtein.opcodes."""
    start, shorter = 0, min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-end - 1] == after[-end - 1]:
        end += 1
    old_end, new_end = len(before) - end, len(after) - end
    old, new = old_end - start, new_end - start
    if work.take(old + new + old * new // PAIRS):
        return Levenshtein.opcodes(before, after).as_list()
    return [
        ("equal", 0, start, 0, start),
        ("replace", start, old_end, start, new_end),
        ("equal", old_end, len(before), new_end, len(after)),
    ]


def changes_of(
    comment: Any, version: str, work: Budget | None = None
) -> list[tuple[str, str]] | None:
    """Return the changes since an earlier version, as (label, marked text); None if not known.

    One query.
    """
    if (was := comment.as_shown(version)) is None:
        return None
    work = work or Budget()
    return [
        (label, marked(was[name], getattr(comment, name), work))
        for name, label in LABELS.items()
        if was[name] != getattr(comment, name)
    ]
