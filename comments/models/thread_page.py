"""The thread under an essay as readers get it: rendered when it changes, one row a page.

So showing a thread costs one row, whatever its length.
"""

from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.template.loader import render_to_string

from blog.markup import plain_text
from blog.posts.models import Post
from comments.margin import ReaderNote, annotate
from comments.thread import in_reading_order, rendering


class ThreadPageManager(models.Manager):
    def stale(self):
        return self.exclude(rendering=rendering(ThreadPage.THREADS))

    def refresh_stale(self):
        for post in Post.objects.filter(thread_pages__in=self.stale()).distinct():
            self.refresh(post)

    @transaction.atomic
    def refresh(self, post, since=None):
        """Render anew what readers see under `post`, from the page that holds `since` onward.

        `since` is a comment that starts a thread; without it every page is made anew. Adding at
        the end touches the last page only, whatever the length of the thread.
        """
        # Two moderators at once take turns on the essay's row.
        Post.objects.select_for_update().filter(pk=post.pk).first()
        threads = post.comments.thread_starts()
        last = -(-threads.count() // ThreadPage.THREADS)
        first = since.thread_page if since else 1
        count = post.comments.approved().written().count()
        for number in range(first, last + 1):
            start = (number - 1) * ThreadPage.THREADS
            starts = list(threads[start : start + ThreadPage.THREADS])
            replies = post.comments.filter(root__in=starts).order_by("created_at", "pk")
            rows = in_reading_order(post, starts, replies)
            html = render_to_string("comments/_thread.html", {"rows": rows, "post": post})
            self.store(post, number, html)
        self.filter(post=post, number__gt=last).delete()
        self.refresh_mentions(post)
        self.refresh_margin(post)
        Post.objects.filter(pk=post.pk).update(comment_count=count)
        post.comment_count = count

    def refresh_mentions(self, post):
        """Render the list under “Mentioned elsewhere”, kept as the page numbered 0."""
        mentions = list(post.comments.approved().mentions())
        if not mentions:
            self.filter(post=post, number=ThreadPage.MENTIONS).delete()
            return
        html = render_to_string("comments/_mentions.html", {"mentions": mentions})
        self.store(post, ThreadPage.MENTIONS, html)

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

    def store(self, post, number, html):
        made = {"html": html, "rendering": rendering(ThreadPage.THREADS)}
        self.update_or_create(post=post, number=number, defaults=made)


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
