"""Folders of Eleventy: addresses by their paths, data of folders, tags that are collections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from blog.transfer.essays.entries import HTML, Entry
from blog.transfer.essays.paths import relative_to

from .entries import MARKDOWN, OTHER_TEXTS, Generator, authors_in, picture_in
from .front_matter import Front
from .liquid import Liquid
from .tree import Tree, joined
from .values import moment, several, table, truth, words

_CONFIGS = (".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs")
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})-(.+)")
_COLLECTIONS = {"post", "posts", "all", "nav", "page", "pages", "blog", "article", "articles"}
_NOT_READ = ("_includes", "_data", "_layouts", "_site", "_components")


class Eleventy(Generator):
    name = "eleventy"
    feeds = ("feed/feed.xml", "feed.xml")
    lists = ("tags/{}",)
    reads = frozenset(
        """
        title date modified updated slug permalink draft tags author authors description summary
        excerpt image cover thumbnail lang language comments redirect_from aliases
        eleventynavigation
        """.split()
    )

    @classmethod
    def recognises(cls, tree: Tree) -> bool:
        if tree.named(*_CONFIGS):
            return True
        return any(re.search(r"\.11tydata\.(?:js|mjs|cjs|json)$", path) for path in tree)

    def read_settings(self) -> None:
        self.zone = UTC
        self.source = next((f"{name}/" for name in ("content", "src") if self.tree.under(name)), "")
        self._folders: dict[str, dict[str, Any]] = {}

    def entries(self) -> Iterator[Entry]:
        for path in self.tree.files:
            inner = path.removeprefix(self.source)
            parts = PurePosixPath(inner).parts
            if not path.startswith(self.source) or not path.lower().endswith(
                (*MARKDOWN, *HTML, *OTHER_TEXTS)
            ):
                continue
            if any(part in _NOT_READ for part in parts) or (
                len(parts) == 1 and _is_notice(parts[0])
            ):
                continue
            if path.lower().endswith(OTHER_TEXTS):
                self.leave_out(path, _("it is not in Markdown"))
            elif entry := self._entry(path, inner):
                yield entry

    def _entry(self, path: str, inner: str) -> Entry | None:
        front = self.front_of(path)
        if front is None:
            return None
        data = self._data_above(inner) | front.data
        if truth(data.get("permalink")) is False:
            self.leave_out(path, _("it has no address of its own"))
            return None
        if PurePosixPath(inner).stem == "index" and "/" not in inner:
            self.leave_out(path, _("it is the front page"))
            return None
        return self.entry(path, inner, front._replace(data=data))

    def _data_above(self, inner: str) -> dict[str, Any]:
        """Return what the data files of the folders above say, in JSON; others are not run."""
        found: dict[str, Any] = {}
        for folder in reversed(PurePosixPath(inner).parents):
            found |= self._data_in(folder)
        return found

    def _data_in(self, folder: PurePosixPath) -> dict[str, Any]:
        key = str(folder)
        if key not in self._folders:
            self._folders[key] = {}
            start = f"{self.source}{'' if key == '.' else f'{key}/'}{folder.name or 'content'}"
            for ending in (".json", ".11tydata.json"):
                if f"{start}{ending}" in self.tree:
                    self._folders[key] |= self.data_of(f"{start}{ending}", "json")
            for ending in (".11tydata.js", ".11tydata.mjs", ".11tydata.cjs"):
                if f"{start}{ending}" in self.tree:
                    said = _("it is a program, which is not run, so what it says is not known")
                    self.report.note(_("Settings that cannot be read"), f"{start}{ending}: {said}")
        return self._folders[key]

    def entry(self, path: str, inner: str, front: Front) -> Entry:
        data = front.data
        entry = Entry(path, front)
        stem = PurePosixPath(inner).stem
        dated = _DATED.fullmatch(stem)
        navigation = table(data.get("eleventyNavigation"))
        entry.title = words(data.get("title")) or words(
            navigation.get("title") or navigation.get("key")
        )
        entry.at = moment(data.get("date"), self.zone)
        if entry.at is None and dated:
            entry.at = moment(dated[1], self.zone)
        entry.changed = moment(data.get("modified") or data.get("updated"), self.zone)
        tags = several(data.get("tags"), "")
        entry.is_page = entry.at is None and not {"post", "posts", "blog"} & {*tags}
        entry.tags = [tag for tag in tags if tag.lower() not in _COLLECTIONS]
        if truth(data.get("draft")):
            entry.hidden = _("was a draft")
        entry.standfirst = words(
            data.get("description") or data.get("summary") or data.get("excerpt")
        )
        entry.authors = authors_in(data)
        entry.language = words(data.get("lang") or data.get("language"))
        entry.picture = picture_in(data)
        entry.comments_open = truth(data.get("comments")) is not False
        entry.slug = words(data.get("slug"))
        self._address(entry, data, inner, dated[2] if dated else stem)
        for name in ("redirect_from", "aliases"):
            entry.old += [relative_to(old, entry.address) for old in several(data.get(name))]
        return entry

    def _address(self, entry: Entry, data: dict[str, Any], inner: str, name: str) -> None:
        said = words(data.get("permalink"))
        if said and "{" not in said:
            entry.address = f"/{said.lstrip('/')}"
            return
        if said:
            self.report.note(
                _("Guessed"),
                _("%(file)s: its address is made by %(how)s") % {"file": entry.file, "how": said},
            )
        folder = PurePosixPath(inner).parent
        parts = [*folder.parts]
        # Eleventy takes a file that is named as its folder for the folder's own.
        if name != "index" and not (parts and parts[-1] == name):
            parts.append(name)
        entry.address = "/".join(["", *parts, ""])

    # --- Texts ------------------------------------------------------------------------------

    def markdown(self, entry: Entry, body: str, links: Any) -> str:
        return Liquid(entry, links, {}, self.base).markdown(body)

    def places(self, entry: Entry, address: str) -> Iterator[str]:
        if not address.startswith("/"):
            yield from filter(None, [joined(entry.folder, address)])
        for folder in (self.source, "public", "static", "src", ""):
            yield from filter(None, [joined(folder, address.lstrip("/"))])


def _is_notice(name: str) -> bool:
    return PurePosixPath(name).stem.upper() in ("README", "LICENSE", "CONTRIBUTING", "CHANGELOG")
