"""The comments in a Blogger export, as the frame for comments of any system takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from blog.markup.from_html.html_to_markdown import text_of
from blog.transfer.discussions.said import Discussion, Page, Said
from comments.models import Comment

from .atom import Item, items
from .moments import moment

# What Blogger shows in place of a comment that somebody took away.
_REMOVED = (
    "This comment has been removed by the author.",
    "This comment has been removed by a blog administrator.",
    "This post has been removed by the author.",
    "This post has been removed by a blog administrator.",
)
# Names that Blogger gives to those who gave none.
_NOBODY = frozenset({"Anonymous", "Unknown"})
_STATUSES = {
    "LIVE": Comment.Status.APPROVED,
    "PENDING_COMMENT": Comment.Status.PENDING,
    "PENDING": Comment.Status.PENDING,
    "SPAM_COMMENT": Comment.Status.SPAM,
    "SPAM": Comment.Status.SPAM,
    "SOFT_TRASHED": Comment.Status.TRASH,
    "TRASHED": Comment.Status.TRASH,
}


class Comments(Discussion):
    """`known` has posts in the file by their numbers, with what they are called in the report.

    `thrown_away` are the numbers of those that stay out.
    """

    system = "blogger"

    def __init__(self, path: Path, known: dict[str, str], thrown_away: Iterable[str]) -> None:
        self.path, self.known = path, known
        self.thrown_away = {*thrown_away} - known.keys()

    def pages(self) -> Iterator[Page]:
        for number, what in self.known.items():
            yield Page(number, (what,))
        why = _("its post was thrown away")
        for number in sorted(self.thrown_away):
            yield Page(number, left_out=why)

    def said(self) -> Iterator[Said]:
        for item in items(self.path):
            if item.kind == "comment":
                yield self.one(item)

    def one(self, item: Item) -> Said:
        name = text_of(item.name)
        said = Said(
            id=item.number,
            page=self.page(item),
            parent=item.answers,
            name="" if name in _NOBODY else name,
            email=item.email,
            url=item.url,
            html=item.html,
            at=moment(item.published) or moment(item.created),
        )
        status = item.status
        text = item.html.strip()
        if item.is_removed or "REMOVED" in status or "DELETED" in status or text in _REMOVED:
            said.left_out = _("was removed at Blogger")
        elif item.trashed:
            said.status = Comment.Status.TRASH
        elif item.is_draft:
            said.status = Comment.Status.PENDING
        elif item.is_takeout or status:
            said.status = _STATUSES.get(status, Comment.Status.PENDING)
            if status not in _STATUSES:
                heading = _("Wait for a decision, for the status “%(status)s” is not known here")
                said.named = (heading % {"status": item.status[:60]},)
        return said

    def page(self, item: Item) -> str:
        """Return the number of the post, or an address of one that is not in the file."""
        if item.post in self.known or item.post in self.thrown_away:
            return item.post
        if "//" in item.address:
            return item.address.partition("?")[0].partition("#")[0]
        return f"blogger:post:{item.post}"
