"""The thread under an essay as readers get it: rendered when it changes, one row a page.

So showing a thread costs one row, whatever its length.
"""

from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.template.loader import render_to_string

from blog.markup import plain_text
from blog.posts.models import Post
from comments.margin import ReaderNote, annotate
from comments.thread import in_reading_order, rendering

# Pages of a thread rendered from what is in memory at once.
PAGES_AT_ONCE = 20


class ThreadPageManager(models.Manager):
    def stale(self):
        return self.exclude(rendering=rendering(ThreadPage.THREADS))

    def refresh_stale(self):
        for post in Post.objects.filter(thread_pages__in=self.stale()).distinct():
            self.refresh(post)

    @transaction.atomic(savepoint=False)
    def refresh(self, post, since=None):
        """Render anew what readers see under `post`, from the page that holds `since` onward.

        `since` is a comment that starts a thread; without it every page is made anew. Adding at
        the end touches the last page only, whatever the length of the thread. Ten queries, and
        two more for each PAGES_AT_ONCE beyond the first.
        """
        # Two moderators at once take turns on the essay's row.
        list(Post.objects.select_for_update().filter(pk=post.pk).values_list("pk"))
        first = since.thread_page if since and not post.thread_stale else 1
        made = [page for pages in self.rendered(post, first) for page in pages]
        last = made[-1].number if made else first - 1
        gone = models.Q(number__gt=last)
        if mentions := self.rendered_mentions(post):
            made.append(mentions)
        else:
            gone |= models.Q(number=ThreadPage.MENTIONS)
        self.bulk_create(
            made,
            update_conflicts=True,
            unique_fields=["post", "number"],
            update_fields=["html", "rendering"],
        )
        self.filter(gone, post=post).delete()
        self.refresh_margin(post)
        post.comment_count = post.comments.approved().written().count()
        post.thread_stale = False
        changed = {"comment_count": post.comment_count, "thread_stale": False}
        Post.objects.filter(pk=post.pk).update(**changed)

    def refresh_later(self, comments):
        """Have the threads of these comments rendered as they are read, until they are refreshed.

        Three queries, whatever the number of essays: the way to judge many comments at once.
        """
        posts = Post.objects.filter(pk__in={comment.post_id for comment in comments})
        list(posts.select_for_update().order_by("pk").values_list("pk"))
        shown = comments[0]._meta.default_manager.approved().written()
        count = shown.filter(post=models.OuterRef("pk")).order_by().values("post")
        count = count.annotate(count=models.Count("pk")).values("count")
        posts.update(thread_stale=True, comment_count=Coalesce(models.Subquery(count), 0))

    def as_it_is(self, post, number):
        """Return one page of the thread and the mentions, by number, rendered from the comments."""
        pages = next(self.rendered(post, number, most=1), [])
        if mentions := self.rendered_mentions(post):
            pages = [*pages, mentions]
        last = -(-post.comments.thread_starts().count() // ThreadPage.THREADS)
        for page in pages:
            page.last = last
        return {page.number: page for page in pages}

    def rendered(self, post, first, most=PAGES_AT_ONCE):
        """Yield the pages from `first` on, unsaved, at most so many at once (two queries each)."""
        size, threads = ThreadPage.THREADS, post.comments.thread_starts()
        while starts := list(threads[(first - 1) * size :][: most * size]):
            answers = {}
            for reply in post.comments.filter(root__in=starts).order_by("created_at", "pk"):
                answers.setdefault(reply.root_id, []).append(reply)
            pages = []
            for at in range(0, len(starts), size):
                page = starts[at : at + size]
                replies = [reply for start in page for reply in answers.get(start.pk, ())]
                context = {"rows": in_reading_order(post, page, replies), "post": post}
                html = render_to_string("comments/_thread.html", context)
                pages.append(self.made(post, first + len(pages), html))
            yield pages
            if len(starts) < most * size:
                return
            first += most

    def rendered_mentions(self, post):
        """Return the list under “Mentioned elsewhere”, kept as the page numbered 0, if any."""
        if mentions := list(post.comments.approved().mentions()):
            html = render_to_string("comments/_mentions.html", {"mentions": mentions})
            return self.made(post, ThreadPage.MENTIONS, html)
        return None

    def made(self, post, number, html):
        stamp = rendering(ThreadPage.THREADS)
        return ThreadPage(post=post, number=number, html=html, rendering=stamp)

    def refresh_margin(self, post):
        """Set the comments that name a passage beside it, in the text readers get."""
        beside = post.comments.approved().written().exclude(passage="")
        notes = []
        for comment in beside:
            comment.post = post
            text = plain_text(comment.body_html)
            url = comment.get_absolute_url()
            notes.append(ReaderNote(comment.passage, comment.shown_name, text, url))
        annotated = annotate(post.body_html, notes) if notes else ""
        if annotated != post.annotated_html:
            Post.objects.filter(pk=post.pk).update(annotated_html=annotated)
            post.annotated_html = annotated


class ThreadPage(models.Model):
    """One page of the thread under an essay, as readers get it; number 0 holds the mentions."""

    MENTIONS = 0
    # Comments that start a thread of replies, to a page.
    THREADS = 50

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="thread_pages")
    number = models.PositiveIntegerField()
    html = models.TextField()
    rendering = models.CharField(max_length=16)

    objects = ThreadPageManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="thread_page_once"),
        ]

    def __str__(self):
        return f"{self.post_id}/{self.number}"


@receiver(post_save, sender=Post)
def follow_essay(instance, **kwargs):
    """Bring what readers see under an essay up to date once the essay was saved."""
    if instance.byline_changed:
        ThreadPage.objects.refresh(instance)
    elif instance.annotated_html:
        ThreadPage.objects.refresh_margin(instance)
