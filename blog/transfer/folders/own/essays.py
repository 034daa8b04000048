"""Essays of an export, with their states, dates, addresses and versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.lib.slugs import MOST, is_slug, slug_of
from blog.markup import MarkupError
from blog.posts.models import FileUse, Image, Post, Revision, Tag
from blog.posts.models.file_use import names_in
from blog.posts.models.notes import Notes
from blog.posts.models.revision import Text
from blog.transfer.essays.addresses import keep_addresses, settle_slug
from blog.transfer.essays.entries import Entry
from blog.transfer.folders.front_matter import Front, split
from blog.transfer.folders.tree import Tree
from blog.transfer.folders.values import truth
from blog.transfer.folders.yaml_data import DataError
from blog.transfer.report import Report
from blog.transfer.shortcodes import as_it_was
from blog.transfer.wordpress_comments import kept_feed_id

from .around import People
from .rows import moment, rows_of, text, texts


class Essays:
    """The essays of one export. `here` has those of it by their addresses there, `new` their keys
    here of those that were added."""

    def __init__(self, tree: Tree, report: Report, people: People) -> None:
        self.tree, self.report, self.people = tree, report, people
        self.here: dict[str, int] = {}
        self.new: set[int] = set()
        self.taken: set[str] = set()
        self.has_versions = "versions.json" in tree

    def files(self) -> list[str]:
        return [path for path in self.tree.under("content") if path.endswith(".md")]

    def read(self, path: str) -> Front | None:
        try:
            source = self.tree.content(path).decode("utf-8")
            front = split(source)
        except (DataError, UnicodeDecodeError) as error:
            self.report.note(_("Left out, because it cannot be read"), labelled(path, error))
            return None
        if front.form != "yaml":
            self.report.note(
                _("Left out, because it cannot be read"),
                _("%(file)s: no front matter") % {"file": path},
            )
            return None
        body = front.body.removeprefix("\n")
        is_written = truth(front.data.get("for_hugo"))
        return front._replace(body=as_it_was(body) if is_written else body)

    def shown_files(self) -> set[str]:
        """Return the names of the files that the texts show."""
        found: set[str] = set()
        for path in self.files():
            if front := self.read(path):
                found |= names_in(front.body) | names_in(text(front.data, "image"))
        return found

    # --- One essay --------------------------------------------------------------------------

    def bring(self, path: str) -> None:
        front = self.read(path)
        if front is None:
            return
        said = front.data
        is_page = said.get("kind") == Post.Kind.PAGE
        what = "page" if is_page else "post"
        self.report.types[what] += 1
        url = text(said, "address") or text(said, "url")
        url = url or f"/{path.removeprefix('content/').removesuffix('.md')}/"
        if found := self.found(said, url):
            self.report.already[what] += 1
            self.here[url] = found
            return
        post = self.post(path, front, url)
        try:
            with transaction.atomic(), post.without_version():
                post.is_kept = self.has_versions
                post.save()
                post.tags.set(Tag.objects.named(texts(said, "tags")))
        except MarkupError as error:
            heading = _("Left out, because its text is refused")
            self.report.note(heading, labelled(path, error))
            return
        self.report.added[what] += 1
        self.here[url] = post.pk
        self.new.add(post.pk)
        old = [address.removeprefix("/") for address in texts(said, "aliases")]
        keep_addresses(post, [*old, url.strip("/")], path, self.report)

    def found(self, said: dict[str, Any], url: str) -> int | None:
        """Return the key of the same essay, if it is here."""
        keys = [origin for origin in (text(said, "origin"), own_origin(said, url)) if origin]
        found = Post.objects.filter(origin__in=keys).first()
        if not found and (feed_id := text(said, "feed_id")):
            found = Post.objects.filter(feed_id=feed_id).first()
        elif not found:  # an older export, read back where it was made
            began = moment(said, "created")
            found = began and Post.objects.filter(path=url.strip("/"), created_at=began).first()
        return found.pk if found else None

    def post(self, path: str, front: Front, url: str) -> Post:
        said = front.data
        now = timezone.now()
        published, withdrawn = moment(said, "date"), moment(said, "withdrawn")
        if truth(said.get("draft")) is not False and not withdrawn:
            published = None
        notes = text(said, "notes")
        began = moment(said, "created") or published or now
        post = Post(
            kind=Post.Kind.PAGE if said.get("kind") == "page" else Post.Kind.ESSAY,
            title=text(said, "title", 300),
            slug=text(said, "slug", MOST),
            standfirst=text(said, "description"),
            body=front.body,
            lang=text(said, "lang", 35),
            author=self.people.author(text(said, "author_login"), text(said, "author")),
            created_at=began,
            updated_at=moment(said, "lastmod") or began,
            published_at=published,
            withdrawn_at=withdrawn if published else None,
            binned_at=None if published else moment(said, "binned"),
            comments_open=truth(said.get("comments")) is not False,
            comments_closed_at=moment(said, "comments_closed"),
            notes=notes if notes in Notes.values else Notes.ON,
            announces_links=truth(said.get("announces_links")) is not False,
            origin=text(said, "origin", 500) or own_origin(said, url),
        )
        if feed_id := kept_feed_id(text(said, "feed_id")):
            post.feed_id = feed_id
        if name := next(iter(names_in(text(said, "image"))), None):
            post.picture = Image.objects.filter(file=name).first()
        self._settle(post, path, url)
        return post

    def _settle(self, post: Post, path: str, url: str) -> None:
        """See to it that its address is free, and one that there can be."""
        if not is_slug(post.slug):
            post.slug = slug_of(post.slug) or slug_of(post.title) or "untitled"
        entry = Entry(path, Front({}, ""), title=post.title, address=f"/{post.slug}/")
        slug = post.slug
        settle_slug(post, entry, self.taken, self.report)
        if post.slug != slug and not post.slug.startswith(f"{slug}-"):
            post.slug = slug  # as it was, in another spelling

    # --- Versions ---------------------------------------------------------------------------

    def bring_versions(self) -> None:
        """Add the versions of the essays that were added; one of each that has none."""
        for key, rows in self._by_essay():
            post = Post.objects.get(pk=key)
            before = None
            for row in rows:
                before = self._version(post, row, before)
            self._settle_files(post)
        for post in Post.objects.filter(pk__in=self.new, revisions=None):
            kind = Revision.Kind.PUBLISHED if post.is_public else Revision.Kind.SAVED
            Revision.objects.keep(post, Text.of(post), by=None, kind=kind)

    def _by_essay(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """Yield the rows of each new essay, which stand together."""
        key, rows = None, []
        for row in rows_of(self.tree, "versions.json"):
            its = self.here.get(text(row, "essay"))
            if its != key and rows and key in self.new:
                yield key, rows
            rows = [*rows, row] if its == key else [row]
            key = its
        if rows and key in self.new:
            yield key, rows

    def _version(self, post: Post, row: dict[str, Any], before: Any) -> Revision:
        kind = text(row, "kind")
        at = moment(row, "saved") or post.updated_at
        made = Revision(
            post=post,
            kind=kind if kind in Revision.Kind.values else Revision.Kind.SAVED,
            by=self.people.of(text(row, "by")),
            at=at,
            began_at=moment(row, "begun") or at,
            before=before,
        )
        names = ("title", "standfirst", "body")
        given = {name: text(row, name) for name in names}
        slug = text(row, "slug", MOST)
        made.set_text(
            Text(**given, tags=tuple(texts(row, "tags")), slug=slug, lang=text(row, "lang"))
        )
        made.save(force_insert=True)
        due = moment(row, "goes_out")
        if due and due > timezone.now() and post.is_public:
            post.schedule_changes(made, due)
        return made

    def _settle_files(self, post: Post) -> None:
        """Note the files of its texts, and those that only earlier versions name."""
        FileUse.objects.settle(post)
        named = set().union(*map(names_in, post.revisions.values_list("body", flat=True)))
        noted = {*FileUse.objects.filter(post=post).values_list("name", flat=True)}
        rest = (FileUse(post=post, name=name, is_current=False) for name in sorted(named - noted))
        FileUse.objects.bulk_create(rest)


def own_origin(said: dict[str, Any], url: str) -> str:
    """A key that is the same in every export of a site, however its essay changes."""
    key = text(said, "feed_id") or f"{url} {text(said, 'created')}"
    return f"postil:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
