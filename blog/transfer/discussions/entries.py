"""The objects of a JSON file, each with its number and its line, so that a sentence can name it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from blog.transfer.json_stream import JsonError, numbered

from .files import opened
from .said import DiscussionError


class Entry(NamedTuple):
    """An object of the file: which one it is, counted from 1, and the line it begins on."""

    number: int
    line: int
    fields: dict[str, Any]

    @property
    def place(self) -> str:
        return _("entry %(number)d (line %(line)d)") % {"number": self.number, "line": self.line}


def entries(path: Path, system: str) -> Iterator[Entry]:
    """Yield the objects of a list, or those that stand one after another, as one a line.

    `system` is the name of the program that wrote it. Raises DiscussionError.
    """
    with opened(path, system) as file:
        try:
            for number, (line, value) in enumerate(numbered(file), 1):
                if not isinstance(value, dict):
                    raise _refused(path, _("line %(line)d: it is not in braces") % {"line": line})
                yield Entry(number, line, value)
        except JsonError as error:
            raise _refused(path, str(error)) from error


def _refused(path: Path, why: str) -> DiscussionError:
    said = _("%(file)s is not JSON that can be read, in %(why)s.")
    return DiscussionError(said % {"file": path, "why": why})
