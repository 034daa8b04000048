"""Values of JSON as they are meant, of any type: words, numbers, moments, yes and no."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from blog.markup import storable
from blog.posts.models import YEARS

_SINCE = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0", ""}


def text(value: Any) -> str:
    """Return a text, or a number as one; "" for anything else."""
    if isinstance(value, str):
        return storable(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and math.isfinite(value) and abs(value) < 1e18 else ""


def table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def number(value: Any) -> int:
    """Return a whole number, 0 for anything else or one that is too large to be one."""
    said = text(value).partition(".")[0]
    is_whole = said.removeprefix("-").isdecimal() and len(said) < 12
    return int(said) if is_whole else 0


def truth(value: Any) -> bool | None:
    """Return yes or no, no for nothing, None for what is neither."""
    if isinstance(value, bool):
        return value
    if value is None:
        return False
    said = text(value).strip().lower() if not isinstance(value, dict | list) else "?"
    return True if said in _TRUE else False if said in _FALSE else None


def moment(value: Any) -> datetime | None:
    """Return a moment from ISO 8601, in UTC where it names no zone, or from seconds since 1970.

    None where it is none, or of no year that an essay can have.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) > 1e11 else value  # as scripts count
            found = _SINCE + timedelta(seconds=seconds)
        else:
            found = datetime.fromisoformat(text(value).strip())
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year in YEARS else None
