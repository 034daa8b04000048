"""One picture at a time, for reading one may take hundreds of megabytes."""

from __future__ import annotations

import contextlib
import fcntl
import threading
from collections.abc import Iterator

from django.conf import settings

_here = threading.Lock()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until nobody else on this machine has a picture in memory.

    It holds for the threads of a process, and for all processes that share DATA_DIR: web servers,
    workers and commands. Where no file can be locked there, it holds for the threads alone.
    """
    with _here, contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            lock = stack.enter_context((settings.DATA_DIR / "pictures.lock").open("ab"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
