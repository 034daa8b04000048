"""What the site is called now: from the environment, else from the newest version, else as ever.

Every page needs it, so each process keeps the newest version in memory until a number that all
processes of the machine share says that it changed (blog.pages.generation); other machines are
notified like that of every change of pages. A page so asks the database for none of it.
"""

import contextlib
from contextvars import ContextVar
from time import monotonic
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from blog.lib.base_path import home
from blog.lib.database import away
from blog.media.names import size_of
from blog.pages.generation import shared
from blog.pages.policy import MAX_AGE
from blog.web.copying import is_copied

from . import links
from .looks import colours_by_day, css_of
from .models import FIELDS, SiteVersion

# The colour of paper in the stylesheet.
PAPER = "#fcfcfa"
# The variable that sets each field, where one does.
VARIABLES = {
    "title": "SITE_TITLE",
    "tagline": "SITE_TAGLINE",
    "author": "SITE_AUTHOR",
    "entries": "ENTRIES_PER_PAGE",
    "language": "LANGUAGE_CODE",
    "comments": "COMMENTS_OPEN",
    "comment_days": "COMMENT_DAYS",
    "comment_policy": "COMMENT_POLICY",
    "comment_notes": "COMMENT_NOTES",
}


class Kept(NamedTuple):
    """The newest version's values, `None` for no version, and the number it was read under."""

    number: int
    values: dict | None
    until: float


class Site:
    """The settings in force. What the environment sets wins."""

    def __init__(self, values=None):
        self.values = values or {}

    @cached_property
    def version(self):
        """Another for other settings; for parts of pages that a process keeps."""
        return hash(repr(self.values))

    def chosen(self, name):
        own = None if is_set_outside(name) else self.values.get(name)
        return own or default_of(name)

    @property
    def title(self):
        return self.chosen("title")

    @cached_property
    def tagline(self):
        return self.chosen("tagline") or usual_tagline(self.language)

    @property
    def author(self):
        return self.chosen("author")

    @property
    def entries(self):
        """How many essays a page of the index holds."""
        return self.chosen("entries")

    @property
    def feed_entries(self):
        return self.values.get("feed_entries") or self.entries

    @property
    def in_masthead(self):
        pairs = self.values.get("masthead")
        return links.default_masthead() if pairs is None else pairs

    @cached_property
    def masthead(self):
        return links.shown(self.in_masthead)

    def leads_to(self, path):
        """Whether the masthead does, to a place; asked for each page, though it is drawn once."""
        return any(to == path for to, _words in self.in_masthead)

    @cached_property
    def foot(self):
        pairs = self.values.get("foot")
        return links.shown(links.default_foot() if pairs is None else pairs)

    @cached_property
    def profiles(self):
        return links.shown(self.values.get("profiles") or [])

    @property
    def language(self):
        return self.chosen("language")

    @property
    def takes_comments(self):
        """Whether any essay does; none in a static copy."""
        said = {"open": True, "closed": False}.get(self.chosen("comments"), settings.COMMENTS_OPEN)
        return said and not is_copied()

    @property
    def comment_days(self):
        """For how many days an essay takes comments; None for ever."""
        return self.chosen("comment_days")

    @property
    def comment_policy(self):
        return self.chosen("comment_policy")

    @property
    def comment_notes(self):
        """Whose notes beside words any essay takes: on, known or off."""
        return self.chosen("comment_notes")

    @cached_property
    def css(self):
        """What follows the stylesheet in every page; "" for nothing."""
        chosen = css_of(self.values.get("colours"), self.values.get("typeface"), self.language)
        return "\n".join(filter(None, [chosen, self.values.get("css")]))

    @property
    def colours_by_day(self):
        """The chosen colours by their names; none for the stylesheet's own."""
        return colours_by_day(self.values.get("colours"))

    @property
    def paper(self):
        """The colour of the page by day."""
        return self.colours_by_day.get("paper", PAPER)

    @cached_property
    def icons(self):
        """The names of the icon's files by their sides, in pixels; none for the usual icon."""
        return {size_of(name)[0]: name for name in self.values.get("icons") or []}

    @property
    def picture(self):
        """The name of the picture that links to the site are shown with; "" for a card."""
        return self.values.get("picture") or ""

    @property
    def comment_words(self):
        """The words above the comment form, as HTML that was cleaned when they were saved."""
        return mark_safe(self.values.get("comment_words_html", ""))  # noqa: S308

    # What templates ask besides.
    @property
    def url(self):
        """The host alone, for addresses that have the path they live below."""
        return settings.SITE_URL

    @property
    def home(self):
        return home()

    def __str__(self):
        return self.title


def is_set_outside(name):
    """Whether the environment sets it, so that the admin cannot."""
    return VARIABLES.get(name) in settings.SET_IN_ENVIRONMENT


def default_of(name):
    return getattr(settings, VARIABLES[name]) if name in VARIABLES else ""


def usual_tagline(language):
    """Return the tagline of a site that has none, in its own language."""
    with translation.override(language):
        return gettext("Essays, with notes in the margin.")


_kept = None
_tried = ContextVar("_tried", default=None)


@contextlib.contextmanager
def trying(values):
    """Have these settings in force here, for a page that shows what they would do."""
    before = _tried.set(Site(values))
    try:
        yield
    finally:
        _tried.reset(before)


def keep(values, *, number=None, seconds=float("inf")):
    """Keep these values until the shared number changes."""
    global _kept
    number = shared().site if number is None else number
    _kept = Kept(number, values, monotonic() + seconds)
    return _kept


def site():
    """Return the settings in force."""
    if tried := _tried.get():
        return tried
    fresh, kept = shared(), _kept
    number = fresh.site
    if kept is None or kept.number != number or monotonic() > kept.until:
        if away.is_set():
            return Site(kept.values if kept else None)
        try:
            # An error, as before the table is made, is not to break what goes on around it.
            inside = connection.in_atomic_block
            with transaction.atomic() if inside else contextlib.nullcontext():
                values = SiteVersion.objects.order_by("-pk").values(*FIELDS).first()
        except Error:
            # The database is away, or has no such table yet: a page says so, by its known name.
            return Site(kept.values if kept else None)
        # Without the shared file other processes' changes show by age alone.
        seconds = float("inf") if fresh.is_shared else MAX_AGE
        kept = keep(values, number=number, seconds=seconds)
    return Site(kept.values)
