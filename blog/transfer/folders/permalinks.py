"""Addresses as Jekyll, Hugo and Pelican make them of patterns."""

from __future__ import annotations

import re
from datetime import datetime

_TOKEN = re.compile(r":([a-z_]+)(?:\[[^\]]{0,10}\])?")
_BRACES = re.compile(r"\{([a-z_]+)(?::([^{}]{0,40}))?\}")
_STRFTIME = re.compile(r"%[-]?([YmdHMSjybBaAeU])")
JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}


def of_date(at: datetime | None) -> dict[str, str]:
    """Return what patterns say of a date, by Jekyll's names and Hugo's."""
    if at is None:
        return {}
    return {
        "year": f"{at:%Y}",
        "short_year": f"{at:%y}",
        "month": f"{at:%m}",
        "i_month": str(at.month),
        "short_month": f"{at:%b}",
        "long_month": f"{at:%B}",
        "monthname": f"{at:%B}".lower(),
        "day": f"{at:%d}",
        "i_day": str(at.day),
        "y_day": f"{at:%j}",
        "yearday": str(int(f"{at:%j}")),
        "week": f"{at:%V}",
        "short_day": f"{at:%a}",
        "long_day": f"{at:%A}",
        "weekday": str((at.weekday() + 1) % 7),
        "weekdayname": f"{at:%A}".lower(),
        "hour": f"{at:%H}",
        "minute": f"{at:%M}",
        "second": f"{at:%S}",
    }


def filled(pattern: str, said: dict[str, str]) -> str | None:
    """Return the address that a pattern of `:names` gives; None where it asks for what is not said.

    What is empty leaves no slash behind.
    """
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        # A token may be followed by letters, as in ":title_old".
        name = next((name for name in _shorter(found[1]) if name in said), None)
        if name is None:
            missing = True
            return ""
        return said[name] + found[1][len(name) :]

    made = _TOKEN.sub(value, pattern)
    return None if missing else re.sub("/{2,}", "/", made)


def _shorter(name: str) -> list[str]:
    return [name[:end] for end in range(len(name), 0, -1)]


def braced(pattern: str, said: dict[str, str], at: datetime | None) -> str | None:
    """Return the address that one of Pelican's patterns gives, as `{date:%Y}/{slug}.html`."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, form = found[1], found[2] or ""
        if name == "date" and at is not None:
            return _STRFTIME.sub(lambda sign: at.strftime(f"%{sign[1]}"), form or "%Y-%m-%d")
        if name not in said:
            missing = True
        return said.get(name, "")

    made = _BRACES.sub(value, pattern)
    return None if missing else made
