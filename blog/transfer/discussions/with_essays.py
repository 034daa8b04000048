"""Comments of an export that holds its essays as well: read before them, and written with them."""

from __future__ import annotations

from collections.abc import Iterable

from blog.transfer.report import Report

from .bringing import _Run
from .finding import Finder
from .said import Discussion
from .store import Store


class WithEssays(_Run):
    """The comments of one import, on the disk until their essays are here.

    Call `read` before the import's transaction and `bring` within it.
    """

    def __init__(self, discussion: Discussion, report: Report) -> None:
        super().__init__(discussion, report, Store())

    def bring(self, posts: dict[str, int], hosts: Iterable[str] = ()) -> None:
        """Bring each comment under the essay of its page: `posts` has their keys by pages' names.

        Pages of other names are looked for by their addresses.
        """
        self.finder = Finder([*hosts, *self.discussion.hosts])
        for name, post in posts.items():
            self.store.place(name, post)
        for name, addresses in list(self.store.pages()):
            if name not in posts and (post := self.finder.find(addresses)) is not None:
                self.store.place(name, post)
        self.store.place_all()
        self.write(lambda done, total: None)
        self.store.db.close()
