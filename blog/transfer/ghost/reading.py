"""The file of an export, read once into a store: what is kept of it, and what is not."""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.listing import labelled
from blog.transfer.old_site import host_of
from blog.transfer.report import Report

from .store import Row, Store
from .stream import JsonError, JsonStream
from .values import key, place, text, words

OWN = "__GHOST_URL__"
_TEXTS = ("html", "lexical", "mobiledoc", "markdown")
# Rows that belong to others, by what names their owner, and which place they have there.
_OWNED = {"posts_tags": "post_id", "posts_authors": "post_id", "comment_likes": "comment_id"}
_OF_POSTS = {"posts_meta": "post_id"}
_WHOLE = {"tags", "comments"}
# Of people no more is taken than what essays and comments show.
_OF_PEOPLE = ("id", "name", "slug", "email", "bio", "website", "profile_image")
_SETTINGS = frozenset(
    """
    title lang locale permalinks codeinjection_head codeinjection_foot ghost_head ghost_foot
    """.split()
)
# What holds nothing that a person wrote.
_MACHINERY = frozenset(
    """
    roles roles_users permissions permissions_users permissions_roles permissions_apps migrations
    migrations_lock custom_theme_settings sessions brute refreshtokens accesstokens clients
    client_trusted_domains mobiledoc_revisions post_revisions apps app_fields app_settings
    """.split()
)
_FILE = re.compile(
    r"(?:(?P<host>https?://[^\s\"'<>/\\]{1,255})|(?P<own>__GHOST_URL__)|(?<=[\"'(]))"
    r"(?P<path>/content/(?:images|media|files)/[^\s\"'<>()?#\\]{1,500})"
)
_SIZE = re.compile(r"(/content/images)/size/w\d{1,5}(?:h\d{1,5})?(?:/format/\w{1,8})?(?=/)")
_MOST_PATHS = 200_000


class GhostError(ValueError):
    """The file was refused. The message is one translated sentence saying what to do."""


class Export:
    """What an export holds. `hosts` are those that its texts show to be the blog's own."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.store = Store()
        self.settings: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.passwords = 0
        self.ids: Counter[str] = Counter()  # how often each stands in the file
        self._own_files: set[str] = set()
        self._files_at: dict[str, set[str]] = {}

    def read(self, path: Path) -> None:
        """Take what a file holds. Raises GhostError; then nothing has changed anywhere."""
        try:
            with opened(path) as file:
                for kind, row in _rows(JsonStream(file)):
                    self.counts[kind] += row is not None
                    if isinstance(row, dict):
                        self.take(kind, row)
        except JsonError as error:
            raise _refused(path, str(error)) from error
        except UnicodeDecodeError as error:
            raise _refused(path, _("It is not in UTF-8. Export it again.")) from error
        except (EOFError, zlib.error) as error:
            raise _refused(path, _("It is packed, and broken. Pack it again.")) from error
        except OSError as error:
            raise _refused(path, error.strerror or str(error)) from error
        if "posts" not in self.counts:
            raise _refused(path, _not_ghosts())
        self.store.finish()

    def take(self, kind: str, row: Row) -> None:
        if kind == "posts":
            self.take_post(row)
        elif kind in _OWNED:
            at = place(row.get("sort_order"))
            self.store.add(kind, row, owner=key(row.get(_OWNED[kind])), place=at)
        elif kind in _OF_POSTS:
            self.store.add(kind, row, id=key(row.get(_OF_POSTS[kind])))
        elif kind in _WHOLE:
            self.store.add(kind, row, id=key(row.get("id")))
        elif kind in ("users", "members"):
            self.passwords += bool(row.get("password"))
            kept = {name: row[name] for name in _OF_PEOPLE if name in row}
            self.store.add(kind, kept, id=key(row.get("id")))
        elif kind == "settings" and (name := words(row.get("key"))) in _SETTINGS:
            self.settings[name] = text(row.get("value"))

    def take_post(self, row: Row) -> None:
        texts = {name: value for name in _TEXTS if (value := text(row.pop(name, None)))}
        row.pop("plaintext", None)
        id = key(row.get("id")) or key(row.get("uuid")) or key(row.get("slug"))
        title = words(row.get("title")) or id
        kept = texts | {"said": {name: row[name] for name in sorted(row) if name != "id"}}
        known = self.store.add_text(id, kept)
        if known == "again":
            self.report.note(_("Left out, because it stands twice in the file"), title)
            return
        if known:
            self.report.note(_("Has the id of another, and is kept"), title)
            self.ids[id] += 1
            id = f"{id}~{self.ids[id]}"
            self.store.add_text(id, kept)
        self.ids[id] += 1
        for name in ("html", "lexical", "mobiledoc"):
            self._look_for_files(texts.get(name, ""))
        self.store.add("posts", row | {"id": id}, id=id)

    # --- Which hosts are the blog's own ---------------------------------------------------

    def _look_for_files(self, source: str) -> None:
        for found in _FILE.finditer(source if "/content/" in source else ""):
            path = without_size(found["path"])
            if not found["host"]:
                if len(self._own_files) < _MOST_PATHS:
                    self._own_files.add(path)
            elif len(self._files_at) < 1000:
                host = host_of(found["host"].partition("//")[2])
                paths = self._files_at.setdefault(host, set())
                if len(paths) < 1000:
                    paths.add(path)

    def hosts(self, has_file: Any) -> frozenset[str]:
        """Return the hosts that hold a file which is the blog's: in its texts or its folder."""
        return frozenset(
            host
            for host, paths in self._files_at.items()
            if paths & self._own_files or any(map(has_file, sorted(paths)[:50]))
        )

    # --- What is not kept -----------------------------------------------------------------

    def note_left_out(self) -> None:
        kept = {"posts", "settings", "users", *_OWNED, *_OF_POSTS, *_WHOLE}
        for name, count in sorted(self.counts.items()):
            if name == "members":
                said = ngettext(
                    "%(n)d, with an address; only the name stands at comments",
                    "%(n)d, with their addresses; only names stand at comments",
                    count,
                )
                self.report.note(_("Members, who are not kept"), said % {"n": count})
            elif name not in kept | _MACHINERY and count:
                self.report.note(_("Left out, being no essays or comments"), labelled(name, count))
        if self.passwords:
            heading = _("Passwords, which are not kept: an admin gives authors new ones")
            self.report.note(heading, str(self.passwords))


def without_size(path: str) -> str:
    """Return the address of a picture itself, where it is that of a smaller one Ghost makes."""
    return _SIZE.sub(r"\1", path)


def opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(b"\x1f\x8b"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")  # type: ignore[return-value]
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return path.open(encoding="utf-16" if wide else "utf-8-sig", newline="")


def _rows(stream: JsonStream) -> Iterator[tuple[str, Any]]:
    """Yield each row of each table, of either form: with the list `db`, or without it."""
    if stream.peek() != "{":
        raise JsonError(_not_ghosts())
    for name in stream.members():
        if name == "db" and stream.peek() == "[":
            for _each in stream.items():
                if stream.peek() != "{":
                    stream.value()
                    continue
                for inner in stream.members():
                    yield from _tables(stream, inner)
        else:
            yield from _tables(stream, name)
    if stream.peek():
        raise stream.broken()


def _tables(stream: JsonStream, name: str) -> Iterator[tuple[str, Any]]:
    if name != "data" or stream.peek() != "{":
        if stream.peek() == "[":
            for _each in stream.items():
                stream.value()
        else:
            stream.value()
        return
    for table in stream.members():
        if stream.peek() == "[":
            yield table, None  # it is there, if nothing is in it
            for _each in stream.items():
                yield table, stream.value()
        else:
            stream.value()


def _not_ghosts() -> str:
    return _("It is not an export of Ghost, which comes from Settings, Migration tools, Export.")


def _refused(path: Path, why: str) -> GhostError:
    return GhostError(_("%(file)s cannot be read. %(why)s") % {"file": path, "why": why})
