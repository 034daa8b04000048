"""Comments of an export that holds its essays as well: read before them, and written with them."""

from __future__ import annotations

from collections.abc import Iterable

from blog.jobs.alive import still_working
from blog.transfer.report import Report

from .bringing import Run
from .finding import Finder, Key
from .said import Discussion
from .store import Store


class WithEssays:
    """The comments of one import, on the disk until their essays are here.

    Call `read` before the import's transaction, in which nobody else can write, and `bring` in it.
    """

    def __init__(self, discussion: Discussion, report: Report) -> None:
        self.discussion = discussion
        self._run = Run(discussion, report, Store())

    def read(self) -> None:
        self._run.read()

    def bring(
        self,
        posts: dict[str, int],
        hosts: Iterable[str] = (),
        table: dict[Key, int] | None = None,
    ) -> None:
        """Bring each comment under the essay of its page: `posts` has their keys by pages' names.

        Pages of other names are looked for by their addresses, and in a table of them
        (old_table.py).
        """
        run, store = self._run, self._run.store
        run.finder = Finder([*hosts, *self.discussion.hosts], table)
        for name, post in posts.items():
            store.place(name, post)
        for name, addresses in list(store.pages()):
            if name not in posts and (post := run.finder.find(addresses)) is not None:
                store.place(name, post)
        store.place_all()
        run.write(lambda done, total: still_working())
        store.db.close()
