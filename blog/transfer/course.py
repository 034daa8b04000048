"""How an import's work is kept: all at once, or in stretches that a killed import goes on from.

An importer calls `report.step()` after each item and each comment; that is all it has to do. What
it does has to be found again by a key of its origin, so that a second run adds nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from .report import Report

# Seconds of work that one transaction has. SQLite lets nobody else write meanwhile, and a visitor's
# comment waits for two seconds at most (blog/lib/database.py).
STRETCH = 0.5


class Whole:
    """One transaction: a killed import leaves nothing behind."""

    @contextmanager
    def over(self, report: Report) -> Iterator[None]:
        with transaction.atomic():
            yield
            transaction.set_rollback(report.dry_run)


class Within:
    """A part of a longer course, which keeps what it does."""

    @contextmanager
    def over(self, report: Report) -> Iterator[None]:
        yield


class Stretches:
    """Transactions of half a second each, every one with what `save` keeps of how far it came.

    `save` is called with the steps that are done and the report so far. One that goes on is given
    both again. It takes the first steps once more, which find everything here already, and so knows
    all that it knew; what is reported while it `is_repeating` was reported before. `pause` is
    called between two transactions.
    """

    def __init__(
        self,
        save: Callable[[int, Report], None],
        *,
        done: int = 0,
        said: dict[str, Any] | None = None,
        pause: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.save, self.pause, self.clock = save, pause, clock
        self.steps, self.done, self.said = 0, done, said
        self.report = Report()
        self.block: Any = None

    @contextmanager
    def over(self, report: Report) -> Iterator[None]:
        self.report = report
        report.step, report.is_repeating = self.step, self.is_repeating
        self.begin()
        try:
            yield
            self.go_on()  # where the file has become shorter meanwhile
            self.save(self.steps, report)
        except BaseException:
            self.end(*sys.exc_info())
            raise
        self.end(None, None, None)

    @property
    def is_repeating(self) -> bool:
        return self.steps < self.done

    def begin(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        self.since = self.clock()

    def end(self, *error: Any) -> None:
        block, self.block = self.block, None
        if block:
            block.__exit__(*error)

    def go_on(self) -> None:
        """Forget what the steps said that are taken once more, and report from here."""
        self.report.is_repeating = False
        if self.said is not None:
            self.report.become(self.said)
            self.said = None

    def step(self, count: int = 1) -> None:
        was_repeating = self.is_repeating
        self.steps += count
        if was_repeating and not self.is_repeating:
            self.go_on()
        if not count or self.clock() - self.since < STRETCH:
            return
        if not self.is_repeating:
            self.save(self.steps, self.report)
        self.end(None, None, None)
        self.pause()
        self.begin()
