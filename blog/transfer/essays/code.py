"""Where a Markdown text is code, so that nothing in it is taken for a tag, a link or a picture."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

_FENCE = re.compile(r"[ \t>]{0,200}(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}|~{3,})([^\n]*)")
_TICKS = re.compile(r"(?<!\\)`+")
_BLANK = re.compile(r"\n[ \t]*\n")


def outside_code(
    text: str, change: Callable[[str], str], inside: Callable[[str], str] = str
) -> str:
    """Return a text with what is not code changed, and what is code by `inside`."""
    return "".join(inside(part) if is_code else change(part) for is_code, part in parts(text))


def parts(text: str) -> Iterator[tuple[bool, str]]:
    """Yield a text in parts, each with whether it is code: fenced, or between backticks."""
    for is_code, part in _fenced(text):
        if is_code:
            yield True, part
        else:
            yield from _spans(part)


def _fenced(text: str) -> Iterator[tuple[bool, str]]:
    start = at = 0
    sign = ""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        found = _FENCE.match(text, at, end)
        if found and not sign and not (found[1][0] == "`" and "`" in found[2]):
            if start < at:
                yield False, text[start:at]
            start, sign = at, found[1]
        elif found and sign and found[1].startswith(sign) and not found[2].strip():
            yield True, text[start:end]
            start, sign = end, ""
        at = end
    if start < len(text):
        yield bool(sign), text[start:]


def _spans(text: str) -> Iterator[tuple[bool, str]]:
    runs = [found.span() for found in _TICKS.finditer(text)]
    blanks = [found.start() for found in _BLANK.finditer(text)] if runs else []
    of_length: dict[int, list[int]] = {}
    for start, end in runs:
        of_length.setdefault(end - start, []).append(start)
    done = 0
    for start, end in runs:
        if start < done:
            continue
        others = of_length[end - start]
        after = bisect_right(others, start)
        if after == len(others):
            continue
        close = others[after]
        if bisect_left(blanks, close) > bisect_left(blanks, end):
            continue  # code ends with its paragraph
        if done < start:
            yield False, text[done:start]
        done = close + end - start
        yield True, text[start:done]
    if done < len(text):
        yield False, text[done:]
