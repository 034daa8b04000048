"""What counts in the rates: comments, their changes, and texts that were only checked.

A table, because rates must hold on all machines of a site, after a restart, and where a cache is
lost. It holds a day at most, and only what the rates let pass, so that they bound it too.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, models, transaction
from django.utils import timezone

from blog.lib.rates import Limit, limits_of, sender_of, wait_for
from comments.models.turns import RATES, take_turn

# Texts that may be checked for each comment that may be sent: previews, and what comes back with
# something to fix. Each costs as much work as a comment, and people need a few.
CHECKS = 4
# The longest period a rate can have (settings.parse_rate).
KEPT_FOR = timedelta(days=1)


class RateEventQuerySet(models.QuerySet):
    def wait_to_check(self, address: str) -> int:
        """Return the seconds this address has to wait before a text is checked; 0 for none."""
        return self._wait(RateEvent.Kind.CHECK, sender_of(address))

    def checked(self, address: str) -> None:
        """Count a text that was checked and not stored.

        Its sender gets an answer even where the database takes nothing just now.
        """
        if settings.COMMENT_RATE_PER_NETWORK or settings.COMMENT_RATE_SITE:
            with contextlib.suppress(OperationalError):
                self.create(kind=RateEvent.Kind.CHECK, sender=sender_of(address))

    def take(self, kind: RateEvent.Kind, address: str) -> int:
        """Count one more of a kind, or return the seconds it has to wait.

        However many ask at once, no more than the limits allow are let through: they take turns.
        """
        sender = sender_of(address)
        if not limits_for(kind, sender):
            return 0
        with transaction.atomic():
            take_turn(RATES)
            wait = self._wait(kind, sender)
            # A comment that comes too soon cost the work of a check anyway.
            counted = RateEvent.Kind.CHECK if wait and kind == RateEvent.Kind.COMMENT else kind
            if not wait or counted != kind:
                self.create(kind=counted, sender=sender)
        return wait

    def forget(self, now: datetime) -> int:
        """Forget what no rate asks for any more, and what a clock set back left ahead."""
        old = models.Q(at__lt=now - KEPT_FOR) | models.Q(at__gt=now + KEPT_FOR)
        return self.filter(old).delete()[0]

    def _wait(self, kind: RateEvent.Kind, sender: str) -> int:
        """Return how many seconds the limits ask to wait (one query; more where one is reached)."""
        if not (limits := limits_for(kind, sender)):
            return 0
        now, of_kind = timezone.now(), self.filter(kind=kind)
        longest = timedelta(seconds=max(limit.seconds for limit in limits))
        lately = of_kind.filter(at__gt=now - longest, at__lt=now + longest)
        counts = lately.aggregate(
            **{
                f"limit_{place}": models.Count("pk", filter=_within(limit, now))
                for place, limit in enumerate(limits)
            }
        )
        return max(
            (
                wait_for(of_kind.filter(sender__startswith=limit.prefix), limit[1:], "at")
                for limit, count in zip(limits, counts.values(), strict=True)
                if count >= limit.most
            ),
            default=0,
        )


class RateEvent(models.Model):
    """One thing that the rates counted, and from where. No backup holds it."""

    class Kind(models.TextChoices):
        COMMENT = "comment"  # or a change of one
        CHECK = "check"
        MENTION = "mention"

    kind = models.CharField(max_length=10, choices=Kind)
    sender = models.CharField(max_length=17)
    at = models.DateTimeField(default=timezone.now)

    objects = RateEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "-at"], name="rate_event_lately")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["comment", "check", "mention"]),
                name="rate_event_kind_known",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.sender} {self.at:%Y-%m-%d %H:%M}"


def limits_for(kind: RateEvent.Kind, sender: str) -> list[Limit]:
    """Return the limits of the settings that hold for what a sender does."""
    if kind == RateEvent.Kind.MENTION:  # looks at sources have the other limits (receive.py)
        return limits_of(sender, None, settings.LINKBACK_RATE_SITE)
    rates = [settings.COMMENT_RATE_PER_NETWORK, settings.COMMENT_RATE_SITE]
    times = CHECKS if kind == RateEvent.Kind.CHECK else 1
    return limits_of(sender, *[rate and (rate[0] * times, rate[1]) for rate in rates])


def _within(limit: Limit, now: datetime) -> models.Q:
    span = timedelta(seconds=limit.seconds)
    within = models.Q(at__gt=now - span, at__lt=now + span)
    return within & models.Q(sender__startswith=limit.prefix) if limit.prefix else within
