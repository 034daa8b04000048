"""Folders of Nikola: data in a comment, beside the text or above it; redirects of the settings."""

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
from blog.transfer.essays.paths import path_of

from .entries import MARKDOWN, OTHER_TEXTS, Generator, authors_in, picture_in
from .front_matter import Front, in_lines, nikola_fields, split
from .hugo_tags import HugoTags
from .literals import python_values
from .tree import Tree, joined
from .values import moment, several, site_zone, truth, words, zone_of
from .yaml_data import DataError

# (folder of texts, path at the host, whether they are pages)
_USUAL = [("posts", "posts", False), ("pages", "pages", True), ("stories", "stories", True)]


class Nikola(Generator):
    name = "nikola"
    feeds = ("rss.xml", "feed.atom")
    lists = ("categories/{}", "categories/cat_{}")
    keywords = True
    reads = frozenset(
        """
        title slug date updated tags category link description type status author authors
        previewimage nocomments has_math hidetitle url_type pretty_url lang
        """.split()
    )

    @classmethod
    def recognises(cls, tree: Tree) -> bool:
        if "conf.py" in tree and re.search(rb"\bBLOG_TITLE\b|\bPOSTS\s*=", tree.content("conf.py")):
            return True
        texts = [path for path in tree if path.endswith((".meta", *MARKDOWN))][:50]
        return any(
            re.match(rb"\s{0,40}(?:<!--)?\s{0,40}\.\. title:", tree.content(path)) for path in texts
        )

    def read_settings(self) -> None:
        self.said: dict[str, Any] = {}
        if "conf.py" in self.tree:
            try:
                self.said = python_values(in_lines(self.tree.content("conf.py")))
            except DataError as error:
                self.report.note(_("Settings that cannot be read"), f"conf.py: {error}")
        address = urlsplit(words(self.said.get("BASE_URL")) or words(self.said.get("SITE_URL")))
        self.base = address.path.strip("/")
        self.hosts = frozenset(filter(None, [address.netloc.lower()]))
        self.zone = zone_of(self.said.get("TIMEZONE")) or site_zone()
        self.author = words(self.said.get("BLOG_AUTHOR"))
        self.folders = [*self._folders("POSTS", False), *self._folders("PAGES", True)] or [
            each for each in _USUAL if self.tree.under(each[0])
        ]
        self.is_pretty = self.said.get("PRETTY_URLS") is not False
        moved = self.said.get("REDIRECTIONS")
        self.redirects = (
            [each for each in moved or [] if isinstance(each, (tuple, list)) and len(each) == 2]
            if isinstance(moved, (list, tuple))
            else []
        )

    def _folders(self, name: str, is_page: bool) -> Iterator[tuple[str, str, bool]]:
        said = self.said.get(name)
        for each in said if isinstance(said, (list, tuple)) else ():
            if isinstance(each, (list, tuple)) and len(each) > 1 and isinstance(each[1], str):
                folder = str(each[0]).partition("*")[0].strip("/")
                yield folder, each[1].strip("/"), is_page

    def entries(self) -> Iterator[Entry]:
        folders = self.folders or [("", "posts", False)]
        done: set[str] = set()
        for folder, at_host, is_page in folders:
            for path in self.tree.under(folder):
                if path in done or not path.lower().endswith((*MARKDOWN, *HTML, *OTHER_TEXTS)):
                    continue
                done.add(path)
                if path.lower().endswith(OTHER_TEXTS):
                    self.leave_out(path, _("it is not in Markdown"))
                elif front := self._front(path):
                    yield self.entry(path, front, folder, at_host, is_page)

    def _front(self, path: str) -> Front | None:
        """Return what stands above a text, or in the file beside it."""
        beside = f"{path.rpartition('.')[0]}.meta"
        front = self.front_of(path)
        if front is None or front.form or beside not in self.tree:
            return front
        try:
            source = in_lines(self.tree.content(beside))
            data = nikola_fields(source) or split(source).data
        except DataError as error:
            self.report.note(_("Left out, because it cannot be read"), labelled(beside, error))
            return None
        return Front(data, front.body, "meta")

    def entry(self, path: str, front: Front, folder: str, at_host: str, is_page: bool) -> Entry:
        data = {key.lower(): value for key, value in front.data.items()}
        entry = Entry(path, front, is_page=is_page)
        entry.title = words(data.get("title"))
        entry.at = moment(data.get("date"), self.zone)
        entry.changed = moment(data.get("updated"), self.zone)
        entry.standfirst = words(data.get("description"))
        tags = several(data.get("tags"))
        entry.hidden = _hidden(words(data.get("status")).lower(), tags)
        category = words(data.get("category"))
        entry.tags = [
            tag
            for tag in [*filter(None, [category]), *tags]
            if tag not in ("draft", "private", "mathjax")
        ]
        entry.authors = authors_in(data)
        entry.picture = picture_in(data)
        entry.comments_open = truth(data.get("nocomments")) is not True
        entry.slug = words(data.get("slug")) or slug_of(entry.stem)
        self._address(entry, data, folder, at_host)
        if elsewhere := words(data.get("link")):
            self.report.note(_("Links of whole posts, left out"), labelled(path, elsewhere))
        return entry

    def _address(self, entry: Entry, data: dict[str, Any], folder: str, at_host: str) -> None:
        below = str(PurePosixPath(entry.folder).relative_to(folder)) if folder else ""
        parts = [self.base, at_host, "" if below == "." else below]
        is_pretty = self.is_pretty and truth(data.get("pretty_url")) is not False
        parts.append(f"{entry.slug}/" if is_pretty else f"{entry.slug}.html")
        entry.address = "/" + "/".join(filter(None, parts))
        for old, new in self.redirects:
            if path_of(str(new)) == path_of(entry.address):
                entry.old.append(f"/{str(old).lstrip('/')}")

    # --- Texts ------------------------------------------------------------------------------

    def markdown(self, entry: Entry, body: str, links: Any) -> str:
        return HugoTags(entry, links).markdown(body)

    def places(self, entry: Entry, address: str) -> Iterator[str]:
        if not address.startswith("/"):
            yield from filter(None, [joined(entry.folder, address)])
        path = address.removeprefix("link://")
        for folder in ("files", "", "images/.."):
            yield from filter(None, [joined(folder, path.lstrip("/"))])


def _hidden(status: str, tags: list[str]) -> str:
    if status == "draft" or "draft" in tags:
        return _("was a draft")
    if status == "private" or "private" in tags:
        return _("was private")
    if status not in ("", "published", "featured"):
        return _("had the status “%(status)s”") % {"status": status[:40]}
    return ""
