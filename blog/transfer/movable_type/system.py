"""A blog of Movable Type or TypePad as essays, with the addresses that its readers know."""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.listing import labelled, listed
from blog.markup.from_html.html_to_markdown import Converted, converted, text_of
from blog.posts.models import Post as Essay
from blog.posts.models import Tag
from blog.transfer.discussions.with_essays import WithEssays
from blog.transfer.essays.entries import Entry, System
from blog.transfer.essays.links import OfEntry
from blog.transfer.old_site import split
from blog.transfer.paragraphs import in_paragraphs
from blog.transfer.report import Report, quoted
from blog.transfer.texts import Texts

from .comments import SaidOf, bring_pings
from .fields import USUAL, Said, checked, dirified, filled, moment, tags_in
from .files import TypePadFolder, is_of_typepad
from .reading import HEAD, Lines, MovableTypeError, Part, Post, parts

_DATED = re.compile(r"(.*?)/[0-9]{4}/[0-9]{2}/[^/]+/?\Z")
_BREAKS = frozenset({"__default__", "1", "convert_breaks", "nl2br"})
_AS_HTML = frozenset({"0", "richtext", "html", "none"})
# What of the form has no place here and says nothing to readers.
_SILENT = frozenset({"ALLOW PINGS", "NO ENTRY"})


class Options(NamedTuple):
    """How a file is meant: what it does not say itself."""

    zone: tzinfo
    permalink: str = ""
    url: str = ""
    encoding: str = ""


class MovableType(System):
    name = "movable-type"
    feeds = ("atom.xml", "index.xml", "index.rdf", "rss.xml", "feed.xml")

    def __init__(
        self, path: Path, report: Report, options: Options, *, media: Path | None = None
    ) -> None:
        super().__init__(report)
        self.path, self.options = path, options
        self.patterns = [checked(options.permalink)] if options.permalink else [*USUAL]
        self.media = TypePadFolder(media, originals=True) if media else None
        self.texts = Texts()
        self.found: set[tuple[str, str]] = set()  # each key with what its entry said, in short
        self.keys: set[str] = set()
        self.entry_of: dict[str, Entry] = {}
        self.untitled: set[str] = set()
        self.unknown: dict[str, list[str]] = {}
        self.filters: dict[str, str] = {}
        self.categories: dict[str, list[str]] = {}
        self.said = SaidOf(self.texts, options.zone)
        self.posts: dict[str, int] = {}
        host = split(options.url if "//" in options.url else f"//{options.url}").netloc.lower()
        self.hosts = frozenset(filter(None, [host]))

    def entries(self) -> Iterator[Entry]:
        hosts, folders = set(self.hosts), Counter()
        entry: Entry | None = None
        with self.path.open("rb") as file:
            lines = Lines(file, self.path, self.options.encoding)
            for part in parts(lines):
                if isinstance(part, Part):
                    self.said.add(part, entry)
                elif entry := self.entry(part):
                    address = split(part["UNIQUE URL"])
                    hosts.add(address.netloc.lower())
                    if dated := _DATED.match(address.path):
                        folders[dated[1]] += 1
                    yield entry
        if not self.found:
            said = _("%(file)s holds no entries in Movable Type’s form.")
            raise MovableTypeError(said % {"file": self.path})
        self.hosts = frozenset(hosts - {""})
        self.base = unquote(next(iter(folders)).strip("/")) if len(folders) == 1 else ""
        self.note_file(lines.odd)
        self.comments = WithEssays(self.said, self.report)
        self.comments.read()

    def note_file(self, odd: list[int]) -> None:
        if odd:
            heading = _("Lines that are not UTF-8, read as Windows-1252")
            said = listed(map(str, odd[:20])) + (", …" if len(odd) > 20 else "")
            self.report.note(heading, said)
        if not self.options.permalink and any(not each.old for each in self.entry_of.values()):
            return
        if not self.options.permalink:
            heading = _("Old addresses are not in the file, so the usual ones lead on")
            self.report.note(heading, listed(USUAL))

    def entry(self, post: Post) -> Entry | None:
        """Return what becomes an essay; None for what stands twice, which is noted."""
        if not HEAD & post.fields.keys():
            said = _("%(file)s is not in Movable Type’s form: line %(line)d begins no entry.")
            raise MovableTypeError(said % {"file": self.path, "line": post.line})
        title = text_of(post["TITLE"])
        what = quoted(title or post["BASENAME"] or post["DATE"] or _("Untitled"))
        file = self.file_of(post, what)
        if file is None:
            return None
        at = moment(post["DATE"], self.options.zone)
        addresses = self.addresses(post)
        entry = Entry(
            file=file,
            front=self.texts.add(json.dumps(post.texts)),
            is_html=not _is_markdown(post["CONVERT BREAKS"]),
            title=title or _title_of(post),
            slug=post["BASENAME"],
            standfirst=text_of(post.texts.get("EXCERPT", "")),
            at=at,
            hidden=_hidden(post, at),
            tags=[*dict.fromkeys([*_categories(post), *_tags(post)])],
            authors=[text_of(post["AUTHOR"])] if text_of(post["AUTHOR"]) else [],
            picture=post["IMAGE"],
            comments_open=post["ALLOW COMMENTS"] in {"1", ""},
            address=addresses[0] if addresses else "",
            old=addresses[1:],
            what=what,
        )
        self.remember(entry, post, is_untitled=not title)
        return entry

    def remember(self, entry: Entry, post: Post, *, is_untitled: bool) -> None:
        self.entry_of[entry.file] = entry
        self.filters[entry.file] = post["CONVERT BREAKS"]
        self.categories[entry.file] = _categories(post)
        if is_untitled:
            self.untitled.add(entry.file)
        unknown = [name for name in post.fields if name not in HEAD and name not in _SILENT]
        unknown += [name for name in post.texts if name not in ("BODY", "EXTENDED BODY", "EXCERPT")]
        if names := [name for name in unknown if post[name] or post.texts.get(name)]:
            self.unknown[entry.file] = names

    def file_of(self, post: Post, what: str) -> str | None:
        """Return a key that is the same in every export, and no other entry's."""
        key = "/".join(filter(None, [post["BASENAME"] or post["TITLE"], post["DATE"]]))
        said = json.dumps([post.fields, post.texts], sort_keys=True)
        summed = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:12]
        key = key or f"~{summed}"
        if (key, summed) in self.found:
            self.report.types["post"] += 1
            self.report.skipped["post"] += 1
            self.report.note(_("Left out, because it stands twice in the file"), what)
            return None
        is_first = key not in self.keys
        self.found.add((key, summed))
        self.keys.add(key)
        if not is_first:
            self.report.note(_("Has the name and date of another, and is kept"), what)
            key = f"{key}~{summed}"
        return key

    def key(self, entry: Entry) -> str:
        return entry.file

    def note_unknown(self, entry: Entry) -> None:
        if entry.file in self.untitled:
            self.report.note(_("Had no title, and was given one"), quoted(entry.title))
        if names := self.unknown.get(entry.file):
            heading = _("Fields that have no place here, left out")
            self.report.note(heading, labelled(entry.what, listed(names)[:300]))
        name = self.filters[entry.file]
        if name and not _is_markdown(name) and name not in _BREAKS | _AS_HTML:
            heading = _("Is written in a form that is not read here, whose marks show as text")
            self.report.note(heading, labelled(entry.what, name[:60]))

    def addresses(self, post: Post) -> list[str]:
        """Return where an entry was read: as the file says, else by the patterns."""
        if path := split(post["UNIQUE URL"]).path.strip("/"):
            return [f"/{unquote(path)}"]
        at = moment(post["DATE"], self.options.zone)
        said = Said(
            post["BASENAME"],
            post["PRIMARY CATEGORY"] or post["CATEGORY"],
            at.astimezone(self.options.zone) if at else None,
        )
        return [*filter(None, (filled(pattern, said) for pattern in self.patterns))]

    # --- Words ------------------------------------------------------------------------------

    def text(self, entry: Entry, links: Any) -> Converted:
        texts = json.loads(self.texts.read(entry.front))
        body = "\n\n".join(filter(None, (texts.get("BODY"), texts.get("EXTENDED BODY"))))
        if not entry.is_html:
            return Converted(links.rewritten(entry, body))
        name = self.filters[entry.file]
        breaks = name not in _AS_HTML
        if not name:  # the blog's own setting, which the file does not say
            breaks = not re.search(r"<(?:p|br|div)\b", body, re.IGNORECASE)
        if not breaks:
            body = in_paragraphs(body)
        return converted(body, breaks=True, around=OfText(links, entry))

    # --- Addresses --------------------------------------------------------------------------

    def bring_comments(self, posts: dict[str, int]) -> None:
        self.posts = posts
        self.comments.bring(posts, self.hosts)
        bring_pings(self.said, posts, self.report)

    def keeps(self, path: str) -> bool:
        return bool(re.fullmatch(r"(?:archives/)?[0-9]{4}(?:/[0-9]{2})?", path))

    def forwards(self, authors: Any) -> Iterator[tuple[str, str]]:
        """Yield the addresses of the blog's folder, of categories and of months."""
        if self.base:
            yield "", "/"
        public = public_of(self.posts)
        names, months = set(), set()
        for file in self.entry_of:
            if path := public.get(self.posts.get(file)):
                names |= {*self.categories[file]}
                if found := re.match(r"([0-9]{4})/([0-9]{2})/", path):
                    months.add(found.groups())
        for year, month in sorted(months):
            yield f"archives/{year}/{month}", f"/{year}/{month}/"
            yield f"archives/{year}_{month}.html", f"/{year}/{month}/"
        for name in sorted(names):
            tag = Tag.objects.public().like([name]).first()
            slug = dirified(name)
            if tag and slug:
                for each in dict.fromkeys([slug, slug.replace("_", "-")]):
                    yield each, tag.get_absolute_url()
                    yield f"archives/{each}", tag.get_absolute_url()
                    yield f"archives/cat_{each}.html", tag.get_absolute_url()


class OfText(OfEntry):
    """What is around the HTML of one entry. TypePad's files are the blog's on any host."""

    def file(self, address: str, alt: str) -> str | None:
        if is_of_typepad(address):
            return self._here(address, alt)
        return super().file(address, alt)

    def link(self, address: str) -> str:
        if is_of_typepad(address):
            pictures = self.links.pictures
            return pictures.address(address, self.entry.what, quietly=True) or address
        return super().link(address)


def public_of(posts: dict[str, int]) -> dict[int, str]:
    """Return where the essays are that readers see, by their keys."""
    keys, found = [*posts.values()], {}
    for start in range(0, len(keys), 500):
        some = Essay.objects.published().filter(pk__in=keys[start : start + 500])
        found |= dict(some.values_list("pk", "path"))
    return found


def _is_markdown(name: str) -> bool:
    return name.lower().startswith("markdown")


def _categories(post: Post) -> list[str]:
    names = [*post.fields.get("PRIMARY CATEGORY", []), *post.fields.get("CATEGORY", [])]
    return [*filter(None, map(text_of, names))]


def _tags(post: Post) -> list[str]:
    names = [tag for line in post.fields.get("TAGS", []) for tag in tags_in(line)]
    return [text_of(name) for name in names if not name.startswith("@")]  # which readers do not see


def _title_of(post: Post) -> str:
    """Return a title for an entry without one; Movable Type needs none."""
    said = textwrap.shorten(text_of(post.texts.get("BODY", "")[:20_000]), 60, placeholder="…")
    return said if said.strip("…") else _("Untitled")


def _hidden(post: Post, at: Any) -> str:
    """Return why readers did not see an entry; "" where they did, or will at its time."""
    status = post["STATUS"].lower()
    if post["NO ENTRY"] not in {"", "0"}:
        return _("holds only what was said about another entry")
    if status in {"publish", "published"}:
        return ""
    if status in {"future", "scheduled"}:
        is_to_come = at and at > timezone.now()
        return "" if is_to_come else _("was scheduled, for a time that has passed since")
    if status == "draft":
        return _("was a draft")
    if status == "review":
        return _("was waiting for review")
    if not status:
        return _("the file does not say that it was public")
    return _("had the status “%(status)s”") % {"status": post["STATUS"][:60]}
