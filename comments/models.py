"""Everything said about an essay: comments, pingbacks and webmentions, in one table.

One model for all kinds, because there is one queue, one life cycle and one thread. What readers
see of it is rendered here on save and kept in ThreadPage, so that showing a thread costs one row
whatever its length.
"""

import math
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blog.markup import MarkupError, one_line, plain_text, render_comment
from blog.posts.models import Post, SearchEntry

from .duplicates import nearest, normalise, words_fingerprint

# FilterToken and Lesson are named here so that Django finds them.
from .learning import FilterToken, Lesson, learn, weigh  # noqa: F401
from .margin import ReaderNote, annotate, has_passage
from .thread import in_reading_order, rendering

# Comments that start a thread of replies, to a page.
THREADS_PER_PAGE = 50

# Seconds in which its writer may mend a waiting comment.
EDIT_FOR = 10 * 60

# How many earlier comments a new one is compared with.
LOOK_BACK_ON_ESSAY = 1000
LOOK_BACK_ON_SITE = 2000

# An address in a link: browsers and servers agree up to about here (RFC 9110, section 4.1, asks
# for 8000; 2000 is what every old one takes).
URL_LENGTH = 2000


class CommentQuerySet(models.QuerySet):
    def approved(self):
        return self.filter(status=Comment.Status.APPROVED)

    def pending(self):
        return self.filter(status=Comment.Status.PENDING)

    def written(self):
        """Return comments people wrote here, not mentions from elsewhere."""
        return self.filter(kind=Comment.Kind.COMMENT)

    def mentions(self):
        """Return pingbacks and webmentions."""
        return self.exclude(kind=Comment.Kind.COMMENT)

    def forget_addresses(self):
        """Forget the network addresses older than COMMENT_ADDRESS_DAYS; return how many."""
        before = timezone.now() - timedelta(days=settings.COMMENT_ADDRESS_DAYS)
        kept = self.exclude(address=None, network="").filter(created_at__lt=before)
        return kept.update(address=None, network="")

    def of_person(self, email):
        """Return everything that was sent with this e-mail address, whatever its status."""
        return self.filter(email__iexact=email.strip())

    def same_words(self, comment):
        """Return the comments of the campaign this one belongs to, itself among them, if any."""
        return self.filter(campaign=comment.campaign) if comment.campaign else self.none()

    def said_lately(self, post):
        """Return key, words, name and e-mail of what a new comment is compared with (two queries).

        Whatever its status: the newest under the essay, and the newest of the whole site.
        """
        newest = self.written().order_by("-pk").values_list("pk", "words", "name", "email")
        rows = [*newest.filter(post=post)[:LOOK_BACK_ON_ESSAY], *newest[:LOOK_BACK_ON_SITE]]
        return list(dict.fromkeys(rows))

    def thread_starts(self):
        """Return the comments that start a thread readers see, oldest first.

        These are the approved ones that answer no other, and removed ones below which something
        approved still stands: they leave their line, so that a reply still answers something.
        """
        below = Comment.objects.approved().filter(root=models.OuterRef("pk"))
        seen = models.Q(status=Comment.Status.APPROVED) | models.Exists(below)
        return self.written().filter(seen, parent=None).order_by("created_at", "pk")


class Comment(models.Model):
    class Kind(models.TextChoices):
        COMMENT = "comment", _("comment")
        PINGBACK = "pingback", _("pingback")
        WEBMENTION = "webmention", _("webmention")

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        APPROVED = "approved", _("approved")
        SPAM = "spam", _("spam")
        TRASH = "trash", _("trash")

    # What its writer is told is waiting: spam and honest comments get the same words.
    SHOWN_AS_WAITING = (Status.PENDING, Status.SPAM)

    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="comments", verbose_name=_("essay")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.COMMENT)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="replies",
        verbose_name=_("in reply to"),
    )
    # The comment that starts this one's thread: its parent's root, or the parent itself.
    root = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.RESTRICT,
        related_name="thread",
    )
    # Set only when the writer was signed in; a name typed in a form proves nothing.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="comments",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("email"), blank=True, help_text=_("Never shown to readers."))
    url = models.URLField(_("website"), max_length=URL_LENGTH, blank=True)
    body = models.TextField(_("text"), blank=True)
    body_html = models.TextField(editable=False, blank=True)
    # Linkbacks only: the page that mentions the essay, and its title. `name` is its author and
    # `body` the excerpt around the link.
    source = models.URLField(_("source"), max_length=URL_LENGTH, blank=True)
    title = models.CharField(_("title of the source"), max_length=200, blank=True)
    # Words of the essay that a moderator set this comment beside, in the margin; usually empty.
    passage = models.CharField(
        _("set beside"),
        max_length=300,
        blank=True,
        help_text=_("Words of the essay, as readers see them. The comment stands beside them."),
    )
    created_at = models.DateTimeField(_("received"), default=timezone.now)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    # The sender's network, /24 or /64, by which the rate is limited; kept as long as `address`.
    network = models.CharField(max_length=50, blank=True, editable=False)
    # The author and the normalised words, so that the same again stands once on an essay. Null
    # for mentions, for imported comments (duplicates that stood in the source stay) and for
    # comments their writer took back.
    fingerprint = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001
    # The normalised words, by which later comments are found to be nearly the same.
    words = models.TextField(blank=True, editable=False)
    # The same for all who send the same words of some length, under whatever name and essay: a
    # campaign, to be judged at once. Empty for short courtesies.
    campaign = models.CharField(max_length=64, blank=True, editable=False)
    # The earlier comment this is most like, and how alike in percent, where that was near.
    look_alike = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("look-alike"),
    )
    likeness = models.PositiveSmallIntegerField(
        _("likeness in percent"), null=True, blank=True, editable=False
    )
    # How often the same was sent again.
    repeats = models.PositiveIntegerField(_("sent again"), default=0, editable=False)
    # What the filter gave it when it came, 0 to 100, and the tokens that weighed most, each with
    # its weight (spam.describe says them); none while the filter had learned too little.
    score = models.PositiveSmallIntegerField(
        _("points for spam"), null=True, blank=True, editable=False
    )
    weighed = models.JSONField(default=list, blank=True, editable=False)
    # Why it was held or filed, one machine-readable name each, in the order the rules ran.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    # Where an import brought it from, so that a second run adds nothing; null when written here.
    origin = models.CharField(max_length=500, unique=True, null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "pk"]
        indexes = [
            # A page of a thread: the comments that start one, oldest first.
            models.Index(fields=["post", "parent", "created_at"], name="comment_thread_order"),
            # All of one campaign.
            models.Index(fields=["campaign"], name="comment_campaign"),
            # How many came from a network lately.
            models.Index(fields=["network", "-created_at"], name="comment_network_rate"),
            # The queue: what waits, newest first.
            models.Index(fields=["status", "-created_at"], name="comment_queue_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["comment", "pingback", "webmention"]),
                name="comment_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "approved", "spam", "trash"]),
                name="comment_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="comment", source="", title="")
                | (~models.Q(kind="comment") & ~models.Q(source="")),
                name="comment_source_iff_linkback",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="comment") | ~models.Q(body=""),
                name="comment_has_words",
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None, root=None)
                | models.Q(kind="comment", parent__isnull=False, root__isnull=False),
                name="comment_reply_has_root",
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="comment_answers_another",
            ),
            models.UniqueConstraint(
                fields=["post", "fingerprint"], name="comment_said_once_per_post"
            ),
            # One row for one link, by whichever protocol it arrived (linkbacks: receiving).
            models.UniqueConstraint(
                fields=["post", "source"],
                condition=~models.Q(source=""),
                name="comment_source_once_per_post",
            ),
        ]

    def __str__(self):
        return f"{self.shown_name}: {plain_text(self.body_html)[:60] or self.source}"

    def save(self, *, refresh=True, **kwargs):
        """Render the text and bring what readers see up to date.

        `refresh=False` leaves the thread alone; whoever saves many calls
        `ThreadPage.objects.refresh(post)` once at the end.
        """
        self.root = (self.parent.root or self.parent) if self.parent else None
        self.name, self.title = one_line(self.name), one_line(self.title)
        self.body_html = render_comment(self.body)
        said = self.body if self.kind == self.Kind.COMMENT else ""
        self.words, self.campaign = normalise(said), words_fingerprint(said)
        with transaction.atomic():
            super().save(**kwargs)
            if self.status == self.Status.APPROVED and self.kind == self.Kind.COMMENT:
                SearchEntry.objects.put(
                    kind=SearchEntry.Kind.COMMENT,
                    key=self.pk,
                    post=self.post,
                    title=self.shown_name,
                    text=plain_text(self.body_html),
                    dated=self.created_at,
                )
            else:
                SearchEntry.objects.drop(kind=SearchEntry.Kind.COMMENT, key=self.pk)
            if refresh:
                ThreadPage.objects.refresh(self.post, since=self.root or self)

    def get_absolute_url(self):
        """Return the permalink: on the essay while its thread has one page, else by redirect."""
        if self.post.comment_count <= THREADS_PER_PAGE:
            return f"{self.post.get_absolute_url()}#c{self.pk}"
        return reverse("comment", args=[self.pk])

    def delete(self, **kwargs):
        with transaction.atomic():
            SearchEntry.objects.drop(kind=SearchEntry.Kind.COMMENT, key=self.pk)
            result = super().delete(**kwargs)
            ThreadPage.objects.refresh(self.post)
        return result

    def clean(self):
        """Refuse what could not be shown where it is meant to stand, naming the field."""
        if self.kind == self.Kind.COMMENT and not self.body.strip():
            raise ValidationError({"body": gettext("Write something first.")})
        try:
            render_comment(self.body)
        except MarkupError as error:
            raise ValidationError({"body": str(error)}) from error
        if self.parent and (self.kind, self.post_id) != (self.Kind.COMMENT, self.parent.post_id):
            raise ValidationError(
                {"parent": gettext("Only a comment can answer, and only one under its own essay.")}
            )
        if self.passage and self.post_id and not has_passage(self.post.body_html, self.passage):
            raise ValidationError(
                {
                    "passage": gettext(
                        "The essay does not have these words in one paragraph. "
                        "Copy them from its page."
                    )
                }
            )

    @property
    def shown_name(self):
        return self.name or gettext("Anonymous")

    def erase(self):
        """Take everything its writer gave away for good; only the line that replies need stays.

        The row stays without words, so that a second run of an import does not bring it back.
        """
        self.name = self.email = self.url = self.passage = self.network = ""
        self.address = self.author = self.fingerprint = self.look_alike = self.likeness = None
        self.weighed = []
        self.body, self.status = "–", self.Status.TRASH
        self.save()
        learn(self)

    def find_look_alike(self):
        """Remember the earlier comment that said nearly the same, if one did; saves nothing."""
        rows = [row for row in Comment.objects.said_lately(self.post) if row[0] != self.pk]
        writer = (self.email or self.name).casefold()
        own = {pk for pk, _words, name, email in rows if (email or name).casefold() == writer}
        found = nearest(self.body, [(pk, words) for pk, words, _name, _email in rows], own)
        self.look_alike_id, likeness = found or (None, None)
        self.likeness = None if likeness is None else round(likeness)

    def weigh(self):
        """Remember what the filter gives it, and the words that weighed; saves nothing."""
        self.score, self.weighed = weigh(self) or (None, [])

    @property
    def minutes_to_edit(self):
        """Whole minutes its writer may still mend it in, rounded up; 0 when they are over."""
        left = EDIT_FOR - (timezone.now() - self.created_at).total_seconds()
        return max(0, math.ceil(left / 60))

    @property
    def can_be_edited(self):
        return self.status in self.SHOWN_AS_WAITING and self.minutes_to_edit > 0

    @property
    def source_host(self):
        return (urlsplit(self.source).hostname or "").removeprefix("www.")

    @property
    def is_approved(self):
        return self.status == self.Status.APPROVED

    @property
    def by_author(self):
        """Whether the essay's own author wrote this, signed in."""
        return self.author_id is not None and self.author_id == self.post.author_id

    @property
    def thread_page(self):
        """The number of the page of its thread this stands on, from 1 (one query)."""
        start = self.root or self
        starts = Comment.objects.thread_starts().filter(post=self.post_id)
        earlier = models.Q(created_at__lt=start.created_at) | models.Q(
            created_at=start.created_at, pk__lt=start.pk
        )
        return starts.filter(earlier).count() // THREADS_PER_PAGE + 1


class ThreadPageManager(models.Manager):
    def stale(self):
        return self.exclude(rendering=rendering(THREADS_PER_PAGE))

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
        threads = Comment.objects.thread_starts().filter(post=post)
        last = -(-threads.count() // THREADS_PER_PAGE)
        first = since.thread_page if since else 1
        count = Comment.objects.approved().written().filter(post=post).count()
        for number in range(first, last + 1):
            start = (number - 1) * THREADS_PER_PAGE
            starts = list(threads[start : start + THREADS_PER_PAGE])
            replies = Comment.objects.filter(root__in=starts).order_by("created_at", "pk")
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
        mentions = list(Comment.objects.approved().mentions().filter(post=post))
        if not mentions:
            self.filter(post=post, number=ThreadPage.MENTIONS).delete()
            return
        html = render_to_string("comments/_mentions.html", {"mentions": mentions})
        self.store(post, ThreadPage.MENTIONS, html)

    def refresh_margin(self, post):
        """Set the comments that name a passage beside it, in the text readers get."""
        beside = Comment.objects.approved().written().filter(post=post).exclude(passage="")
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
        made = {"html": html, "rendering": rendering(THREADS_PER_PAGE)}
        self.update_or_create(post=post, number=number, defaults=made)


class ThreadPage(models.Model):
    """One page of the thread under an essay, as readers get it; number 0 holds the mentions."""

    MENTIONS = 0

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
