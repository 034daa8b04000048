"""Trials that take minutes: `make test-long` runs all of each, any other run a part of it.

Their tests are marked `long`, and those that make up their input count among them. One that has
no part that would prove anything gives the marker a reason, and is left out of other runs.
POSTIL_FULL=1 is what `make test-long` sets.
"""

import os

FULL = bool(os.environ.get("POSTIL_FULL"))


def in_full(whole, part):
    """Return how much of it this run tries."""
    return whole if FULL else part
