"""Trials that take minutes: `make test-long` runs all of each, any other run a part of it.

Their tests are marked `long`, and those that make up their input count among them. One that has
no part that would prove anything gives the marker a reason, and is left out of other runs.
POSTIL_FULL=1 is what `make test-long` sets.
"""

import os
import random

FULL = bool(os.environ.get("POSTIL_FULL"))


def in_full(whole, part):
    """Return how much of it this run tries."""
    return whole if FULL else part


def some_of(inputs, of, part=0):
    """Return one input in `of`, others in each run; all of them in full.

    Tests that name different parts, of `of`, try different inputs of the same run.
    """
    return list(inputs) if FULL else list(inputs)[(random.randrange(of) + part) % of :: of]
