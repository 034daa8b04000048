"""Lists in the admin find words as the site's search does, and parts of words, in any field.

The database compares folded texts: SQLite by the function of blog.lib.folding itself, PostgreSQL by
one of its own that a migration makes of the same rules.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest

from . import folding

FUNCTION = "postil_fold"
# Words that are looked for, so that a pasted page costs what a sentence costs.
MOST_PARTS = 20
# Rows that are found before a list of them is read: up to so many, their texts are folded once, and
# not again for their number and again for the list. Folding 100,000 comments takes half a second.
FEW = 1000
# Between the fields that are searched as one, so that no part of a word reaches over it.
BETWEEN = models.Value("\n", output_field=models.TextField())
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | dict.fromkeys("−–—－", "-"))
PARTS = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))')


class Folded(models.Func):  # type: ignore[misc]
    function = FUNCTION
    output_field = models.TextField()


def add_function(connection: Any, **kwargs: Any) -> None:
    """Teach a connection to SQLite to fold."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(FUNCTION, 1, _fold, deterministic=True)


def _fold(text: str | None) -> str | None:
    return None if text is None else folding.fold(text)


def parts_of(text: str) -> tuple[list[str], list[str]]:
    """Return what is to be there, and what is not, of a text that was typed: folded."""
    wanted, unwanted = list[str](), list[str]()
    parts = PARTS.finditer(text.translate(QUOTES))
    for part in itertools.islice(parts, MOST_PARTS):
        if folded := folding.fold(part["quoted"] or part["bare"] or "").strip():
            (unwanted if part["minus"] else wanted).append(folded)
    return wanted, unwanted


def having(queryset: Any, fields: Any, text: str) -> Any:
    """Return the rows that have every part of a text in one of the fields, whatever its form."""
    wanted, unwanted = parts_of(text)
    if not (wanted or unwanted):
        return queryset.none() if text.strip() else queryset
    cast = [Cast(name, models.TextField()) for name in fields]
    between = [part for each in cast for part in (BETWEEN, each)]
    queryset = queryset.alias(
        folded=Folded(Concat(*between, BETWEEN, output_field=models.TextField()))
    )
    for part in wanted:
        queryset = queryset.filter(folded__contains=part)
    for part in unwanted:
        queryset = queryset.exclude(folded__contains=part)
    return queryset


def read_once(queryset: Any, found: Any) -> Any:
    """Return the rows of a queryset that a search found in it, by their keys if they are few."""
    keys = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(keys) > FEW else queryset.filter(pk__in=keys)


class FoldedSearch(admin.ModelAdmin):  # type: ignore[misc]
    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        found = having(queryset, self.get_search_fields(request), search_term)
        return read_once(queryset, found), False
