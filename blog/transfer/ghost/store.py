"""The rows of an export on the disk, so that memory does not grow with the blog."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from blog.transfer.scratch import scratch_database

# Texts are apart, so that a list of posts needs none of them.
_TABLES = """
CREATE TABLE rows (number INTEGER PRIMARY KEY, kind TEXT, id TEXT, owner TEXT, place REAL, data);
CREATE TABLE texts (id TEXT PRIMARY KEY, sum BLOB, data TEXT);
"""
_INDEXES = """
CREATE INDEX by_id ON rows (kind, id);
CREATE INDEX by_owner ON rows (kind, owner, place, number);
"""
_MOST_IN_CACHE = 4000  # KiB

Row = dict[str, Any]


class Store:
    def __init__(self) -> None:
        self.db = scratch_database(self, _TABLES, cache_kib=_MOST_IN_CACHE)

    def close(self) -> None:
        self.db.close()

    # --- Writing ----------------------------------------------------------------------------

    def add(self, kind: str, row: Row, *, id: str = "", owner: str = "", place: float = 0) -> None:
        self.db.execute(
            "INSERT INTO rows (kind, id, owner, place, data) VALUES (?, ?, ?, ?, ?)",
            (kind, _plain(id), _plain(owner), place, json.dumps(row)),
        )

    def add_text(self, id: str, text: Row) -> str:
        """Keep a text; return "", or what it is where one of that id is here: "again", "other"."""
        data = json.dumps(text)
        summed = hashlib.blake2b(data.encode(), digest_size=16).digest()
        done = self.db.execute(
            "INSERT OR IGNORE INTO texts VALUES (?, ?, ?)", (_plain(id), summed, data)
        )
        if done.rowcount:
            return ""
        known = self.db.execute("SELECT sum FROM texts WHERE id = ?", (_plain(id),)).fetchone()
        return "again" if known[0] == summed else "other"

    def finish(self) -> None:
        self.db.executescript(_INDEXES)

    # --- Reading ----------------------------------------------------------------------------

    def rows(self, kind: str) -> Iterator[Row]:
        """Yield all rows of a kind in the order of the file."""
        found = self.db.execute("SELECT data FROM rows WHERE kind = ? ORDER BY number", (kind,))
        for (data,) in found:
            yield json.loads(data)

    def of(self, kind: str, owner: str) -> Iterator[Row]:
        """Yield the rows that belong to something, by their places."""
        found = self.db.execute(
            "SELECT data FROM rows WHERE kind = ? AND owner = ? ORDER BY place, number",
            (kind, _plain(owner)),
        )
        for (data,) in found.fetchall():
            yield json.loads(data)

    def one(self, kind: str, id: str) -> Row:
        """Return the row of an id; {} where there is none."""
        found = self.db.execute(
            "SELECT data FROM rows WHERE kind = ? AND id = ? LIMIT 1", (kind, _plain(id))
        ).fetchone()
        return json.loads(found[0]) if found else {}

    def text(self, id: str) -> Row:
        found = self.db.execute("SELECT data FROM texts WHERE id = ?", (_plain(id),)).fetchone()
        return json.loads(found[0]) if found else {}

    def count(self, kind: str) -> int:
        found = self.db.execute("SELECT count(*) FROM rows WHERE kind = ?", (kind,)).fetchone()
        return int(found[0])


def _plain(id: str) -> str:
    """Return an id as SQLite takes it: JSON can hold half a character."""
    return id.encode("utf-8", "replace").decode()
