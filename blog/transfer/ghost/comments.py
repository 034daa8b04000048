"""Comments of Ghost, where its export holds them, with their members' names."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from blog.transfer.discussions.said import Discussion, Page, Said
from blog.transfer.report import Report
from comments.models import Comment

from .store import Row, Store
from .values import key, moment, text, words


class GhostComments(Discussion):
    """`places` has the paths of the essays here, by their ids in Ghost."""

    system = "ghost"

    def __init__(self, store: Store, places: dict[str, str], report: Report) -> None:
        self.store, self.places, self.report = store, places, report

    def pages(self) -> Iterator[Page]:
        for id, path in self.places.items():
            yield Page(id, (f"/{path}/",), closed=None)

    def said(self) -> Iterator[Said]:
        for row in self.store.rows("comments"):
            # So that others can write between two stretches of work.
            self.report.step()
            yield self.one(row)

    def one(self, row: Row) -> Said:
        id = key(row.get("id"))
        member = self.store.one("members", key(row.get("member_id")))
        likes = sum(1 for _like in self.store.of("comment_likes", id))
        said = Said(
            id=id,
            parent=key(row.get("in_reply_to_id")) or key(row.get("parent_id")),
            page=self._page(row),
            name=words(member.get("name")),
            email=words(member.get("email")),
            html=text(row.get("html")).replace("__GHOST_URL__", ""),
            at=moment(row.get("created_at")),
            lost={_("likes"): likes} if likes else {},
        )
        status = words(row.get("status"))
        if status == "deleted":
            said.left_out = _("deleted in Ghost")
        elif status == "hidden":
            said.status = Comment.Status.TRASH
            said.named = (_("Hidden in Ghost, so in the trash here"),)
        elif status != "published":
            said.status = Comment.Status.PENDING
        return said

    def _page(self, row: Row) -> str:
        id = key(row.get("post_id"))
        post = self.store.one("posts", id)
        slug = words(post.get("slug"))
        return id if id in self.places else f"/{slug}/" if slug else id
