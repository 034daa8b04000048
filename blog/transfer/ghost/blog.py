"""A blog as Ghost's export has it: its posts and pages, whose they are, and what they say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from html import escape
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.listing import labelled, listed
from blog.lib.slugs import slug_of
from blog.markup.from_html.html_to_markdown import Converted
from blog.posts.models import Post, Tag
from blog.transfer.course import Within
from blog.transfer.discussions.bringing import bring
from blog.transfer.essays.authors import Authors
from blog.transfer.essays.entries import Entry, System
from blog.transfer.essays.links import Links
from blog.transfer.folders.permalinks import filled, of_date
from blog.transfer.media_folder import MediaFolder
from blog.transfer.report import Report, quoted

from .comments import GhostComments
from .reading import OWN, Export, without_size
from .store import Row
from .texts import Text, text_of_post
from .values import flag, key, moment, text, words

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_PAGING = re.compile(r"(?:(?:tag|author)/[^/]+/)?page/\d{1,6}")
# What Ghost says of a post to machines, or to the theme.
_UNUSED = (
    *("meta_title", "meta_description", "og_title", "og_description", "og_image"),
    *("twitter_title", "twitter_description", "twitter_image", "custom_template"),
    *("email_subject", "frontmatter"),
)


class Ghost(System):
    name = "ghost"
    feeds = ("rss",)

    def __init__(self, export: Export, media: MediaFolder | None, report: Report) -> None:
        super().__init__(report)
        self.store, self.settings = export.store, export.settings
        self.media = media
        self.hosts = export.hosts(lambda path: bool(media and media.find(path)))
        self.tags = {key(row.get("id")): row for row in self.store.rows("tags")}
        self.users = {key(row.get("id")): row for row in self.store.rows("users")}
        self.posts: dict[str, str] = {}  # ids that the export has, by the files of their entries
        self.lists = ()
        self.permalink = words(self.settings.get("permalinks")) or "/:slug/"
        for host in sorted(self.hosts):
            self.report.note(_("Taken for the blog’s own host, because its files are there"), host)

    # --- Entries ----------------------------------------------------------------------------

    def entries(self) -> Iterator[Entry]:
        for row in self.store.rows("posts"):
            meta = self.store.one("posts_meta", key(row["id"]).partition("~")[0])
            said = {name: meta[name] for name in meta.keys() - {"id", "post_id"}}
            yield self.entry(row | {name: said[name] for name in said if said[name] is not None})

    def entry(self, row: Row) -> Entry:
        id, slug, title = key(row.get("id")), words(row.get("slug")), words(row.get("title"))
        what = quoted(title) if title else _("without a title")
        entry = Entry(
            file=self._id_of(row, id),
            front=_kept_of(row),
            is_page=words(row.get("type")) == "page" or flag(row.get("page")),
            title=title,
            slug=slug,
            standfirst=words(row.get("custom_excerpt")),
            changed=moment(row.get("updated_at")),
            picture=_without_own(words(row.get("feature_image")) or words(row.get("image"))),
            picture_alt=words(row.get("feature_image_alt")),
            language=self._language(row),
            what=f"{what} (/{slug}/)" if slug else what,
            is_html=True,
            feed_id=id if _OBJECT_ID.fullmatch(id) else "",
        )
        if "~" not in id:
            self.posts[entry.file] = id
        entry.at = moment(row.get("published_at"))
        entry.hidden = _hidden(row, entry)
        entry.at = entry.at or (moment(row.get("created_at")) if entry.hidden else None)
        own = key(row["id"]).partition("~")[0]
        entry.tags = self._tags_of(own, entry)
        entry.authors = self._authors_of(row)
        entry.address = self._address(row, entry)
        if not entry.hidden and (uuid := words(row.get("uuid"))):
            entry.old = [f"/p/{uuid}/"]  # where its preview leads once it is public
        return entry

    def _id_of(self, row: Row, id: str) -> str:
        """Return an id that no other blog's post has."""
        if _OBJECT_ID.fullmatch(id.partition("~")[0]):
            return id
        return f"{words(row.get('uuid')) or words(self.settings.get('title'))}:{id}"

    def _language(self, row: Row) -> str:
        # Ghost says “en” where nobody has said anything.
        of_blog = words(self.settings.get("locale")) or words(self.settings.get("lang"))
        return words(row.get("locale")) or (of_blog if of_blog != "en" else "")

    def _address(self, row: Row, entry: Entry) -> str:
        if not entry.slug:
            return ""
        if entry.is_page or self.permalink == "/:slug/":
            return f"/{entry.slug}/"
        said = of_date(entry.at) | {"slug": entry.slug, "id": entry.file}
        said["author"] = next((words(each.get("slug")) for each in self._writers(row)), "")
        return filled(self.permalink, said) or f"/{entry.slug}/"

    def _tags_of(self, id: str, entry: Entry) -> list[str]:
        names = []
        for row in self.store.of("posts_tags", id):
            tag = self.tags.get(key(row.get("tag_id")))
            name = words(tag.get("name")) if tag else ""
            if not name:
                said = _("%(what)s: %(id)s, which is not in the file")
                line = said % {"what": entry.what, "id": key(row.get("tag_id"))}
                self.report.note(_("Tags left out"), line)
            elif is_internal(tag or {}):
                self.report.note(_("Internal tags, which readers do not see, left out"), name)
            else:
                names.append(name)
        return names

    def _writers(self, row: Row) -> list[Row]:
        own = key(row["id"]).partition("~")[0]
        ids = [key(each.get("author_id")) for each in self.store.of("posts_authors", own)]
        ids = ids or [key(row.get("author_id")), key(row.get("author"))]
        return [self.users[id] for id in ids if id in self.users]

    def _authors_of(self, row: Row) -> list[str]:
        return [*dict.fromkeys(filter(None, map(_called, self._writers(row))))]

    def key(self, entry: Entry) -> str:
        return entry.file

    # --- Texts ------------------------------------------------------------------------------

    def text(self, entry: Entry, links: Links) -> Converted:
        made = text_of_post(self.store.text(entry.front["id"]))
        if head := self._head(entry):
            made.parts.insert(0, (head, {}))
        self._note_lost(entry, made)
        pieces = [self._piece(entry, part, notes, links) for part, notes in made.parts]
        whole = _together([piece for piece in pieces if piece.markdown.strip()])
        if not whole.markdown:
            self.report.note(_("Has no text, and is kept without"), entry.what)
        return whole

    def _piece(self, entry: Entry, part: str, notes: dict[str, str] | None, links: Links) -> Any:
        part = _without_own(part)
        if notes is None:
            return links.converted(replace(entry, is_html=False), part)
        return links.converted(
            entry, part, {name: _without_own(html) for name, html in notes.items()}
        )

    def _head(self, entry: Entry) -> str:
        """Return the featured image as readers saw it: above the text, with its caption."""
        address, caption = entry.picture, entry.front["caption"]
        if not address or entry.front["is_bare"]:
            return ""
        is_elsewhere = "://" in address
        if is_elsewhere and not (entry.picture_alt or caption):
            return ""
        alt = escape(entry.picture_alt)
        shown = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure><img src="{escape(address)}" alt="{alt}">{shown}</figure>'

    def _note_lost(self, entry: Entry, made: Text) -> None:
        if made.unreadable:
            heading = _("Holds a text that cannot be read, which was left out")
            self.report.note(heading, labelled(entry.what, made.unreadable))
        headings = {
            "email": _("Holds what only e-mails show, which was left out"),
            "portal": _(
                "Holds links to Ghost’s sign-up, which lead nowhere here and are words now"
            ),
            "form": _("Holds forms to subscribe, which were left out"),
        }
        for name, count in made.lost.items():
            if count and name in headings:
                self.report.note(headings[name], entry.what)
            elif count:
                heading = _("Holds parts that have no place here, left out")
                self.report.note(heading, labelled(entry.what, f"<{name}>"))
        for name in sorted(made.unknown):
            heading = _("Holds cards of an unknown kind, of which the words are kept")
            self.report.note(heading, labelled(entry.what, name[:80]))

    def note_unknown(self, entry: Entry) -> None:
        row = entry.front
        if address := row["canonical_url"]:
            heading = _("Has a canonical address elsewhere, which is not kept")
            self.report.note(heading, labelled(entry.what, address))
        if row["injection"]:
            heading = _("Has code injection, which is neither kept nor run")
            self.report.note(heading, entry.what)
        if row["unused"]:
            heading = _("Fields that have no place here, left out")
            self.report.note(heading, labelled(entry.what, listed(row["unused"])))

    def note_blog(self) -> None:
        """Name what is said of the whole blog, its tags and its people, and has no place here."""
        names = ("codeinjection_head", "codeinjection_foot", "ghost_head", "ghost_foot")
        if any(words(self.settings.get(name)) for name in names):
            heading = _("Has code injection, which is neither kept nor run")
            self.report.note(heading, _("the whole blog"))
        for tag in self.tags.values():
            if not is_internal(tag) and (
                words(tag.get("description")) or words(tag.get("feature_image"))
            ):
                heading = _("Descriptions and pictures of tags, left out")
                self.report.note(heading, words(tag.get("name")))
        for user in self.users.values():
            if any(words(user.get(name)) for name in ("bio", "website", "profile_image")):
                heading = _(
                    "What authors say of themselves, left out: they write it in their profile"
                )
                self.report.note(heading, words(user.get("name")))

    # --- Addresses --------------------------------------------------------------------------

    def file_at(self, own: str) -> str:
        return without_size(own)

    def keeps(self, path: str) -> bool:
        return path in self._lists or path == "rss" or bool(_PAGING.fullmatch(path))

    @cached_property
    def _lists(self) -> set[str]:
        return {
            *(f"tag/{words(tag.get('slug'))}" for tag in self.tags.values()),
            *(f"author/{words(user.get('slug'))}" for user in self.users.values()),
        }

    def forwards(self, authors: Authors) -> Iterator[tuple[str, str]]:
        for tag in self.tags.values():
            name, slug = words(tag.get("name")), words(tag.get("slug"))
            if not slug or is_internal(tag):
                continue
            found = Tag.objects.like([name]).first() if slug_of(name) else None
            yield f"tag/{slug}", found.get_absolute_url() if found else "/"
        for user in self.users.values():
            if (slug := words(user.get("slug"))) and (known := authors.known.get(_called(user))):
                yield f"author/{slug}", reverse("author", kwargs={"number": known.pk})

    # --- Comments ---------------------------------------------------------------------------

    def bring_comments(self, posts: dict[str, int]) -> None:
        if self.store.count("comments"):
            paths = dict(Post.objects.filter(origin__startswith="ghost:").values_list("pk", "path"))
            places = {
                self.posts[file]: paths[pk]
                for file, pk in posts.items()
                if pk in paths and file in self.posts
            }
            bring(GhostComments(self.store, places, self.report), self.report, course=Within())


def _kept_of(row: Row) -> Row:
    """Return what is still asked of a post's row when its text is brought."""
    return {
        "id": key(row.get("id")),
        "caption": text(row.get("feature_image_caption")),
        "is_bare": row.get("show_title_and_feature_image") in (0, False),
        "canonical_url": words(row.get("canonical_url")),
        "injection": any(text(row.get(f"codeinjection_{end}")).strip() for end in ("head", "foot")),
        "unused": [name for name in _UNUSED if words(row.get(name))],
    }


def _without_own(source: str) -> str:
    """Return a text in which Ghost's own address is that of any site."""
    return source.replace(f"{OWN}/", "/").replace(OWN, "/")


def is_internal(tag: Row) -> bool:
    return words(tag.get("visibility")) == "internal" or words(tag.get("name")).startswith("#")


def _called(user: Row) -> str:
    """Return an author by name and address, which the account here is found by."""
    name = words(user.get("name")) or words(user.get("slug"))
    email = words(user.get("email"))
    return f"{name} <{email}>" if name and email else name


def _hidden(row: Row, entry: Entry) -> str:
    """Return why readers did not see a post; "" where all of them did, or will."""
    status, visibility = words(row.get("status")), words(row.get("visibility"))
    if flag(row.get("email_only")) or status == "sent":
        return _("was sent by e-mail alone")
    if visibility not in ("", "public"):
        known = {
            "members": _("was for members alone"),
            "paid": _("was for paying members alone"),
            "tiers": _("was for some paying members alone"),
        }
        said = _("had the visibility “%(name)s”") % {"name": visibility[:40]}
        return known.get(visibility) or said
    if status == "scheduled":
        late = not entry.at or entry.at <= timezone.now()
        return _("was scheduled, for a time that has passed since") if late else ""
    if status != "published":
        said = _("had the status “%(name)s”") % {"name": status[:40]}
        return _("was a draft") if status == "draft" else said
    return "" if entry.at else _("has no date")


def _together(pieces: list[Converted]) -> Converted:
    whole = Converted("\n\n".join(piece.markdown.strip("\n") for piece in pieces))
    whole.kept = sum(piece.kept for piece in pieces)
    whole.escaped = any(piece.escaped for piece in pieces)
    whole.left_out = sum((piece.left_out for piece in pieces), Counter())
    whole.as_text = sorted({name for piece in pieces for name in piece.as_text})
    return whole
