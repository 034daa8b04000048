"""Comments on their way into the thread of one essay: one rule for all importers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.markup import MarkupError, storable
from blog.posts.models import Post
from blog.transfer.report import Report, quoted
from comments.models import Comment, ThreadPage
from comments.text.fingerprints import fingerprint, identity

# Comments that are stored in one go.
AT_ONCE = 200


class Thread:
    """Stores the comments under one post, a few hundred at a time, and lays out the thread once.

    The same words again from one writer are kept, since they stood there, or with
    `skip_duplicates` left out; either way they are reported.
    """

    def __init__(self, post: Post, report: Report, *, skip_duplicates: bool = False) -> None:
        self.post, self.report, self.skip_duplicates = post, report, skip_duplicates
        self.waiting: list[Comment] = []
        self.steps = 0
        self.is_new = False
        self._said: dict[int, Comment | None] | None = None

    def keep(self, comment: Comment, answered: str | None, who: str) -> Comment | None:
        """Take a new comment, whose parent was taken before; None where its words are refused.

        `answered` is the origin of the comment it answers, `who` the line that names it. Of words
        said before the earlier comment is returned if they are left out.
        """
        said = said_in(comment, answered)
        if said and said in self.said:
            if self.skip_duplicates:
                self.skip(who, _("said before in the same words"))
                return self.said[said]  # which whatever answers this then answers
            self.report.note(_("Said twice in the same words, and kept"), who)
        comment.post = self.post
        try:
            comment.settle()
        except MarkupError as error:
            self.report.refused["comment"] += 1
            self.report.note(_("Comments left out"), labelled(who, error))
            return None
        self.report.added["comment" if comment.kind == "comment" else "mention"] += 1
        self.waiting.append(comment)
        if said:
            self.said.setdefault(said, comment if self.skip_duplicates else None)
        return comment

    @property
    def said(self) -> dict[int, Comment | None]:
        """What was said under the post before, read when something new comes."""
        if self._said is None:
            here = Comment.objects.filter(post=self.post, origin__isnull=False).written()
            fields = ("pk", "origin", "kind", "name", "email", "body", "parent_id", "root_id")
            origins = dict(here.values_list("pk", "origin"))
            self._said = {}
            for comment in here.only(*fields).iterator(chunk_size=AT_ONCE):
                said = said_in(comment, origins.get(comment.parent_id))
                kept = comment if self.skip_duplicates else None
                self._said.setdefault(said, kept)
        return self._said

    def count(self) -> None:
        """Count a step, and store what waits if it is enough.

        One that is here, or is left out, is done: a killed import has to meet its step.
        """
        self.steps += 1
        if not self.waiting or len(self.waiting) >= AT_ONCE:
            self.insert()

    def insert(self) -> None:
        """Store the comments that wait for it, and count their steps as done."""
        if self.waiting and not self.is_new:
            # Until the end, which a killed import has yet to come to.
            Post.objects.filter(pk=self.post.pk).update(thread_stale=True)
            self.is_new = True
            self.begin()
        if self.waiting:
            Comment.objects.add_settled(by_level(self.waiting))
        self.stored()
        self.waiting = []
        self.report.step(self.steps)
        self.steps = 0

    def begin(self) -> None:
        """Do what goes with the first new comment."""

    def stored(self) -> None:
        """Forget what parents of others do not need: their words."""
        for comment in self.waiting:
            comment.body = comment.body_html = comment.words = ""

    def finish(self) -> None:
        self.insert()
        self._said = None  # room for the whole thread
        if self.is_new or self.post.thread_stale:
            ThreadPage.objects.refresh(self.post)

    def skip(self, who: str, why: str) -> None:
        self.report.skipped["comment"] += 1
        self.report.note(_("Comments left out"), labelled(who, why))


def by_level(comments: list[Comment]) -> list[Comment]:
    """Return comments with all that answer none of them first, then what answers those, and so on.

    So each level is stored in one go. What answers one comment stays in its order.
    """
    levels: dict[int, int] = {}
    for comment in comments:
        levels[id(comment)] = levels.get(id(comment.parent), -1) + 1 if comment.parent else 0
    return sorted(comments, key=lambda comment: levels[id(comment)])


def who(name: str, where: str) -> str:
    """Return the words that name a comment in a report."""
    said = {"name": quoted(storable(name).strip() or _("Anonymous")), "post": quoted(where)}
    return _("%(name)s on %(post)s") % said


def said_in(comment: Comment, answered: str | None) -> int:
    """Return what is equal if one writer answers the same with the same; 0 for mentions.

    A number, of which memory holds very many.
    """
    if comment.kind != Comment.Kind.COMMENT:
        return 0
    writer = identity(comment.name, comment.email)
    return int(fingerprint(writer, answered, comment.body)[:15], 16)
