"""Numbers and ages in sentences, as each language writes them."""

from __future__ import annotations

from datetime import timedelta

from django.utils.formats import number_format
from django.utils.translation import ngettext


def figure(number: float, places: int | None = None) -> str:
    """Return a number with the language's own signs between thousands and before decimals."""
    return str(number_format(number, places, force_grouping=True))


def comments(count: int) -> str:
    """Return how many comments there are, in words."""
    return str(ngettext("%(count)s comment", "%(count)s comments", count)) % {
        "count": figure(count)
    }


def ago(age: timedelta, *, least: int = 1) -> str:
    """Return how long ago something was, in the largest unit of which there are so many.

    It is one phrase for each unit, since in many languages “ago” changes the word of the unit.
    """
    minutes = max(0, int(age.total_seconds() // 60))
    sizes = [365 * 1440, 30 * 1440, 7 * 1440, 1440, 60]
    place = next((at for at, size in enumerate(sizes) if minutes // size >= least), len(sizes))
    count = minutes // [*sizes, 1][place]
    return _in_unit(place, count) % {"count": figure(count)}


def _in_unit(place: int, count: int) -> str:
    said = (
        lambda: ngettext("%(count)s year ago", "%(count)s years ago", count),
        lambda: ngettext("%(count)s month ago", "%(count)s months ago", count),
        lambda: ngettext("%(count)s week ago", "%(count)s weeks ago", count),
        lambda: ngettext("%(count)s day ago", "%(count)s days ago", count),
        lambda: ngettext("%(count)s hour ago", "%(count)s hours ago", count),
        lambda: ngettext("%(count)s minute ago", "%(count)s minutes ago", count),
    )
    return str(said[place]())
