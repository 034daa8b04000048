"""Day and time as each language writes them."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext

# Django has no format of its own for these. What its letters mean, its documentation of the filter
# `date` says; E is the month in the case that it has in a date.


def day(moment: datetime, form: str = "DATE_FORMAT") -> str:
    """Return the day of a moment, by the name of one of Django's formats for days."""
    return _written_day(timezone.localtime(moment).date(), form, get_language())


def day_and_time(moment: datetime) -> str:
    """Return a moment of this year: 14 November, 09:05."""
    return _written(moment, pgettext("date format: day, month and time", "j F, H:i"))


def short_day_and_time(moment: datetime, *, year: bool = False) -> str:
    """Return a moment in few letters: 14 Nov, 09:05; with the year: 14 Nov 2026, 09:05."""
    if year:
        return _written(moment, pgettext("date format: day, month, year, time", "j M Y, H:i"))
    return _written(moment, pgettext("date format: day, short month, time", "j M, H:i"))


def day_of_week(moment: datetime, *, year: bool = False) -> str:
    """Return a day with its name: Saturday 14 November, or Saturday 14 November 2026."""
    if year:
        return _written(moment, pgettext("date format: weekday, day, month, year", "l j F Y"))
    return _written(moment, pgettext("date format: weekday, day, month", "l j F"))


def _written(moment: datetime, form: str) -> str:
    return str(date_format(timezone.localtime(moment), form))


# A list of essays has a day in each line, and Django takes a tenth of a millisecond to write one.
@lru_cache(maxsize=2048)
def _written_day(of: date, form: str, _language: str | None) -> str:
    return str(date_format(of, form))
