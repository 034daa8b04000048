"""What an import did, in plain words.

Its size is bounded: of what is said under a heading the first lines are kept and the others
counted. `sink` is given every line, for a list that is whole.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib import listing
from blog.lib.listing import listed

# Kinds of items that are read by themselves; comments of essays are within them.
_READ = ("post", "page", "comment", "other")
# Lines kept under a heading, headings in all, and characters of a line or a heading.
MOST, HEADINGS, LONGEST = 50, 100, 500


class Lines(list[str]):
    """What is said under one heading: the first MOST lines, and in `count` how many there were."""

    def __init__(self, lines: Any = (), count: int | None = None) -> None:
        super().__init__(lines)
        self.count = len(self) if count is None else count

    def append(self, line: str) -> None:
        self.count += 1
        if len(self) < MOST:
            super().append(line)


class Spool:
    """A sink that keeps every line on the disk, for a report that is read once, in full."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed below

    def __call__(self, heading: str, line: str) -> None:
        self.file.write(json.dumps([heading, line]) + "\n")

    def of(self, heading: str) -> Iterator[str]:
        self.file.seek(0)
        for kept in map(json.loads, self.file):
            if kept[0] == heading:
                yield kept[1]

    def __del__(self) -> None:
        self.file.close()


def _nothing(count: int = 1) -> None:
    """What is done after each item by default."""


@dataclass
class Report:
    """What an import did, for the person who ran it.

    Each thing that is read is counted once, by its kind: as added, updated, already here, kept for
    a later import, skipped (left out, as the heading of its line says) or refused (its content
    cannot be kept).
    """

    dry_run: bool = False
    types: Counter[str] = field(default_factory=Counter)  # items read, by WordPress's type
    added: Counter[str] = field(default_factory=Counter)
    already: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    # What was left out or changed: a heading that says why, and a line for each.
    notes: dict[str, Lines] = field(default_factory=dict)
    sink: Callable[[str, str], None] | None = field(default=None, repr=False, compare=False)
    # Whether steps are taken once more that a killed import took and reported before.
    is_repeating: bool = field(default=False, compare=False)
    # To be called after each item and each comment, or with how many were written together: what
    # watches the import may then save it.
    step: Callable[..., None] = field(default=_nothing, repr=False, compare=False)

    def note(self, heading: str, line: str) -> None:
        heading, line = heading[:LONGEST], line[:LONGEST]
        if heading not in self.notes and len(self.notes) >= HEADINGS:
            heading = _("And more")
        self.notes.setdefault(heading, Lines()).append(line)
        if self.sink:
            self.sink(heading, line)

    def note_once(self, heading: str, line: str) -> None:
        """Say it under a heading that says nothing yet."""
        if heading not in self.notes:
            self.note(heading, line)

    def read(self, kind: str) -> int:
        """Return how many items of a kind were read; 0 for what is inside of items."""
        if kind == "other":
            named = ("post", "page", "comment")
            return self.types.total() - sum(self.types[each] for each in named)
        return self.types[kind]

    def lines(self, limit: int | None = 20) -> Iterator[str]:
        """Yield the report in plain words, with at most `limit` lines under a heading.

        All of them are had where the sink is a Spool.
        """
        if self.dry_run:
            yield _("Nothing was changed: this was a dry run.")
        yield from self.sums()
        for heading, notes in self.notes.items():
            named = _("%(heading)s (%(count)d):")
            yield named % {"heading": heading, "count": notes.count}
            if limit is None and isinstance(self.sink, Spool):
                yield from (f"  {line}" for line in self.sink.of(heading))
                continue
            for line in notes[:limit]:
                yield f"  {line}"
            shown = len(notes[:limit])
            if notes.count > shown:
                rest = notes.count - shown
                said = ngettext("%(count)d more line", "%(count)d more lines", rest)
                yield f"  {said % {'count': rest}}"

    def sums(self) -> Iterator[str]:
        """Yield what was read, and what became of it."""
        kinds = Counter({kind: self.read(kind) for kind in _READ})
        total = self.types.total()
        yield (
            ngettext("Read %(n)d item: %(what)s.", "Read %(n)d items: %(what)s.", total)
            % {"n": total, "what": _counted(kinds)}
            if total
            else _("Read no items.")
        )
        yield _("Added: %(what)s.") % {"what": _counted(self.added) or _("nothing")}
        for said, counts in (
            (_("Updated: %(what)s."), self.updated),
            (_("Already here: %(what)s."), self.already),
            (_("Kept for a later import: %(what)s."), self.kept),
            (_("Left out: %(what)s."), self.skipped),
            (_("Refused: %(what)s."), self.refused),
        ):
            if what := _counted(counts):
                yield said % {"what": what}

    # --- Kept and read back -----------------------------------------------------------------

    COUNTS = ("types", "added", "already", "updated", "kept", "skipped", "refused")

    def as_json(self) -> dict[str, Any]:
        counts: dict[str, Any] = {name: dict(+getattr(self, name)) for name in self.COUNTS}
        notes = [[heading, lines.count, list(lines)] for heading, lines in self.notes.items()]
        return {"dry_run": self.dry_run, "notes": notes} | counts

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Report:
        report = cls(dry_run=bool(kept.get("dry_run")))
        report.become(kept)
        return report

    def become(self, kept: dict[str, Any]) -> None:
        """Say what another said when it was kept, and nothing else."""
        for name in self.COUNTS:
            setattr(self, name, Counter(kept.get(name, {})))
        self.notes = {
            heading: Lines(lines, count) for heading, count, lines in kept.get("notes", ())
        }


def _counted(counts: Counter[str]) -> str:
    names: dict[str, Callable[[int], str]] = {
        "post": lambda n: ngettext("%(n)d post", "%(n)d posts", n),
        "page": lambda n: ngettext("%(n)d page", "%(n)d pages", n),
        "other": lambda n: ngettext("%(n)d other", "%(n)d others", n),
        "comment": lambda n: ngettext("%(n)d comment", "%(n)d comments", n),
        "mention": lambda n: ngettext("%(n)d mention", "%(n)d mentions", n),
        "tag": lambda n: ngettext("%(n)d tag", "%(n)d tags", n),
        "author": lambda n: ngettext("%(n)d author", "%(n)d authors", n),
        "address": lambda n: ngettext("%(n)d old address", "%(n)d old addresses", n),
        "file": lambda n: ngettext("%(n)d file", "%(n)d files", n),
    }
    counted = ((counts[name], say) for name, say in names.items() if counts[name])
    return listed(say(n) % {"n": n} for n, say in counted)


def quoted(text: str) -> str:
    """Return a name in quotes, short enough for a line."""
    # Cut first, because all words are split.
    return listing.quoted(shorten(text[:LONGEST], 80, placeholder="…"))
