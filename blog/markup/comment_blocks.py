"""Reads the blocks of a comment with markdown-it-py: paragraphs, quotes, lists and code.

Most people who comment have never heard of Markdown. So what may be meant otherwise is text: a list
of one, numbers out of order, a line after a quoted one, lines under which others are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, list_block
from markdown_it.token import Token

# More levels than Python's stack has, so that deeper ones raise RecursionError and lose nothing.
_ANY_DEPTH = 10_000
_BULLET = re.compile(r"[-*](?=[ \t])")  # a plus is a plus
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})\.(?=[ \t])")
# A sum in a column.
_SUM = re.compile(r"[-*][\d.,\s%€$£¥+*/=()-]+")
# What is quoted: words, or nothing, after a space or at once. No face and no number is.
_QUOTED = re.compile(
    r">(?:[ \t>]*$|[> ]*[ \t]|[>]*[\"'“‘«„(\[*_`~]*[^\W\d_](?=[^\W_]|[ \t’'.,])|>*[*_`~]{2})"
)
_FACE = re.compile(r"(?:>[ \t]?)+(?:[xX]D+|o_?O)?(?:(?!```|~~~)[^\w\s>]{1,3}[ \t]*[<>]?){0,3}")
# What else may stand on the line that opens a fence: one word, for a language.
_TILDES = re.compile(r"~~~+ *[\w+#.-]*\s*")


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"maxNesting": _ANY_DEPTH})
    reader.core.ruler.enableOnly(["normalize", "block"])
    rules = reader.block.ruler
    rules.enableOnly(["code", "fence", "blockquote", "list", "paragraph"])
    ends = ["paragraph", "reference", "blockquote", "list"]
    rules.at("blockquote", _quote, {"alt": ends})
    rules.at("fence", _closed_fence, {"alt": ends})
    rules.at("list", _list, {"alt": ends[:3]})
    rules.before("paragraph", "end_of_quote", _end_of_quote, {"alt": ["blockquote"]})
    rules.before("paragraph", "end_of_item", _end_of_item, {"alt": ["paragraph"]})
    # Sorts the rules, once: a second thread would read by those that the first has sorted so far.
    reader.parse(".")
    return reader


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a quotation of words: not a face such as `>_<` or `>:(`, and not `>5`."""
    line = _line(state, start)
    if not _QUOTED.match(line) or (line.strip("> \t") and _FACE.fullmatch(line)):
        return False
    return blockquote(state, start, end, silent)


def _end_of_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """End a quotation before the first line that is not quoted."""
    return silent


def _end_of_item(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """End an item before a line that is not indented as it is, unless that surely goes on."""
    return silent and state.sCount[start] < state.blkIndent and _ends_items(state)[start]


def _ends_items(state: StateBlock) -> list[bool]:
    """Return for each line whether it ends the item before it, if it is indented less.

    It goes on with the item only where more items follow, and no line above leads to the list.
    """
    if "ends" not in state.env:
        lines = [line.strip(" \t>") for line in state.src.split("\n")]
        is_item = [bool(_BULLET.match(line) or _NUMBER.match(line)) for line in lines]
        ends, more, led = [False] * (len(lines) + 1), False, False
        for number, line in enumerate(lines):
            led = bool(line) and (
                led or (not is_item[number] and (not number or not lines[number - 1]))
            )
            ends[number] = led
        for number in reversed(range(len(lines))):
            more = bool(lines[number]) and (more or is_item[number])
            ends[number] = ends[number] or not more
        state.env["ends"] = ends
    found: list[bool] = state.env["ends"]
    return found


def _closed_fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a fence that is closed; a bare one of back ticks may hold all that follows."""
    line = _line(state, start).rstrip()
    if line[:3] in ("```", "~~~") and _is_empty(state, start, end):
        return False
    if line[:3] in ("```", "~~~") and line.strip("`"):
        if line[0] == "~" and not _TILDES.fullmatch(line):
            return False
        if "longest" not in state.env:
            state.env["longest"] = {mark: _longest_from(state.src, mark) for mark in "`~"}
        length = len(line) - len(line.lstrip(line[0]))
        if state.env["longest"][line[0]][start + 1] < length:
            return False
    return fence(state, start, end, silent)


def _is_empty(state: StateBlock, start: int, end: int) -> bool:
    """Whether nothing stands between a fence and the next one, or the end."""
    opened = _line(state, start)
    mark = opened[: len(opened) - len(opened.lstrip(opened[0]))]
    for number in range(start + 1, end):
        if not state.isEmpty(number):
            line = _line(state, number).rstrip()
            return line.startswith(mark) and not line.strip(mark[0])
    return True


def _longest_from(text: str, mark: str) -> list[int]:
    """Return, for each line and after the last, the longest fence that may close from there on."""
    lines = [line.strip(" \t>") for line in text.split("\n")]
    lengths = [len(line) if line and not line.strip(mark) else 0 for line in lines]
    return [*accumulate(reversed(lengths), max, initial=0)][::-1]


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a list of several items, whose numbers follow each other."""
    if state.is_code_block(start):
        return False
    verdicts: dict[tuple[int, int], bool] = state.env.setdefault("lists", {})
    place = start, state.blkIndent
    if place not in verdicts:
        verdicts.update(dict.fromkeys(*_items(state, start, end)))
    return verdicts[place] and list_block(state, start, end, silent)


def _items(state: StateBlock, start: int, end: int) -> tuple[list[tuple[int, int]], bool]:
    """Return the lines that items begin on, and whether they make a list."""
    first = _line(state, start)
    bullet, indent = first[:1], state.sCount[start]
    found = _BULLET.match(first) or _NUMBER.match(first)
    lines, numbers, holds_more = [start], [], False
    if found is None:
        return [(start, state.blkIndent)], False
    is_numbered = bullet.isdigit()
    if is_numbered:
        numbers.append(int(found[1]))
    for number in range(start + 1, end):
        if state.isEmpty(number):
            continue
        deeper, line = state.sCount[number] - indent, _line(state, number)
        if deeper >= (found.end() + 1 if is_numbered else 2):
            holds_more = True
        elif (mark := (_NUMBER if is_numbered else _BULLET).match(line)) and (
            is_numbered or line[0] == bullet
        ):
            if state.sCount[number] < state.blkIndent:
                break
            lines.append(number)
            if is_numbered:
                numbers.append(int(mark[1]))
        elif line[:1] == ">" or state.isEmpty(number - 1) or _ends_items(state)[number]:
            break
    in_order = numbers == [*range(numbers[0], numbers[0] + len(numbers))] if numbers else True
    if not is_numbered and _is_sum(state, lines):
        in_order = False
    is_list = in_order and (len(lines) > 1 or holds_more or state.listIndent >= 0)
    return [(line, state.blkIndent) for line in lines], is_list


def _is_sum(state: StateBlock, lines: list[int]) -> bool:
    """Whether these lines hold what is subtracted or multiplied, or speak against a thing."""
    if all(_SUM.fullmatch(_line(state, number)) for number in lines):
        return True
    before = _line(state, lines[0] - 1).rstrip() if lines[0] else ""
    after = _line(state, lines[-1] + 1) if lines[-1] + 1 < state.lineMax else ""
    if before.startswith("+ ") or after.startswith("+ "):
        return True
    return "=" in before and not before.endswith(":")


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


# It keeps nothing between two texts.
_READER = _reader()


def read(text: str) -> Iterator[Token]:
    """Yield the blocks of a comment; of a quotation of nothing, its mark as a paragraph."""
    env: dict[str, Any] = {}
    tokens = _READER.parse(text, env)
    for place, token in enumerate(tokens):
        if token.type == "blockquote_open" and tokens[place + 1].type == "blockquote_close":
            yield Token("paragraph_open", "p", 1)
            yield Token("inline", "", 0, content=">")
        elif token.type == "blockquote_close" and tokens[place - 1].type == "blockquote_open":
            yield Token("paragraph_close", "p", -1)
        else:
            yield token


def with_ends_of_code(text: str) -> str:
    """Return the text with a line of its own for back ticks that end code after its last word."""
    if "```" not in text:
        return text
    lines, opened = list[str](), 0
    for line in text.split("\n"):
        words = line.strip()
        length = len(words) - len(words.lstrip("`"))
        if not opened and length >= 3 and "`" not in words[length:]:
            opened = length
        elif opened and length >= opened and length == len(words):
            opened = 0
        elif opened == 3 and not length and words.endswith("```") and words[-4] != "`":
            line, opened = line.rstrip()[:-3] + "\n```", 0
        lines.append(line)
    return "\n".join(lines)
