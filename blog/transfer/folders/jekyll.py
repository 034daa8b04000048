"""Folders of Jekyll: posts by their names, drafts, pages, permalinks, defaults, redirects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.lib.slugs import slug_of
from blog.transfer.essays.entries import HTML, Entry

from .entries import MARKDOWN, OTHER_TEXTS, Generator, authors_in, picture_in
from .front_matter import Front
from .liquid import Liquid
from .permalinks import JEKYLL_STYLES, filled, of_date
from .staticman import Kept, threads
from .tree import Tree, joined
from .values import in_zone, moment, several, site_zone, table, truth, words, zone_of

_POST = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(.+)")
# Pages that a theme needs, and that no author wrote.
_MACHINERY = {"404", "search", "feed", "sitemap", "robots", "archive", "tags", "categories"}


class Jekyll(Generator):
    name = "jekyll"
    feeds = ("feed.xml", "atom.xml", "rss.xml")
    reads = frozenset(
        """
        title date last_modified_at updated modified slug permalink redirect_from redirect_to alias
        published draft hidden category categories tag tags author authors excerpt description
        summary image cover thumbnail lang language comments excerpt_separator
        """.split()
    )

    @classmethod
    def recognises(cls, tree: Tree) -> bool:
        if tree.named("_config.yml", "_config.yaml", "_config.toml"):
            return True
        return any(re.match(r"(?:.+/)?_(?:posts|drafts)/", path) for path in tree)

    def read_settings(self) -> None:
        path = self.tree.named("_config.yml", "_config.yaml", "_config.toml")
        self.said = self.data_of(path, path.rpartition(".")[2]) if path else {}
        self.base = words(self.said.get("baseurl")).strip("/")
        self.hosts = frozenset(filter(None, [urlsplit(words(self.said.get("url"))).netloc.lower()]))
        self.zone: tzinfo = zone_of(self.said.get("timezone")) or site_zone()
        self.source = self._source()
        pattern = self.permalink or words(self.said.get("permalink"))
        self.pattern = JEKYLL_STYLES.get(pattern or "date", pattern)
        if not path and not self.permalink:
            said = _(
                "There is no _config.yml, so old addresses are taken to be Jekyll’s usual ones"
            )
            self.report.note(_("Guessed"), said)
        self.defaults = [table(each) for each in self.said.get("defaults") or [] if table(each)]
        self.left_out = [*several(self.said.get("exclude"))]
        self.author = next(iter(several(self.said.get("author"))), "")

    def _source(self) -> str:
        """Return the folder that holds the texts: as the settings say, or where `_posts` is."""
        said = words(self.said.get("source")).strip("./")
        if said:
            return f"{said}/"
        if not any(path.startswith(("_posts/", "_drafts/")) for path in self.tree):
            for path in self.tree:
                if found := re.match(r"([^/_.][^/]*/)_(?:posts|drafts)/", path):
                    return found[1]
        return ""

    # --- Entries ----------------------------------------------------------------------------

    def entries(self) -> Iterator[Entry]:
        self.slugs: dict[str, str] = {}  # by the names that comments have for them
        self.posts: dict[str, str] = {}  # by the names that post_url has for them
        for path in self.tree:
            inner = path.removeprefix(self.source)
            if not path.startswith(self.source) or not path.lower().endswith(
                (*MARKDOWN, *HTML, *OTHER_TEXTS)
            ):
                continue
            folders = PurePosixPath(inner).parts[:-1]
            if any(fnmatchcase(inner, f"{each.strip('/')}*") for each in self.left_out):
                continue
            kind = next((part for part in folders if part.startswith("_")), "")
            if kind not in ("", "_posts", "_drafts"):
                self._note_folder(path, kind)
            elif entry := self._entry(path, inner, kind):
                yield entry

    def _note_folder(self, path: str, folder: str) -> None:
        if folder not in (
            "_includes",
            "_layouts",
            "_sass",
            "_data",
            "_site",
            "_plugins",
            "_assets",
        ):
            self.leave_out(
                path, _("it is in a folder of its own kind (%(name)s)") % {"name": folder}
            )

    def _entry(self, path: str, inner: str, kind: str) -> Entry | None:
        dated = _POST.fullmatch(PurePosixPath(inner).stem)
        if path.lower().endswith(OTHER_TEXTS):
            self.leave_out(path, _("it is not in Markdown"))
            return None
        if kind == "_posts" and not dated:
            self.leave_out(path, _("its name has no date, without which Jekyll leaves a post out"))
            return None
        front = self.front_of(path)
        if front is None:
            return None
        if not front.form:
            self.leave_out(path, _("it has no front matter, without which Jekyll makes no page"))
            return None
        front = front._replace(data=self._with_defaults(front.data, inner, kind))
        if why := self._why_not(front, inner, kind):
            self.leave_out(path, why)
            return None
        return self.entry(path, inner, kind, front, dated)

    def _why_not(self, front: Front, inner: str, kind: str) -> str:
        if front.data.get("redirect_to"):
            return _("it only leads elsewhere")
        if kind:
            return ""
        if not front.body.strip():
            return _("it has no text of its own")
        if PurePosixPath(inner).stem in _MACHINERY and inner.endswith(HTML):
            return _("it is made by its program")
        return (
            _("it is the front page")
            if PurePosixPath(inner).stem == "index" and "/" not in inner
            else ""
        )

    def _with_defaults(self, data: dict[str, Any], inner: str, kind: str) -> dict[str, Any]:
        name = {"_posts": "posts", "_drafts": "drafts"}.get(kind, "pages")
        for default in self.defaults:
            scope = table(default.get("scope"))
            path = words(scope.get("path")).strip("/")
            is_within = (
                not path
                or inner == path
                or inner.startswith(f"{path}/")
                or fnmatchcase(inner, path)
            )
            if is_within and words(scope.get("type")) in ("", name):
                data = table(default.get("values")) | data
        return data

    def entry(
        self, path: str, inner: str, kind: str, front: Front, dated: re.Match[str] | None
    ) -> Entry:
        data = front.data
        entry = Entry(path, front, is_page=not kind)
        name = dated[2] if dated else PurePosixPath(inner).stem
        entry.title = words(data.get("title")) or (_titled(name) if kind else "")
        entry.at = self._at(data, dated)
        entry.changed = next(
            filter(
                None,
                (
                    moment(data.get(key), self.zone)
                    for key in ("last_modified_at", "updated", "modified")
                ),
            ),
            None,
        )
        entry.hidden = self._hidden(data, kind)
        excerpt = data.get("description") or data.get("excerpt") or data.get("summary")
        entry.standfirst = words(excerpt)
        entry.authors = authors_in(data)
        categories = self._categories(data, inner, kind)
        entry.tags = [*categories, *several(data.get("tag"), ""), *several(data.get("tags"), None)]
        entry.language = words(data.get("lang") or data.get("language"))
        entry.picture = picture_in(data)
        entry.comments_open = truth(data.get("comments")) is not False
        entry.slug = words(data.get("slug"))
        self._address(entry, data, inner, name, categories)
        for key in ("redirect_from", "alias"):
            entry.old += [f"{self.base}/{old.lstrip('/')}" for old in several(data.get(key))]
        if kind:
            stem = inner.partition(f"{kind}/")[2].rpartition(".")[0]
            self.slugs.setdefault(entry.slug or name, path)
            self.slugs.setdefault(name, path)
            self.posts.setdefault(stem, path)
            self.posts.setdefault(stem.rpartition("/")[2], path)
        return entry

    def _at(self, data: dict[str, Any], dated: re.Match[str] | None) -> datetime | None:
        said = moment(data.get("date"), self.zone)
        if said is None and dated:
            said = moment(dated[1], self.zone)
        return said

    def _hidden(self, data: dict[str, Any], kind: str) -> str:
        if kind == "_drafts" or truth(data.get("draft")):
            return _("was a draft")
        if data.get("published") is not None and truth(data.get("published")) is not True:
            return _("was not published")
        return ""

    def _categories(self, data: dict[str, Any], inner: str, kind: str) -> list[str]:
        folders = inner.partition(f"{kind}/")[0].strip("/") if kind else ""
        found = [*filter(None, folders.split("/"))]
        found += several(data.get("category"), "") + several(data.get("categories"), None)
        return [*dict.fromkeys(found)]

    def _address(
        self, entry: Entry, data: dict[str, Any], inner: str, name: str, categories: list[str]
    ) -> None:
        pattern = words(data.get("permalink"))
        pattern = JEKYLL_STYLES.get(pattern, pattern)
        if not pattern:
            pattern = self._of_page(inner) if entry.is_page else self.pattern
        at = entry.at and in_zone(entry.at, self.zone)
        said = of_date(at) | {
            "categories": "/".join(each.lower().replace(" ", "%20") for each in categories),
            "title": entry.slug or name,
            "slug": slug_of(entry.slug or name),
            "name": slug_of(name),
            "basename": name,
            "path": PurePosixPath(inner).parent.as_posix(),
            "output_ext": ".html",
        }
        address = filled(pattern, said)
        if address is None:  # a draft, which has had none
            return
        entry.address = (
            f"/{self.base}/{address.lstrip('/')}" if self.base else f"/{address.lstrip('/')}"
        )

    def _of_page(self, inner: str) -> str:
        path = inner.rpartition(".")[0].replace(":", "")
        is_folder = self.pattern.endswith("/")
        return f"/{path}/" if is_folder and not path.endswith("index") else f"/{path}.html"

    def threads(self) -> dict[str, list[Kept]]:
        found: dict[str, list[Kept]] = {}
        for name, said in threads(self.tree, self.source, self.report).items():
            if file := self.slugs.get(name.rpartition("/")[2]):
                found[file] = said
            else:
                self.report.note(_("Comments whose essay is not here"), labelled(name, len(said)))
        return found

    # --- Texts ------------------------------------------------------------------------------

    def markdown(self, entry: Entry, body: str, links: Any) -> str:
        return Liquid(entry, links, self.said, self.base).markdown(body)

    def places(self, entry: Entry, address: str) -> Iterator[str]:
        path = address
        if self.base and f"{address}/".startswith(f"/{self.base}/"):
            path = address.removeprefix(f"/{self.base}")
        if not path.startswith("/"):
            yield from filter(None, [joined(entry.folder, path)])
        yield from filter(None, [joined(self.source, path.lstrip("/"))])

    def reference(self, entry: Entry, said: str) -> Iterator[str]:
        kind, _colon, name = said.partition(":")
        name = name.strip("\"' ").lstrip("/")
        if kind == "post_url":
            yield from filter(None, [self.posts.get(name)])
        else:
            yield f"{self.source}{name}"


def _titled(name: str) -> str:
    """Return the title that Jekyll makes of a name without one."""
    return " ".join(word.capitalize() for word in re.split(r"[-_ ]+", name) if word)
