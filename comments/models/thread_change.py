"""Updates a thread after a decision: changes single lines, however long the thread is."""

from django.db import transaction
from django.db.models import F, Q

from comments.models.thread_page import PAGES_AT_ONCE, STALE, ThreadLine, ThreadPage

# Removed comments above a decided one whose lines may come or go with it. If there are more, the
# whole thread is laid out again by a job.
CHAIN = 5
# A stale thread with at most this many comments is laid out at once by the next decision.
LAID_OUT_AT_ONCE = 200
# Added to page numbers while they are changed, because each number must be unique.
ASIDE = 10**9


@transaction.atomic(savepoint=False)
def follow(post, comments, *, margin):
    """Update the thread under `post` for these saved comments.

    `margin` says that notes beside the essay may have changed. The cost depends on the number of
    comments given, not on the length of the thread.
    """
    ThreadPage.objects.lock(post)
    had_one_page = post.comment_pages <= 1
    lined = [comment for comment in comments if comment.is_in_thread]
    if any(comment.kind != comment.Kind.COMMENT for comment in comments):
        ThreadPage.objects.refresh_mentions(post)
    if post.thread_stale and post.comments.count() <= LAID_OUT_AT_ONCE:
        ThreadPage.objects.refresh(post)
        return
    if lined:
        if not post.thread_stale:
            thread = Thread(post)
            for comment in lined:
                thread.settle(comment)
            thread.render()
            post.thread_stale = thread.too_long
        ThreadPage.objects.keep_counts(post)
    # The link in a note depends on whether the thread has one page.
    turned = had_one_page != (post.comment_pages <= 1)
    if margin or (turned and post.annotated_html):
        ThreadPage.objects.refresh_margin(post)


class Thread:
    """The thread under one essay while it changes; its essay's row is locked."""

    def __init__(self, post):
        self.post = post
        self.pages = ThreadPage.objects.filter(post=post, number__gt=ThreadPage.MENTIONS)
        lines = ThreadLine.objects.filter(page__post=post, page__number__gt=ThreadPage.MENTIONS)
        self.lines = lines.select_related("page").defer("page__html")
        # Primary keys of the pages to render, in the order in which they changed.
        self.touched = {}
        self.too_long = False

    def settle(self, comment):
        """Add, update or remove the line of a comment, by its status."""
        if comment.is_counted:  # it is shown with the one it is about
            if about := self.line(comment.parent_id):
                self.touch(about.page)
            return
        line = self.line(comment.pk)
        if line is None:
            if comment.is_approved:
                self.add(comment)
        elif comment.is_approved or self.is_answered(comment.pk):
            self.touch(line.page)
            # Its replies show its name.
            below = self.pages.filter(lines__comment__parent=comment.pk)
            self.touched |= dict.fromkeys(below.distinct().values_list("pk", flat=True))
        else:
            self.take_out(comment)

    def render(self):
        """Render the first PAGES_AT_ONCE changed pages; mark the rest as stale."""
        keys = list(self.touched)
        for key in keys[:PAGES_AT_ONCE]:
            ThreadPage.objects.render(self.post, self.pages.filter(pk=key))
        if rest := keys[PAGES_AT_ONCE:]:
            self.pages.filter(pk__in=rest).update(rendering=STALE)

    def line(self, number):
        return self.lines.filter(pk=number).first()

    def is_answered(self, number):
        """Return whether this comment has a reply with a line."""
        return ThreadLine.objects.filter(comment__parent=number).exists()

    def touch(self, page):
        self.touched.setdefault(page.pk)

    # --- Adding a line ------------------------------------------------------------------------

    def add(self, comment):
        """Add a line for a comment, and for removed comments above it that have none."""
        chain, above = [(comment.pk, comment.parent_id, comment.created_at)], None
        while (parent := chain[-1][1]) and not (above := self.line(parent)):
            if len(chain) > CHAIN:
                self.too_long = True
                return
            fields = ("pk", "parent_id", "created_at")
            chain.append(self.post.comments.filter(pk=parent).values_list(*fields).get())
        for number, parent, created_at in reversed(chain):
            above = self.insert(number, parent, created_at, above)

    def insert(self, number, parent, created_at, above):
        """Add a line below its parent's line `above`, if any, and after older replies to it."""
        depth = above.depth + 1 if above else 0
        older = Q(comment__created_at__lt=created_at) | Q(comment__lt=number)
        siblings = self.lines.filter(comment__post=self.post, comment__parent=parent)
        siblings = siblings.filter(older, comment__created_at__lte=created_at)
        before = siblings.order_by("-comment__created_at", "-comment").first() or above
        page, place = self.room_before(self.next_after(before, depth))
        self.touch(page)
        return ThreadLine.objects.create(comment_id=number, page=page, place=place, depth=depth)

    def next_after(self, line, depth):
        """Return the next line that is at most `depth` deep, which ends the replies below `line`.

        For None, return the first line of the thread.
        """
        lines = self.lines.order_by("page__number", "place")
        if line is None:
            return lines.first()
        lines = lines.filter(depth__lte=depth)
        # The same page first, which nearly always has it.
        here = lines.filter(page=line.page, place__gt=line.place).first()
        return here or lines.filter(page__number__gt=line.page.number).first()

    def room_before(self, line):
        """Return a page and a free place on it before `line`; for None, at the thread's end."""
        page = line.page if line else self.pages.defer("html").order_by("number").last()
        if page is None:
            return self.new_page(1), 0
        places = self.places(page)
        at = places.index(line.place) if line else len(places)
        if at == 0 and (former := self.pages.filter(number=page.number - 1).first()):
            # The end of the page before is the same position; use it if it has room.
            held = self.places(former)
            if len(held) < ThreadPage.COMMENTS:
                page, places, at = former, held, len(held)
        if len(places) >= ThreadPage.COMMENTS:
            page, places, at = self.cut(page, places, at)
        if at == len(places):
            return page, places[-1] + 1 if places else 0
        page.lines.filter(place__gte=places[at]).update(place=F("place") + 1)
        return page, places[at]

    def cut(self, page, places, at):
        """Split a full page in two at index `at`, or in the middle if that comes later.

        Returns the page that this position is on now, the places on it, and its index there.
        """
        half = max(at, len(places) // 2)
        rest = self.new_page(page.number + 1)
        if half < len(places):
            page.lines.filter(place__gte=places[half]).update(page=rest)
            self.touch(page)
        self.touch(rest)
        if at >= half:
            return rest, places[half:], 0
        return page, places[:half], at

    def places(self, page):
        return list(page.lines.order_by("place").values_list("place", flat=True))

    def new_page(self, number):
        """Add a page with this number; the following pages get the next numbers."""
        self.renumber(number, 1)
        return ThreadPage.objects.create(post=self.post, number=number)

    def renumber(self, first, by):
        """Add `by` to the numbers of all pages from `first` on."""
        later = self.pages.filter(number__gte=first)
        if later.update(number=F("number") + ASIDE):
            self.pages.filter(number__gt=ASIDE).update(number=F("number") - ASIDE + by)
            # Its first comments may now answer one on another page.
            following = self.pages.filter(number=first + by).only("pk").first()
            self.touch(following)

    # --- Removing a line ----------------------------------------------------------------------

    def take_out(self, comment):
        """Remove the line of a comment, and of removed ones above it that have no other reply."""
        number, parent = comment.pk, comment.parent_id
        for _ in range(CHAIN + 1):
            if line := self.line(number):
                self.drop(line)
            above = self.post.comments.filter(pk=parent).exclude(status=comment.Status.APPROVED)
            above = above.values_list("pk", "parent_id").first()
            if above is None or self.is_answered(parent):
                return
            number, parent = above
        self.too_long = True

    def drop(self, line):
        line.delete()
        if line.page.lines.exists():
            self.touch(line.page)
        else:
            self.touched.pop(line.page.pk, None)
            line.page.delete()
            self.renumber(line.page.number + 1, -1)
