"""Refuses texts that would take too long to render, before Python-Markdown sees them.

Python-Markdown and bleach need 0.6 µs for a character of prose, but 20 to 300 µs for each mark, and
after some marks they search the rest of the passage. So a short text of marks can take minutes:
25,000 headings take 6 s, 100,000 `[` half an hour. The guards estimate this time, in microseconds,
in one pass over the text (3 ms for 20,000 words). The time allowed depends on the text's length, so
that only texts with far more marks than people write are refused.

The weights were measured on one machine in November 2026, by bisecting for 170 kinds of input how
much of it takes 80 ms. They are rather too high and need not be exact: with them, none of 150 kinds
of 100,000 characters takes longer than 0.1 s, and all of 59 essays, 720 comments, 655 examples of
CommonMark and 14 WordPress exports pass. Python-Markdown's own manual, 27,000 characters with very
many marks, comes to 3.3 µs a character.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .comment_links import BARE_ADDRESS
from .dialect import Fence, read_fences
from .direction import turns

# Characters. The longest of Bacon's essays has 18,000; all 59 of them together have 293,000.
POST_LIMIT = 500_000
# The longest comment that WordPress can store, so every imported one fits.
COMMENT_LIMIT = 65_535

_DEEPEST = 20  # levels of quotes and lists

# Microseconds that are always allowed, and that each character adds. With _FREE_WORK even the
# densest comment took less than 0.1 s; lists of links and tables of numbers need 5 or 6 for each
# character. Essays may take longer, 0.3 s, for a table of 300 rows or a page of 300 pictures.
_FREE_WORK = 120_000
_FREE_WORK_OF_POSTS = 450_000
_WORK_PER_CHARACTER = 7
_NO_LIMIT = 10**12
_FEW_STOPS = 200  # in a comment; less is not worth counting


class MarkupError(ValueError):
    """The text was refused. The message is a translated sentence that says what to do."""


def too_deep() -> str:
    return str(_("This nests too deep. Take some of the quote, list or bracket marks away."))


def check(text: str, limit: int, *, comment: bool = False) -> None:
    """Raise MarkupError if the text is too long, too deep or too dense. Takes milliseconds."""
    if len(text) > limit:
        over = len(text) - limit
        message = ngettext(
            "This is %(over)d character too long. Make two texts of it.",
            "This is %(over)d characters too long. Make two texts of it.",
            over,
        )
        raise MarkupError(message % {"over": over})
    work = _Work(len(text), _FREE_WORK if comment else _FREE_WORK_OF_POSTS)
    if comment:
        work.for_each_block, work.for_each_turn, work.for_each_escaped = 100, 0, 28
    # Each line is looked at several times; in a comment it also makes a `<br>`.
    work.add(0.8 * len(text) + (40 if comment else 15) * text.count("\n"))
    parts = list(read_fences(text.split("\n")))
    if comment:
        parts = list(chain.from_iterable(map(_as_in_comments, parts)))
        work.add(70 * sum(1 for _found in _OPENING.finditer(text)))
        # Bare addresses become links; without a scheme they have a full stop, as all prose has.
        addresses = text.count("://")
        if text.count(".") > _FEW_STOPS:
            addresses = max(addresses, sum(1 for _found in BARE_ADDRESS.finditer(text)))
        work.add(160 * addresses)
    else:
        # Python-Markdown looks for raw HTML everywhere but in fenced code, across paragraphs.
        lines = (part[0] for part in parts if not isinstance(part, Fence))
        work.add(0.06 * _searched("\n".join(lines), _TAGS))
    for block in _prose(parts, work):
        _weigh_block(block, work)


def _as_in_comments(part: tuple[str, bool] | Fence) -> Iterable[tuple[str, bool] | Fence]:
    """Return a fence that comments have as well, or its lines."""
    if not isinstance(part, Fence):
        return [part]
    words = part.lines[0].strip("~ ") if part.lines[0].startswith("~") else ""
    return [part] if part.is_plain and " " not in words else [(line, False) for line in part.lines]


def weight_of(text: str) -> float:
    """Return how many microseconds a passage is estimated to take; infinite if it is too deep."""
    work = _Work(0, _NO_LIMIT)
    try:
        for block in _prose(list(read_fences(text.split("\n"))), work):
            _weigh_block(block, work)
    except MarkupError:
        return math.inf
    return _NO_LIMIT - work.rest


class _Work:
    """Adds up microseconds, and raises MarkupError if they are too many for the length."""

    # Added for each passage, where a line begins other quotes and lists than the line before it,
    # and for each sign of code that HTML writes as an entity.
    for_each_block, for_each_turn, for_each_escaped = 150, 150, 15

    def __init__(self, length: int, free: int) -> None:
        self.rest: float = max(free, _WORK_PER_CHARACTER * length)

    def add(self, microseconds: float) -> None:
        self.rest -= microseconds
        if self.rest < 0:
            raise MarkupError(
                _("There are too many marks in this, such as * [ < or `, for so few words.")
            )


def _prose(parts: Iterable[tuple[str, bool] | Fence], work: _Work) -> Iterator[list[str]]:
    """Yield the text without code, as blocks of lines; add the work of the code."""
    block: list[str] = []
    for part in parts:
        if isinstance(part, Fence):
            yield block
            block = []
            escaped = sum(len(_ESCAPED.findall(line)) for line in part.code)
            work.add(200 + work.for_each_escaped * escaped)
        elif not part[0]:
            yield block
            block = []
        elif not block and not part[1] and part[0].startswith("    "):
            work.add(20 + work.for_each_escaped * len(_ESCAPED.findall(part[0])))
        else:
            block.append(part[0])
    yield block


_OPENING = re.compile(r"(?<![\w*~])[*_~]++(?=\w)")
_ESCAPED = re.compile("[<>&]")
_ITEM = re.compile(r" *(?:[-*+]|\d+[.)]) ")
_MARKED_LINE = re.compile(r" *(?:[-*+>|:]|\d+[.)]|\[|\*\[)")
_HEAVY_LINE = re.compile(r" *(?:#|=+ *$|-+ *$|(?:[-*_] *){3,}$)")
_HEAVY_WITHIN = re.compile(r" *(?:#|```|~~~|[-*_]{3})")
_TABLE_RULE = re.compile(r"[ |:-]+$")


def _weigh_block(lines: list[str], work: _Work) -> None:
    if not lines:
        return
    work.add(work.for_each_block)
    before = ""
    for line in lines:
        if turns(line):
            work.add(120)  # the block may say its direction
        if _HEAVY_LINE.match(line):
            work.add(250)
            continue
        if _MARKED_LINE.match(line):
            work.add(100 * max(1, _depth(line)))
            marks = _begun(line)
            # What an item holds begins with it, unlike what a quotation holds.
            within = len(_LEVELS.findall(marks.lstrip(" >"))) - 1
            within = max(0, within) + (_HEAVY_WITHIN.match(line, len(marks)) is not None)
            work.add(250 * within)
            if marks != before:
                work.add(work.for_each_turn)
            before = marks
    # Python-Markdown reads each list item and table row separately.
    if len(lines) > 1 and "|" in lines[0] and _TABLE_RULE.match(lines[1]):
        passages = lines
        # Short rows are filled up to the width of the head.
        work.add(90 * max(len(lines) * lines[0].count("|"), sum(row.count("|") for row in lines)))
    elif _ITEM.match(lines[0]):
        passages = re.split(r"\n(?= *(?:[-*+]|\d+[.)]) )", "\n".join(lines))
    else:
        passages = ["\n".join(lines)]
    for passage in passages:
        _weigh_passage(passage, work)


_HOLDER = re.compile(r" *(?:[-*+] |\d+[.)] |\[\^)")
_LEVELS = re.compile(r">|[-*+]|(?<!\d)\d+[.)]")
_PREFIX = re.compile(r"(?: *(?:>|[-*+](?= )|\d+[.)](?= )))*")


def _begun(line: str) -> str:
    """Return the marks of quotes and lists that a line begins with."""
    prefix = _PREFIX.match(line)
    return prefix[0] if prefix else ""


def _depth(line: str) -> int:
    """Return how many quotes and lists begin on the line, and refuse too deep ones."""
    marks = _begun(line)
    if marks.count(">") > _DEEPEST:
        message = ngettext(
            "Quotes nest more than %(deepest)d deep here. Take some of the > marks away.",
            "Quotes nest more than %(deepest)d deep here. Take some of the > marks away.",
            _DEEPEST,
        )
        raise MarkupError(message % {"deepest": _DEEPEST})
    depth = len(_LEVELS.findall(marks))
    indent = (len(line) - len(line.lstrip(" "))) // 4 if _HOLDER.match(line) else 0
    if indent + depth > _DEEPEST:
        message = ngettext(
            "Lists nest more than %(deepest)d deep here. Move some of them out.",
            "Lists nest more than %(deepest)d deep here. Move some of them out.",
            _DEEPEST,
        )
        raise MarkupError(message % {"deepest": _DEEPEST})
    return depth


# Microseconds for each mark, mostly for the element that it makes in three trees.
_MARKS = {"[": 40, "<": 30, "&": 60, "`": 25, '"': 19, "'": 19, "_": 14, "*": 14, "\\": 14, "~": 12}
_MARKS |= {"](": 200, "![": 60, "[^": 60, ">": 14, "|": 3, "  \n": 100, "\\\n": 100}
_BRACKETS = re.compile(r"\\.|(?P<open>\[)|(?P<close>\])")
_ROUND_BRACKETS = re.compile(r"\\.|(?P<open>\()|(?P<close>\))")
_TAGS = re.compile(r"(?P<open><(?=[a-zA-Z/!?]))|(?P<close>>)")
_RUNS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)|`+|~~")


def _weigh_passage(text: str, work: _Work) -> None:
    marks = sum(weight * text.count(mark) for mark, weight in _MARKS.items())
    work.add(marks)
    if marks > 200:  # less is prose, and need not be measured exactly
        work.add(40 * len(_TAGS.findall(text)))
        # While brackets are searched, each escape is a placeholder, which is much longer.
        slowness = 0.3 * (1 + 10 * text.count("\\") / len(text))
        work.add(slowness * (_searched(text, _BRACKETS) + _searched(text, _ROUND_BRACKETS)))
        work.add(0.06 * _searched_for_runs(text))


def _searched(text: str, marks: re.Pattern[str]) -> int:
    """Return how many characters are read to find the end of each open mark.

    For each mark that is never closed, Markdown reads to the end of the passage.
    """
    searched = 0
    open_at: list[int] = []
    for mark in marks.finditer(text):
        if mark["open"]:
            open_at.append(mark.start())
        elif mark["close"] and open_at:
            searched += mark.start() - open_at.pop()
    return searched + len(text) * len(open_at) - sum(open_at)


def _searched_for_runs(text: str) -> int:
    """The same for emphasis, code and strikethrough, where one mark both opens and closes."""
    searched = 0
    closes_at: dict[str, int] = {}
    for run in reversed(list(_RUNS.finditer(text))):
        kind = run[0] if run[0][0] == "`" else run[0][0]
        start, end = run.span()
        if not text[end : end + 1].isspace():
            searched += 500 + closes_at.get(kind, len(text)) - end
        if not text[start - 1 : start].isspace():
            closes_at[kind] = start
    return searched
