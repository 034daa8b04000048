"""How the desk's pages name people, moments and small numbers."""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NUMBERS = [
    gettext_lazy("no"),
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
    gettext_lazy("ten"),
]


def number(count):
    """Return a small number as a word."""
    return str(NUMBERS[count]) if count < len(NUMBERS) else str(count)


def sentence(words):
    """Return words with a capital letter in front, and nothing else changed."""
    return words[:1].upper() + words[1:]


def name_of(user):
    """Return the whole name of who saved; None is an account that is gone, or a command."""
    if user is None:
        return _("Somebody")
    return user.get_full_name() or user.get_username().partition("@")[0]


def first_name_of(user):
    return (user and user.get_short_name()) or name_of(user)


def clock(at):
    return date_format(timezone.localtime(at), "TIME_FORMAT")


def when(at):
    """Return a moment as its reader would say it: Today 18:29, Thursday 09:12, 3 May 07:30."""
    return _("Today %s") % clock(at) if is_today(at) else _day_and_time(at)


def from_when(at):
    """Return a moment as it stands in a sentence: the time alone where it was today."""
    return clock(at) if is_today(at) else _day_and_time(at)


def is_today(at):
    return timezone.localdate(at) == timezone.localdate()


def _day_and_time(at):
    ago = timezone.localdate() - timezone.localdate(at)
    if timedelta(0) < ago < timedelta(days=7):
        form = "l"
    else:
        is_this_year = timezone.localdate(at).year == timezone.localdate().year
        form = "MONTH_DAY_FORMAT" if is_this_year else "DATE_FORMAT"
    day = date_format(timezone.localtime(at), form)
    return _("%(day)s %(time)s") % {"day": day, "time": clock(at)}
