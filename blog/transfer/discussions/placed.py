"""The comments that stand under one essay, from the store into its thread."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from itertools import islice

from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.markup import MarkupError, storable
from blog.posts.models import Post
from blog.transfer.fields import email_address, network_address, website
from blog.transfer.report import Report, quoted
from comments.models import Comment

from .said import Said
from .store import Row, Store
from .thread import AT_ONCE, Thread, who
from .words import words_of

# What an essay's row has that its thread does not need.
_TEXTS = ("body", "words")


class Placed(Thread):
    """All that the store has for one essay. Parents come before their replies."""

    def __init__(self, store: Store, report: Report, post: int, *, closed: bool) -> None:
        super().__init__(Post.objects.defer(*_TEXTS).get(pk=post), report)
        self.store, self.closes = store, closed
        # Those that wait to be stored, by their numbers and their origins.
        self.numbers: dict[int, Comment] = {}
        self.by_origin: dict[str, Comment] = {}

    def bring(self, tell: Callable[[int], None]) -> None:
        order = iter(in_order(self.store.chain(self.post.pk)))
        while batch := list(islice(order, AT_ONCE)):
            here = self.here(batch)
            for number in batch:
                if number in here:
                    self.report.already["comment"] += 1
                else:
                    self.one(number)
                self.count()
            tell(len(batch))
        self.finish()

    def here(self, batch: list[int]) -> set[int]:
        """Return which of these are here already, and write down their keys."""
        origins = {}
        for number in batch:
            row = self.store.row(number)
            origins[row.origin] = number
            if row.wordpress and self.post.origin:
                origins[f"{self.post.origin}#comment-{row.wordpress}"] = number
        found = Comment.objects.filter(origin__in=origins).values_list("origin", "pk", "root_id")
        rows = [(origins[origin], pk, root) for origin, pk, root in found]
        self.store.here(rows)
        return {number for number, _pk, _root in rows}

    def one(self, number: int) -> None:
        """Take one comment that is not here."""
        said, row = self.store.said(number), self.store.row(number)
        line = who(said.name, self.post.title)
        label = self.store.page(said.page)[0]
        try:
            body = words_of(said, label)
        except MarkupError as error:
            self.report.refused["comment"] += 1
            self.report.note(_("Comments left out"), labelled(line, error))
            return self.store.drop(number)
        if not body:
            self.skip(line, _("without words"))
            return self.store.drop(number)
        parent, answered = self.parent(number, line)
        comment = self.comment(said, body, line)
        comment.parent, comment.origin = parent, row.origin
        if self.keep(comment, answered, line) is None:
            return self.store.drop(number)
        self.numbers[number] = self.by_origin[row.origin] = comment
        if row.kept:
            self.report.note(_("Kept since an earlier import, and brought now"), line)
        return None

    def comment(self, said: Said, body: str, line: str) -> Comment:
        url = website(storable(said.url))
        if url is None:
            self.report.note(_("Website left out, because it is not a web address"), line)
        at = said.at
        if at is None:
            at = self.post.published_at or self.post.created_at
            self.report.note(_("Had no date, so dated as its essay"), line)
        return Comment(
            kind=Comment.Kind.COMMENT,
            status=said.status if said.status in Comment.Status.values else "pending",
            author_id=said.user,
            name=storable(said.name)[:200],
            email=email_address(said.email),
            url=url or "",
            body=body,
            address=network_address(said.address),
            created_at=at,
        )

    # --- Threads ----------------------------------------------------------------------------

    def parent(self, number: int, line: str) -> tuple[Comment | None, str | None]:
        """Return the nearest comment above that is here, and its origin; both None at the top."""
        row = self.store.row(number)
        if not row.answers:
            return None, None
        nearest = next((each for each in self.store.above(number) if not each.left_out), None)
        if nearest:
            parent, origin = self.parent_of(nearest), nearest.origin
        elif row.parent == 0:
            parent, origin = self.stored_before(row.answers), row.answers
        else:
            parent, origin = None, ""
        if parent is None:
            self.report.note(_("No longer in reply to another, because that one is not here"), line)
            return None, None
        if origin != row.answers:
            heading = _("In reply to the one above, because the one it answered is not here")
            self.report.note(heading, line)
        return parent, origin

    def parent_of(self, row: Row) -> Comment | None:
        """Return a comment of the file as a parent, if it stands under the same essay."""
        if row.origin in self.by_origin:
            return self.by_origin[row.origin]
        if row.pk is None or row.post != self.post.pk:
            return None
        return as_parent(row.pk, row.root)

    def stored_before(self, origin: str) -> Comment | None:
        """Return a comment that is not in the file, but was brought before."""
        known = Comment.objects.filter(origin=origin, post=self.post)
        found = known.values_list("pk", "root_id").first()
        return as_parent(*found) if found else None

    # --- Storing ----------------------------------------------------------------------------

    def begin(self) -> None:
        """Close the comments where they were closed, with the first that comes.

        Then a second run leaves open what its owner has opened since.
        """
        if not self.closes or not self.post.comments_open:
            return
        self.post.comments_open, self.post.comments_closed_at = False, timezone.now()
        Post.objects.filter(pk=self.post.pk).update(
            comments_open=False, comments_closed_at=self.post.comments_closed_at
        )
        self.report.note(_("Takes no new comments, as there"), quoted(self.post.title))

    def stored(self) -> None:
        """Write down the keys, for the replies to come; the comments themselves are let go."""
        self.store.here([(n, each.pk, each.root_id) for n, each in self.numbers.items()])
        self.numbers, self.by_origin = {}, {}


def as_parent(pk: int, root: int | None) -> Comment:
    """Return a comment that is known by its key alone, as others answer it."""
    parent = Comment(pk=pk, root_id=root)
    if root:
        parent.root = Comment(pk=root)
    return parent


def in_order(chain: Iterable[tuple[int, int | None, bool]]) -> array[int]:
    """Return the numbers of those that are not left out, each after those that it is below.

    Otherwise they stay in their order. A circle is cut at the one that comes first. An essay may
    have very many, so arrays hold what the numbers of all need: objects would take ten times that.
    """
    numbers, order = array("q"), array("q")
    parents: dict[int, int] = {}
    left_out: set[int] = set()
    for number, parent, is_left_out in chain:
        numbers.append(number)
        if parent:
            parents[number] = parent
        if is_left_out:
            left_out.add(number)
    waits = bytearray(max(numbers, default=0) + 1)
    for number in numbers:
        waits[number] = True
    for start in numbers:
        line: list[int] = []
        number = start
        while number < len(waits) and waits[number]:
            waits[number] = False
            line.append(number)
            number = parents.get(number, 0)
        order.extend(number for number in reversed(line) if number not in left_out)
    return order
