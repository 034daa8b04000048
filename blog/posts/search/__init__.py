"""Full-text search over essays, pages and approved comments, the same on SQLite and PostgreSQL.

Texts and queries are folded and cut into words by `blog.lib.folding`, and what is asked of either
database is the same (`query`, `finding`). Writing goes by SearchEntry, `indexing` reads everything
again, and `earlier` is the index of before, which is asked until the present one is complete.
"""

import contextlib
from collections.abc import Sequence
from functools import cached_property

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.posts.models import SearchEntry, SearchWords
from blog.posts.models.search_words import NUMBER_BITS, moment_of

from . import earlier
from .finding import MOST_RESULTS, matches, of_posts
from .query import clean_query, parse
from .snippets import Marks, snippet

# What a search can be narrowed to.
KINDS = {"essay": _("Essays"), "page": _("Pages"), "comment": _("Comments")}

__all__ = ["KINDS", "MOST_RESULTS", "Found", "clean_query", "find", "parse", "posts_matching"]

SHOWN = ("kind", "key", "title", "text", "dated")
SHOWN += ("post__kind", "post__title", "post__path", "post__lang")


def find(text, *, kind="", year=None):
    """Return what matches, best first: SearchEntry objects, each with its `snippet` as HTML.

    Words are joined by and; "words in quotes" are a phrase; the last word matches as a beginning,
    for readers still typing. Entries are read when they are asked for, one query for a page.
    """
    query = parse(text)
    if year:
        query = query._replace(years=(*query.years, year))
    if query.is_empty:
        return Found(query, [])
    if not earlier.is_replaced():
        with contextlib.suppress(DatabaseError), transaction.atomic():  # it is dropped just now
            return Earlier(earlier.find(text))
    return Found(query, matches(query, kind))


def posts_matching(text):
    """Return SQL for the numbers of all essays and pages that match, also of hidden ones.

    None where the index does not know all of them yet.
    """
    return of_posts(parse(text)) if earlier.is_replaced() else None


class Earlier(list):
    """What the index of before found, which cannot be narrowed."""

    years, is_cut = (), False


class Found(Sequence):
    """What a query found; its entries are read by the page."""

    def __init__(self, query, places):
        self.query, self.places = query, places

    def __len__(self):
        return len(self.places)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return self.entries(self.places[key])
        return self.entries([self.places[key]])[0]

    def __iter__(self):
        return iter(self.entries(self.places))

    def entries(self, places):
        if not places:
            return []
        found = SearchEntry.objects.filter(indexed__place__in=places).select_related("post")
        found = found.only(*SHOWN).annotate(place=F("indexed__place"))
        entries = sorted(found, key=lambda entry: places.index(entry.place))
        for entry in entries:
            entry.snippet = snippet(entry.text, self.marks)
        return entries

    @cached_property
    def marks(self):
        return Marks(self.query)

    @property
    def is_cut(self):
        """Whether there may be more than are shown."""
        return len(self.places) == MOST_RESULTS

    @property
    def years(self):
        """Return the years that have some, newest first; of more than are shown, all years."""
        if self.is_cut:
            # Below it are drafts, which have no date.
            dated = SearchWords.objects.filter(place__gte=1 << NUMBER_BITS).order_by("place")
            first = dated.values_list("place", flat=True).first()
            return [*range(year_of(max(self.places)), year_of(first or min(self.places)) - 1, -1)]
        return sorted({*map(year_of, self.places)}, reverse=True)


def year_of(place):
    return timezone.localtime(moment_of(place)).year
