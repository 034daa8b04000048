"""Values of rows as they are meant, whatever type they have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from blog.lib.lines import with_plain_breaks
from blog.markup import one_line, without_unwanted
from blog.transfer.folders.values import moment as moment_in

LONGEST_ID = 200


def words(value: Any) -> str:
    """Return a value as words on one line, "" for none."""
    return one_line(without_unwanted(value)) if isinstance(value, str) else ""


def text(value: Any) -> str:
    """Return a value as a text of many lines, "" for none."""
    if not isinstance(value, str):
        return ""
    return without_unwanted(with_plain_breaks(value))


def key(value: Any) -> str:
    """Return an id, which is a word or a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return words(str(value))[:LONGEST_ID]


def flag(value: Any) -> bool:
    return value in (True, 1, "1", "true")


def place(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and abs(value) < 1e9 else 0.0


def moment(value: Any) -> datetime | None:
    """Return a time, which Ghost writes in UTC: as ISO or SQLite has it, or since 1970."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) > 1e11 else value
        return moment_in(datetime.fromtimestamp(seconds, UTC), UTC) if abs(seconds) < 1e11 else None
    return moment_in(words(value), UTC) if isinstance(value, str) else None
