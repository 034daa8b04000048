"""Finds a theme's static files, before all others."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

from .files import STATIC, theme
from .mode import OURS, mode


class Finder(BaseFinder):  # type: ignore[misc]
    """Only those that pages may ask for: the admin's files and scripts stay ours."""

    # Collecting goes on without them where it fails with them.
    is_left_out = False

    def find(self, path: str, find_all: bool = False, **given: Any) -> Any:
        over = theme()
        found = over.static.get(path) if over and mode() != OURS else None
        if find_all or given.get("all"):
            return [str(found)] if found else []
        return str(found) if found else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        over = theme()
        if over is None or Finder.is_left_out:
            return
        storage = FileSystemStorage(location=over.root / STATIC)
        for name in sorted(over.static):
            if not matches_patterns(name, [*(ignore_patterns or ())]):
                yield name, storage
