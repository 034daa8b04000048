"""Whether pages are made for a static copy: nobody can write there, so they hold no forms."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_on: ContextVar[bool] = ContextVar("copying", default=False)


def is_copied() -> bool:
    """Return whether what is made now is for a static copy (blog/transfer/static_copy)."""
    return _is_on.get()


@contextmanager
def for_a_copy() -> Iterator[None]:
    """Have pages that this thread makes in the block be those of a static copy."""
    token = _is_on.set(True)
    try:
        yield
    finally:
        _is_on.reset(token)
