"""One picture at a time, for reading one may take hundreds of megabytes."""

from __future__ import annotations

import contextlib
import fcntl
import threading
import time
from collections.abc import Iterator

from django.conf import settings

# Seconds that a request waits for its turn, and that a job does.
REQUEST, JOB = 8, 120
# How often another process's lock is tried, in seconds.
LOOK = 0.02

_next, _here = threading.Lock(), threading.Lock()


class Busy(Exception):
    """Other pictures were in memory for as long as this one could wait."""


@contextlib.contextmanager
def alone(seconds: float) -> Iterator[None]:
    """Wait until nobody else on this machine has a picture in memory; raises Busy after `seconds`.

    It holds for the threads of a process, and for all processes that share DATA_DIR: web servers,
    workers and commands. Where no file can be locked there, it holds for the threads alone.

    One waits as the next, so that a job with thousands of pictures lets others in between.
    """
    until = time.monotonic() + seconds
    with contextlib.ExitStack() as turn:
        with contextlib.ExitStack() as waiting:
            take(waiting, _next, "pictures.next", until)
            take(turn, _here, "pictures.lock", until)
        yield


def take(held: contextlib.ExitStack, lock: threading.Lock, name: str, until: float) -> None:
    """Take a lock of this process and its file's, until the stack is left."""
    if not lock.acquire(timeout=max(0, until - time.monotonic())):
        raise Busy
    held.callback(lock.release)
    try:
        file = held.enter_context((settings.DATA_DIR / name).open("ab"))
    except OSError:
        return
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise Busy from error
            time.sleep(LOOK)
        except OSError:  # a file system without locks
            return
