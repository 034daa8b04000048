"""Queries whose SQL is put together once, for those that a sender waits for.

Django takes up to a millisecond to turn a queryset into SQL, and the database a tenth of that to
answer it. A `Statement` asks Django once in each process, so that the rule stays in the queryset.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# Values by which a parameter is found again in what Django made. No query of ours holds them.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda place: 2_000_000_000 + place,
    str: lambda place: f"stand-in {place}",
    datetime: lambda place: datetime(1901, 1, 1, tzinfo=UTC) + timedelta(days=place),
}


class Statement:
    """A query with parameters of given types: `build` returns its queryset for given values.

    The values must be parameters of the SQL as they are: no None, no lists, no patterns.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *types: type) -> None:
        self.build = build
        self.stand_ins = [_STAND_INS[kind](place) for place, kind in enumerate(types)]
        self._made: dict[str, tuple[str, list[int | None], list[Any]]] = {}

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows as the driver gives them: numbers and texts are what they should be."""
        with connection.cursor() as cursor:
            cursor.execute(*self.sql(*values))
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def sql(self, *values: Any) -> tuple[str, list[Any]]:
        """Return the SQL and its parameters, to be part of another query."""
        made = self._made.get(connection.vendor)
        if made is None:
            made = self._made[connection.vendor] = self._make()
        sql, places, constants = made
        stored = [_stored(value) for value in values]
        given = [
            constant if place is None else stored[place]
            for place, constant in zip(places, constants, strict=True)
        ]
        return sql, given

    def _make(self) -> tuple[str, list[int | None], list[Any]]:
        """Return the SQL, where each value goes in it, and the parameters that are the same."""
        # Django does not document this method; tests/test_statement.py fails if it changes.
        sql, params = self.build(*self.stand_ins).query.sql_with_params()
        constants = list(params)
        stored = [_stored(value) for value in self.stand_ins]
        places = [stored.index(one) if one in stored else None for one in constants]
        if missing := set(range(len(stored))) - set(places):
            raise ValueError(f"Parameters {sorted(missing)} are not in the SQL: {sql}")
        return sql, places, constants


def moment(value: Any) -> datetime:
    """Return a time as a driver gives it, which is a text on SQLite, as an aware datetime."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    aware: datetime = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
