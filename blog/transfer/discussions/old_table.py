"""A table of one's own, `old,new`, that says which essay here an address was."""

from __future__ import annotations

import csv
from pathlib import Path

from django.utils.translation import gettext as _

from blog.lib.listing import listed
from blog.transfer.report import Report, quoted

from .finding import Key, parts_of, post_at
from .said import DiscussionError

MOST_BYTES = 50_000_000


def read_table(path: Path, report: Report) -> dict[Key, int]:
    """Return which essay each old address is; lines that say none are named in the report.

    Raises DiscussionError for a file that cannot be read.
    """
    table: dict[Key, int] = {}
    for number, row in enumerate(_rows(path), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and [cell.lower() for cell in cells[:2]] == _HEAD):
            continue
        if why := _wrong(cells):
            _note(report, number, cells, why)
            continue
        old, new = cells[:2]
        _host, place, query = parts_of(new)
        post = post_at(place, query)
        if post is None:
            _note(report, number, cells, _("no essay here has the address %(new)s") % {"new": new})
            continue
        key = _key(old)
        if table.setdefault(key, post) != post:
            _note(report, number, cells, _("an earlier line says otherwise"))
    return table


_HEAD = ["old", "new"]


def _wrong(cells: list[str]) -> str:
    if len(cells) < 2 or any(cells[2:]):
        return _("it needs two columns, old and new")
    if not all(cells[:2]):
        return _("one of its two columns is empty")
    return ""


def _key(old: str) -> Key:
    """Return how an old address, or the name of a page, is looked up."""
    found = parts_of(old)
    return found if found[0] or old.startswith(("/", "?")) else (old,)


def _rows(path: Path) -> list[list[str]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DiscussionError(_("%(file)s is too large for a table.") % {"file": path})
        text = path.read_bytes().decode("utf-8-sig")
        first = text.partition("\n")[0]
        comma = max(",;\t", key=first.count)
        return list(csv.reader(text.splitlines(), delimiter=comma))
    except UnicodeDecodeError as error:
        said = _("%(file)s is not in UTF-8. Save it as CSV in UTF-8.") % {"file": path}
        raise DiscussionError(said) from error
    except csv.Error as error:
        said = _("%(file)s is not a table: %(why)s.") % {"file": path, "why": error}
        raise DiscussionError(said) from error
    except OSError as error:
        said = _("%(file)s cannot be read: %(why)s.")
        raise DiscussionError(said % {"file": path, "why": error.strerror or error}) from error


def _note(report: Report, number: int, cells: list[str], why: str) -> None:
    line = _("line %(line)d, %(what)s: %(why)s")
    said = {"line": number, "what": quoted(listed(cells)), "why": why}
    report.note(_("Lines of the table that say nothing"), line % said)
