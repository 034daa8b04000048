"""The threads that run Django in `serve`, apart from those that answer from memory (server.py).

A request that waits, for the lock of SQLite or for a database that hangs, keeps its thread. So
reading and writing have limits of their own and neither can take all threads, and answers from
memory need none of these. A request that waits too long is answered without the database.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

READ, WRITE = "read", "write"
# Requests that may wait for a thread, of each kind, and the seconds each may wait. With the
# seconds that a writer waits for SQLite's lock (lib.database.LOCK_WAIT), those of writing come to
# less than five, in which words are back with their sender.
MOST_WAITING = {READ: 256, WRITE: 64}
PATIENCE = {READ: 10.0, WRITE: 2.4}
# Bytes of bodies that may wait.
MOST_BYTES = 32_000_000

logger = logging.getLogger(__name__)

# Called with whether it waited too long.
Work = Callable[[bool], object]


class Task(NamedTuple):
    since: float
    size: int
    work: Work


class Pool:
    """So many threads, of which at most half write at a time, and at least one does not read."""

    def __init__(self, threads: int) -> None:
        self.most = {READ: max(1, threads - 1), WRITE: max(1, threads // 2)}
        self.running = {READ: 0, WRITE: 0}
        self.waiting: dict[str, deque[Task]] = {READ: deque(), WRITE: deque()}
        self.bytes = 0
        self.changed = threading.Condition()
        for number in range(threads):
            threading.Thread(target=self.run, name=f"django-{number}", daemon=True).start()

    def submit(self, kind: str, work: Work, size: int = 0) -> bool:
        """Have a thread do it; return False, and do nothing, where too much waits already."""
        with self.changed:
            too_large = self.bytes and self.bytes + size > MOST_BYTES
            if len(self.waiting[kind]) >= MOST_WAITING[kind] or too_large:
                return False
            self.bytes += size
            self.waiting[kind].append(Task(monotonic(), size, work))
            self.changed.notify()
            return True

    def next(self) -> tuple[str, Task]:
        """Wait for what has waited longest of the kinds that may run."""
        with self.changed:
            while not (
                kinds := [
                    kind
                    for kind, tasks in self.waiting.items()
                    if tasks and self.running[kind] < self.most[kind]
                ]
            ):
                self.changed.wait()
            kind = min(kinds, key=lambda kind: self.waiting[kind][0].since)
            self.running[kind] += 1
            task = self.waiting[kind].popleft()
            self.bytes -= task.size
            return kind, task

    def run(self) -> None:
        while True:
            kind, task = self.next()
            try:
                task.work(monotonic() - task.since > PATIENCE[kind])
            except Exception:
                logger.exception("A request could not be answered.")
            finally:
                with self.changed:
                    self.running[kind] -= 1
            del task  # what it holds is not kept until the next comes
