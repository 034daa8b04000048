"""A page elsewhere that says it links to an essay, and each look at it to see whether it does."""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.lib.rates import wait_for
from blog.posts.models import Post
from comments.models.comment import URL_LENGTH, Comment
from comments.models.turns import LOOKS, take_turn

# A look that is over is remembered as long as limits may ask for it (a rate can be by the day).
# What was rejected is then forgotten with it, or whoever pings makes the table grow.
KEPT_FOR = timedelta(days=1)
# Looks that failed are repeated for half a day. What is still open then has lost its job.
LOST_AFTER = timedelta(days=3)


class LinkbackManager(models.Manager):
    def forget(self, now):
        """Forget looks that are over, and what was rejected; return how many of the latter."""
        over = models.Q(ended_at__isnull=False) | models.Q(created_at__lt=now - LOST_AFTER)
        Look.objects.filter(over, created_at__lt=now - KEPT_FOR).delete()
        Call.objects.filter(at__lt=now - KEPT_FOR).delete()
        return self.filter(comment=None, looks=None).delete()[0]

    def records(self, hosts):
        """Yield host, status of a comment, and how many mentions from it have it (one query)."""
        judged = self.filter(host__in=hosts, comment__isnull=False)
        judged = judged.exclude(comment__status=Comment.Status.PENDING)
        counted = judged.values_list("host", "comment__status").annotate(models.Count("pk"))
        return counted.order_by("host", "comment__status")


class Linkback(models.Model):
    """One link from elsewhere to one essay, by whichever protocol it was told.

    What is not verified is here only. Once it is, its Comment stands in the queue, and is shown
    when it is approved; that row is the mention, this one how it came and what becomes of it.
    """

    class Protocol(models.TextChoices):
        PINGBACK = "pingback", _("pingback")
        WEBMENTION = "webmention", _("webmention")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        GONE = "gone", _("gone")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="linkbacks")
    # What any spelling of the source has in common, http or https (receive.row_key).
    key = models.CharField(max_length=64)
    source = models.CharField(_("source"), max_length=URL_LENGTH)
    target = models.CharField(_("target"), max_length=URL_LENGTH)
    host = models.CharField(_("host"), max_length=255)
    protocol = models.CharField(_("protocol"), max_length=10, choices=Protocol)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    # The pingback fault that says what was wrong at the last look; null where nothing was.
    fault = models.SmallIntegerField(null=True, blank=True)
    # What its status page is found by.
    token = models.CharField(max_length=43, unique=True, default=secrets.token_urlsafe)
    comment = models.OneToOneField(
        Comment, null=True, blank=True, on_delete=models.SET_NULL, related_name="linkback"
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    objects = LinkbackManager()

    class Meta:
        verbose_name = _("linkback")
        verbose_name_plural = _("linkbacks")
        constraints = [
            models.UniqueConstraint(fields=["post", "key"], name="linkback_once_per_post"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "accepted", "rejected", "gone"]),
                name="linkback_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(protocol__in=["pingback", "webmention"]),
                name="linkback_protocol_known",
            ),
        ]
        indexes = [models.Index(fields=["host"], name="linkback_host_record")]

    def __str__(self):
        return f"{self.source} → {self.target}"

    def save(self, **kwargs):
        """Keep the host beside the source, by which others from there are found."""
        self.host = (urlsplit(self.source).hostname or "").lower()[:255]
        super().save(**kwargs)

    def get_absolute_url(self):
        """Return its status page."""
        return reverse("webmention-status", args=[self.token])

    @property
    def announced_state(self):
        """What its sender is told: nothing of moderation, and waiting while a look is ahead."""
        if self.state == self.State.ACCEPTED:
            return self.State.ACCEPTED
        waits = self.looks.filter(ended_at=None).exists()
        return self.State.PENDING if waits else self.State.REJECTED


class LookQuerySet(models.QuerySet):
    def ahead(self):
        """Return those that came to nothing yet. One that failed waits for nobody's turn."""
        return self.filter(ended_at=None, failures=0)


class Look(models.Model):
    """One look at a source, asked for by someone: what limits count, and what a job does."""

    linkback = models.ForeignKey(Linkback, on_delete=models.CASCADE, related_name="looks")
    # Who asked: address and network, /24 or /64; empty for the site itself.
    address = models.GenericIPAddressField(null=True, blank=True)
    network = models.CharField(max_length=50, blank=True)
    host = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    # When the source was last called, how often that came to nothing, and when there was an answer.
    began_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = LookQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["network", "-created_at"], name="look_network_rate"),
            models.Index(fields=["-created_at"], name="look_site_rate"),
            models.Index(fields=["id"], condition=models.Q(ended_at=None), name="look_open"),
        ]

    def __str__(self):
        return f"{self.linkback_id} {self.created_at:%Y-%m-%d %H:%M}"

    def begin(self):
        """Note that the source is read now."""
        self.began_at = timezone.now()
        self.save(update_fields=["began_at"])

    def postpone(self):
        """Note that the source is still to be read, as its machine may not be called yet."""
        self.began_at = None
        self.save(update_fields=["began_at"])

    def call(self, place, rate):
        """Note that a place is called for this look, if the rate allows; return seconds to wait.

        `place` stands for one machine, `rate` is (count, seconds) or None; 0 means it is called.
        """
        with transaction.atomic():
            take_turn(LOOKS)
            if seconds := wait_for(Call.objects.filter(place=place), rate, "at"):
                return seconds
            Call.objects.create(place=place)
            self.begin()
        return 0


class Call(models.Model):
    """One call to another machine for a look at a source: what LINKBACK_RATE_PER_HOST counts.

    By its address, not by a name: many names can lead to one machine, and so can redirects.
    """

    place = models.CharField(max_length=50)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["place", "-at"], name="call_place_rate")]

    def __str__(self):
        return f"{self.place} {self.at:%Y-%m-%d %H:%M}"
