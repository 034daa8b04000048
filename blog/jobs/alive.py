"""Signs of life of a job that takes long: without one it counts as hanging after a while."""

import time
from contextlib import contextmanager
from contextvars import ContextVar

now_running = ContextVar("now_running", default=None)


@contextmanager
def running(job):
    """Let what this thread does meanwhile be the job's."""
    before = now_running.set(job)
    try:
        yield
    finally:
        now_running.reset(before)


def still_working():
    """Say that the job this thread runs goes on as it should. Elsewhere it does nothing."""
    if job := now_running.get():
        job.taken_at = time.monotonic()
