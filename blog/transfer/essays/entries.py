"""What every other system gives: entries, each an essay or a page, and how it means them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from blog.markup.from_html.html_to_markdown import Converted
from blog.transfer.media_folder import MediaFolder
from blog.transfer.report import Report

HTML = (".html", ".htm")
# Before an address of this site that a tag became, lest it be read as one of the old blog.
HERE = "postil-here:"


@dataclass
class Entry:
    """One essay or page; its text is read again when it is brought.

    `file` is what its system knows it by, which is never another's.
    """

    file: str
    front: Any = None  # what stands at the top of its file, if it is one
    is_page: bool = False
    title: str = ""
    slug: str = ""
    standfirst: str = ""
    # When it is or was to be public, and when it last changed.
    at: datetime | None = None
    changed: datetime | None = None
    # Why readers did not see it; "" where they did.
    hidden: str = ""
    tags: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    language: str = ""
    picture: str = ""
    picture_alt: str = ""
    comments_open: bool = True
    # The address it had, and others that led to it: paths from the blog's root.
    address: str = ""
    old: list[str] = field(default_factory=list)
    # How the report calls it; its file where nothing else is said.
    what: str = ""
    is_html: bool | None = None
    # What feeds called it.
    feed_id: str = ""

    def __post_init__(self) -> None:
        self.what = self.what or self.file
        if self.is_html is None:
            self.is_html = self.file.lower().endswith(HTML)

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.file).parent)

    @property
    def stem(self) -> str:
        return PurePosixPath(self.file).stem


class System:
    """How one system means a blog. Each overrides what it means differently.

    It has to have a `name`, `entries()`, and `content()` or `text()`.
    """

    name = ""
    # The path that the blog stood under at its host, and the host's names.
    base = ""
    hosts: frozenset[str] = frozenset()
    # Where its feeds were, below the base, and its lists by the slug of a tag.
    feeds: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    # Whose an essay is that names nobody.
    author = ""
    # Where its pictures and other files are, and the files that a text may name by their paths.
    media: MediaFolder | None = None
    files: Container[str] = ()

    def __init__(self, report: Report) -> None:
        self.report = report

    def entries(self) -> Iterator[Entry]:
        raise NotImplementedError

    def settle(self, entry: Entry) -> None:
        """Take from an entry's text what it needs, and let go of the text."""

    def key(self, entry: Entry) -> str:
        """Return what an entry is found by in every later run."""
        home = "/".join([*sorted(self.hosts)[:1], self.base]) or entry.title
        return f"{home}:{entry.file}"

    def content(self, entry: Entry) -> str:
        """Return an entry's text as it is kept: HTML if the entry `is_html`, else Markdown."""
        raise NotImplementedError

    def text(self, entry: Entry, links: Any) -> Converted:
        """Return an entry's text as Markdown, with its files and links as they are here."""
        return links.converted(entry, self.content(entry))

    def file_at(self, own: str) -> str:
        """Return by which address a file of the blog is looked for, from its own without host."""
        return own

    def keeps(self, path: str) -> bool:
        """Return whether a path that belongs to no entry leads on here (see `forwards`)."""
        return False

    def places(self, entry: Entry, address: str) -> Iterator[str]:
        """Yield the files that an address in a text may mean, without its query."""
        return iter(())

    def reference(self, entry: Entry, said: str) -> Iterator[str]:
        """Yield the files that a text may mean which names another as the system has it."""
        return iter(())

    def elsewhere(self, address: str) -> str | None:
        """Return where an address leads here that the system has words of its own for."""
        return None

    def note_unknown(self, entry: Entry) -> None:
        """Name what an entry says that means nothing here."""

    def bring_comments(self, posts: dict[str, int]) -> None:
        """Bring comments under the essays of this blog, whose keys stand by their files."""

    def forwards(self, authors: Any) -> Iterator[tuple[str, str]]:
        """Yield other addresses of the blog, as paths below its base, and where they lead here.

        `authors` (see `Authors`) says who is here of those that were named.
        """
        return iter(())
