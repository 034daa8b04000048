"""Changes of very many rows, in short transactions."""

import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from blog.jobs.alive import still_working

# Rows of the first transaction, the most of any, and the seconds that each should take.
FIRST, MOST, HELD = 20, 1000, 0.1


def in_slices(rows: QuerySet[Any], change: Callable[[Any], int]) -> int:
    """Call `change` with a few of `rows` after the other, each in a transaction; return the sum.

    All in one would keep commenters waiting for SQLite's lock, until they are refused, and a worker
    that is killed would have done nothing.
    """
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    done, size = 0, FIRST
    while keys:
        some, keys = keys[:size], keys[size:]
        with transaction.atomic():
            began = time.monotonic()
            done += change(rows.filter(pk__in=some))
            took = time.monotonic() - began
        size = max(1, min(MOST, 2 * size, int(size * HELD / max(took, 0.001))))
        still_working()
    return done


def delete(rows: QuerySet[Any]) -> int:
    """Delete rows a few at a time; return how many, with those that go with them."""
    return in_slices(rows, lambda some: some.delete()[0])
