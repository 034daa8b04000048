"""Whose templates the page that is made just now is of."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

THEME, OURS = "theme", "ours"
# Neither, outside of pages that a theme may have a part in.
_mode: ContextVar[str] = ContextVar("_mode", default="")


def mode() -> str:
    return _mode.get()


@contextmanager
def made_of(whose: str) -> Iterator[None]:
    before = _mode.set(whose)
    try:
        yield
    finally:
        _mode.reset(before)


def fragment_key(key: str, prefix: str, version: Any) -> str:
    """Return what a part of pages is kept under, so that ours and a theme's are two."""
    whose = THEME if mode() == THEME else ""
    return f"{whose}{prefix}:{version}:{key}"
