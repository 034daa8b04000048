"""The rendered thread under an essay: one row for each page, rendered when the thread changes.

So showing a page of a thread reads one row, however long the thread is. Each comment that readers
see has a ThreadLine, with its page and its place there. `Thread` (thread_change.py) changes single
lines; `refresh` makes all lines and pages of a thread from its comments.
"""

import math
import time
from itertools import islice

from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.template.loader import render_to_string

from blog.lib.base_path import without_base
from blog.lib.languages import in_site_language
from blog.posts.models import Post, rendered_again
from blog.posts.reading import rows
from comments.models.beside import margin_html, settle
from comments.models.reacting import lines_of
from comments.rendering.thread import reading_order, rendering

# Pages that are rendered while someone waits. More are rendered when they are read, and by a job.
PAGES_AT_ONCE = 5
# Lines that are stored in one go.
LINES_AT_ONCE = 500
# The fields of the essay's row that describe its thread.
THREAD_FIELDS = ("comment_count", "comment_pages", "thread_stale")
# Stored in place of a rendering's name to mark a page as stale.
STALE = ""

# One page and the mentions, with the number of the last page for the links below the thread.
PAGE_AND_MENTIONS = """
SELECT id, number, html, rendering,
    (SELECT MAX(number) FROM comments_threadpage WHERE post_id = %s) AS last
FROM comments_threadpage WHERE post_id = %s AND number IN (%s, %s)
"""


class ThreadPageManager(models.Manager):
    def stale(self):
        return self.exclude(rendering=rendering())

    def stale_posts(self):
        """Return the posts whose threads have something left to render."""
        stale = self.stale().filter(post=models.OuterRef("pk"))
        return Post.objects.filter(models.Q(thread_stale=True) | models.Exists(stale))

    def lock(self, post):
        """Lock this thread, by its essay's row, and read its fields again (THREAD_FIELDS)."""
        locked = Post.objects.select_for_update()
        post.refresh_from_db(fields=[*THREAD_FIELDS, "annotated_html"], from_queryset=locked)

    # --- Laying out a thread ------------------------------------------------------------------

    @transaction.atomic(savepoint=False)
    def refresh(self, post):
        """Lay out the thread under `post` from its comments and render all of it.

        The cost grows with the thread, so this is for imports and tests; `Thread` updates the
        thread after single decisions.
        """
        self.lay_out(post)
        self.render(post, self.filter(post=post).order_by("number").defer("html"))

    @transaction.atomic(savepoint=False)
    def lay_out(self, post):
        """Make the pages and the lines of a thread; the pages are stale until rendered.

        Does not read the comments' texts. Ten queries, and one more for every 500 comments.
        """
        self.lock(post)
        numbers, depths = order_of(post, streamed=True)
        count = math.ceil(len(numbers) / ThreadPage.COMMENTS)
        ThreadLine.objects.filter(page__post=post).delete()
        self.filter(post=post).only("pk").delete()  # Django reads what it deletes here
        stored = self.bulk_create(
            ThreadPage(post=post, number=number) for number in range(1, count + 1)
        )
        lines = (
            ThreadLine(comment_id=comment, page=page, place=place, depth=depth)
            for page, lines in zip(stored, in_pages(numbers, depths), strict=True)
            for place, (comment, depth) in enumerate(lines)
        )
        while batch := list(islice(lines, LINES_AT_ONCE)):  # memory holds no more of them
            ThreadLine.objects.bulk_create(batch)
        post.thread_stale = False
        self.keep_counts(post)
        self.refresh_mentions(post)
        self.refresh_margin(post)

    def keep_counts(self, post):
        """Store how many comments and pages there are, and whether the thread is stale."""
        post.comment_count = post.comments.approved().written().count()
        post.comment_pages = self.filter(post=post, number__gt=ThreadPage.MENTIONS).count()
        Post.objects.filter(pk=post.pk).update(
            **{name: getattr(post, name) for name in THREAD_FIELDS}
        )

    def refresh_later(self, comments):
        """Mark the threads of these comments as stale: they are laid out again when read.

        Three queries for any number of essays, so many comments can be judged at once.
        """
        posts = Post.objects.filter(pk__in={comment.post_id for comment in comments})
        list(posts.select_for_update().order_by("pk").values_list("pk"))
        shown = comments[0]._meta.default_manager.approved().written()
        count = shown.filter(post=models.OuterRef("pk")).order_by().values("post")
        count = count.annotate(count=models.Count("pk")).values("count")
        posts.update(thread_stale=True, comment_count=Coalesce(models.Subquery(count), 0))

    # --- Rendering ----------------------------------------------------------------------------

    def render(self, post, pages):
        """Render these pages of the thread from their comments (three queries each)."""
        stamp = rendering()
        for page in pages:
            page.post = post
            self.filter(pk=page.pk).update(html=self.html_of(page), rendering=stamp)

    def refresh_stale(self, until=math.inf):
        """Render what is stale in all threads, as after an upgrade; return whether all is done.

        Stops at the time `until`, as given by time.monotonic().
        """
        while post := self.stale_posts().order_by("-published_at", "-pk").first():
            self.catch_up(post)
            if time.monotonic() > until:
                return False
        return True

    def catch_up(self, post):
        """Render what is stale in a thread, a few pages at a time, so that others can write too."""
        if post.thread_stale:
            self.lay_out(post)
        while self.render_stale(post, PAGES_AT_ONCE):
            pass
        with transaction.atomic():
            self.lock(post)
            self.refresh_margin(post)

    @transaction.atomic(savepoint=False)
    def render_stale(self, post, most):
        """Render at most `most` stale pages of `post`; return whether any were stale."""
        self.lock(post)
        pages = list(self.stale().filter(post=post).order_by("number").defer("html")[:most])
        self.render(post, pages)
        return bool(pages)

    def html_of(self, page):
        """Render a page from its comments (two queries)."""
        if page.number == ThreadPage.MENTIONS:
            return mentions_html(page.post)
        comments = page.post.comments.for_thread().filter(line__page=page)
        comments = list(comments.order_by("line__place"))
        here = {comment.pk for comment in comments}
        elsewhere = {comment.parent_id for comment in comments} - here - {None}
        numbers = {}
        if elsewhere:
            parents = ThreadLine.objects.filter(comment__in=elsewhere)
            numbers = dict(parents.values_list("comment", "page__number"))
        return thread_html(page.post, comments, page.number, numbers)

    def refresh_mentions(self, post):
        """Render the list under “Mentioned elsewhere” into page 0, or delete that page."""
        if html := mentions_html(post):
            given = {"html": html, "rendering": rendering()}
            self.update_or_create(post=post, number=ThreadPage.MENTIONS, defaults=given)
        else:
            self.filter(post=post, number=ThreadPage.MENTIONS).delete()

    def refresh_margin(self, post):
        """Put the comments that are about certain words beside these, in the essay's HTML."""
        settle(post, post.comments.approved().filter(passage_state=""))
        annotated = margin_html(post)
        if annotated != post.annotated_html:
            Post.objects.filter(pk=post.pk).update(annotated_html=annotated)
            post.annotated_html = annotated

    def follow_essay(self, post):
        """Set the notes beside an essay again, after its text changed, and say so in its thread."""
        if moved := settle(post):
            self.filter(post=post, lines__comment__in=moved).update(rendering=STALE)
            self.render_stale(post, PAGES_AT_ONCE)
            self.refresh_mentions(post)
        if moved or post.annotated_html:
            self.refresh_margin(post)

    # --- What readers get ---------------------------------------------------------------------

    def number_of(self, comment):
        """Return the number of the page that shows a comment, 1 if none does (one query)."""
        if comment.post.thread_stale:
            numbers, _depths = order_of(comment.post)
            at = numbers.index(comment.pk) if comment.pk in numbers else 0
            return at // ThreadPage.COMMENTS + 1
        line = ThreadLine.objects.filter(pk=comment.pk).values_list("page__number", flat=True)
        return line.first() or 1

    def has_line(self, comment):
        """Return whether this comment has a line in its thread, if only as removed (one query)."""
        if comment.post.thread_stale:
            return comment.pk in order_of(comment.post)[0]
        return ThreadLine.objects.filter(pk=comment.pk).exists()

    def shown(self, post, number):
        """Return page `number` of the thread and the mentions, by number (one query).

        A stale page is rendered here but not stored, because a GET request never writes.
        """
        if post.thread_stale:
            return self.as_it_is(post, number)
        pages, stamp = {}, rendering()
        given = [post.pk, post.pk, number, ThreadPage.MENTIONS]
        for pk, its, html, rendered, last in rows(PAGE_AND_MENTIONS, given):
            page = ThreadPage(pk=pk, post=post, number=its, html=html)
            page.html = html if rendered == stamp else self.html_of(page)
            page.last = last
            pages[its] = page
        return pages

    def as_it_is(self, post, number):
        """Return the same for a thread that is not laid out yet (three queries).

        Reads the order of all its comments, but the texts of this page only.
        """
        found, pages = {}, list(in_pages(*order_of(post)))
        if 1 <= number <= len(pages):
            on_page = {comment: at + 1 for at, page in enumerate(pages) for comment, _ in page}
            numbers = [comment for comment, _depth in pages[number - 1]]
            comments = post.comments.for_thread().in_bulk(numbers)
            comments = [comments[key] for key in numbers]
            found[number] = thread_html(post, comments, number, on_page)
        if html := mentions_html(post):
            found[ThreadPage.MENTIONS] = html
        shown = {}
        for its, html in found.items():
            shown[its] = ThreadPage(post=post, number=its, html=html)
            shown[its].last = len(pages)
        return shown


class ThreadPage(models.Model):
    """One rendered page of the thread under an essay; number 0 holds the mentions.

    Pages are numbered from 1 without gaps. A new page is added when the last one is full; a full
    page in the middle is split in two, so that the other pages do not change.
    """

    MENTIONS = 0
    # Comments to a page, at most.
    COMMENTS = 50

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="thread_pages")
    number = models.PositiveIntegerField()
    html = models.TextField()
    rendering = models.CharField(max_length=16)  # STALE until it is rendered

    objects = ThreadPageManager()
    # Of this app's models only this one changes readers' pages: comments are shown through it, so
    # a comment that waits changes nothing.
    changes_pages = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="thread_page_once"),
        ]
        indexes = [
            # Which pages are stale, without reading them.
            models.Index(fields=["rendering", "post"], name="thread_page_rendering"),
        ]

    def __str__(self):
        return f"{self.post_id}/{self.number}"


class ThreadLine(models.Model):
    """The place of a comment that readers see: its page, and its order there.

    `place` grows down the page and may have gaps. `depth` is the number of comments above it in
    the tree: the deeper lines that follow a comment are below it in the tree.
    """

    comment = models.OneToOneField(
        "comments.Comment", primary_key=True, on_delete=models.CASCADE, related_name="line"
    )
    page = models.ForeignKey(
        ThreadPage, db_index=False, on_delete=models.CASCADE, related_name="lines"
    )
    place = models.PositiveIntegerField()
    depth = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["page", "place", "depth"], name="thread_line_order")]

    def __str__(self):
        return f"{self.page_id}/{self.place}: {self.comment_id}"


def order_of(post, *, streamed=False):
    """Return numbers and depths of the comments that readers see under a post (one query).

    If `streamed`, which needs a transaction, memory holds only some of the rows at a time.
    """
    lines = post.comments.in_thread().order_by("created_at", "pk")
    approved = post.comments.model.Status.APPROVED
    read = lines.values_list("pk", "parent_id", "status")
    read = read.iterator() if streamed else read
    return reading_order((pk, parent, status == approved) for pk, parent, status in read)


def in_pages(numbers, depths):
    """Yield the lines of each page, pairs of number and depth; the last page may be shorter."""
    size = ThreadPage.COMMENTS
    for at in range(0, len(numbers), size):
        yield list(zip(numbers[at : at + size], depths[at : at + size], strict=True))


@without_base()
@in_site_language
def thread_html(post, comments, number, numbers):
    """Return the HTML of page `number`, which holds these comments.

    `numbers` has the page number of each parent that is on another page.
    """
    reactions = {}
    # Not by their status: SQLite would read all that is approved under the essay for it.
    below = post.comments.filter(parent__in=comments, reaction__in=post.comments.model.COUNTED)
    for mention in below.mentions():
        if mention.is_approved:
            reactions.setdefault(mention.parent_id, []).append(mention)
    for comment in comments:
        comment.post, comment.lines = post, lines_of(reactions.get(comment.pk, ()))
        comment.pages_back = number - numbers.get(comment.parent_id, number)
    return render_to_string("comments/_thread.html", {"rows": comments, "post": post})


@without_base()
@in_site_language
def mentions_html(post):
    """Return the list under “Mentioned elsewhere”, "" if there are no mentions."""
    mentions = list(post.comments.approved().mentions().filter(parent=None))
    if not mentions:
        return ""
    lines = lines_of(mentions)
    for mention in mentions:
        mention.post = post
    mentions = sorted(
        (each for each in mentions if not each.is_counted), key=lambda each: (each.dated, each.pk)
    )
    return render_to_string("comments/_mentions.html", {"mentions": mentions, "lines": lines})


@receiver(post_save, sender=Post)
def refresh_for_saved_essay(instance, created=False, **kwargs):
    """Update a saved essay's thread, if its author or date changed, and the notes beside it."""
    if created:  # there are none yet
        return
    if instance.byline_changed:
        pages = ThreadPage.objects.filter(post=instance)
        pages.update(rendering=STALE)
        ThreadPage.objects.render_stale(instance, PAGES_AT_ONCE)
    ThreadPage.objects.follow_essay(instance)


@receiver(rendered_again, sender=Post)
def refresh_for_rendered_essay(post, **kwargs):
    """Set the notes beside an essay whose text was rendered again."""
    ThreadPage.objects.follow_essay(post)
