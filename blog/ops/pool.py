"""The threads that run Django in `serve`; answers from memory have others (server.py).

A request that waits, for SQLite's lock or for a database that hangs, keeps its thread. So reading
and writing have separate limits, and neither can take all threads. A request that waits too long is
answered without the database.

Networks take turns, so that one that sends much delays only itself, and none can take all the
threads that write or all the places to wait.
"""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import NamedTuple

READ, WRITE = "read", "write"
# Requests that may wait for a thread, of each kind, and the seconds each may wait. With the
# seconds that a writer waits for SQLite's lock (lib.database.LOCK_WAIT), those of writing come to
# less than five, in which words are back with their sender.
MOST_WAITING = {READ: 256, WRITE: 128}
WAIT_SECONDS = {READ: 10.0, WRITE: 2.4}
# Bytes of bodies that may wait.
MOST_BYTES = 32_000_000
# The part of what may wait to write, in number and bytes, that one network may take.
SHARE = 4

logger = logging.getLogger(__name__)

# Called with whether it waited too long.
TimedWork = Callable[[bool], object]


class Task(NamedTuple):
    since: float
    size: int
    network: str
    work: TimedWork


class Lane:
    """What waits and runs of one kind: `most` at a time, `each` of one network.

    A network without a name is a proxy that does not say for whom it asks, and has no limit.
    """

    def __init__(self, most: int, each: int) -> None:
        self.most, self.each = most, each
        self.running = Counter[str]()
        # By network, in the order of their turns.
        self.waiting: dict[str, deque[Task]] = {}

    def add(self, task: Task) -> None:
        self.waiting.setdefault(task.network, deque()).append(task)

    def next(self) -> Task | None:
        """Return what may run now and whose network's turn it is; None where nothing may."""
        if self.running.total() >= self.most:
            return None
        free = (n for n in self.waiting if not n or self.running[n] < self.each)
        network = next(free, None)
        return None if network is None else self.waiting[network][0]

    def begin(self, task: Task) -> None:
        """Have it run; its network is the last whose turn comes again."""
        tasks = self.waiting.pop(task.network)
        tasks.popleft()
        if tasks:
            self.waiting[task.network] = tasks
        self.running[task.network] += 1

    def end(self, task: Task) -> None:
        self.running[task.network] -= 1
        if not self.running[task.network]:
            del self.running[task.network]

    def size(self) -> int:
        """Return the bytes that wait."""
        return sum(map(size_of, self.waiting.values()))


def size_of(tasks: Iterable[Task]) -> int:
    return sum(task.size for task in tasks)


class Pool:
    """So many threads, of which at most half write at a time, and at least one does not read."""

    def __init__(self, threads: int) -> None:
        reading, writing = max(1, threads - 1), max(1, threads // 2)
        # Two of one network where there are two: a pingback may wait a while for its source.
        each = max(min(2, writing), writing // 2)
        self.lanes = {READ: Lane(reading, reading), WRITE: Lane(writing, each)}
        self.changed = threading.Condition()
        for number in range(threads):
            threading.Thread(target=self.run, name=f"django-{number}", daemon=True).start()

    def submit(self, kind: str, work: TimedWork, size: int = 0, network: str = "") -> bool:
        """Have a thread do it; return False, and do nothing, where too much waits already."""
        with self.changed:
            if self.is_full(kind, size) or (kind == WRITE and self.has_share(network, size)):
                return False
            self.lanes[kind].add(Task(monotonic(), size, network, work))
            self.changed.notify()
            return True

    def is_full(self, kind: str, size: int) -> bool:
        waiting = sum(map(len, self.lanes[kind].waiting.values()))
        there = sum(lane.size() for lane in self.lanes.values())
        return waiting >= MOST_WAITING[kind] or bool(there and there + size > MOST_BYTES)

    def has_share(self, network: str, size: int) -> bool:
        """Whether as much as one network may have waits to write; one task may be of any size."""
        waiting = self.lanes[WRITE].waiting.get(network)
        if not network or not waiting:
            return False
        is_large = size_of(waiting) + size > MOST_BYTES // SHARE
        return is_large or len(waiting) >= MOST_WAITING[WRITE] // SHARE

    def next(self) -> tuple[Lane, Task, float]:
        """Wait for the task that waited longest of those whose turn it is, and its patience."""
        with self.changed:
            while not (
                found := [
                    (task.since, WAIT_SECONDS[kind], lane, task)
                    for kind, lane in self.lanes.items()
                    if (task := lane.next())
                ]
            ):
                self.changed.wait()
            _since, patience, lane, task = min(found, key=lambda each: each[0])
            lane.begin(task)
            return lane, task, patience

    def run(self) -> None:
        while True:
            lane, task, patience = self.next()
            try:
                task.work(monotonic() - task.since > patience)
            except Exception:
                logger.exception("A request could not be answered.")
            finally:
                with self.changed:
                    lane.end(task)
            del task  # what it holds is not kept until the next comes
