"""Whether the database answers: found out by one thread, so that no reader has to.

A database that is down refuses at once. One whose process hangs, or whose machine is gone, says
nothing at all, and a request would wait as long as that lasts, with one of the server's few
threads: four such requests, and not even pages in memory would be answered. So one thread asks it
each second, and while `away` is set no request waits for it, earlier ones included.
"""

import threading
import time
from collections.abc import Callable, Generator
from typing import Any

from django.db import Error, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

away = threading.Event()

# Seconds a request waits for what another has locked: SQLite's one lock, or rows of PostgreSQL's.
# Then the sender gets the words back. Commands and jobs wait as long as the settings say.
LOCK_WAIT = 2.0
# The most seconds that a worker leaves SQLite's lock to others before it takes it again.
LONGEST_REST = 0.25
WRITES = ("INSERT", "UPDATE", "DELETE")


def wait_briefly_for_locks() -> None:
    """From now on have each connection of this process give up after LOCK_WAIT."""
    connection_created.connect(limit_lock_wait, dispatch_uid="blog.lib.database.locks")


def limit_lock_wait(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    setting = {"sqlite": "PRAGMA busy_timeout", "postgresql": "SET lock_timeout"}
    connection.connection.execute(f"{setting[connection.vendor]} = {int(LOCK_WAIT * 1000)}")
    if close_failed not in connection.execute_wrappers:
        connection.execute_wrappers.append(close_failed)


def close_failed(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Close the cursor of a query that fails, in the thread that used it.

    The error and its traceback hold each other, so the cursor is freed by the garbage collector, in
    any thread. SQLite then resets its query, and that waits while its connection waits for a lock:
    a reader who happened to collect garbage waited two seconds for a writer.
    """
    try:
        return execute(sql, params, many, context)
    except Error:
        context["cursor"].close()
        raise


class Rests:
    """Has the threads of a process leave SQLite's one lock to others for as long as they had it.

    Who waits for that lock is in no queue: SQLite looks again and again, each tenth of a second in
    the end, and a job that writes row after row has it nearly each time.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self.over = 0.0  # when the lock may be taken again
        self.own = threading.local()

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        begins = sql.startswith("BEGIN")
        in_transaction = context["connection"].in_atomic_block and not begins
        if not (in_transaction or begins or sql.startswith(WRITES)):
            return execute(sql, params, many, context)
        if not in_transaction:
            while (left := self.over - self.clock()) > 0:
                self.sleep(left)
            self.own.since = self.clock()
        try:
            return execute(sql, params, many, context)
        finally:
            now = self.clock()
            if begins:  # what it waited for the lock, others had it
                self.own.since = now
            held = now - getattr(self.own, "since", now)
            self.over = max(self.over, now + min(LONGEST_REST, held))


_rests = Rests()


def leave_lock_to_others() -> None:
    """From now on have the threads of this process, which keep nobody waiting, rest (Rests)."""
    connection_created.connect(add_rests, dispatch_uid="blog.lib.database.rests")


def add_rests(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if connection.vendor == "sqlite" and _rests not in connection.execute_wrappers:
        connection.execute_wrappers.append(_rests)


def give_up_while_away() -> None:
    """From now on have each query of this process end with an error once `away` is set."""
    connection_created.connect(watch_connection, dispatch_uid="blog.lib.database")


def watch_connection(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if connection.vendor == "postgresql":
        give_up_when(connection.connection, away.is_set)


def give_up_when(connection: Any, over: Callable[[], bool]) -> None:
    """Have psycopg look ten times a second whether it is `over` while it waits for an answer."""
    if hasattr(connection, "waits_for_ever"):  # one of a pool, that was here before
        return
    connection.waits_for_ever = connection.wait

    def wait(steps: Generator[Any, Any, Any], *how: Any, **named: Any) -> Any:
        return connection.waits_for_ever(watched(connection, steps, over), *how, **named)

    connection.wait = wait


def watched(
    connection: Any, steps: Generator[Any, Any, Any], over: Callable[[], bool]
) -> Generator[Any, Any, Any]:
    """Go through the steps of psycopg's waiting; raise OperationalError when it is over."""
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if not ready and over():
                steps.close()
                connection.pgconn.finish()  # its answer may yet come, and be taken for another's
                raise connection.OperationalError("The database does not answer.")
            wanted = steps.send(ready)
    except StopIteration as done:
        return done.value


def is_unsure(error: Error) -> bool:
    """Whether what was asked may have been done: the line broke before the answer came."""
    cause = error.__cause__
    return (
        isinstance(error, OperationalError)
        and hasattr(cause, "sqlstate")
        and cause.sqlstate is None
        and not away.is_set()
    )
