"""A backup of Remark42: lines of JSON, the first of which says what holds for all.

Of the two texts of a comment `orig` is taken: what its writer typed, in Markdown. `text` is the
HTML that was made of it, whose quotes, dashes and fractions are others and whose code is cut into
spans. It stands in where `orig` is missing, as in comments that Remark42 itself imported.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

from comments.models import Comment

from .entries import Entry, entries
from .said import Discussion, DiscussionError, Page, Said
from .values import listed, moment, number, table, text

SYSTEM = "Remark42"
# Pictures that Remark42 fetched itself, with their own addresses in base64.
_FETCHED = re.compile(r"""https?://[^\s"'<>()]{1,300}/api/v1/img\?[^\s"'<>()]{1,4000}""")
_KEPT_THERE = re.compile(r"/api/v1/picture/")


class Remark42(Discussion):
    """A backup, plain or packed. Raises DiscussionError for a file that is none, or is broken."""

    system = "remark42"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blocked: set[str] = set()
        self.read_only: set[str] = set()
        for entry in entries(path, SYSTEM):
            if _is_head(entry):
                self.read_head(entry.fields)
            elif not _is_comment(entry):
                raise _not_one(path, entry)

    def read_head(self, fields: dict[str, Any]) -> None:
        for user in _objects(fields.get("users")):
            if _is_set(table(user.get("blocked")).get("status")):
                self.blocked.add(text(user.get("id")))
        for post in _objects(fields.get("posts")):
            if _is_set(post.get("read_only")):
                self.read_only.add(text(post.get("url")))

    def pages(self) -> Iterator[Page]:
        for address in sorted(self.read_only):
            yield Page(address, (address,), closed=True)

    def said(self) -> Iterator[Said]:
        for entry in entries(self.path, SYSTEM):
            if not _is_head(entry):
                yield self.one(entry.fields)

    def one(self, fields: dict[str, Any]) -> Said:
        user = table(fields.get("user"))
        said = Said(
            id=text(fields.get("id")),
            parent=text(fields.get("pid")),
            page=text(table(fields.get("locator")).get("url")),
            name=text(user.get("name")),
            markdown=text(fields.get("orig")),
            at=moment(fields.get("time")),
        )
        if not said.markdown.strip():
            said.markdown, said.html = "", text(fields.get("text"))
        said.markdown = _with_own_addresses(said.markdown, str)
        said.html = _with_own_addresses(said.html, escape)
        if _is_set(fields.get("delete")):
            said.left_out = _("deleted in Remark42")
        elif text(user.get("id")) in self.blocked or _is_set(user.get("block")):
            said.status = str(Comment.Status.PENDING)
            said.named = (_("Waiting, because Remark42 hides the words of a blocked user"),)
        if _KEPT_THERE.search(said.markdown or said.html):
            said.named += (_("Show a picture that only the old Remark42 has"),)
        said.lost = _lost(fields, user)
        return said


def _lost(fields: dict[str, Any], user: dict[str, Any]) -> dict[str, int]:
    """Return what has no place here, by what it is called."""
    lost = Counter[str]()
    lost[_("points of votes, for or against")] += abs(number(fields.get("score")))
    lost[_("pins")] += _is_set(fields.get("pin"))
    lost[_("avatars")] += bool(text(user.get("picture")))
    lost[_("times and reasons of an edit")] += bool(table(fields.get("edit")))
    return dict(+lost)


def _with_own_addresses(words: str, write: Any) -> str:
    """Return a text whose pictures have the addresses from which Remark42 fetched them."""

    def own(found: re.Match[str]) -> str:
        asked = parse_qs(urlsplit(found[0].replace("&amp;", "&")).query).get("src", [""])[0]
        try:
            padded = asked + "=" * (-len(asked) % 4)
            address = base64.urlsafe_b64decode(padded).decode()
        except (binascii.Error, ValueError):
            return found[0]
        fine = re.fullmatch(r"https?://[^\s<>\"']{3,2000}", address)
        return str(write(address)) if fine else found[0]

    return _FETCHED.sub(own, words)


def _is_set(value: Any) -> bool:
    """Whether a mark is set; one in an odd form counts, since marks keep things from readers."""
    return value not in (None, False, 0, "", "false")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    yield from (each for each in listed(value) if isinstance(each, dict))


def _is_head(entry: Entry) -> bool:
    return entry.number == 1 and "version" in entry.fields and "locator" not in entry.fields


def _is_comment(entry: Entry) -> bool:
    return "id" in entry.fields and isinstance(entry.fields.get("locator"), dict)


def _not_one(path: Path, entry: Entry) -> DiscussionError:
    return DiscussionError(
        _(
            "%(file)s is not a backup of Remark42: %(place)s is not a comment of it. Its"
            " backups lie in var/backup, or are made by “remark42 backup”."
        )
        % {"file": path.name, "place": entry.place}
    )
