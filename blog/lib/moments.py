"""Moments in words: how long ago, and day and time as each language writes them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy, pgettext

# Whole sentences, because in many languages a day has another case after “ago”.
_UNITS = {
    "year": ngettext_lazy("%(num)d year ago", "%(num)d years ago", "num"),
    "month": ngettext_lazy("%(num)d month ago", "%(num)d months ago", "num"),
    "week": ngettext_lazy("%(num)d week ago", "%(num)d weeks ago", "num"),
    "day": ngettext_lazy("%(num)d day ago", "%(num)d days ago", "num"),
    "hour": ngettext_lazy("%(num)d hour ago", "%(num)d hours ago", "num"),
    "minute": ngettext_lazy("%(num)d minute ago", "%(num)d minutes ago", "num"),
}


def ago(moment: datetime) -> str:
    """Return how long ago a moment was, in its largest unit."""
    now = timezone.now()
    if now - moment < timedelta(minutes=1):
        return str(_("just now"))
    return str(timesince(moment, now, time_strings=_UNITS, depth=1))


def long_ago(moment: datetime) -> str:
    """Return the same in minutes, hours or days, in the largest of which there are at least two."""
    minutes = int((timezone.now() - moment).total_seconds()) // 60
    if minutes < 1:
        return str(_("just now"))
    if minutes < 2 * 60:
        return str(_UNITS["minute"] % {"num": minutes})
    if minutes < 48 * 60:
        return str(_UNITS["hour"] % {"num": minutes // 60})
    return str(_UNITS["day"] % {"num": minutes // (24 * 60)})


# Django has no format of its own for these. What its letters mean, its documentation of the filter
# `date` says; E is the month in the case that it has in a date.


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
