"""Objects of a JSON file, one at a time, so that a long file needs little memory.

A file is a list of objects, or objects one after another (JSON lines). It may be packed by gzip.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _

from blog.markup import storable
from blog.posts.models import YEARS

from .said import DiscussionError

# Characters of one object, and bytes of a file when it is unpacked.
LONGEST, MOST_BYTES = 8_000_000, 4_000_000_000
_AT_ONCE = 1 << 16
_GAP = re.compile(r"[\s,]*")
_SIGNS = (b"\xff\xfe", b"\xfe\xff")


class Entry(NamedTuple):
    """An object of the file: which one it is, counted from 1, and the line it begins on."""

    number: int
    line: int
    fields: dict[str, Any]

    @property
    def place(self) -> str:
        return _("entry %(number)d (line %(line)d)") % {"number": self.number, "line": self.line}


def entries(path: Path) -> Iterator[Entry]:
    """Yield the objects of a file; raises DiscussionError where it is broken."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        whole = gzip.GzipFile(fileobj=file) if packed else file
        yield from _Reading(whole, path.name).all()


class _Reading:
    def __init__(self, file: Any, name: str) -> None:
        self.file: IO[bytes] = file
        self.name = name
        self.text, self.at, self.line, self.number = "", 0, 1, 0
        self.ended, self.had = False, 0
        self.decoder = json.JSONDecoder(parse_constant=_no_constant)
        self.characters = codecs.getincrementaldecoder("utf-8-sig")()

    def all(self) -> Iterator[Entry]:
        self.more()
        self.skip()
        in_list = self.text[self.at : self.at + 1] == "["
        self.at += in_list
        while True:
            self.skip()
            sign = self.text[self.at : self.at + 1]
            if sign == "{":
                self.number += 1
                yield Entry(self.number, self.line, self.value())
                continue
            if sign == "]" and in_list:
                self.at += 1
                in_list = False
                self.skip()
                sign = self.text[self.at : self.at + 1]
                if not sign:
                    return
            if sign:
                raise self.refused(_("an object in braces should stand there"))
            if in_list:
                raise self.refused(_("it ends in the middle"))
            return

    def skip(self) -> None:
        """Go on to the next sign that is neither a space nor a comma."""
        while True:
            found = _GAP.match(self.text, self.at)
            self.go_to(found.end() if found else self.at)
            if self.at < len(self.text) or not self.more():
                return

    def go_to(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = end

    def value(self) -> dict[str, Any]:
        """Return the object that begins here, reading on until it ends."""
        size = _AT_ONCE
        while True:
            try:
                found, end = self.decoder.raw_decode(self.text, self.at)
            except RecursionError as error:
                raise self.refused(_("it is nested too deeply")) from error
            except ValueError as error:
                if len(self.text) - self.at > LONGEST:
                    raise self.refused(_("it is too long, or broken")) from error
                begun = self.at
                if not self.more(size):
                    raise self.refused(self.reason(error, begun)) from error
                size *= 2
                continue
            self.go_to(end)
            return dict(found)

    def reason(self, error: ValueError, begun: int) -> str:
        """Say why an object is refused that began at a place of the text as it was then."""
        if isinstance(error, json.JSONDecodeError):
            at = error.pos - begun
            if at >= len(self.text.rstrip()) or error.msg.startswith("Unterminated"):
                return _("it ends in the middle")
            self.line += self.text.count("\n", 0, at)
        return _("it is not JSON")

    def more(self, size: int = _AT_ONCE) -> bool:
        """Read on; return whether there was anything."""
        if self.ended:
            return False
        try:
            piece = self.file.read(size)
            self.had += len(piece)
            self.ended = not piece
            if self.had <= size and piece.startswith(_SIGNS):
                raise self.refused(_("it is not in UTF-8"))
            text = self.characters.decode(piece, final=self.ended)
        except UnicodeDecodeError as error:
            self.line += self.text.count("\n", self.at)
            raise self.refused(_("it is not in UTF-8")) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DiscussionError(
                _("%(file)s is packed and damaged, or was cut. Copy it again, whole.")
                % {"file": self.name}
            ) from error
        if self.had > MOST_BYTES:
            raise self.refused(_("the file is too long. Send it in pieces"))
        self.text = self.text[self.at :] + text
        self.at = 0
        return not self.ended

    def refused(self, why: str) -> DiscussionError:
        return DiscussionError(
            _("%(file)s is broken at line %(line)d: %(why)s. Nothing was brought.")
            % {"file": self.name, "line": self.line, "why": why}
        )


def _no_constant(name: str) -> None:
    raise ValueError(name)


# --- Values ---------------------------------------------------------------------------------


def words(value: Any) -> str:
    """Return a text, or a number as text; "" for anything else."""
    if isinstance(value, str):
        return storable(value)
    return str(value) if type(value) is int and abs(value) < 10**30 else ""


def part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object within an object; an empty one for anything else."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def iso_moment(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Return a time in ISO 8601; more than six decimals are cut; None for anything else."""
    try:
        found = datetime.fromisoformat(text.strip())
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year in YEARS else None


def unix_moment(seconds: Any) -> datetime | None:
    """Return a time given in seconds since 1970; None for anything else."""
    try:
        found = datetime.fromtimestamp(float(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return found if found.year in YEARS else None
