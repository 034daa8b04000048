"""Comments and mentions of an export, each after the one it answers."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.markup import MarkupError
from blog.posts.models import Post
from blog.transfer.fields import email_address, website
from blog.transfer.folders.tree import Tree
from blog.transfer.report import Report, quoted
from blog.transfer.wordpress_comments import kept_feed_id
from comments.linkbacks.placing import MOST_ALSO
from comments.models import Comment, ThreadPage
from comments.models.beside import quoted_now
from comments.rendering.places import AROUND, LONGEST, Finder, Selector

from .around import People
from .rows import moment, number, rows_of, text, texts


class Sayings:
    """The comments of one export, on their way under its essays."""

    def __init__(self, tree: Tree, report: Report, people: People, here: dict[str, int]) -> None:
        self.tree, self.report, self.people, self.here = tree, report, people, here
        self.keys: dict[int, int] = {}  # of comments here, by their numbers there
        self.known: dict[int, dict[str, int]] = {}  # by essay, what says that one is here already
        self.posts: dict[int, Post] = {}
        self.changed: set[int] = set()

    def bring(self) -> None:
        # A moderator can have moved one under another that came later.
        waiting = [row for row in rows_of(self.tree, "comments.json") if not self.take(row)]
        while waiting:
            rest = [row for row in waiting if not self.take(row)]
            if len(rest) == len(waiting):
                break
            waiting = rest
        for row in waiting:
            self.note(_("No longer in reply to another, because that one is not here"), row)
            self.take(row | {"in_reply_to": None})
        for key in sorted(self.changed):
            ThreadPage.objects.refresh(Post.objects.get(pk=key))

    def take(self, row: dict[str, Any]) -> bool:
        """Add one; False where what it answers has yet to come."""
        post = self.post_of(row)
        if post is None:
            self.note(_("Left out, because its essay is not here"), row)
            return True
        parent = number(row, "in_reply_to", 2**63)
        if parent is not None and parent not in self.keys:
            return False
        id = number(row, "id", 2**63)
        if found := self.found(post, row, id):
            self.report.already[_kind(row)] += 1
        else:
            found = self.add(post, row, id, self.keys.get(parent) if parent is not None else None)
        if found and id is not None:
            self.keys[id] = found
        return True

    def post_of(self, row: dict[str, Any]) -> Post | None:
        key = self.here.get(text(row, "essay"))
        if key is None:
            return None
        if key not in self.posts:
            if len(self.posts) > 200:
                self.posts.clear()
            self.posts[key] = Post.objects.get(pk=key)
        return self.posts[key]

    # --- What is here -----------------------------------------------------------------------

    def found(self, post: Post, row: dict[str, Any], id: int | None) -> int | None:
        known = self.known.get(post.pk)
        if known is None:
            known = self.known[post.pk] = {}
            fields = ("pk", "origin", "feed_id", "created_at", "body")
            for pk, origin, feed_id, at, body in post.comments.values_list(*fields).iterator():
                known |= dict.fromkeys(
                    filter(None, (origin, feed_id, _sum(at.isoformat(), body))), pk
                )
        feed_id = text(row, "feed_id")
        keys = [text(row, "origin"), self.origin(post, id), feed_id]
        keys += [] if feed_id else [_sum(text(row, "received"), text(row, "body"))]
        return next((known[key] for key in keys if key and key in known), None)

    def origin(self, post: Post, id: int | None) -> str:
        return f"{post.origin or f'postil:{post.pk}'}#said-{id}" if id is not None else ""

    # --- What is added ----------------------------------------------------------------------

    def add(
        self, post: Post, row: dict[str, Any], id: int | None, parent: int | None
    ) -> int | None:
        comment = self.comment(post, row, id)
        if parent is not None:
            comment.parent = Comment.objects.select_related("root").get(pk=parent)
        try:
            comment.full_clean(
                validate_unique=False, validate_constraints=False, exclude=["parent"]
            )
            comment.save(refresh=False)
        except (MarkupError, ValidationError) as error:
            why = " ".join(getattr(error, "messages", [str(error)]))
            self.note(_("Comments left out"), row, why)
            return None
        if changed := moment(row, "changed"):
            Comment.objects.filter(pk=comment.pk).update(updated_at=changed)
        self.report.added[_kind(row)] += 1
        self.changed.add(post.pk)
        return int(comment.pk)

    def comment(self, post: Post, row: dict[str, Any], id: int | None) -> Comment:
        kind, status, reaction = (text(row, name) for name in ("kind", "status", "reaction"))
        is_mention = kind in ("pingback", "webmention")
        comment = Comment(
            post=post,
            kind=kind if is_mention else Comment.Kind.COMMENT,
            # What it does not know is not for readers.
            status=status if status in Comment.Status.values else Comment.Status.PENDING,
            author=self.people.of(text(row, "account")),
            name=text(row, "name", 200),
            email=email_address(text(row, "email")),
            url=website(text(row, "url")) or "",
            body=text(row, "body"),
            source=(website(text(row, "source")) or "") if is_mention else "",
            title=text(row, "title", 200) if is_mention else "",
            reaction=reaction if reaction in Comment.Reaction.values else "",
            published_at=moment(row, "published"),
            judged_at=moment(row, "judged"),
            edited=row.get("edited_by_moderator") is True,
            reasons=texts(row, "reasons"),
            repeats=number(row, "repeats") or 0,
            origin=text(row, "origin", 500) or self.origin(post, id)[:500] or None,
        )
        comment.created_at = moment(row, "received") or post.published_at or post.created_at
        comment.feed_id = kept_feed_id(text(row, "feed_id")) or comment.feed_id
        self._place(comment, row)
        return comment

    def _place(self, comment: Comment, row: dict[str, Any]) -> None:
        """Set it beside the words that it stood beside, as it stood there."""
        comment.passage = text(row, "passage", LONGEST)
        state = text(row, "passage_state")
        if comment.passage:
            comment.passage_before = text(row, "passage_before")[-AROUND:]
            comment.passage_after = text(row, "passage_after", AROUND)
            comment.passage_start = number(row, "passage_start")
        # Without a state, as older exports have it, its place is looked for.
        if comment.passage and state in Comment.Standing.values:
            is_whole = comment.passage_start is not None or "passage_start" in row
            comment.passage_state = state if is_whole else ""
        also = row.get("also")
        selectors = map(Selector.read, also[:MOST_ALSO] if isinstance(also, list) else ())
        finder = Finder(comment.post.body_html) if also else None
        found = [quoted_now(finder, each.quoted()) for each in selectors if each and finder]
        comment.also = found or None

    def note(self, heading: str, row: dict[str, Any], why: str = "") -> None:
        name = text(row, "name") or _("Anonymous")
        line = _("%(name)s on %(post)s") % {"name": quoted(name), "post": text(row, "essay")}
        self.report.note(heading, labelled(line, why) if why else line)


def _kind(row: dict[str, Any]) -> str:
    return "mention" if row.get("kind") in ("pingback", "webmention") else "comment"


def _sum(at: str, body: str) -> str:
    return hashlib.blake2s(f"{at} {body}".encode(), digest_size=12).hexdigest()
