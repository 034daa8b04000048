"""Folders of Pelican: keywords at the top, patterns of addresses, `{filename}` and its like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.lib.slugs import slug_of
from blog.transfer.essays.entries import HTML, Entry

from .entries import MARKDOWN, OTHER_TEXTS, Generator, authors_in, picture_in
from .front_matter import Front, in_lines
from .literals import python_values
from .permalinks import braced
from .tree import Tree, joined
from .values import in_zone, moment, several, site_zone, truth, words, zone_of
from .yaml_data import DataError

_TO_FILE = re.compile(
    r"(?:\{(?:static|attach|filename)\}|\|(?:static|attach|filename)\|)(.*)", re.DOTALL
)
_TO_LIST = re.compile(r"[{|](tag|category|author|index)[}|](.*)", re.DOTALL)
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2}).*")


class Pelican(Generator):
    name = "pelican"
    feeds = ("feeds/all.atom.xml", "feeds/all-en.atom.xml", "feeds/all.rss.xml")
    lists = ("tag/{}.html", "category/{}.html")
    keywords = True
    reads = frozenset(
        """
        title date modified category tags slug author authors summary status lang translation
        url save_as image cover thumbnail comments keywords
        """.split()
    )

    @classmethod
    def recognises(cls, tree: Tree) -> bool:
        if "pelicanconf.py" in tree:
            return True
        if not any(path.startswith("content/") for path in tree):
            return False
        texts = [path for path in tree.under("content") if path.endswith(MARKDOWN)][:20]
        return any(_has_keywords(tree, path) for path in texts)

    def read_settings(self) -> None:
        self.said: dict[str, Any] = {}
        if "pelicanconf.py" in self.tree:
            for name in ("pelicanconf.py", "publishconf.py"):
                if name in self.tree:
                    try:
                        self.said |= python_values(in_lines(self.tree.content(name)))
                    except DataError as error:
                        self.report.note(_("Settings that cannot be read"), labelled(name, error))
        address = urlsplit(words(self.said.get("SITEURL")))
        self.base, host = address.path.strip("/"), address.netloc.lower()
        self.hosts = frozenset(filter(None, [host]))
        self.zone = zone_of(self.said.get("TIMEZONE")) or site_zone()
        self.author = words(self.said.get("AUTHOR"))
        self.content = words(self.said.get("PATH")).strip("./") or (
            "content" if self.tree.under("content") else ""
        )
        pages = self.said.get("PAGE_PATHS")
        self.pages = several(list(pages) if isinstance(pages, (list, tuple)) else ["pages"])

    def entries(self) -> Iterator[Entry]:
        for path in self.tree.under(self.content):
            if not path.lower().endswith((*MARKDOWN, *HTML, *OTHER_TEXTS)):
                continue
            if path.lower().endswith(OTHER_TEXTS):
                self.leave_out(path, _("it is not in Markdown"))
            elif (front := self.front_of(path)) and (entry := self.entry(path, front)):
                yield entry

    def entry(self, path: str, front: Front) -> Entry | None:
        data = {key.lower(): value for key, value in front.data.items()}
        inner = PurePosixPath(path).relative_to(self.content)
        entry = Entry(path, front, is_page=bool(inner.parts) and inner.parts[0] in self.pages)
        status = words(data.get("status")).lower()
        if status == "skip":
            self.leave_out(path, _("it says that it is to be skipped"))
            return None
        entry.title = words(data.get("title"))
        entry.at = moment(data.get("date"), self.zone)
        if entry.at is None and (dated := _DATED.fullmatch(inner.stem)):
            entry.at = moment(dated[1], self.zone)
        entry.changed = moment(data.get("modified"), self.zone)
        entry.hidden = _hidden(status, data)
        category = words(data.get("category")) or (
            inner.parts[0] if len(inner.parts) > 1 and not entry.is_page else ""
        )
        entry.tags = [*filter(None, [category]), *several(data.get("tags"))]
        names = words(data.get("authors")) or words(data.get("author"))
        entry.authors = several(names, ";") if ";" in names else authors_in(data)
        entry.standfirst = words(data.get("summary"))
        entry.language = words(data.get("lang"))
        entry.picture = picture_in(data)
        entry.comments_open = truth(data.get("comments")) is not False
        entry.slug = words(data.get("slug")) or slug_of(entry.title) or slug_of(inner.stem)
        self._address(entry, data, category)
        return entry

    def _address(self, entry: Entry, data: dict[str, Any], category: str) -> None:
        of_kind = "PAGE_URL" if entry.is_page else "ARTICLE_URL"
        usual = "pages/{slug}.html" if entry.is_page else "{slug}.html"
        pattern = words(data.get("url")) or words(self.said.get(of_kind)) or usual
        said = {
            "slug": entry.slug,
            "lang": entry.language or words(self.said.get("DEFAULT_LANG")),
            "category": slug_of(category),
            "author": slug_of(next(iter(entry.authors), "")),
        }
        at = entry.at and in_zone(entry.at, self.zone)
        address = braced(pattern, said, at) or f"{entry.slug}.html"
        entry.address = "/" + "/".join(filter(None, [self.base, address.lstrip("/")]))

    # --- Texts ------------------------------------------------------------------------------

    def markdown(self, entry: Entry, body: str, links: Any) -> str:
        return body

    def places(self, entry: Entry, address: str) -> Iterator[str]:
        found = _TO_FILE.match(address)
        path = found[1] if found else address
        if not path.startswith("/"):
            yield from filter(None, [joined(entry.folder, path)])
        if self.base and not found:
            path = path.removeprefix(f"/{self.base}")
        for folder in (self.content, f"{self.content}/extra"):
            yield from filter(None, [joined(folder, path.lstrip("/"))])

    def elsewhere(self, address: str) -> str | None:
        found = _TO_LIST.fullmatch(address)
        if found is None:
            return None
        if found[1] in ("tag", "category"):
            return f"/tags/{slug_of(found[2])}/"
        return "/"


def _hidden(status: str, data: dict[str, Any]) -> str:
    if status in ("", "published"):
        return ""
    known = {"draft": _("was a draft"), "hidden": _("was hidden: readers needed its address")}
    return known.get(status) or _("had the status “%(status)s”") % {"status": status[:40]}


def _has_keywords(tree: Tree, path: str) -> bool:
    try:
        start = in_lines(tree.content(path))[:400]
    except DataError:
        return False
    return re.match(r"Title:[^\n]*\n(?:[A-Z][a-z_]+:[^\n]*\n)+", start) is not None
