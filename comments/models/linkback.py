"""Received pingbacks and webmentions, and each attempt to verify one by fetching its source."""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.jobs.slices import delete
from blog.lib.rates import wait_for
from blog.posts.models import Post
from comments.models.comment import URL_LENGTH, Comment
from comments.models.turns import LOOKS, take_turn

# A finished look is kept as long as the limits may count it (the longest rate is by the day).
# Rejected linkbacks are deleted with their looks, so that senders cannot fill the table.
KEPT_FOR = timedelta(days=1)
# Looks that failed are repeated for half a day. One that is still open after this has lost its job.
LOST_AFTER = timedelta(days=3)


class LinkbackManager(models.Manager):
    def forget(self, now):
        """Delete old looks and rejected linkbacks; return how many linkbacks."""
        over = models.Q(ended_at__isnull=False) | models.Q(created_at__lt=now - LOST_AFTER)
        delete(Look.objects.filter(over, created_at__lt=now - KEPT_FOR))
        delete(Call.objects.filter(at__lt=now - KEPT_FOR))
        return delete(self.filter(comment=None, looks=None))

    def records(self, hosts):
        """Return rows of host, status and number of its mentions with that status (one query)."""
        judged = self.filter(host__in=hosts, comment__isnull=False)
        judged = judged.exclude(comment__status=Comment.Status.PENDING)
        counted = judged.values_list("host", "comment__status").annotate(models.Count("pk"))
        return counted.order_by("host", "comment__status")


class Linkback(models.Model):
    """One link from another page to one essay, as received by either protocol.

    Once it is verified, it gets a Comment, which waits in the queue and is shown when approved.
    The Comment is the mention; the Linkback is how it was received and verified.
    """

    class Protocol(models.TextChoices):
        PINGBACK = "pingback", _("pingback")
        WEBMENTION = "webmention", _("webmention")

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("state of a mention", "waiting")
        ACCEPTED = "accepted", pgettext_lazy("state of a mention", "accepted")
        REJECTED = "rejected", pgettext_lazy("state of a mention", "rejected")
        GONE = "gone", pgettext_lazy("state of a mention", "gone")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="linkbacks")
    # The same for every spelling of the source, http or https (receive.row_key).
    key = models.CharField(max_length=64)
    # As it was sent first or, once that was read and links here, as it was accepted last.
    source = models.CharField(_("source"), max_length=URL_LENGTH)
    target = models.CharField(_("target"), max_length=URL_LENGTH)
    host = models.CharField(_("host"), max_length=255)
    protocol = models.CharField(_("protocol"), max_length=10, choices=Protocol)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    # The pingback fault of the last look; null if it found the link.
    fault = models.SmallIntegerField(null=True, blank=True)
    # A digest of the words and comments here that its source named last; "" for none.
    named = models.CharField(max_length=64, blank=True, default="", db_default="")
    # The secret in the address of its status page.
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
        """Store the source's host too, so that others from the same host are found."""
        self.host = (urlsplit(self.source).hostname or "").lower()[:255]
        super().save(**kwargs)

    def get_absolute_url(self):
        """Return its status page."""
        return reverse("webmention-status", args=[self.token])

    @property
    def accepted_as(self):
        """The spellings of its source that readers may follow: as it was read, and as it is shown.

        None before one of them was accepted, or when the link was gone from them.
        """
        if self.state != self.State.ACCEPTED:
            return []
        shown = [self.comment.source] if self.comment else []
        return list(dict.fromkeys([self.source, *shown]))

    @property
    def announced_state(self):
        """The state that its sender sees: pending while a look is open; no word of moderation."""
        if self.state == self.State.ACCEPTED:
            return self.State.ACCEPTED
        waits = self.looks.filter(ended_at=None).exists()
        return self.State.PENDING if waits else self.State.REJECTED


class LookQuerySet(models.QuerySet):
    def waiting(self, source):
        """Return those not begun yet that will read this spelling of the linkback's source."""
        own = models.Q(source="", linkback__source=source)
        return self.filter(own | models.Q(source=source), began_at=None, ended_at=None)

    def ahead(self):
        """Return looks that wait for their first try; failed ones wait for a set time instead."""
        return self.filter(ended_at=None, failures=0)


class Look(models.Model):
    """One verification of a linkback, done by a job; the limits count these rows."""

    linkback = models.ForeignKey(Linkback, on_delete=models.CASCADE, related_name="looks")
    # The spelling of the source that was sent; "" for the linkback's own, as before there were
    # several.
    source = models.CharField(max_length=URL_LENGTH, blank=True)
    # The sender's address and network, /24 or /64; empty for the site itself.
    address = models.GenericIPAddressField(null=True, blank=True)
    network = models.CharField(max_length=50, blank=True)
    host = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    # When the source was last fetched, how often that failed, and when there was a result.
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
        """Record that the source is being read now."""
        self.began_at = timezone.now()
        self.save(update_fields=["began_at"])

    def postpone(self):
        """Record that the source was not read, because its machine may not be called yet."""
        self.began_at = None
        self.save(update_fields=["began_at"])

    def call(self, place, rate):
        """Record a call to a machine and return 0; if the rate forbids it, return seconds to wait.

        `place` is the machine (verify.machine_of), `rate` is (count, seconds) or None.
        """
        with transaction.atomic():
            take_turn(LOOKS)
            if seconds := wait_for(Call.objects.filter(place=place), rate, "at"):
                return seconds
            Call.objects.create(place=place)
            self.begin()
        return 0


class Call(models.Model):
    """One call to another machine for a look; LINKBACK_RATE_PER_HOST counts these rows.

    Machines are known by address, not by name, because many names can lead to one machine.
    """

    place = models.CharField(max_length=50)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["place", "-at"], name="call_place_rate")]

    def __str__(self):
        return f"{self.place} {self.at:%Y-%m-%d %H:%M}"
