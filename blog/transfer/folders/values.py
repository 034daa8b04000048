"""Values of front matter as they are meant: words, lists, yes and no, moments in a zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone as django_timezone

from blog.markup import one_line
from blog.posts.models import YEARS

_MOMENT = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:[Tt]|[ ]{1,4})(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?[ ]{0,4}([^ ].{0,40})?"
)
_OFFSET = re.compile(r"(?:Z|z|UTC|GMT)?(?:([+-])(\d{1,2})(?::?(\d{2}))?)?")
_TRUE, _FALSE = {"true", "yes", "on", "y", "1"}, {"false", "no", "off", "n", "0"}


def words(value: Any) -> str:
    """Return a value as words on one line, "" for none."""
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
        return ""
    return one_line(str(value))


def truth(value: Any) -> bool | None:
    """Return what a value says of yes or no; None where it says neither."""
    if isinstance(value, bool):
        return value
    said = words(value).lower()
    return True if said in _TRUE else False if said in _FALSE else None


def several(value: Any, by: str | None = ",") -> list[str]:
    """Return a list of words from a list, or from words parted by a sign (None: by spaces)."""
    if isinstance(value, list):
        found = [words(each.get("name") if isinstance(each, dict) else each) for each in value]
    elif isinstance(value, dict):
        found = [words(value.get("name"))]
    else:
        said = words(value)
        found = [said] if by == "" else [*map(one_line, said.split(by))]
    return [*dict.fromkeys(filter(None, found))]


def table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


_ZONE = re.compile("[A-Za-z][A-Za-z0-9_+/-]{0,60}")


def zone_of(name: Any) -> tzinfo | None:
    """Return the zone of a name; None for one that is not known."""
    said = words(name)
    if said.upper() in ("UTC", "GMT", "Z"):
        return UTC
    try:
        return ZoneInfo(said) if _ZONE.fullmatch(said) else None
    except (ValueError, OSError, KeyError):
        return None


class Day(datetime):
    """A moment of which only the day was said: it is that day by this site's clock."""


def site_zone() -> tzinfo:
    return django_timezone.get_default_timezone()


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """Return a moment with its zone, by `zone` where it names none; None if it is not a date."""
    if isinstance(value, datetime):
        found: datetime | None = value if value.tzinfo else value.replace(tzinfo=zone)
    elif isinstance(value, date):
        found = Day(value.year, value.month, value.day, tzinfo=site_zone())
    else:
        found = _read(words(value), zone)
    return found if found and found.year in YEARS else None


def _read(said: str, zone: tzinfo) -> datetime | None:
    if read := _MOMENT.fullmatch(said):
        its_zone = _zone_in(read[7] or "", zone)
        numbers = [int(number or 0) for number in read.groups()[:6]]
        try:
            if read[4] is None and not read[7]:
                return Day(*numbers[:3], tzinfo=site_zone())
            return its_zone and datetime(*numbers, tzinfo=its_zone)  # type: ignore[arg-type,misc]
        except (ValueError, OverflowError):
            return None
    try:
        found = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _zone_in(said: str, zone: tzinfo) -> tzinfo | None:
    """Return the zone that stands after a time: none, an offset, or a name."""
    said = said.strip()
    if not said:
        return zone
    if read := _OFFSET.fullmatch(said):
        away = timedelta(hours=int(read[2] or 0), minutes=int(read[3] or 0))
        if away >= timedelta(hours=24):
            return None
        return timezone(-away if read[1] == "-" else away)
    return zone_of(said)


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return a moment by a blog's own clock, for the dates in its addresses."""
    return moment if isinstance(moment, Day) else moment.astimezone(zone)
