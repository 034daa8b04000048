"""The database of Isso, a file of SQLite: read where it lies, without a byte written beside it.

Nothing in it is run: of its schema only plain tables are read, no function may be called, and its
triggers answer to writing alone.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from blog.markup import storable
from comments.models import Comment

from .said import Discussion, DiscussionError, Said
from .values import moment

STATUSES: dict[Any, str] = {1: Comment.Status.APPROVED, 2: Comment.Status.PENDING}
DELETED = 4
# Columns that are read, of which older versions lack some. The first three have to be there.
NEEDED = ("id", "tid", "text")
COLUMNS = (
    *NEEDED,
    *("parent", "created", "modified", "mode", "author", "email", "website"),
    *("likes", "dislikes", "notification"),
)
# Bytes of one value; no comment of Isso is longer.
LONGEST = 10_000_000
_HEAD = b"SQLite format 3\0"
# Where the head says whether it is written with a log (sqlite.org/fileformat2.html, 1.3.3).
_WITH_LOG = slice(18, 20)
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA}


class Isso(Discussion):
    """A database of Isso. Raises DiscussionError for a file that is none, or is broken."""

    system = "isso"

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.opened() as rows:
            self.columns = _columns(rows, "comments", COLUMNS, NEEDED)
            _columns(rows, "threads", ("id", "uri"), ("id", "uri"))
            if (state := rows.execute("PRAGMA quick_check(1)").fetchone()) and state[0] != "ok":
                raise _damaged()
            self.key = _key(rows)

    def unreadable(self) -> dict[str, list[str]]:
        with self.path.open("rb") as file:
            written_with = file.read(20)[_WITH_LOG]
        if b"\2" not in written_with or _log_of(self.path):
            return {}
        name = f"{self.path.name}-wal"
        said = _("the newest stand in %(name)s while Isso runs, and that is not beside the file")
        return {_("Look whether the last comments came along"): [said % {"name": name}]}

    def said(self) -> Iterator[Said]:
        """Yield the comments in the order in which they came."""
        with self.opened() as rows:
            pages = dict(rows.execute("SELECT id, uri FROM threads").fetchall())
            asked = f"SELECT {', '.join(self.columns)} FROM comments ORDER BY id"  # noqa: S608 - ours
            found = rows.execute(asked)
            for row in found:
                yield _said(dict(zip(self.columns, row, strict=True)), pages)

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Open it for reading: in place, or as a copy if the newest of it stands in a log."""
        _check_head(self.path)
        with tempfile.TemporaryDirectory() as folder:
            place, how = self.path, "mode=ro&immutable=1"
            if log := _log_of(self.path):
                place, how = Path(folder) / "isso.db", "mode=rw"
                shutil.copyfile(self.path, place)
                shutil.copyfile(log, place.with_name("isso.db-wal"))
            address = f"file:{quote(str(place.absolute()))}?{how}"
            try:
                with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as rows:
                    _make_safe(rows)
                    yield rows
            except (sqlite3.Error, OverflowError, UnicodeError) as error:
                raise _damaged() from error


def _log_of(path: Path) -> Path | None:
    """Return the file beside a database that has its newest rows, if there is one."""
    log = path.with_name(f"{path.name}-wal")
    return log if log.is_file() and log.stat().st_size else None


def _check_head(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(_HEAD) or len(head) < 100:
        raise DiscussionError(
            _(
                "%(file)s is not a database of SQLite. Isso’s is the file that isso.cfg names as"
                " dbpath."
            )
            % {"file": path.name}
        )
    journal = path.with_name(f"{path.name}-journal")
    if journal.is_file() and journal.stat().st_size:
        raise DiscussionError(
            _(
                "Isso was stopped while it wrote (%(journal)s). Start and stop it once, and copy"
                " the file then."
            )
            % {"journal": journal.name}
        )


def _make_safe(rows: sqlite3.Connection) -> None:
    rows.text_factory = _text
    rows.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    for line in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "cache_size=-8000"):
        rows.execute(f"PRAGMA {line}")
    rows.execute("PRAGMA ignore_check_constraints=ON")
    rows.set_authorizer(_allow)


def _allow(action: int, *_about: Any) -> int:
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _columns(
    rows: sqlite3.Connection, table: str, wanted: tuple[str, ...], needed: tuple[str, ...]
) -> list[str]:
    """Return which of the wanted columns a table has; one that is not Isso's is refused."""
    found = rows.execute(
        "SELECT sql FROM sqlite_master WHERE type='table' AND name=?", [table]
    ).fetchone()
    is_plain = found and isinstance(found[0], str) and "virtual" not in found[0][:30].lower()
    asked = f"PRAGMA table_xinfo({table})"
    # The seventh says whether a column is made up when it is read.
    here = {row[1] for row in rows.execute(asked) if row[6] == 0} if is_plain else set()
    if not here.issuperset(needed):
        raise DiscussionError(
            _("This is a database of SQLite, but not Isso’s: it has no table “%(table)s” of Isso.")
            % {"table": table}
        )
    return [name for name in wanted if name in here]


def _key(rows: sqlite3.Connection) -> str:
    """Return what tells this Isso from others: a sum of the key that each makes for itself."""
    try:
        found = rows.execute("SELECT value FROM preferences WHERE key='session-key'").fetchone()
    except sqlite3.OperationalError:  # Isso before 0.10 keeps it elsewhere
        return ""
    return hashlib.sha256(_text(found[0]).encode()).hexdigest()[:12] if found else ""


def _said(row: dict[str, Any], pages: dict[Any, Any]) -> Said:
    mode = row.get("mode", 1)
    said = Said(
        id=_text(row["id"]),
        parent=_text(row.get("parent")),
        page=_text(pages.get(row["tid"])),
        # Isso escapes names and addresses when it takes them, and shows them as they are.
        name=unescape(_text(row.get("author"))),
        email=unescape(_text(row.get("email"))),
        url=_text(row.get("website")),
        markdown=_text(row["text"]),
        at=moment(row.get("created")),
        status=STATUSES.get(mode, Comment.Status.PENDING),
    )
    if mode == DELETED:
        said.left_out = _("deleted in Isso")
    elif mode not in STATUSES:
        said.named = (_("Waiting, because Isso’s mode of them is not known"),)
    lost = {
        _("likes"): row.get("likes"),
        _("dislikes"): row.get("dislikes"),
        _("wishes to be mailed about replies"): row.get("notification"),
    }
    said.lost = {
        what: count for what, count in lost.items() if type(count) is int and 0 < count < 10**9
    }
    if moment(row.get("modified")):
        said.lost[_("times of an edit")] = 1
    return said


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return storable(str(value)) if isinstance(value, str | int) else ""


def _damaged() -> DiscussionError:
    return DiscussionError(_("The database is damaged. Stop Isso, and copy the file again."))
