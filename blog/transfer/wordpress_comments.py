"""The comments under one post of a WordPress export, brought into its thread here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from blog.lib.feed_ids import LONGEST
from blog.markup import one_line, without_unwanted
from blog.markup.from_html.html_to_markdown import comment_markdown, text_of
from blog.posts.models import Post
from comments.linkbacks.placing import MOST_ALSO
from comments.models import Comment
from comments.models.beside import quoted_now
from comments.rendering.places import Finder, Selector

from .discussions.thread import Thread, who
from .fields import email_address, moment, network_address, website
from .report import Report
from .wxr_writer import BESIDE, FEED_ID, MARKDOWN, MENTION, MENTIONED_BY, SOURCE, SUM, sum_of

# WordPress's word for a comment's status; whatever else it says waits.
STATUSES = {
    "1": Comment.Status.APPROVED,
    "spam": Comment.Status.SPAM,
    "trash": Comment.Status.TRASH,
    "post-trashed": Comment.Status.TRASH,
}


PINGS = {"pingback", "trackback"}
# The reactions of WordPress's webmention plugin: types of comments, or in earlier versions here.
REACTION = "semantic_linkbacks_type"
REACTIONS = {name: name for name in ("like", "repost", "bookmark", "reply")} | {"favorite": "like"}


class ImportedThread(Thread):
    """The comments of one post in the file.

    `commenter` finds the user here for the number of one in WordPress. `guid` is that of the post,
    if feeds go on to call it so: those of WordPress call its comments by it. `page` is where it was
    read, to which relative links in them refer.
    """

    def __init__(
        self,
        post: Post,
        report: Report,
        commenter: Callable[[str], Any],
        *,
        skip_duplicates: bool = False,
        guid: str = "",
        page: str = "",
    ) -> None:
        super().__init__(post, report, skip_duplicates=skip_duplicates)
        self.page, self.guid, self.commenter = page, guid, commenter
        self.here = {
            comment.origin: comment
            for comment in Comment.objects.filter(post=post, origin__isnull=False)
        }
        self.done: dict[str, Comment | None] = {}  # by WordPress's number
        sources = Comment.objects.filter(post=post).exclude(source="")
        self.sources = {*sources.values_list("source", flat=True)}

    def add(self, rows: list[dict[str, str]]) -> None:
        """Add what is new, each comment after the one it answers."""
        by_id: dict[str, dict[str, str]] = {}
        for row in rows:
            if by_id.setdefault(_comment_id(row), row) is not row:
                self.leave_out(row, _("stands twice in the file"))
        for start in by_id:
            # Up to the first comment that is done, the thread's start, or where a circle closes.
            chain, id = {}, start
            while id in by_id and id not in self.done and id not in chain:
                chain[id] = by_id[id]
                id = by_id[id].get("wp:comment_parent", "0")
            for id in reversed(chain):
                self.done[id] = self.one(id, chain[id])
                self.count()
        self.finish()

    def one(self, id: str, row: dict[str, str]) -> Comment | None:
        """Return the comment, added if it is not here yet; None where it cannot be kept."""
        origin = f"{self.post.origin}#comment-{id}"
        if origin in self.here:
            found = self.here[origin]
            self.report.already["comment" if found.kind == "comment" else "mention"] += 1
            return found
        comment = self.read(row)
        if comment is None:
            return None
        comment.origin = origin
        comment.feed_id = self.feed_id(id, row) or comment.feed_id
        comment.status = STATUSES.get(row.get("wp:comment_approved", ""), Comment.Status.PENDING)
        comment.created_at = (
            moment(row.get("wp:comment_date_gmt", ""), row.get("wp:comment_date", ""))
            or self.post.published_at
            or self.post.created_at
        )
        comment.address = network_address(row.get("wp:comment_author_IP", ""))
        answered = comment.parent.origin if comment.parent else None
        kept = self.keep(comment, answered, self.line(row))
        if kept is comment and comment.source:
            self.sources.add(comment.source)
        return kept

    def read(self, row: dict[str, str]) -> Comment | None:
        """Return what a row says as a comment or a mention; None where it is neither."""
        kind = row.get("wp:comment_type") or "comment"
        if kind == "comment":
            return self.comment(row)
        if kind in {*PINGS, "webmention", *REACTIONS}:
            return self.mention(row, kind)
        return self.leave_out(row, _("of the type “%(type)s”") % {"type": kind})

    def comment(self, row: dict[str, str]) -> Comment | None:
        body = _own_markdown(row) or comment_markdown(row.get("wp:comment_content", ""), self.page)
        if not body.strip():
            return self.leave_out(row, _("without words"))
        url = website(row.get("wp:comment_author_url", ""))
        if url is None:
            self.note(_("Website left out, because it is not a web address"), row)
        comment = Comment(
            kind=Comment.Kind.COMMENT,
            author=self.commenter(row.get("wp:comment_user_id", "")),
            name=text_of(row.get("wp:comment_author", ""))[:200],
            email=email_address(row.get("wp:comment_author_email", "")),
            url=url or "",
            body=body,
            parent=self.parent(row),
        )
        if selector := _beside(row):
            comment.stand_at(selector)
        return comment

    def mention(self, row: dict[str, str], kind: str) -> Comment | None:
        # WordPress's webmention plugin keeps the source apart from the author's address.
        source = website(row.get(f"meta:{SOURCE}") or row.get("wp:comment_author_url", ""))
        if not source:
            return self.leave_out(row, _("a mention without a web address"))
        if source in self.sources:
            return self.leave_out(row, _("a second mention by %(source)s") % {"source": source})
        by, title = (
            text_of(row.get(name, ""))[:200]
            for name in (f"meta:{MENTIONED_BY}", "wp:comment_author")
        )
        reaction = REACTIONS.get(kind) or REACTIONS.get(row.get(f"meta:{REACTION}", ""), "")
        if reaction:  # WordPress keeps the author's name where others have the title
            by, title = title, ""
        comment = Comment(
            kind=Comment.Kind.PINGBACK if kind in PINGS else Comment.Kind.WEBMENTION,
            name=by,
            source=source,
            title=title,
            body=text_of(row.get("wp:comment_content", "")),
            reaction=reaction,
            parent=self.parent(row),
        )
        self.read_mention(comment, row)
        if selector := _beside(row):
            comment.stand_at(selector)
        return comment

    def read_mention(self, comment: Comment, row: dict[str, str]) -> None:
        """Take what Postil exported of a mention besides what WordPress keeps."""
        said = _json_in(row, MENTION)
        if not isinstance(said, dict):
            return
        if said.get("reaction") in Comment.Reaction.values:
            comment.reaction = said["reaction"]
        if isinstance(published := said.get("published"), str):
            comment.published_at = _moment_in(published)
        also = said.get("also")
        selectors = map(Selector.read, also[:MOST_ALSO] if isinstance(also, list) else ())
        finder = Finder(self.post.body_html)
        found = [quoted_now(finder, selector.quoted()) for selector in selectors if selector]
        comment.also = found or None

    def parent(self, row: dict[str, str]) -> Comment | None:
        """The comment it answers. Where that cannot be had it starts a thread, and is noted."""
        id = row.get("wp:comment_parent", "0")
        if id in {"", "0"}:
            return None
        parent = self.done.get(id) or self.here.get(f"{self.post.origin}#comment-{id}")
        if parent is None or parent.kind != Comment.Kind.COMMENT:
            self.note(_("No longer in reply to another, because that one is not here"), row)
            return None
        return parent

    def feed_id(self, id: str, row: dict[str, str]) -> str:
        """Return what feeds called it; "" where the post is called otherwise, so this is a copy."""
        if not self.guid:
            return ""
        exported = kept_feed_id(row.get(f"meta:{FEED_ID}"))
        return exported or kept_feed_id(f"{self.guid}#comment-{id}")

    def leave_out(self, row: dict[str, str], why: str) -> None:
        self.skip(self.line(row), why)

    def note(self, heading: str, row: dict[str, str]) -> None:
        self.report.note(heading, self.line(row))

    def line(self, row: dict[str, str]) -> str:
        return who(text_of(row.get("wp:comment_author", "")), self.post.title)


def kept_feed_id(feed_id: str | None) -> str:
    """Return an id as it is kept for feeds, "" where there is none or it is too long."""
    feed_id = one_line(feed_id or "")
    return feed_id if len(feed_id) <= LONGEST else ""


def _own_markdown(row: dict[str, str]) -> str:
    """The Markdown that Postil exported with it, if it is still what the text was made of."""
    unchanged = row.get(f"meta:{SUM}") == sum_of(row.get("wp:comment_content", ""))
    return row.get(f"meta:{MARKDOWN}", "") if unchanged else ""


def _beside(row: dict[str, str]) -> Selector | None:
    """Return the words of the essay that a comment stands beside, if Postil exported some."""
    return Selector.read(_json_in(row, BESIDE))


def _json_in(row: dict[str, str], name: str) -> Any:
    """Return what Postil exported under this name; None if it is not JSON."""
    try:
        return json.loads(without_unwanted(row.get(f"meta:{name}") or "null"))
    except (ValueError, RecursionError):
        return None


def _moment_in(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _comment_id(row: dict[str, str]) -> str:
    id = row.get("wp:comment_id", "")
    if id.isdecimal() and len(id) <= 20:
        return id
    return hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()[:20]
