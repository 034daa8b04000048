"""Reading JSON one item at a time, so that memory holds one item of a large export."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _

# Characters read at once, and the most that one item may have.
_AT_ONCE, MOST = 1 << 16, 20_000_000
_SPACE = re.compile(r"[ \t\r\n]*")


class JsonError(ValueError):
    """It is not JSON that can be read. The message is a translated part of a sentence."""


def items(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """Yield what the object in a file holds: each value with its key, of lists each item.

    If the file is a list, its items are yielded under the key "". Raises JsonError.
    """
    reader = _Reader(file)
    first = reader.next()
    if first == "[":
        yield from (("", item) for item in reader.listed())
    elif first == "{":
        yield from reader.members()
    else:
        raise reader.error(_("it begins with neither { nor ["))
    if reader.peek():
        raise reader.error(_("something follows its end"))


def lines(file: IO[bytes]) -> Iterator[Any]:
    """Yield the values of a file that stand one after another, as one a line. Raises JsonError."""
    reader = _Reader(file)
    while reader.peek():
        yield reader.value()


def numbered(file: IO[bytes]) -> Iterator[tuple[int, Any]]:
    """Yield the items of a list, or the values that stand one after another, each with its line.

    Raises JsonError.
    """
    reader = _Reader(file)
    if reader.peek() != "[":
        while reader.peek():
            yield reader.line_here(), reader.value()
        return
    reader.next()
    yield from reader.listed_with_lines()
    if reader.peek():
        raise reader.error(_("something follows its end"))


class _Reader:
    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.json = json.JSONDecoder()
        self.text, self.at, self.line = "", 0, 1
        self.is_whole = False

    def fill(self) -> None:
        """Read more: as much as there is already, so that a long item is not read often."""
        size = max(_AT_ONCE, len(self.text) - self.at)
        if size > MOST:
            raise self.error(_("one thing in it is too large"))
        read = self.file.read(size)
        self.line += self.text.count("\n", 0, self.at)
        try:
            more = self.decoder.decode(read, final=not read)
        except UnicodeDecodeError as error:
            raise self.error(_("it is not in UTF-8")) from error
        self.text, self.at, self.is_whole = self.text[self.at :] + more, 0, not read

    def peek(self) -> str:
        """Return the next character but spaces, "" at the end."""
        while True:
            space = _SPACE.match(self.text, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if self.is_whole:
                return ""
            self.fill()

    def next(self) -> str:
        found = self.peek()
        self.at += len(found)
        return found

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                value, end = self.json.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if self.is_whole:
                    self.at = min(error.pos, len(self.text))
                    raise self.error(error.msg) from error
            except RecursionError as error:
                raise self.error(_("it nests too deep")) from error
            except ValueError as error:  # of a number with thousands of digits
                raise self.error(_("a number in it is too large")) from error
            else:
                # A number may go on behind what was read.
                if end < len(self.text) or self.is_whole or isinstance(value, str | list | dict):
                    self.at = end
                    return value
            self.fill()

    def listed(self) -> Iterator[Any]:
        """Yield the items of a list that has begun."""
        yield from (item for _line, item in self.listed_with_lines())

    def listed_with_lines(self) -> Iterator[tuple[int, Any]]:
        if self.peek() == "]":
            self.next()
            return
        while True:
            self.peek()
            yield self.line_here(), self.value()
            if self.ends("]"):
                return

    def line_here(self) -> int:
        return self.line + self.text.count("\n", 0, self.at)

    def members(self) -> Iterator[tuple[str, Any]]:
        """Yield the members of an object that has begun."""
        if self.peek() == "}":
            self.next()
            return
        while True:
            key = self.value()
            if not isinstance(key, str) or self.next() != ":":
                raise self.error(_("a name is missing"))
            if self.peek() == "[":
                self.next()
                yield from ((key, item) for item in self.listed())
            else:
                yield key, self.value()
            if self.ends("}"):
                return

    def ends(self, mark: str) -> bool:
        """Read what follows a value; return whether that was the last."""
        found = self.next()
        if found not in {",", mark} or not found:
            raise self.error(_("it breaks off") if not found else _("a comma is missing"))
        return found == mark

    def error(self, why: str) -> JsonError:
        return JsonError(_("line %(line)d: %(why)s") % {"line": self.line_here(), "why": why})
