"""What an owner can have done at once from the admin by apps above this room, as ending the demo.

Each is asked for on a page of its own, so that no slip of the finger does it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple


class Act(NamedTuple):
    """`is_offered` says whether there is anything to do, and `do` does it and returns what came."""

    words: Any
    question: Any
    is_offered: Callable[[], bool]
    do: Callable[[], str]


ACTS: dict[str, Act] = {}
