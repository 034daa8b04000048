"""Rows of an export's JSON files, one at a time, and their values as the models take them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from blog.markup import without_unwanted
from blog.posts.models import YEARS
from blog.transfer.folders.tree import FolderError, Tree


def rows_of(tree: Tree, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file that holds one a line; nothing if the file is missing.

    Raises FolderError with the line where it is broken.
    """
    if name not in tree:
        return
    with (tree.root / name).open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            source = line.strip().rstrip(",")
            if source in ("", "[", "]", "[]"):
                continue
            try:
                row = json.loads(without_unwanted(source))
            except (ValueError, RecursionError) as error:
                raise _broken(name, number) from error
            if not isinstance(row, dict):
                raise _broken(name, number)
            yield row


def _broken(name: str, number: int) -> FolderError:
    said = _("%(file)s is broken at line %(line)d. Export again, and copy the folder whole.")
    return FolderError(said % {"file": name, "line": number})


def text(row: dict[str, Any], name: str, most: int | None = None) -> str:
    """Return a text of a row, "" for anything else."""
    value = row.get(name)
    return value[:most] if isinstance(value, str) else ""


def moment(row: dict[str, Any], name: str) -> datetime | None:
    """Return a moment of a row, None for anything else."""
    try:
        found = datetime.fromisoformat(text(row, name))
    except ValueError:
        return None
    return found if found.tzinfo and found.year in YEARS else None


def texts(row: dict[str, Any], name: str) -> list[str]:
    """Return a list of texts of a row; those of anything else are left out."""
    value = row.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def number(row: dict[str, Any], name: str, most: int = 2**31 - 1) -> int | None:
    value = row.get(name)
    return value if type(value) is int and 0 <= value <= most else None
