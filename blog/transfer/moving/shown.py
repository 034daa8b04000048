"""A move as its pages show it: in sentences, a table of sums, and lists of what differs."""

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from blog.lib.listing import labelled, listed
from blog.transfer.importers import IMPORTERS
from blog.transfer.report import Report

from .forms import SendForm
from .models import Move, Parcel

KINDS = {
    "post": gettext_lazy("Essays"),
    "page": gettext_lazy("Pages"),
    "other": gettext_lazy("Other things"),
    "comment": gettext_lazy("Comments"),
    "mention": gettext_lazy("Mentions"),
    "tag": gettext_lazy("Tags"),
    "author": gettext_lazy("Authors"),
    "address": gettext_lazy("Old addresses"),
    "file": gettext_lazy("Files"),
}
OUTCOMES = {
    "added": gettext_lazy("Added"),
    "updated": gettext_lazy("Updated"),
    "already": gettext_lazy("Already here"),
    "kept": gettext_lazy("Kept for later"),
    "skipped": gettext_lazy("Left out"),
    "refused": gettext_lazy("Refused"),
}
# The same for what was only tried.
TRIED = OUTCOMES | {"added": gettext_lazy("New"), "updated": gettext_lazy("Would change")}


class Shown:
    """What a page says of a move."""

    def __init__(self, move, *, in_full=False):
        self.move, self.in_full = move, in_full

    def __getattr__(self, name):
        return getattr(self.move, name)

    @cached_property
    def report(self):
        kept = self.move.said_last
        return Report.from_json(kept) if kept else None

    @cached_property
    def failed(self):
        return self.in_full and self.move.has_failed()

    @property
    def from_what(self):
        importer = IMPORTERS.get(self.move.kind)
        return importer.name if importer else self.move.kind

    @property
    def sender(self):
        return self.move.by and (self.move.by.get_full_name() or self.move.by.get_username())

    @property
    def asked(self):
        """Return what its sender said of what its file leaves open: labels and words."""
        labels = {name: SendForm.base_fields[name].label for name in SendForm.OPEN}
        said = {
            name: listed(each) if isinstance(each, list) else each
            for name, each in self.move.how.items()
        }
        if table := self.move.parcels.filter(role=Parcel.TABLE).first():
            said["table"] = table.name
        return [(labels[name], said[name]) for name in labels if name in said]

    @property
    def may_bring(self):
        """Whether there is a button that begins the import, or goes on with it."""
        decided = self.move.state in (Move.State.TRIED, Move.State.STOPPED)
        return (decided or self.failed) and self.move.has_file

    @property
    def is_waiting_for_turn(self):
        return self.move.is_waiting and not self.move.is_at_work

    @property
    def how_far(self):
        """How much of the file is done, in a sentence; "" before that is known."""
        if not self.move.total:
            return ""
        said = ngettext("%(done)d of %(n)d item", "%(done)d of %(n)d items", self.move.total)
        return said % {"done": self.move.done, "n": self.move.total}

    @cached_property
    def columns(self):
        """The names of the table's columns: those in which anything stands."""
        report = self.report
        names = TRIED if report.dry_run else OUTCOMES
        used = {name: said for name, said in names.items() if getattr(report, name).total()}
        return {"read": pgettext("what an import has read so far, a column", "Read")} | used

    @property
    def rows(self):
        """Yield for each kind of thing its name, and a number for each column."""
        report = self.report
        for kind, name in KINDS.items():
            counts = [
                getattr(report, outcome)[kind] for outcome in self.columns if outcome != "read"
            ]
            read = report.read(kind) or sum(counts)
            if read:
                yield name, [read, *counts]

    @property
    def notes(self):
        """Yield what differs: a heading, how many lines, the first, and how many more."""
        for heading, lines in self.report.notes.items():
            shown = lines[:20]
            yield heading, lines.count, shown, lines.count - len(shown)

    def text(self):
        """Yield the whole report, a line at a time."""
        if self.report is None:
            return
        if self.report.dry_run:
            yield _("Nothing was changed: this was a dry run.")
        yield from self.report.sums()
        heading = None
        trial = self.move.report is None
        lines = self.move.lines.filter(is_of_trial=trial).order_by("heading", "pk")
        for of, text in lines.values_list("heading", "text").iterator(chunk_size=1000):
            if of != heading:
                heading = of
                yield ""
                yield labelled(heading, "").rstrip()
            yield f"  {text}"
