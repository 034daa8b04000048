"""Limits of processor time that a busy or slow machine does not break."""

import gc
import re
import time

TRIES = 8  # a neighbour on the machine slows one or two, seldom eight in a row

# What `_reference` takes on the machine that the limits are in seconds of. The machines that run
# the suite take between that and three times as long, by the hour.
REFERENCE = 0.010


def within(seconds, work, *given, **named):
    """Return what `work` returns once it took its thread at most `seconds` of processor time.

    Like `timeit` without the collector, which may walk all that the tests before have left. Once
    work took longer, the seconds are those of a machine as fast as the reference: what a fixed
    piece of work takes right before and after says how fast this one is at that moment.
    Raises AssertionError after eight tries that took longer.
    """
    took = []
    gc.disable()
    try:
        while len(took) < TRIES:
            before = _slowness() if took else 1
            began = time.thread_time()
            result = work(*given, **named)
            spent = time.thread_time() - began
            took.append(spent / min(before, _slowness()) if took else spent)
            if took[-1] <= seconds:
                return result
    finally:
        gc.enable()
    raise AssertionError(f"{min(took):.3f} s at best of {TRIES}, more than {seconds}")


def _slowness():
    """Return how many times the reference's time this machine takes now, at least 1."""
    began = time.thread_time()
    _reference()
    return max(1, (time.thread_time() - began) / REFERENCE)


def _reference():
    """Do what rendering does most: patterns over text, calls, strings and dictionaries."""
    seen = {}
    text = "A leaf falls *here* and there, https://example.org/1 and [on](/it). " * 600
    for match in re.finditer(r"[*\[(](\w+)[*\])]|\bhttps?://\S+|[,.]", text):
        word = re.sub(r"[^a-z]", lambda mark: str(ord(mark[0])), match[0])
        seen[word] = seen.get(word, "") + word[:3]
    return "".join(sorted(seen))
