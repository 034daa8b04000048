"""All comments of an export on the disk while they are sorted by their essays.

Memory holds one batch, however large the export is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

from blog.markup import storable
from blog.transfer.scratch import scratch_database

from .said import Page, Said

# A number of a comment here is its place in the file, from 1; `parent` is such a number, and 0 for
# one that is not in the file. Of what is here already `pk` is its key, and `root` its thread's.
_TABLES = """
CREATE TABLE pages (
    name TEXT PRIMARY KEY, label TEXT, addresses TEXT, closed INTEGER, left_out TEXT, post INTEGER
);
CREATE TABLE said (
    number INTEGER PRIMARY KEY, origin TEXT UNIQUE, page TEXT, answers TEXT, at REAL, data TEXT,
    sum BLOB, left_out INTEGER, kept INTEGER, wordpress TEXT, parent INTEGER,
    post INTEGER, pk INTEGER, root INTEGER
);
"""


class Row(NamedTuple):
    """What the store knows of a comment besides what it says."""

    origin: str
    answers: str
    parent: int | None
    post: int | None
    left_out: int
    kept: int | None
    wordpress: str
    pk: int | None
    root: int | None


_MOST_IN_CACHE = 8000  # KiB
_AT_ONCE = 500


class Store:
    def __init__(self) -> None:
        self.db = scratch_database(self, _TABLES, cache_kib=_MOST_IN_CACHE)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_error: object) -> None:
        self.db.close()

    # --- Writing ----------------------------------------------------------------------------

    def add_page(self, page: Page) -> None:
        addresses = [each for address in page.addresses if (each := storable(address).strip())]
        label = (addresses or [page.name])[0]
        self.db.execute(
            "INSERT OR IGNORE INTO pages VALUES (?, ?, ?, ?, ?, NULL)",
            (storable(page.name).strip(), label, json.dumps(addresses), page.closed, page.left_out),
        )

    def add(self, said: Said, origin: str, answers: str, *, kept: int | None = None) -> str:
        """Store a comment; return "" or, if one of this origin is there, "again" or "other".

        `answers` is the origin of what it answers. `kept` is its key among those that found no
        essay in an earlier run.
        """
        data = packed(said)
        summed = hashlib.blake2b(data.encode(), digest_size=16).digest()
        at = said.at.timestamp() if said.at else None
        number = said.wordpress[:20] if said.wordpress.isdecimal() else ""
        done = self.db.execute(
            "INSERT OR IGNORE INTO said"
            " (origin, page, answers, at, data, sum, left_out, kept, wordpress)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (origin, said.page, answers, at, data, summed, bool(said.left_out), kept, number),
        )
        if done.rowcount:
            return ""
        known = self.db.execute("SELECT sum FROM said WHERE origin = ?", (origin,)).fetchone()
        return "again" if known[0] == summed else "other"

    def leave_out(self, origin: str, why: str) -> None:
        """Leave out a comment of the file, if it is there."""
        found = self.db.execute("SELECT number FROM said WHERE origin = ?", (origin,)).fetchone()
        if found:
            said = self.said(found[0])
            said.left_out = said.left_out or why
            self.db.execute(
                "UPDATE said SET left_out = 1, data = ? WHERE number = ?", (packed(said), found[0])
            )

    def finish(self) -> None:
        """Find each comment's parent, and name the pages that only comments name."""
        self.db.execute("CREATE INDEX by_page ON said (page)")
        self.db.execute(
            "INSERT OR IGNORE INTO pages"
            " SELECT DISTINCT page, page, json_array(page), 0, '', NULL FROM said"
        )
        self.db.execute(
            "UPDATE said SET parent = coalesce("
            "(SELECT other.number FROM said AS other WHERE other.origin = said.answers), 0)"
            " WHERE answers != ''"
        )

    def place(self, name: str, post: int) -> None:
        self.db.execute("UPDATE pages SET post = ? WHERE name = ?", (post, name))

    def place_all(self) -> None:
        """Write at each comment which essay its page is."""
        self.db.execute(
            "UPDATE said SET post = (SELECT post FROM pages WHERE name = said.page),"
            " left_out = left_out OR (SELECT left_out != '' FROM pages WHERE name = said.page)"
        )
        self.db.execute("CREATE INDEX by_post ON said (post, at IS NULL, at, number)")

    def drop(self, number: int) -> None:
        """Take a comment for one that is left out."""
        self.db.execute("UPDATE said SET left_out = 1 WHERE number = ?", (number,))

    def here(self, rows: Iterable[tuple[int, int, int | None]]) -> None:
        """Write the keys of comments that are here, and of the starts of their threads."""
        self.db.executemany(
            "UPDATE said SET pk = ?, root = ? WHERE number = ?",
            [(pk, root, number) for number, pk, root in rows],
        )

    # --- Pages ------------------------------------------------------------------------------

    def pages(self, *, said: bool = True) -> Iterator[tuple[str, list[str]]]:
        """Yield each page, with its addresses: those that comments stand on, or all others."""
        last = ""
        while True:  # a few at a time, since their essays are written meanwhile
            found = self.db.execute(
                "SELECT name, addresses FROM pages WHERE left_out = '' AND name >= ?"
                " AND EXISTS (SELECT 1 FROM said WHERE page = name) = ? ORDER BY name LIMIT ?",
                (last, said, _AT_ONCE),
            ).fetchall()
            yield from ((name, json.loads(kept) or [name]) for name, kept in found)
            if len(found) < _AT_ONCE:
                return
            last = found[-1][0] + "\0"

    def page(self, name: str) -> tuple[str, list[str]]:
        """Return what a page is called in the report, and its addresses."""
        found = self.db.execute("SELECT label, addresses FROM pages WHERE name = ?", (name,))
        label, addresses = found.fetchone() or (name, "[]")
        return label, json.loads(addresses) or [name]

    def has_closed(self) -> bool:
        """Whether any page with an essay took no new comments."""
        found = self.db.execute("SELECT 1 FROM pages WHERE closed AND post IS NOT NULL LIMIT 1")
        return found.fetchone() is not None

    def closed(self, post: int) -> bool:
        """Whether all pages that are this essay took no new comments."""
        found = self.db.execute(
            "SELECT count(closed), sum(closed) FROM pages WHERE post = ? AND left_out = ''", (post,)
        )
        count, closed = found.fetchone()
        return bool(count) and count == closed

    def count_unplaced(self) -> Iterator[tuple[str, int]]:
        """Yield the pages of this file that found no essay, and how many comments each has."""
        yield from self.db.execute(
            "SELECT label, count(*) FROM said JOIN pages ON name = page"
            " WHERE said.post IS NULL AND NOT said.left_out AND kept IS NULL"
            " GROUP BY label ORDER BY label"
        )

    def count_kept(self) -> int:
        """Return how many that earlier runs kept found no essay again."""
        return self._one("SELECT count(*) FROM said WHERE post IS NULL AND kept IS NOT NULL")

    # --- Comments ---------------------------------------------------------------------------

    def total(self) -> int:
        return self._one("SELECT count(*) FROM said")

    def posts(self) -> list[int]:
        found = self.db.execute("SELECT DISTINCT post FROM said WHERE post IS NOT NULL")
        return sorted(post for (post,) in found)

    def chain(self, post: int) -> Iterator[tuple[int, int | None, bool]]:
        """Yield number, parent and whether it is left out of all under an essay, oldest first."""
        yield from self.db.execute(
            "SELECT number, parent, left_out FROM said WHERE post = ?"
            " ORDER BY at IS NULL, at, number",
            (post,),
        )

    def row(self, number: int) -> Row:
        found = self.db.execute(
            "SELECT origin, answers, parent, post, left_out, kept, wordpress, pk, root FROM said"
            " WHERE number = ?",
            (number,),
        )
        return Row(*found.fetchone())

    def said(self, number: int) -> Said:
        return unpacked(self._one("SELECT data FROM said WHERE number = ?", number))

    def left_out(self) -> Iterator[int]:
        """Yield the numbers of all that are left out as the file says."""
        for (number,) in self.db.execute("SELECT number FROM said WHERE left_out ORDER BY number"):
            yield number

    def why_left_out(self, page: str) -> str:
        return self._one("SELECT left_out FROM pages WHERE name = ?", page)

    def unplaced(self) -> Iterator[int]:
        """Yield the numbers of what found no essay, page by page."""
        for (number,) in self.db.execute(
            "SELECT number FROM said WHERE post IS NULL AND NOT left_out"
            " ORDER BY page, at IS NULL, at, number"
        ).fetchall():
            yield number

    def above(self, number: int) -> Iterator[Row]:
        """Yield what a comment answers, what that answers and so on, as far as the file has it."""
        seen, above = {number}, self.row(number).parent
        while above and above not in seen:
            seen.add(above)
            row = self.row(above)
            yield row
            above = row.parent

    def _one(self, sql: str, *given: Any) -> Any:
        return self.db.execute(sql, given).fetchone()[0]


def packed(said: Said) -> str:
    kept = {name: value for name, value in asdict(said).items() if value or name == "id"}
    if said.at:
        kept["at"] = said.at.timestamp()
    return json.dumps(kept, ensure_ascii=True)


def unpacked(data: str) -> Said:
    kept = json.loads(data)
    if "at" in kept:
        kept["at"] = datetime.fromtimestamp(kept["at"], UTC)
    kept["named"] = tuple(kept.get("named", ()))
    return Said(**{"id": "", **kept})
