"""Limits of processor time that a busy machine does not break."""

import gc
import time

TRIES = 8  # a neighbour on the machine slows one or two, seldom eight in a row


def within(seconds, work, *given, **named):
    """Return what `work` returns once it took its thread at most `seconds` of processor time.

    Like `timeit` without the collector, which may walk all that the tests before have left.
    Raises AssertionError after eight tries that took longer.
    """
    took = []
    gc.disable()
    try:
        while len(took) < TRIES:
            began = time.thread_time()
            result = work(*given, **named)
            took.append(time.thread_time() - began)
            if took[-1] <= seconds:
                return result
    finally:
        gc.enable()
    raise AssertionError(f"{min(took):.3f} s at best of {TRIES}, more than {seconds}")
