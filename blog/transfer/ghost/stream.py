"""JSON of any size, read value by value: memory holds one row of a table, not the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _

# Characters that are read at once, and those that one value may have.
AT_ONCE, LONGEST = 1 << 18, 1 << 24
_SPACE = " \t\n\r"
# Digits of a number that means something.
_MOST_DIGITS = 18


class JsonError(ValueError):
    """The file is not JSON, or not as it should be. The message is one translated sentence."""


class JsonStream:
    """Reads a text from its beginning. A caller has to read each member and item it is given."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.text, self.at, self.before, self.is_over = "", 0, 0, False
        # `strict` refuses control characters in texts, which are left out later.
        self.decoder = json.JSONDecoder(
            strict=False, parse_int=_whole, parse_float=_number, parse_constant=lambda name: None
        )

    def peek(self) -> str:
        """Return the next sign but spaces; "" at the end."""
        while True:
            while self.at < len(self.text):
                if self.text[self.at] not in _SPACE:
                    return self.text[self.at]
                self.at += 1
            if not self._more():
                return ""

    def members(self) -> Iterator[str]:
        """Yield the names in an object."""
        for _each in self._parts("{", "}"):
            if self.peek() != '"':
                raise self.broken()
            name = self.value()
            self._take(":")
            yield name

    def items(self) -> Iterator[None]:
        """Yield for each item of a list."""
        yield from self._parts("[", "]")

    def value(self) -> Any:
        """Return the whole value that comes next. Raises JsonError."""
        self.peek()
        while True:
            try:
                found, end = self.decoder.raw_decode(self.text, self.at)
            except RecursionError as error:
                raise JsonError(_("It is nested too deeply.")) from error
            except json.JSONDecodeError as error:
                is_cut = self._is_cut(error)
                if is_cut and self._more():
                    continue
                raise (_cut() if is_cut else self.broken(error.pos)) from error
            if end < len(self.text) or not self._more():  # else a number may go on
                self.at = end
                return found

    def broken(self, at: int | None = None) -> JsonError:
        place = self.before + (self.at if at is None else at)
        if self.is_over and place >= self.before + len(self.text.rstrip()):
            return _cut()
        return JsonError(
            _("It is not JSON from its character %(place)d on.") % {"place": place + 1}
        )

    def _parts(self, begin: str, end: str) -> Iterator[None]:
        self._take(begin)
        if self.peek() == end:
            self._take(end)
            return
        while True:
            yield
            if self.peek() == end:
                break
            self._take(",")
        self._take(end)

    def _take(self, sign: str) -> None:
        if self.peek() != sign:
            raise self.broken()
        self.at += 1

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Return whether it is because the text ends here that a value could not be read."""
        return error.msg.startswith("Unterminated") or error.pos >= len(self.text) - 12

    def _more(self) -> bool:
        """Read on, twice as much where one value has it; return whether there is more."""
        left = len(self.text) - self.at
        if left > LONGEST:
            raise JsonError(_("One of its entries is too large: more than 16 MB."))
        piece = "" if self.is_over else self.file.read(max(AT_ONCE, left))
        self.is_over = not piece
        if piece:
            self.text, self.before, self.at = self.text[self.at :] + piece, self.before + self.at, 0
        return bool(piece)


def _cut() -> JsonError:
    return JsonError(_("It ends in the middle. Export it again."))


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def _number(digits: str) -> float | None:
    return float(digits) if len(digits) <= 40 else None
