"""A folder that one process at a time works on."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(folder: str | Path, waits: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Wait until no other process has this folder; none has it until the block ends.

    `waits()` is called if another one has it. The lock goes with the process and leaves no file.
    Where a folder has none, as on some network file systems, nothing is waited for.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            place = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, place)
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waits()
                fcntl.flock(place, fcntl.LOCK_EX)
        yield
