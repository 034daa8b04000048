"""Emphasis in comments: which runs of `*`, `_` and `~~` are meant as marks.

Signs and sums are far more frequent in comments than in essays, so CommonMark's rules are narrowed:
a mark has a space or punctuation on one side and a word on the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import accumulate

from .emphasis import UNSPACED
from .inline import pairs_of

# What may stand before a mark that opens, besides a space, and what may stand right after one.
_BEFORE, _FIRST = frozenset("([{\"'“‘«„—–-,;:.!?…¿¡"), frozenset("([{\"'“‘«„¿¡#@$£€+-…&<")
# What may stand right before a mark that closes, and after one.
_LAST, _AFTER = frozenset(")]}\"'”’».,;:!?…%+-&>"), frozenset(")]}\"'”’»—–-,;:.!?…")
_OPENS = re.compile(r"(?<![a-zA-Z0-9*_~])[*_~]++(?=\S)")
# `__init__` and `__FILE__`, but not `__Word__`.
_NAME = re.compile(r"[a-z0-9_]{1,100}|[A-Z0-9_]{1,100}")
_TAGS = {("*", 1): "em", ("_", 1): "em", ("*", 2): "strong", ("_", 2): "strong", ("~", 2): "del"}


@dataclass
class Kept:
    """HTML that no later step changes: a tag, or something in place of words."""

    html: str
    is_tag: bool = False


class Text:
    """A text with what is known of its characters."""

    def __init__(self, data: str) -> None:
        self.data = data
        self.brackets: dict[int, int] | None = None
        # Whether any of its marks may open emphasis.
        self.may_open = _OPENS.search(data) is not None
        self.counted: list[int] | None = None

    def letters(self, start: int, end: int) -> int:
        """Return how many letters and digits stand between two places."""
        if self.counted is None:
            self.counted = [0, *accumulate(map(str.isalnum, self.data))]
        return self.counted[end] - self.counted[start]

    def closing(self, at: int) -> int | None:
        """Return where the `[` at this place is closed, or None."""
        if self.brackets is None:
            self.brackets = pairs_of(self.data)
        return self.brackets.get(at)


@dataclass
class Mark:
    """Marks of one kind in a row, and what they open and close."""

    text: Text
    start: int
    end: int
    escaped: bool  # then they only show what else they would have been
    left: int
    opens: bool = False
    closes: bool = False
    is_apart: bool = False  # not beside a round bracket
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    was_needed: bool = False  # its backslash

    @classmethod
    def of(cls, text: Text, start: int, end: int, *, escaped: bool = False) -> Mark:
        return cls(text, start, end, escaped, left=end - start)

    @property
    def sign(self) -> str:
        return self.text.data[self.start]

    def flank(self, before: str, after: str) -> None:
        """Find out whether they may open or close, between these two characters."""
        among_unspaced = self.end - self.start > 1 or self.escaped
        self.opens = is_edge(before, after, _BEFORE, _FIRST) or (
            among_unspaced and is_unspaced(before) and (is_word(after) or is_first(after))
        )
        self.closes = is_edge(after, before, _AFTER, _LAST) or (
            among_unspaced and is_unspaced(after) and (is_word(before) or is_last(before))
        )
        self.is_apart = before not in ("(", "（") and after not in (")", "）")

    def pairs_with(self, closer: Mark) -> bool:
        if (self.sign, self.escaped) != (closer.sign, closer.escaped):
            return False
        if self.left != closer.left and (self.sign != "*" or max(self.left, closer.left) < 3):
            return False
        if self.sign == "_" and not self.is_around_words(closer):
            return False
        # A face such as (_o_) has no more than one letter.
        least = 1 if self.is_apart and closer.is_apart else 2
        return self.text.letters(self.end, closer.start) >= least

    def is_around_words(self, closer: Mark) -> bool:
        """Whether these stand around words, and not inside a name (`a._b_.c`) or a face."""
        data = self.text.data
        if data[self.start - 1 : self.start] in (*".-/",) and self.start:
            return False
        if is_word(data[self.end]) and is_word(data[closer.start - 1]):
            return True
        return any(map(str.isalpha, data[self.end : min(closer.start, self.end + 100)]))

    def names(self, closer: Mark) -> bool:
        """Whether these stand around a name of a program, such as `__init__`."""
        is_double = self.sign == "_" and self.left > 1
        return bool(is_double and _NAME.fullmatch(self.text.data, self.end, closer.start))


Part = str | Kept | Mark


def is_edge(
    outer: str, inner: str, outer_signs: frozenset[str], inner_signs: frozenset[str]
) -> bool:
    """Whether a word or a phrase begins or ends between these two characters."""
    if outer.strip():
        kind = unicodedata.category(outer)
        is_outside = outer in outer_signs or (outer > "\x7f" and kind[0] == "P" and kind != "Pc")
        return is_outside and is_word(inner)
    return bool(inner.strip()) and (is_word(inner) or inner in inner_signs or inner > "\x7f")


def may_stand_before(char: str) -> bool:
    return not char.strip() or char in _BEFORE


def is_unspaced(char: str) -> bool:
    """Whether this belongs to a script that puts no spaces between words."""
    return is_word(char) and UNSPACED.match(char) is not None


def is_first(char: str) -> bool:
    return char in _FIRST or (char > "\x7f" and unicodedata.category(char)[0] == "P")


def is_last(char: str) -> bool:
    return char in _LAST or (char > "\x7f" and unicodedata.category(char)[0] == "P")


def is_word(char: str) -> bool:
    return bool(char) and unicodedata.category(char)[0] in "LNM"


def settled(parts: list[Part]) -> list[str | Kept]:
    """Return the parts with tags in place of marks, or the marks themselves."""
    marks = [part for part in parts if isinstance(part, Mark)]
    if not marks:
        return parts  # type: ignore[return-value]
    flank(parts)
    pair(marks)
    done = list[str | Kept]()
    for part in parts:
        if not isinstance(part, Mark):
            done.append(part)
            continue
        done += [Kept(f"</{tag}>", is_tag=True) for tag in part.closed]
        if part.left:
            done.append("\\" * (part.escaped and not part.was_needed) + part.sign * part.left)
        done += [Kept(f"<{tag}>", is_tag=True) for tag in reversed(part.opened)]
    return done


def flank(parts: list[Part]) -> None:
    """Find out which marks may open and close; those side by side have the same neighbours."""
    row = list[Mark]()
    before = ""
    for part in [*parts, ""]:
        if isinstance(part, Mark):
            row.append(part)
            continue
        after = part[:1] if isinstance(part, str) else "x"
        for mark in row:
            mark.flank(before, after)
        row = []
        before = part[-1:] if isinstance(part, str) else "x"


def pair(marks: list[Mark]) -> None:
    """Find out which marks open and close which emphasis, each read a few times at most."""
    waiting, lowest = list[tuple[int, Mark]](), dict[tuple[str, bool, int], int]()
    for number, mark in enumerate(marks):
        kind = mark.sign, mark.escaped, mark.left
        while mark.closes and mark.left and not mark.was_needed:
            place = len(waiting) - 1
            while place >= 0 and waiting[place][0] >= lowest.get(kind, 0):
                if waiting[place][1].pairs_with(mark):
                    break
                place -= 1
            else:
                lowest[kind] = number
                break
            opener = waiting[place][1]
            if opener.names(mark):
                del waiting[place:]
                break
            if mark.escaped:
                opener.was_needed = mark.was_needed = True
            else:
                used = 2 if min(opener.left, mark.left) > 1 else 1
                tag = _TAGS[mark.sign, used]
                opener.opened.append(tag)
                mark.closed.append(tag)
                opener.left, mark.left = opener.left - used, mark.left - used
            del waiting[place + (not mark.escaped and bool(opener.left)) :]
        if mark.opens and mark.left and not mark.was_needed:
            waiting.append((number, mark))
