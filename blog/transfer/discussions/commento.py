"""Comments of Commento, and of Comentario in the same form: version 1 of their export.

Commento's own export leaves `html` empty and says of no comment that it is deleted; those have the
words `[deleted]`. Comentario calls the site `host` and a page `path`, and a person's page
`websiteUrl`; who has no account is nobody there, `anonymous` or a key of zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from blog.transfer.json_stream import JsonError, items
from comments.models import Comment

from .files import opened
from .said import Discussion, DiscussionError, Said
from .values import moment, number, text, truth

STATUSES = {
    "approved": Comment.Status.APPROVED,
    "unapproved": Comment.Status.PENDING,
    "flagged": Comment.Status.SPAM,
}
DELETED = "[deleted]"
# What its scripts write where they have nothing.
_NOTHING = {"undefined", "null"}


class Commento(Discussion):
    system = "commento"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.left_out: dict[str, list[str]] = {}

    def unreadable(self) -> dict[str, list[str]]:
        return self.left_out

    def said(self) -> Iterator[Said]:
        people = self.people()
        self.left_out = {}
        for place, (name, item) in enumerate(self.members(), 1):
            if name != "comments":
                continue
            if isinstance(item, dict):
                yield _said(item, people)
            else:
                heading = _("Left out, because it cannot be read")
                line = _("thing no. %(n)d in the file") % {"n": place}
                self.left_out.setdefault(heading, []).append(line)

    def people(self) -> dict[str, tuple[str, str, str]]:
        """Return name, e-mail and website of those who have an account; refuses other files."""
        people, found = {}, set()
        for name, item in self.members():
            found.add(name)
            if name == "version" and number(item) != 1:
                said = _("%(file)s is of version %(version)s of Commento’s export; 1 can be read.")
                raise DiscussionError(said % {"file": self.path, "version": text(item) or "?"})
            if name == "commenters" and isinstance(item, dict):
                link = _plain(item.get("link")) or _plain(item.get("websiteUrl"))
                person = (_plain(item.get("name")), _plain(item.get("email")), link)
                people[text(item.get("commenterHex"))] = person
        if not found & {"comments", "commenters"}:
            said = _("%(file)s has no list of comments, so it is not an export of Commento.")
            raise DiscussionError(said % {"file": self.path})
        return people

    def members(self) -> Iterator[tuple[str, Any]]:
        with opened(self.path, "Commento") as file:
            try:
                yield from items(file)
            except JsonError as error:
                said = _("%(file)s is not JSON that can be read, in %(why)s.")
                raise DiscussionError(said % {"file": self.path, "why": error}) from error


def _said(item: dict[str, Any], people: dict[str, tuple[str, str, str]]) -> Said:
    name, email, url = people.get(text(item.get("commenterHex")), ("", "", ""))
    parent = text(item.get("parentHex"))
    markdown, score = text(item.get("markdown")), number(item.get("score"))
    deleted = truth(item.get("deleted")) is not False or markdown.strip() == DELETED
    lost = {_("votes for"): max(score, 0), _("votes against"): max(-score, 0)}
    return Said(
        id=text(item.get("commentHex")),
        page=_page(item),
        parent="" if not parent.strip("0") or parent == "root" else parent,
        name=name,
        email=email,
        url=url,
        markdown=markdown,
        html=text(item.get("html")),
        at=moment(item.get("creationDate")),
        status=STATUSES.get(text(item.get("state")), Comment.Status.PENDING),
        left_out=_("deleted there") if deleted else "",
        lost={what: count for what, count in lost.items() if count},
    )


def _page(item: dict[str, Any]) -> str:
    """Return the address of its page, which has the site in a field of its own."""
    path = text(item.get("path")) or text(item.get("url"))
    site = text(item.get("domain")) or text(item.get("host"))
    if "://" in path or not site:
        return path
    return f"https://{site}/{path.lstrip('/')}"


def _plain(value: Any) -> str:
    said = text(value).strip()
    return "" if said in _NOTHING else said
