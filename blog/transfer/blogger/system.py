"""A Blogger blog as essays and pages, with the addresses that its readers know."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.feed_ids import LONGEST
from blog.lib.listing import labelled, listed
from blog.markup.from_html.html_to_markdown import Converted, converted, text_of
from blog.posts.models import Post, Tag
from blog.transfer.discussions.finding import Key
from blog.transfer.discussions.with_essays import WithEssays
from blog.transfer.essays.entries import Entry, System
from blog.transfer.essays.links import OfEntry
from blog.transfer.old_site import split
from blog.transfer.report import Report, quoted
from blog.transfer.texts import Texts

from .album import Album, is_picture, key_of, largest
from .atom import BloggerError, Feed, Item, items
from .comments import Comments
from .html import as_article
from .moments import moment

# Where one Blogger blog is read besides its .com address.
_COUNTRIES = (
    "com ae al am ba be bg ca ch cl co.at co.id co.il co.ke co.nz co.uk co.za com.ar com.au com.br"
    " com.by com.co com.cy com.ee com.eg com.es com.mt com.ng com.tr com.uy cz de dk fi fr gr hk hr"
    " hu ie in is it jp kr li lt lu md mk mx my nl no pe pt qa ro rs ru se sg si sk sn td tw ug vn"
).split()
_OF_BLOGSPOT = re.compile(r"([a-z0-9-]+)\.blogspot\.[a-z.]{2,8}")
# What leads on besides posts and pages: labels, feeds and months.
_KEPT = re.compile(
    r"(?:search/label/.|feeds/posts/|[0-9]{4}(?:/[0-9]{2})?\Z|[0-9]{4}_[0-9]{2}_01_archive\.html\Z)"
)
# Statuses of Takeout that say why an entry was not public; of others there may be more.
_UNSEEN = {"SOFT_TRASHED", "TRASHED", "HARD_DELETED", "DELETED"}


class Blogger(System):
    name = "blogger"
    feeds = (
        "feeds/posts/default",
        "feeds/posts/summary",
        "feeds/posts/full",
        "rss.xml",
        "atom.xml",
    )

    def __init__(
        self,
        path: Path,
        report: Report,
        *,
        media: Path | None = None,
        url: str = "",
        table: dict[Key, int] | None = None,
    ) -> None:
        super().__init__(report)
        self.path, self.table = path, table
        self.media = Album(media) if media else None
        self.feed = Feed()
        self.texts = Texts()
        self.found: set[tuple[str, str]] = set()  # each id with what its entry said, in short
        self.ids: set[str] = set()
        self.hosts = frozenset(_hosts_of(url))
        self.numbers: dict[str, Entry] = {}
        self.noted: set[str] = set()
        self.untitled: set[str] = set()
        self.shown_by: dict[Path, str] = {}  # the first picture that each file is
        self.thrown_away: list[str] = []
        self.posts: dict[str, int] = {}

    def entries(self) -> Iterator[Entry]:
        others: Counter[str] = Counter()
        has_comments = False
        hosts = set(self.hosts)
        for item in items(self.path, self.feed):
            if item.kind in {"post", "page"}:
                hosts |= _hosts_of(item.address)
                if entry := self.entry(item):
                    yield entry
            elif item.kind == "comment":
                has_comments = True
            else:
                others[item.kind or "?"] += 1
        if not has_comments and not self.found:
            said = _("%(file)s holds no posts, pages or comments, so it is not a Blogger export.")
            raise BloggerError(said % {"file": self.path})
        self.hosts = frozenset(hosts | _hosts_of(self.feed.address))
        self.note_others(others)
        known = {number: each.address or each.what for number, each in self.numbers.items()}
        discussion = Comments(self.path, known, self.thrown_away)
        self.comments = WithEssays(discussion, self.report)
        self.comments.read()

    def note_others(self, others: Counter[str]) -> None:
        for line, names in self.feed.unreadable.items():
            said = _("line %(line)d: %(names)s") % {"line": line, "names": listed(names)}
            self.report.note(_("Characters that XML does not have were left out"), said)
        for kind, count in sorted(others.items()):
            self.report.types["other"] += count
            self.report.skipped["other"] += count
            heading = _("Left out: templates, settings and what else is neither post nor comment")
            self.report.note(heading, labelled(kind[:40], count))

    def entry(self, item: Item) -> Entry | None:
        """Return what becomes an essay or a page; None for what was thrown away, which is noted."""
        title = text_of(item.title)
        what = quoted(title or item.address or item.number)
        summed = _sum_of(item)
        item.id = item.id or f"~{summed}"
        if (item.id, summed) in self.found:
            return self.leave_out(item, _("Left out, because it stands twice in the file"), what)
        file = f"{item.id}~{summed}" if item.id in self.ids else item.id
        if file != item.id:
            self.report.note(_("Has the number of another, and is kept"), what)
        self.found.add((item.id, summed))
        self.ids.add(item.id)
        if item.status in _UNSEEN or item.trashed:
            heading = _("Left out for the status “%(status)s”")
            return self.leave_out(item, heading % {"status": item.status or "trashed"}, what)
        at = moment(item.published) or moment(item.created)
        entry = Entry(
            file=file,
            front=self.texts.add(item.html),
            is_page=item.kind == "page",
            is_html=True,
            title=title or _title_of(item),
            standfirst=text_of(item.standfirst),
            at=at,
            changed=moment(item.updated),
            hidden=_hidden(item, at),
            tags=item.labels,
            authors=[text_of(item.name)] if text_of(item.name) else [],
            address=_path(item.address),
            what=what,
            feed_id=file if file.startswith("tag:") and len(file) <= LONGEST else "",
        )
        if not title:
            self.untitled.add(file)
        self.numbers.setdefault(item.number, entry)
        return entry

    def leave_out(self, item: Item, heading: str, what: str) -> None:
        self.report.types[item.kind] += 1
        self.report.skipped[item.kind] += 1
        self.report.note(heading, what)
        self.thrown_away.append(item.number)

    def note_unknown(self, entry: Entry) -> None:
        if entry.file in self.untitled:
            self.report.note(_("Had no title, and was given one"), quoted(entry.title))

    def key(self, entry: Entry) -> str:
        # Of a page the two forms have different ids.
        return entry.file.replace(".page-", ".post-", 1)

    # --- Words and pictures -----------------------------------------------------------------

    def text(self, entry: Entry, links: Any) -> Converted:
        html = as_article(self.texts.read(entry.front))
        return converted(html, breaks=True, around=OfPost(links, entry, self))

    def note_picture(self, entry: Entry, address: str) -> None:
        """Name a picture that could not be had, once for all its sizes."""
        line = labelled(entry.what, key_of(address))
        if line in self.noted:
            return
        self.noted.add(line)
        if self.media is None:
            heading = _("Pictures that stayed at Blogger: import it again with the folder of them")
        elif self.media.is_unclear(address):
            heading = _("Pictures that stayed at Blogger, since several files have their name")
        else:
            heading = _("Pictures that stayed at Blogger, since the folder has none of their name")
        self.report.note(heading, labelled(entry.what, address))

    # --- Addresses --------------------------------------------------------------------------

    def bring_comments(self, posts: dict[str, int]) -> None:
        self.posts = posts
        pages = {number: entry.file for number, entry in self.numbers.items()}
        known = {number: posts[file] for number, file in pages.items() if file in posts}
        self.comments.bring(known, self.hosts, self.table)

    def keeps(self, path: str) -> bool:
        return _KEPT.match(path) is not None

    def forwards(self, authors: Any) -> Iterator[tuple[str, str]]:
        """Yield the addresses of labels, of months, and of the feeds of posts and labels."""
        yield "feeds/comments/default", reverse("comments-rss")
        public = self.public()
        labels, months = set(), set()
        for number, entry in self.numbers.items():
            path = public.get(self.posts.get(entry.file))
            if path is None:
                continue
            feed = reverse("post-comments-rss", kwargs={"path": path})
            yield f"feeds/{quote(number)}/comments/default", feed
            labels |= {*entry.tags}
            if found := re.match(r"([0-9]{4})/([0-9]{2})/", path):
                months.add(found.groups())
        for year, month in sorted(months):
            yield f"{year}_{month}_01_archive.html", f"/{year}/{month}/"
        for label in sorted(labels):
            if tag := Tag.objects.public().like([label]).first():
                to = tag.get_absolute_url()
                yield f"search/label/{quote(label)}", to
                feed = f"{to}{reverse('rss').strip('/')}"
                yield f"feeds/posts/default/-/{quote(label)}", feed

    def public(self) -> dict[int, str]:
        """Return where the essays and pages are that readers see, by their keys."""
        keys, found = [*self.posts.values()], {}
        for start in range(0, len(keys), 500):
            some = Post.objects.published().filter(pk__in=keys[start : start + 500])
            found |= dict(some.values_list("pk", "path"))
        return found


class OfPost(OfEntry):
    """What is around the HTML of one post. A picture that stays at Blogger is still there."""

    def __init__(self, links: Any, entry: Entry, blog: Blogger) -> None:
        super().__init__(links, entry)
        self.blog = blog

    def file(self, address: str, alt: str) -> str | None:
        if not is_picture(address):
            return super().file(address, alt)
        return self.here(address, alt) or largest(address)

    def link(self, address: str) -> str:
        if not is_picture(address):
            return super().link(address)
        return self.here(address) or largest(address)

    def lacks(self, address: str) -> bool:
        return not is_picture(address) and super().lacks(address)

    def here(self, address: str, alt: str = "") -> str | None:
        """Return where a picture is here; None, and a note, for one that could not be had."""
        pictures, found = self.links.pictures, None
        path = self.blog.media.find(address) if self.blog.media else None
        if path:
            found = pictures.address(address, self.entry.what, alt=alt)
        if found is None:
            self.blog.note_picture(self.entry, address)
        elif self.blog.shown_by.setdefault(path, key_of(address)) != key_of(address):
            heading = _("Pictures of one name that the one file there is now shows: look at them")
            pictures.note(heading, self.entry.what, address)
        return found


def _title_of(item: Item) -> str:
    """Return a title for a post without one; Blogger needs none."""
    said = textwrap.shorten(text_of(item.html[:20_000]), 60, placeholder="…")
    return said if said.strip("…") else _("Untitled")


def _sum_of(item: Item) -> str:
    """Return what tells entries of one id apart, the same in every export."""
    said = repr((item.title, item.published, item.address))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:12]


def _hidden(item: Item, at: datetime | None) -> str:
    """Return why readers did not see an entry; "" where they did, or will at its time."""
    status = item.status
    if item.is_draft or status == "DRAFT":
        return _("was a draft")
    if status == "SCHEDULED":
        is_to_come = at and at > timezone.now()
        return "" if is_to_come else _("was scheduled, for a time that has passed since")
    if (item.is_takeout or status) and status != "LIVE":
        if not status:
            return _("the file does not say that it was public")
        return _("had the status “%(status)s”") % {"status": item.status[:60]}
    return ""


def _path(address: str) -> str:
    """Return the path of a page, decoded; "" where it has none."""
    path = split(address).path
    return "" if path.strip("/") == "" else unquote(path)


def _hosts_of(address: str) -> set[str]:
    """Return the hosts that show what an address does: of one at Blogger, all countries'."""
    host = split(address if "//" in address else f"//{address}").netloc.lower()
    if not host or address.startswith("/"):
        return set()
    if found := _OF_BLOGSPOT.fullmatch(host.removeprefix("www.")):
        return {host, *(f"{found[1]}.blogspot.{country}" for country in _COUNTRIES)}
    return {host}
