"""What stands around the texts of an export: people, tags, files, and what the owner set."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.lib.slugs import MOST, is_slug
from blog.markup import MarkupError, one_line, render_comment
from blog.media.files import put, put_file
from blog.media.names import is_moving, size_of, still_of
from blog.posts.models import Forward, Image, OldTagSlug, Profile, Recording, Tag
from blog.site.models import FIELDS, SiteVersion
from blog.transfer.beside import PICTURES
from blog.transfer.fields import email_address, username, website
from blog.transfer.folders.tree import FolderError, Tree
from blog.transfer.report import Report
from blog.transfer.wxr import WxrError, survey

from .rows import moment, rows_of, text, texts

User = get_user_model()
# Bytes of a first frame that is taken along.
LARGEST_STILL = 8 * 1024 * 1024


class People:
    """The accounts of an export: those of the same user name here, or new ones."""

    def __init__(self, tree: Tree, report: Report, given: Any) -> None:
        self.report, self.given = report, given
        self.said = {text(row, "username"): row for row in _people_of(tree)}
        self.known: dict[str, Any] = {}

    def bring(self) -> None:
        for login in self.said:
            self.of(login)

    def of(self, login: str, name: str = "") -> Any:
        """Return the account of a user name; of its full name in an export that has no other."""
        if not login and not name:
            return None
        if (key := login or name) not in self.known:
            self.known[key] = self._found(login, name) or self._added(login, name)
        return self.known[key]

    def author(self, login: str, name: str) -> Any:
        first = User.objects.filter(is_superuser=True).order_by("pk").first()
        return self.of(login, name) or self.given or first or self.of("author")

    def _found(self, login: str, name: str) -> Any:
        if login:
            return User.objects.filter(username__iexact=username(login)).first()
        for known, row in self.said.items():
            if name == f"{text(row, 'first_name')} {text(row, 'last_name')}".strip():
                return self.of(known)
        first, _space, last = name.partition(" ")
        found = User.objects.filter(first_name__iexact=first, last_name__iexact=last)
        return found.first() or User.objects.filter(username__iexact=username(name)).first()

    def _added(self, login: str, name: str) -> Any:
        row = self.said.get(login, {})
        first, _space, last = name.partition(" ")
        self.report.added["author"] += 1
        added = username(login or name)
        heading = _("Authors added, who cannot sign in until you give them a password")
        self.report.note(heading, added)
        return User.objects.create_user(
            added,
            email_address(text(row, "email")),
            None,
            first_name=text(row, "first_name", 150) or first[:150],
            last_name=text(row, "last_name", 150) or last[:150],
            is_active=False,
        )

    def bring_profiles(self) -> None:
        """Give those a page of their own that had one and have none here."""
        for login, row in self.said.items():
            user = self.of(login)
            if "bio" not in row or user is None or Profile.objects.filter(user=user).exists():
                continue
            profile = Profile(
                user=user, bio=text(row, "bio", 2000), link=website(text(row, "link")) or ""
            )
            profile.picture = Image.objects.filter(file=text(row, "picture") or "-").first()
            try:
                profile.full_clean()
            except ValidationError as error:
                self.report.note(_("Left out"), labelled(login, " ".join(error.messages)))
                continue
            profile.save()


def _people_of(tree: Tree) -> Iterator[dict[str, Any]]:
    """Yield who wrote; an older export says that to WordPress alone."""
    if "authors.json" in tree or "wordpress.xml" not in tree:
        yield from rows_of(tree, "authors.json")
        return
    try:
        known = survey(tree.root / "wordpress.xml").authors
    except WxrError:
        return
    for author in known:
        first, _space, last = author.name.partition(" ")
        names = {"username": author.login, "first_name": first, "last_name": last}
        yield names | {"email": author.email}


def bring_tags(tree: Tree, report: Report) -> None:
    """Add tags with the addresses and feeds that they had; those that are here stay."""
    for row in rows_of(tree, "tags.json"):
        name, slug = one_line(text(row, "name", 100)), text(row, "slug", MOST)
        if not name or Tag.objects.like([name]).exists():
            continue
        tag = Tag(name=name)
        if is_slug(slug) and not Tag.objects.filter(slug=slug).exists():
            tag.slug = slug
        if (feed_id := text(row, "feed_id", 500)) and not Tag.objects.filter(
            feed_id=feed_id
        ).exists():
            tag.feed_id = feed_id
        tag.save()
        report.added["tag"] += 1
        for old in texts(row, "old_slugs"):
            if is_slug(old[:MOST]) and not Tag.objects.filter(slug=old[:MOST]).exists():
                OldTagSlug.objects.get_or_create(slug=old[:MOST], defaults={"tag": tag})


# --- Files ----------------------------------------------------------------------------------


def bring_files(tree: Tree, people: People, report: Report, *, dry_run: bool) -> None:
    """Keep the pictures, sounds and films of an export that this site lacks.

    A file whose content is not what its name says is left where it is.
    """
    for row in rows_of(tree, "pictures.json"):
        name = text(row, "file", 100)
        if not Image.objects.filter(file=name).exists() and _kept(tree, name, report, dry_run):
            width, height = map(int, size_of(name) or (1, 1))
            given = {"width": width, "height": height, "alt": one_line(text(row, "alt"))[:500]}
            Image.objects.create(file=name, **given, **_when(row, people))
    for row in rows_of(tree, "recordings.json"):
        name = text(row, "file", 100)
        if not Recording.objects.filter(file=name).exists() and _kept(tree, name, report, dry_run):
            given = {
                "bytes": tree.size(f"media/{name}"),
                "title": one_line(text(row, "title"))[:300],
            }
            Recording.objects.create(file=name, **given, **_when(row, people))


def _when(row: dict[str, Any], people: People) -> dict[str, Any]:
    return {
        "uploaded_at": moment(row, "uploaded") or timezone.now(),
        "uploaded_by": people.of(text(row, "by")),
    }


def _kept(tree: Tree, name: str, report: Report, dry_run: bool) -> bool:
    """Keep a file under its name, if it is there and whole."""
    path = f"media/{name}"
    if path not in tree:
        report.note(_("Files that were not found"), path)
        return False
    with (tree.root / path).open("rb") as file:
        is_picture = Path(name).suffix in PICTURES
        whole = hashlib.file_digest(file, "sha256").hexdigest()[:32] == name[:32]
        if not whole or (is_picture and size_of(name) is None):
            said = _("its content is not what its name says")
            report.note(_("Files that could not be brought"), labelled(path, said))
            return False
        if not dry_run:
            _keep_still(tree, name)
            put_file(name, file)
    return True


def _keep_still(tree: Tree, name: str) -> None:
    """Keep the first frame of a picture that moves, which stands beside it."""
    path = f"media/{still_of(name)}"
    if is_moving(name) and path in tree and tree.size(path) <= LARGEST_STILL:
        put(still_of(name), (tree.root / path).read_bytes())


def bring_bare_files(tree: Tree, shown: set[str], report: Report, *, dry_run: bool) -> None:
    """Keep what essays show of the files of an older export, which says nothing of them."""
    for name in sorted(shown):
        if f"media/{name}" not in tree:
            continue
        is_picture = Path(name).suffix in PICTURES
        model = Image if is_picture else Recording
        if model.objects.filter(file=name).exists() or not _kept(tree, name, report, dry_run):
            continue
        if is_picture:
            width, height = map(int, size_of(name) or (1, 1))
            Image.objects.create(file=name, width=width, height=height)
        else:
            Recording.objects.create(file=name, bytes=tree.size(f"media/{name}"))


def bring_forwards(tree: Tree, people: People, report: Report) -> None:
    """Have old addresses of lists, authors and files lead on, as they did there."""
    for row in rows_of(tree, "forwards.json"):
        to = text(row, "to")
        if user := people.of(text(row, "author")):
            to = f"/authors/{user.pk}/"
        if re.fullmatch(r"/(?!/)[^\s\\]*", to):
            report.added["address"] += Forward.objects.keep(text(row, "path"), to)


# --- The site -------------------------------------------------------------------------------


def bring_site(tree: Tree, report: Report) -> None:
    """Take what the owner had set, where nothing is set here yet."""
    if "site.json" not in tree:
        return
    try:
        said = json.loads((tree.root / "site.json").read_text(encoding="utf-8")[: 1 << 20])
    except (ValueError, RecursionError) as error:
        raise FolderError(_("%(file)s is broken. Export again.") % {"file": "site.json"}) from error
    if not isinstance(said, dict) or not said:
        return
    if SiteVersion.objects.exists():
        report.note(_("Left out"), _("site.json: this site has settings of its own"))
        return
    given = {name: value for name, value in said.items() if name in FIELDS and name[-5:] != "_html"}
    version = SiteVersion(**given)
    try:
        version.at = moment(said, "saved") or version.at
        version.full_clean(exclude=["by", "source"])
        words = version.comment_words.strip()
        version.comment_words_html = render_comment(words) if words else ""
        version.save()
    except (ValidationError, MarkupError, TypeError, ValueError, AttributeError) as error:
        why = " ".join(getattr(error, "messages", [str(error)]))
        report.note(_("Left out"), f"site.json: {why}")
