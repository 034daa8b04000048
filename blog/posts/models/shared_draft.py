"""Secret links to a draft, for people whose opinion its author wants before readers have it."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.lib.languages import MOST

from .post import Post
from .revision import Text

# A week, unless its author says otherwise.
DAYS, MOST_DAYS = 7, 90


def new_token():
    """Return 128 random bits, which nobody guesses."""
    return secrets.token_urlsafe(16)


class SharedDraftQuerySet(models.QuerySet):
    def live(self):
        """Return the links that show a draft now."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def of(self, post):
        """Return the links to an essay, the one made last first."""
        return self.filter(post=post).order_by("-pk")

    def reached_by(self, token):
        """Return the link of this token with its essay, or None (one query)."""
        return self.select_related("post__author").filter(token=token).first()

    @transaction.atomic
    def share(self, post, text, html, *, by, revision=None, days=DAYS):
        """Return a link to a draft for so many days: the one it has, or a new one.

        With a `revision` it stays at that version, else it follows what is written.
        """
        Post.objects.select_for_update().only("pk").get(pk=post.pk)
        link = self.of(post).live().first() or self.model(post=post, by=by, token=new_token())
        link.revision = revision
        link.expires_at = timezone.now() + timedelta(days=max(1, min(days, MOST_DAYS)))
        link.show(text, html)
        link.save()
        return link

    def locked(self, link):
        """Return a link as it is stored now; nothing ends it until the transaction does.

        Raises DoesNotExist for an essay that was deleted. Its essay is locked first, as for a save.
        """
        Post.objects.select_for_update().only("pk").get(pk=link.post_id)
        rows = self.select_for_update(of=("self",)).select_related("post__author")
        return rows.get(pk=link.pk)

    def stop(self, post):
        """Have no link show this draft any more; return how many did."""
        return self.of(post).live().update(revoked_at=timezone.now())


class SharedDraft(models.Model):
    """A link by which anyone may read a draft, until it ends or its author revokes it.

    It holds what it shows, rendered when it was saved: no reader waits for Markdown.
    """

    class Notes(models.TextChoices):
        """Who sees the notes that are left on it (kept by the comments app)."""

        NONE = "none", _("it takes no notes")
        AUTHOR = "author", _("only its author")
        ALL = "all", _("everyone with the link")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="shared_drafts")
    # The version it stays at; None where it follows the draft.
    revision = models.ForeignKey("posts.Revision", on_delete=models.CASCADE, null=True)
    # Stored as it is, because its author is shown the link again.
    token = models.CharField(max_length=40, unique=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(
        pgettext_lazy("date of a link to a draft", "made"), default=timezone.now
    )
    expires_at = models.DateTimeField(pgettext_lazy("date of a link to a draft", "ends"))
    revoked_at = models.DateTimeField(
        pgettext_lazy("date of a link to a draft", "revoked"), null=True
    )
    title = models.CharField(max_length=300, blank=True)
    standfirst = models.TextField(blank=True)
    tags = models.JSONField(default=list)
    lang = models.CharField(max_length=MOST, blank=True)
    html = models.TextField(blank=True)
    notes = models.CharField(
        _("who sees its notes"),
        max_length=10,
        choices=Notes,
        default=Notes.AUTHOR,
        db_default="author",
    )

    objects = SharedDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to a draft")
        verbose_name_plural = _("links to drafts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(notes__in=["none", "author", "all"]),
                name="shared_draft_notes_known",
            )
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("shared-draft", args=[self.token])

    @property
    def address(self):
        """The whole link, to be copied."""
        return settings.SITE_URL + self.get_absolute_url()

    @property
    def is_live(self):
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def shows_draft(self):
        """Whether it shows its essay now: that must be a draft still."""
        return self.is_live and self.post.status in (Post.Status.DRAFT, Post.Status.SCHEDULED)

    @property
    def takes_notes(self):
        return self.shows_draft and self.notes != self.Notes.NONE

    @property
    def follows(self):
        return self.revision_id is None

    def show(self, text: Text, html):
        """Have it show this text and its HTML from the next save on."""
        self.title, self.standfirst = text.title, text.standfirst
        self.tags, self.lang, self.html = list(text.tags), text.lang, html
