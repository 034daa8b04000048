"""What one decision changes in a thread: one line on one page, however long the thread is."""

from django.db import transaction
from django.db.models import F, Q

from comments.models.thread_page import PAGES_AT_ONCE, STALE, ThreadLine, ThreadPage

# Removed comments that come back, or go, with one decision about what stands below them. A thread
# where more do is laid out as a whole, by a job.
CHAIN = 5
# Comments, of whatever status, of a stale thread that the next decision lays out at once.
LAID_OUT_AT_ONCE = 200
# Added to the numbers of pages while others take them: each may be there once.
ASIDE = 10**9


@transaction.atomic(savepoint=False)
def follow(post, comments, *, margin):
    """Bring the thread under `post` up to date with these of its comments; they are saved.

    `margin` says that notes beside the essay may have changed. What it costs depends on how many
    comments are given, and not on the thread.
    """
    ThreadPage.objects.lock(post)
    had_one_page = post.comment_pages <= 1
    written = [comment for comment in comments if comment.kind == comment.Kind.COMMENT]
    if len(written) < len(comments):
        ThreadPage.objects.refresh_mentions(post)
    if post.thread_stale and post.comments.count() <= LAID_OUT_AT_ONCE:
        ThreadPage.objects.refresh(post)
        return
    if written:
        if not post.thread_stale:
            thread = Thread(post)
            for comment in written:
                thread.settle(comment)
            thread.render()
            post.thread_stale = thread.too_long
        ThreadPage.objects.keep_counts(post)
    # A note leads to the essay's own page while the thread has no other.
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
        # Pages to render, by primary key; the first that changed comes first.
        self.touched = {}
        self.too_long = False

    def settle(self, comment):
        """Give a comment the line it should have by its status, or none."""
        line = self.line(comment.pk)
        if line is None:
            if comment.is_approved:
                self.add(comment)
        elif comment.is_approved or self.is_answered(comment.pk):
            self.touch(line.page)
            # What answers it names it.
            below = self.pages.filter(lines__comment__parent=comment.pk)
            self.touched |= dict.fromkeys(below.distinct().values_list("pk", flat=True))
        else:
            self.take_out(comment)

    def render(self):
        """Render what changed, as far as that is not too much; the rest is stale."""
        keys = list(self.touched)
        for key in keys[:PAGES_AT_ONCE]:
            ThreadPage.objects.render(self.post, self.pages.filter(pk=key))
        if rest := keys[PAGES_AT_ONCE:]:
            self.pages.filter(pk__in=rest).update(rendering=STALE)

    def line(self, number):
        return self.lines.filter(pk=number).first()

    def is_answered(self, number):
        """Return whether something that readers see answers this comment."""
        return ThreadLine.objects.filter(comment__parent=number).exists()

    def touch(self, page):
        self.touched.setdefault(page.pk)

    # --- A line more --------------------------------------------------------------------------

    def add(self, comment):
        """Add a line for a comment, and for the removed ones above it that have none."""
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
        """Add a line below the line of its parent, if any, and behind older replies to that."""
        depth = above.depth + 1 if above else 0
        older = Q(comment__created_at__lt=created_at) | Q(comment__lt=number)
        siblings = self.lines.filter(comment__post=self.post, comment__parent=parent)
        siblings = siblings.filter(older, comment__created_at__lte=created_at)
        before = siblings.order_by("-comment__created_at", "-comment").first() or above
        page, place = self.room_before(self.next_after(before, depth))
        self.touch(page)
        return ThreadLine.objects.create(comment_id=number, page=page, place=place, depth=depth)

    def next_after(self, line, depth):
        """Return the next line that is not below `line`; the first of all for None.

        `depth` is how deep a line is at most that ends what stands below it.
        """
        lines = self.lines.order_by("page__number", "place")
        if line is None:
            return lines.first()
        lines = lines.filter(depth__lte=depth)
        # A page first, which is nearly always enough.
        here = lines.filter(page=line.page, place__gt=line.place).first()
        return here or lines.filter(page__number__gt=line.page.number).first()

    def room_before(self, line):
        """Return a page and a place on it for a new line before `line`; at the end for None."""
        page = line.page if line else self.pages.defer("html").order_by("number").last()
        if page is None:
            return self.new_page(1), 0
        places = self.places(page)
        at = places.index(line.place) if line else len(places)
        if at == 0 and (former := self.pages.filter(number=page.number - 1).first()):
            # As well at the end of the page before, if that has room.
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
        """Cut a full page in two where `at` is, or in the middle if that comes later.

        Returns the page that place is on now, the places on it, and which of them it is.
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
        """Return a new page of this number; those that follow are numbered on."""
        self.renumber(number, 1)
        return ThreadPage.objects.create(post=self.post, number=number)

    def renumber(self, first, by):
        """Add to the numbers of all pages from `first` on."""
        later = self.pages.filter(number__gte=first)
        if later.update(number=F("number") + ASIDE):
            self.pages.filter(number__gt=ASIDE).update(number=F("number") - ASIDE + by)
            # What it answers may be on the page before, or no longer.
            following = self.pages.filter(number=first + by).only("pk").first()
            self.touch(following)

    # --- A line less --------------------------------------------------------------------------

    def take_out(self, comment):
        """Drop the line of a comment, and of removed ones above that were shown for its sake."""
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
