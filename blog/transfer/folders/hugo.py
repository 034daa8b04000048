"""Folders of Hugo: sections, bundles, permalinks, aliases, drafts and dates of expiry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.slugs import slug_of
from blog.transfer.essays.entries import HTML, Entry
from blog.transfer.essays.paths import path_of, relative_to

from .entries import MARKDOWN, OTHER_TEXTS, Generator, authors_in, picture_in
from .front_matter import Front
from .hugo_tags import HugoTags
from .permalinks import filled, of_date
from .tree import Tree, joined
from .values import in_zone, moment, several, table, truth, words, zone_of

CONFIGS = (
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
)
_LANGUAGE = re.compile(r"(.+)\.([a-z]{2}(?:-[a-z]{2})?)")
_DATES = ("date", "publishdate", "pubdate", "published")
_CHANGED = ("lastmod", "modified", "updated")


class Hugo(Generator):
    name = "hugo"
    feeds = ("index.xml", "posts/index.xml", "post/index.xml", "blog/index.xml")
    lists = ("tags/{}", "categories/{}", "series/{}")
    reads = frozenset(
        """
        title date publishdate pubdate expirydate unpublishdate lastmod modified updated slug url
        aliases draft description summary tags categories series authors author image images cover
        featured_image comments disablecomments language lang thumbnail
        """.split()
    )

    @classmethod
    def recognises(cls, tree: Tree) -> bool:
        if not any(path.startswith("content/") for path in tree):
            return False
        if any(
            path in tree
            for path in (*CONFIGS[:4], "config/_default/hugo.toml", "config/_default/config.toml")
        ):
            return True
        return any(path in tree for path in CONFIGS[4:]) and "_config.yml" not in tree

    def read_settings(self) -> None:
        config: dict[str, Any] = {}
        for path in ("config/_default/hugo", "config/_default/config", "hugo", "config"):
            for ending in ("toml", "yaml", "yml", "json"):
                if f"{path}.{ending}" in self.tree:
                    config |= self.data_of(f"{path}.{ending}", ending)
        said = {key.lower(): value for key, value in config.items()}
        self.said = said
        address = urlsplit(words(said.get("baseurl")))
        self.base = address.path.strip("/")
        self.hosts = frozenset(filter(None, [address.netloc.lower()]))
        self.zone = zone_of(said.get("timezone")) or UTC
        self.content = words(said.get("contentdir")).strip("/") or "content"
        self.permalinks = self._permalinks(table(said.get("permalinks")))
        # The taxonomies in use: what is under these names becomes tags.
        self.taxonomies = [*table(said.get("taxonomies")).values()] or ["tags", "categories"]
        self.languages = {code.lower() for code in table(said.get("languages"))}
        self.own_language = (words(said.get("defaultcontentlanguage")) or "en").lower()
        params = {key.lower(): value for key, value in table(said.get("params")).items()}
        self.author = next(iter(several(params.get("author")) or several(said.get("author"))), "")
        self.main = set(several(params.get("mainsections")))
        self.dates_in_names = ":filename" in str(table(said.get("frontmatter")).get("date", ""))
        self.known = {**dict.fromkeys(map(str, self.taxonomies))}

    def _permalinks(self, said: dict[str, Any]) -> dict[str, str]:
        """Return the patterns by section, from either form that Hugo has had."""
        found = {key: value for key, value in said.items() if isinstance(value, str)}
        inner = {
            key: value for key, value in table(said.get("page")).items() if isinstance(value, str)
        }
        return found | inner

    # --- Entries ----------------------------------------------------------------------------

    def entries(self) -> Iterator[Entry]:
        paths = self.tree.under(self.content)
        self.bundles = {
            str(PurePosixPath(path).parent) for path in paths if _is_named(path, "index")
        }
        for path in paths:
            if not path.lower().endswith((*MARKDOWN, *HTML, *OTHER_TEXTS)):
                continue
            if why := self._left_out(path):
                self.leave_out(path, why)
            elif (front := self.front_of(path)) and (entry := self.entry(path, front)):
                yield entry

    def _left_out(self, path: str) -> str:
        if path.lower().endswith(OTHER_TEXTS):
            return _("it is not in Markdown")
        if _is_named(path, "_index"):
            return _("it is the head of a list")
        inside = any(path.startswith(f"{bundle}/") for bundle in self._above(path))
        if inside and not _is_named(path, "index"):
            return _("it is part of another page")
        return ""

    def _above(self, path: str) -> list[str]:
        folders = [str(folder) for folder in PurePosixPath(path).parents]
        return [folder for folder in folders if folder in self.bundles and folder != self.content]

    def entry(self, path: str, front: Front) -> Entry | None:
        data = {key.lower(): value for key, value in front.data.items()}
        if truth(data.get("headless")):
            self.leave_out(path, _("it is headless, which no reader sees"))
            return None
        section, stem, language = self._place(path)
        entry = Entry(path, front)
        entry.title = words(data.get("title"))
        entry.at, published = self._dated(data, stem)
        entry.changed = next(
            filter(None, (moment(data.get(name), self.zone) for name in _CHANGED)), None
        )
        kind = words(data.get("type")) or section
        entry.is_page = self._is_page(section, kind, entry.at)
        entry.language = words(data.get("language") or data.get("lang")) or language
        entry.hidden = self._hidden(data, published, language)
        if published and published > timezone.now():
            entry.at = published
        entry.standfirst = words(data.get("description")) or words(data.get("summary"))
        entry.authors = authors_in(data)
        for name in self.taxonomies:
            entry.tags += several(data.get(str(name).lower()))
        entry.picture = picture_in(data) or _cover(data.get("resources"))
        entry.comments_open = truth(data.get("comments")) is not False and not truth(
            data.get("disablecomments")
        )
        self._address(entry, data, section, stem)
        return entry

    def _place(self, path: str) -> tuple[str, str, str]:
        """Return the section of a file, its name, and the language that its name says."""
        inner = PurePosixPath(path).relative_to(self.content)
        section = inner.parts[0] if len(inner.parts) > 1 else ""
        stem, language = inner.stem, ""
        if (found := _LANGUAGE.fullmatch(stem)) and (
            not self.languages or found[2] in self.languages
        ):
            stem, language = found[1], found[2]
        if stem == "index":
            stem = inner.parent.name
            section = section if len(inner.parts) > 2 else ""
        return section, stem, language

    def _is_page(self, section: str, kind: str, at: datetime | None) -> bool:
        if kind in ("page", "pages"):
            return True
        if kind in ("post", "posts", "blog") or kind in self.main or section in self.permalinks:
            return False
        return not section or at is None

    def _dated(self, data: dict[str, Any], stem: str) -> tuple[datetime | None, datetime | None]:
        """Return the date of an entry, and from when on it was to be public."""
        found = [moment(data.get(name), self.zone) for name in _DATES]
        if self.dates_in_names and not found[0]:
            found[0] = moment(stem[:10], self.zone)
        at = next(filter(None, found), None)
        return at, next(filter(None, found[1:]), None) or at

    def _hidden(self, data: dict[str, Any], published: datetime | None, language: str) -> str:
        if truth(data.get("draft")) or words(data.get("draft")).lower() not in (
            "",
            "false",
            "no",
            "off",
            "0",
        ):
            return _("was a draft")
        for name in ("expirydate", "unpublishdate"):
            said = data.get(name)
            if said and ((over := moment(said, self.zone)) is None or over <= timezone.now()):
                return _("had expired")
        build = table(data.get("build") or data.get("_build"))
        if (
            words(build.get("render")).lower() in ("never", "link", "false")
            or truth(build.get("render")) is False
        ):
            return _("was not shown as a page")
        if language and language != self.own_language and not self.languages:
            return _("is a translation, into a language that the settings do not name")
        return ""

    def _address(self, entry: Entry, data: dict[str, Any], section: str, stem: str) -> None:
        entry.slug = words(data.get("slug"))
        url = words(data.get("url"))
        inner = PurePosixPath(entry.file).relative_to(self.content).parent
        folders = [*inner.parts]
        if PurePosixPath(entry.file).stem.partition(".")[0] == "index":
            folders = folders[:-1]
        if ":" in url or not url:
            pattern = (
                url or self.permalinks.get(section) or self.permalinks.get(f"/{section}/") or ""
            )
            url = self._by_pattern(entry, pattern, folders, stem) or "/".join(
                ["", *folders, entry.slug or stem, ""]
            ).lower().replace(" ", "-")
        if entry.language in self.languages and entry.language != self.own_language:
            url = f"/{entry.language}/{url.lstrip('/')}"
        entry.address = f"/{url.lstrip('/')}"
        aliases = several(data.get("aliases"))
        entry.old = [f"{self.base}/{path_of(relative_to(old, entry.address))}" for old in aliases]
        entry.address = f"/{self.base}{entry.address}" if self.base else entry.address

    def _by_pattern(self, entry: Entry, pattern: str, folders: list[str], stem: str) -> str | None:
        if not pattern:
            return None
        name = slug_of(stem)
        title = slug_of(entry.title) or name
        said = of_date(entry.at and in_zone(entry.at, self.zone)) | {
            "section": folders[0] if folders else "",
            "sections": "/".join(folders),
            "title": title,
            "slug": entry.slug or title,
            "filename": name,
            "contentbasename": name,
            "slugorfilename": entry.slug or name,
            "slugorcontentbasename": entry.slug or name,
        }
        return filled(pattern, said)

    # --- Texts ------------------------------------------------------------------------------

    def markdown(self, entry: Entry, body: str, links: Any) -> str:
        return HugoTags(entry, links).markdown(body)

    def places(self, entry: Entry, address: str) -> Iterator[str]:
        path = address.removeprefix(f"/{self.base}/") if self.base else address
        if not address.startswith("/"):
            yield from filter(None, [joined(entry.folder, address)])
        for folder in ("static", "assets", self.content):
            yield from filter(None, [joined(folder, path.lstrip("/"))])

    def reference(self, entry: Entry, said: str) -> Iterator[str]:
        """Yield the files that `ref` and `relref` may mean."""
        said = said.strip("/")
        tails = (said, f"{said}.md", f"{said}/index.md", f"{said.removesuffix('/index.md')}.md")
        for folder in (entry.folder, str(PurePosixPath(entry.folder).parent), self.content):
            for tail in tails:
                if path := joined(folder, tail):
                    yield path
        # Hugo finds one by the end of its path where that is the only one.
        for tail in tails:
            named = self.tree.by_name.get(tail.rpartition("/")[2], [])
            found = [path for path in named if path.endswith(f"/{tail}")]
            if len(found) == 1:
                yield found[0]


def _cover(resources: Any) -> str:
    """Return the file of a bundle that stands for it, as themes tell it by its name."""
    for each in resources if isinstance(resources, list) else ():
        name = words(table(each).get("name")).lower()
        if re.match(r"(?:.{0,40}[-_ ])?(?:cover|feature|featured|thumbnail)\b", name):
            return words(each.get("src"))
    return ""


def _is_named(path: str, name: str) -> bool:
    return PurePosixPath(path).name.partition(".")[0] == name and path.lower().endswith(
        (*MARKDOWN, *HTML)
    )
