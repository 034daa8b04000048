"""What every generator's folder gives: entries, each an essay or a page as its files say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from blog.transfer.report import Report

from .front_matter import Front, in_lines, read_data, split
from .tree import Tree
from .values import several, words
from .yaml_data import DataError

MARKDOWN = (".md", ".markdown", ".mkd", ".mdown", ".mkdn", ".mdwn")
HTML = (".html", ".htm")
# Texts in languages that are not read here, which are named.
OTHER_TEXTS = (".rst", ".textile", ".org", ".adoc", ".asciidoc", ".asc", ".ipynb", ".pmd", ".mdx")
# Before an address of this site that a tag became, lest it be read as one of the old blog.
HERE = "postil-here:"
# Names of front matter that mean something to a generator's looks, and to no reader here.
FOR_LOOKS = frozenset(
    """
    layout template type weight order toc math mathjax katex mermaid draft published status twitter
    og opengraph header classes css js theme sidebar pin featured sitemap priority outputs cascade
    linktitle nav nav_order navorder eleventynavigation eleventycomputed menu
    eleventyexcludefromcollections menus showtoc tocopen hidemeta disqus_identifier
    disqusidentifier resources params build _build headless markup iscjklanguage keywords
    category link parent
    """.split()
)


@dataclass
class Entry:
    """One essay or page, as its file says; the text is read again when it is brought."""

    file: str
    front: Front
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
    comments_open: bool = True
    # The address it had, and others that led to it: paths from the blog's root.
    address: str = ""
    old: list[str] = field(default_factory=list)

    @property
    def is_html(self) -> bool:
        return self.file.lower().endswith(HTML)

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.file).parent)

    @property
    def stem(self) -> str:
        return PurePosixPath(self.file).stem


class Generator:
    """How one program means a folder. Each kind overrides what it means differently."""

    name = ""
    zone: tzinfo = UTC
    # The path that the blog stood under at its host, and the host's names.
    base = ""
    hosts: frozenset[str] = frozenset()
    # Where its feeds were, below the base, and its lists by the slug of a tag.
    feeds: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    # Names in front matter that the kind reads.
    reads: frozenset[str] = frozenset()
    keywords = False

    def __init__(self, tree: Tree, report: Report, *, permalink: str = "") -> None:
        self.tree, self.report = tree, report
        self.permalink = permalink
        self.author = ""
        self.read_settings()

    @classmethod
    def recognises(cls, tree: Tree) -> bool:
        raise NotImplementedError

    def read_settings(self) -> None:
        """Take what the blog's own configuration says, as data."""

    def entries(self) -> Iterator[Entry]:
        raise NotImplementedError

    def markdown(self, entry: Entry, body: str, links: Any) -> str:
        """Return a text with the program's own tags as what they mean here."""
        raise NotImplementedError

    def places(self, entry: Entry, address: str) -> Iterator[str]:
        """Yield the files that an address in a text may mean, without its query."""
        raise NotImplementedError

    def reference(self, entry: Entry, said: str) -> Iterator[str]:
        """Yield the files that a text may mean which names another as the program has it."""
        return iter(())

    def elsewhere(self, address: str) -> str | None:
        """Return where an address leads here that the program has words of its own for."""
        return None

    def threads(self) -> dict[str, Any]:
        """Return comments that lie in the folder, by the files of their entries."""
        return {}

    # --- What they share --------------------------------------------------------------------

    def front_of(self, path: str) -> Front | None:
        """Return a file's front matter; None where it cannot be read, which is noted."""
        try:
            return split(in_lines(self.tree.content(path)), keywords=self.keywords)
        except DataError as error:
            self.report.note(_("Left out, because it cannot be read"), f"{path}: {error}")
            return None

    def data_of(self, path: str, form: str) -> dict[str, Any]:
        """Return what a file of settings says; {} where that cannot be read, which is noted."""
        try:
            found = read_data(in_lines(self.tree.content(path)), form)
        except DataError as error:
            self.report.note(_("Settings that cannot be read"), f"{path}: {error}")
            return {}
        return found if isinstance(found, dict) else {}

    def leave_out(self, path: str, why: str) -> None:
        self.report.note(_("Left out"), f"{path}: {why}")

    def note_unknown(self, entry: Entry) -> None:
        """Name the fields of an entry's front matter that mean nothing here."""
        known = FOR_LOOKS | self.reads
        if unknown := [name for name in entry.front.data if name.lower() not in known]:
            said = ", ".join(unknown)[:300]
            self.report.note(_("Fields that have no place here, left out"), f"{entry.file}: {said}")


def picture_in(data: dict[str, Any]) -> str:
    """Return the address of the picture that stands for an entry, however it is called."""
    for name in (
        "image",
        "cover",
        "featured_image",
        "featuredimage",
        "images",
        "thumbnail",
        "previewimage",
    ):
        value = data.get(name)
        if isinstance(value, list):
            value = next(iter(value), "")
        if isinstance(value, dict):
            inner = ("path", "image", "src", "url", "feature")
            value = next((value[key] for key in inner if isinstance(value.get(key), str)), "")
        if said := words(value):
            return said
    return ""


def authors_in(data: dict[str, Any], by: str | None = ",") -> list[str]:
    found = []
    for name in ("authors", "author"):
        found += several(data.get(name), by)
    return [*dict.fromkeys(found)]
