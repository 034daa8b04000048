"""From another system's comments to threads here: each under the essay that its address was.

The whole export is read before anything is written, so a broken one changes nothing. What found no
essay is kept (keeping.py), and brought by any later run that finds it one. A second run adds
nothing: each comment is found again by its origin.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.base_path import without_base
from blog.lib.listing import labelled
from blog.markup import storable
from blog.posts.models import YEARS, Post
from blog.transfer.course import Stretches, Whole, Within
from blog.transfer.report import Report
from comments.models import Unplaced

from . import keeping
from .finding import Finder, Key
from .old_table import read_table
from .placed import Placed
from .said import LONGEST, Discussion, Page, Said, hashed
from .store import Store
from .thread import who

Progress = Callable[[int, int], None]


@without_base()
def import_discussion(
    discussion: Discussion,
    *,
    dry_run: bool = False,
    hosts: Iterable[str] = (),
    table: Path | None = None,
    progress: Progress | None = None,
    course: Whole | Stretches | None = None,
    sink: Callable[[str, str], None] | None = None,
    author: object = None,
) -> Report:
    """Bring the comments of one export; a dry run does all of it and takes it back.

    `hosts` are names the blog had besides those that are known (finding.py), `table` the path of
    a table of old and new addresses. `author` is what other importers need.

    Raises DiscussionError for a file that cannot be read; then nothing has changed.
    """
    report = Report(dry_run=dry_run, sink=sink)
    bring(
        discussion,
        report,
        hosts=hosts,
        table=read_table(table, report) if table else None,
        progress=progress,
        course=course,
    )
    return report


def bring(
    discussion: Discussion,
    report: Report,
    *,
    hosts: Iterable[str] = (),
    table: dict[Key, int] | None = None,
    progress: Progress | None = None,
    course: Whole | Stretches | Within | None = None,
) -> None:
    """Bring the comments of one export, and report."""
    with Store() as store:
        run = Run(discussion, report, store)
        run.read()
        for heading, lines in discussion.unreadable().items():
            for line in lines:
                report.note(heading, line)
        run.place(Finder([*hosts, *discussion.hosts], table))
        with (course or Whole()).over(report):
            run.write(progress or (lambda done, total: None))


def bring_under(
    post: Post, said: Iterable[Said], report: Report, origin: str, *, closed: bool = False
) -> Counter[str]:
    """Bring comments of one essay, whose keys are `origin` and their ids.

    This is for a blog's own comments, whose essay is known. Returns what has no place here, by what
    it is called, for `report_lost`.
    """
    with Store() as store:
        run = Run(_Own(origin), report, store)
        store.add_page(Page("", addresses=(post.title,), closed=closed))
        for each in said:
            each.page = ""
            run.read_one(each)
        store.finish()
        store.place("", post.pk)
        store.place_all()
        run.bring(lambda count: None)
        return run.lost


def report_lost(report: Report, lost: Counter[str]) -> None:
    for what, count in sorted(lost.items()):
        report.note(_("Has no place here"), labelled(what, count))


class _Own(Discussion):
    """Comments whose keys begin as that of their essay does."""

    def __init__(self, origin: str) -> None:
        self.of = origin

    def origin(self, id: str) -> str:
        key = f"{self.of}{id}"
        return key if len(key) <= LONGEST and key.isprintable() else f"{self.of[:400]}{hashed(key)}"


class Run:
    """One import of one export."""

    def __init__(self, discussion: Discussion, report: Report, store: Store) -> None:
        self.discussion, self.report, self.store = discussion, report, store
        self.lost: Counter[str] = Counter()

    # --- Reading ----------------------------------------------------------------------------

    def read(self) -> None:
        """Read the file and what was kept before; write nothing."""
        store = self.store
        for page in self.discussion.pages():
            store.add_page(page)
        for said in self.discussion.said():
            self.report.types["comment"] += 1
            self.read_one(said)
        for row, said, page in keeping.kept_before():
            store.add_page(page)
            if said.left_out:
                store.leave_out(row.origin, said.left_out)
            else:
                store.add(said, row.origin, row.answers, kept=row.pk)
        store.finish()

    def read_one(self, said: Said) -> None:
        said.page = storable(said.page).strip()
        if said.at:
            at = said.at if said.at.tzinfo else said.at.replace(tzinfo=UTC)
            said.at = at if at.year in YEARS else None
        id = said.id or _sum_of(said)
        answers = self.discussion.origin(said.parent) if said.parent else ""
        found = self.store.add(said, self.discussion.origin(id), answers)
        if found == "other":
            self.report.note(_("Has the number of another, and is kept"), self.who(said))
            found = self.store.add(said, self.discussion.origin(f"{id}~{_sum_of(said)}"), answers)
        if found:
            self.report.skipped["comment"] += 1
            line = labelled(self.who(said), _("stands twice in the file"))
            self.report.note(_("Comments left out"), line)
            return
        self.lost.update(said.lost)
        for heading in said.named:
            self.report.note(heading, self.who(said))

    def who(self, said: Said) -> str:
        return who(said.name, self.store.page(said.page)[0])

    # --- Placing ----------------------------------------------------------------------------

    def place(self, finder: Finder) -> None:
        """Find the essay of each page."""
        self.finder, store = finder, self.store
        for name, addresses in store.pages():
            if (post := finder.find(addresses)) is not None:
                store.place(name, post)
        if store.has_closed():
            for name, addresses in store.pages(said=False):
                if (post := finder.find(addresses, exactly=True)) is not None:
                    store.place(name, post)
        store.place_all()

    # --- Writing ----------------------------------------------------------------------------

    def write(self, progress: Progress) -> None:
        total, done = self.store.total(), 0

        def tell(count: int = 1) -> None:
            nonlocal done
            done += count
            progress(min(done, total), total)

        self.bring(tell)
        self.keep_unplaced(tell)
        Unplaced.objects.drop_brought()
        report_lost(self.report, self.lost)

    def bring(self, tell: Callable[[int], None]) -> None:
        """Bring what found its essay."""
        for number in self.store.left_out():
            self.leave_out(number)
        for post in self.store.posts():
            Placed(self.store, self.report, post, closed=self.store.closed(post)).bring(tell)

    def leave_out(self, number: int) -> None:
        said = self.store.said(number)
        self.report.skipped["comment"] += 1
        line = labelled(self.who(said), said.left_out or self.store.why_left_out(said.page))
        self.report.note(_("Comments left out"), line)

    def keep_unplaced(self, tell: Callable[[int], None]) -> None:
        """Keep what found no essay, and list it by address."""
        waiting: list[Unplaced] = []
        for number in self.store.unplaced():
            said = self.store.said(number)
            if not (said.html.strip() or said.markdown.strip()):
                self.store.drop(number)
                self.report.skipped["comment"] += 1
                line = labelled(self.who(said), _("without words"))
                self.report.note(_("Comments left out"), line)
                continue
            row = self.store.row(number)
            label, addresses = self.store.page(said.page)
            answers = self.answers(number)
            waiting.append(keeping.keep(said, row.origin, answers, label, addresses))
            if len(waiting) >= keeping.AT_ONCE:
                self.flush(waiting, tell)
        self.flush(waiting, tell)
        self.list_unplaced()

    def answers(self, number: int) -> str:
        """Return the origin of the nearest comment above that is not left out."""
        nearest = next((each for each in self.store.above(number) if not each.left_out), None)
        row = self.store.row(number)
        return nearest.origin if nearest else row.answers if row.parent == 0 else ""

    def flush(self, waiting: list[Unplaced], tell: Callable[[int], None]) -> None:
        keeping.add(waiting)
        count = len(waiting)
        waiting.clear()
        tell(count)
        self.report.step(count)

    def list_unplaced(self) -> None:
        hosts: Counter[str] = Counter()
        for label, count in self.store.count_unplaced():
            self.report.kept["comment"] += count
            said = ngettext("%(address)s: %(n)d comment", "%(address)s: %(n)d comments", count)
            line = said % {"address": label, "n": count}
            self.report.note(_("Kept until their essay is here, or a table names it"), line)
            if host := self.finder.other_host(label):
                hosts[host] += count
        if waiting := self.store.count_kept():
            heading = _("Of earlier imports, still without an essay")
            self.report.note(
                heading, ngettext("%(n)d comment", "%(n)d comments", waiting) % {"n": waiting}
            )
        for host, count in hosts.most_common():
            heading = _("Hosts that are not known as this blog’s; name with --host those that were")
            said = ngettext("%(host)s: %(n)d comment", "%(host)s: %(n)d comments", count)
            self.report.note(heading, said % {"host": host, "n": count})


def _sum_of(said: Said) -> str:
    """Return what tells comments without a number of their own apart, the same in every export."""
    key = repr((said.page, said.parent, said.name, said.at, said.html, said.markdown))
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()[:20]
