"""How the desk's pages name people, moments and small numbers."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from blog.lib.capitals import capitalised
from blog.lib.figures import figure

# As English writes small numbers. Elsewhere such a word has the gender of what is counted.
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def number(count):
    """Return a number as it stands in a sentence: in English a small one as a word."""
    is_english = (get_language() or "en").partition("-")[0] == "en"
    return NUMBERS[count] if is_english and count < len(NUMBERS) else figure(count)


def sentence(words):
    """Return words with a capital letter in front, and nothing else changed."""
    return capitalised(words)


def with_markup(said, **given):
    """Return a sentence of ours, whose markup stays, with what is given escaped in its places."""
    escaped = {name: conditional_escape(each) for name, each in given.items()}
    return mark_safe(said % escaped)  # noqa: S308 - ours, and what is given is escaped


def bold(said):
    return format_html("<strong>{}</strong>", said)


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
    return _("Today %(time)s") % {"time": clock(at)} if is_today(at) else _day_and_time(at)


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


def because_full(post):
    """Return why a page is not in the menu it was ticked for, with a link to where that is set."""
    said = _(
        "The menu is full, so “%(title)s” is not in it yet. Take a link out of the menu, then save "
        "the page again."
    )
    address = reverse("admin:site_siteversion_changelist")
    return format_html(
        '{} <a href="{}">{}</a>', said % {"title": post}, address, _("Name, menus and words")
    )
