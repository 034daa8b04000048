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


class Stretches:
    """Transactions of half a second each, every one with what `save` keeps of how far it came.

    `save` is called with the steps that are done and the report so far. One that goes on is given
    both again: it takes the first steps once more, which find everything here already and are not
    reported, and so knows all that it knew. `pause` is called between two transactions.
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

    @contextmanager
    def over(self, report: Report) -> Iterator[None]:
        self.report, self.sink = report, report.sink
        if self.is_repeating:
            report.sink = None
        report.step = self.step
        self.begin()
        try:
            yield
        except BaseException:
            self.block.__exit__(*sys.exc_info())
            raise
        self.go_on()  # where the file has become shorter meanwhile
        self.save(self.steps, report)
        self.block.__exit__(None, None, None)

    @property
    def is_repeating(self) -> bool:
        return self.steps < self.done

    def begin(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        self.since = self.clock()

    def go_on(self) -> None:
        """Forget what the steps said that are taken once more, and report from here."""
        if self.said is not None:
            self.report.become(self.said)
            self.said = None
        self.report.sink = self.sink

    def step(self) -> None:
        self.steps += 1
        if self.done and self.steps == self.done:
            self.go_on()
        if self.clock() - self.since < STRETCH:
            return
        if not self.is_repeating:
            self.save(self.steps, self.report)
        self.block.__exit__(None, None, None)
        self.pause()
        self.begin()
