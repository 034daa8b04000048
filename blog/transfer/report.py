"""What an import did, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from textwrap import shorten

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass
class Report:
    """What an import did, for the person who ran it."""

    dry_run: bool = False
    types: Counter[str] = field(default_factory=Counter)  # items read, by WordPress's type
    added: Counter[str] = field(default_factory=Counter)
    already: Counter[str] = field(default_factory=Counter)
    # What was left out or changed: a heading that says why, and a line for each.
    notes: dict[str, list[str]] = field(default_factory=dict)

    def note(self, heading: str, line: str) -> None:
        self.notes.setdefault(heading, []).append(line)

    def lines(self, limit: int | None = 20) -> Iterator[str]:
        """Yield the report in plain words, with at most `limit` lines under a heading."""
        if self.dry_run:
            yield _("Nothing was changed: this was a dry run.")
        kinds = Counter(post=self.types["post"], page=self.types["page"])
        kinds["other"] = self.types.total() - kinds.total()
        total = self.types.total()
        yield (
            ngettext("Read %(n)d item: %(what)s.", "Read %(n)d items: %(what)s.", total)
            % {"n": total, "what": _counted(kinds)}
            if total
            else _("Read no items.")
        )
        yield _("Added: %(what)s.") % {"what": _counted(self.added) or _("nothing")}
        if self.already.total():
            yield _("Already here: %(what)s.") % {"what": _counted(self.already)}
        for heading, notes in self.notes.items():
            yield f"{heading} ({len(notes)}):"
            for line in notes[:limit]:
                yield f"  {line}"
            if limit is not None and len(notes) > limit:
                yield "  " + _("and %(n)d more") % {"n": len(notes) - limit}


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
    }
    counted = ((counts[name], say) for name, say in names.items() if counts[name])
    return ", ".join(say(n) % {"n": n} for n, say in counted)


def quoted(text: str) -> str:
    """Return a name in quotes, short enough for a line."""
    return f"“{shorten(text, 80, placeholder='…')}”"
