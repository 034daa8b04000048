"""Counts for the rate limits: comments, their edits, and texts that were only checked.

They are in a table, because limits must hold on all machines of a site and after a restart. It
keeps one day, and only what the limits allowed, so that the limits bound its size too.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import OperationalError, models, transaction
from django.db.models.functions import Left
from django.utils import timezone

from blog.jobs.slices import delete
from blog.lib.rates import Limit, limits_of, sender_of, wait_for
from blog.lib.statement import Statement
from comments.models.turns import RATES, take_turn

# Checks that are allowed for each comment that is allowed: previews, and texts returned with
# errors. Each costs as much work as a comment, and people need a few.
CHECKS = 4
# The longest period a rate can have (settings.parse_rate).
KEPT_FOR = timedelta(days=1)


class RateEventQuerySet(models.QuerySet):
    def checked(self, address: str) -> None:
        """Count a text that was checked and not stored.

        A failing write is ignored, so that the sender still gets an answer.
        """
        if settings.COMMENT_RATE_PER_NETWORK or settings.COMMENT_RATE_SITE:
            with contextlib.suppress(OperationalError):
                self.create(kind=RateEvent.Kind.CHECK, sender=sender_of(address))

    def take(self, kind: RateEvent.Kind, address: str) -> int:
        """Count one more of a kind and return 0, or return the seconds to wait.

        Requests take turns, so the limits hold even for many at the same moment.
        """
        sender = sender_of(address)
        if not limits_for(kind, sender):
            return 0
        with transaction.atomic():
            take_turn(RATES)
            wait = self._wait(kind, sender)
            # A refused comment counts as a check, because it cost as much work.
            counted = RateEvent.Kind.CHECK if wait and kind == RateEvent.Kind.COMMENT else kind
            if not wait or counted != kind:
                self.create(kind=counted, sender=sender)
        return wait

    def forget(self, now: datetime) -> int:
        """Delete rows that no limit counts any more, and those that a wrong clock dated ahead."""
        old = models.Q(at__lt=now - KEPT_FOR) | models.Q(at__gt=now + KEPT_FOR)
        return delete(self.filter(old))

    def wait(self, kind: RateEvent.Kind, address: str) -> int:
        """Return the seconds until this address may send one more of a kind; 0 if it may now.

        One query if all limits have the same period; one more for each limit once one is reached.
        """
        return self._wait(kind, sender_of(address))

    def _wait(self, kind: RateEvent.Kind, sender: str) -> int:
        if not (limits := limits_for(kind, sender)):
            return 0
        now, reached = timezone.now(), False
        for seconds in {limit.seconds for limit in limits}:
            same = [limit for limit in limits if limit.seconds == seconds]
            widest = min((limit.prefix for limit in same), key=len)
            span = timedelta(seconds=seconds)
            given = [kind.value, now - span, now + span, *([widest] if widest else [])]
            counts = _counts_by_sender(len(widest)).rows(*given)
            reached = reached or any(_is_reached(limit, counts) for limit in same)
        if not reached:
            return 0
        of_kind = self.filter(kind=kind)
        return max(
            wait_for(of_kind.filter(sender__startswith=limit.prefix), limit[1:], "at")
            for limit in limits
        )


class RateEvent(models.Model):
    """One request that the limits counted, and its sender. Backups leave these rows out."""

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
    """Return the limits from the settings for this kind and sender."""
    if kind == RateEvent.Kind.MENTION:  # looks at sources have the other limits (receive.py)
        return limits_of(sender, None, settings.LINKBACK_RATE_SITE)
    rates = [settings.COMMENT_RATE_PER_NETWORK, settings.COMMENT_RATE_SITE]
    times = CHECKS if kind == RateEvent.Kind.CHECK else 1
    return limits_of(sender, *[rate and (rate[0] * times, rate[1]) for rate in rates])


def _is_reached(limit: Limit, counts: list[tuple[str, int]]) -> bool:
    number = sum(count for sender, count in counts if sender.startswith(limit.prefix))
    return number >= limit.most


@cache
def _counts_by_sender(length: int) -> Statement:
    """Return a query for how often each sender did something between two times.

    If `length` is not 0, only senders that begin with a prefix of that length are counted.
    """

    def build(kind: str, since: datetime, until: datetime, prefix: str = "") -> models.QuerySet:
        rows = RateEvent.objects.filter(kind=kind, at__gt=since, at__lt=until)
        if length:
            rows = rows.annotate(beginning=Left("sender", length)).filter(beginning=prefix)
        return rows.order_by().values_list("sender").annotate(models.Count("pk"))

    return Statement(build, str, datetime, datetime, *([str] if length else []))
