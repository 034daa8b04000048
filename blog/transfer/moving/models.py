"""Blogs on their way here: the files that were sent, and what came of each."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.jobs.models import FAILED, READY, RUNNING, Job
from blog.media import parts

# What was sent and not used by then is deleted.
UNUSED_AFTER, UNDECIDED_AFTER = timedelta(days=1), timedelta(days=7)
# The lines of a report, in which commenters are named, stay so long; its sums stay.
LISTED_FOR = timedelta(days=90)
# Files of one person that are on their way, and how many of the largest in all.
MOST_EACH, MOST_LARGEST = 6, 4
NAME_LENGTH = 255
FOLDER = "moving"


class TooMuch(Exception):
    """So much is on its way already that nothing more is begun; the message says it."""


class Superseded(Exception):
    """The work was stopped, or another worker has taken it over."""


class MoveQuerySet(models.QuerySet):
    def forget(self, now):
        """Delete the files of those that nobody decided about, and what was sent and not used."""
        Parcel.objects.filter(move=None, began_at__lt=now - UNUSED_AFTER).delete()
        old = Parcel.objects.exclude(move__state__in=Move.WAITING)
        old.filter(move__changed_at__lt=now - UNDECIDED_AFTER).delete()
        lying = parts.begun(FOLDER)
        known = set(Parcel.objects.values_list("key", flat=True))
        for key in lying:
            if key not in known:  # its sender's account was deleted
                parts.remove(place(key))
        listed = models.Exists(Line.objects.filter(move=models.OuterRef("pk")))
        old = self.filter(listed, changed_at__lt=now - LISTED_FOR)
        for move in old.exclude(state__in=Move.WAITING):
            move.keep_sums_alone()


class Move(models.Model):
    """One file that is to be brought here, from its trial to what came of it."""

    class State(models.TextChoices):
        SENT = "sent", _("is being read")
        TRIED = "tried", _("read, not brought here yet")
        CHOSEN = "chosen", _("is being brought here")
        DONE = "done", _("brought here")
        REFUSED = "refused", pgettext_lazy("state of an import", "refused")
        STOPPED = "stopped", _("stopped")

    WAITING = (State.SENT, State.CHOSEN)

    kind = models.CharField(max_length=30)
    # What was said beside the file of what that leaves open (transfer/importers.py, `asks`).
    how = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    name = models.CharField(max_length=NAME_LENGTH)
    bytes = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    # Why it was refused or stopped.
    said = models.TextField(blank=True)
    # The reports of the dry run and of the import (transfer/report.py).
    trial = models.JSONField(null=True)
    report = models.JSONField(null=True)
    # What came of it, in a line.
    summary = models.TextField(blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # How far an import came that a worker may have to go on with (transfer/course.py).
    steps = models.PositiveBigIntegerField(default=0)
    # The job that is to do the work, and the attempt that does it: one of another number stops.
    job = models.UUIDField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    # At most one is at work at a time.
    is_at_work = models.BooleanField(default=False)
    sent_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = MoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("blog that moves in")
        verbose_name_plural = _("Bring a blog here")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_at_work"], condition=Q(is_at_work=True), name="move_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "tried", "chosen", "done", "refused", "stopped"]),
                name="move_state_known",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_waiting(self):
        """Whether a worker has something to do, or is doing it."""
        return self.state in self.WAITING

    @property
    def is_trial(self):
        return self.state == self.State.SENT

    @property
    def has_file(self):
        return self.parcels.filter(role=Parcel.BLOG).exists()

    @property
    def said_last(self):
        """The newest report, as it was kept."""
        return self.report or self.trial

    @transaction.atomic
    def keep_sums_alone(self):
        """Forget the lines of its reports."""
        self.lines.all().delete()
        kept = {name: said and said | {"notes": []} for name, said in self.reports.items()}
        Move.objects.filter(pk=self.pk).update(**kept)

    @property
    def reports(self):
        return {"trial": self.trial, "report": self.report}

    def has_failed(self):
        """Whether its job was given up for a fault nobody foresaw."""
        return self.is_waiting and Job.objects.filter(pk=self.job, status=FAILED).exists()

    def change(self, **changes):
        """Write this if nobody else has taken the work over; else raise Superseded."""
        changes.setdefault("changed_at", timezone.now())
        mine = Move.objects.filter(pk=self.pk, attempt=self.attempt, state=self.state)
        if not mine.update(**changes):
            raise Superseded
        for name, value in changes.items():
            setattr(self, name, value)

    def begin(self):
        """Take the one turn there is; return whether it was free, or another's who died."""
        for other in Move.objects.filter(is_at_work=True).exclude(pk=self.pk):
            alive = Job.objects.filter(pk=other.job, status__in=[READY, RUNNING])
            if other.is_waiting and alive.exists():
                return False
            Move.objects.filter(pk=other.pk).update(is_at_work=False)
        try:
            with transaction.atomic():
                self.change(is_at_work=True, attempt=self.attempt + 1)
        except IntegrityError:
            return False
        return True

    def end(self, state, said="", **changes):
        """Come to a state in which nobody works on it."""
        changes |= {"state": state, "said": said, "is_at_work": False}
        self.change(attempt=self.attempt + 1, **changes)
        if state in (self.State.DONE, self.State.REFUSED):
            self.parcels.all().delete()


class ParcelQuerySet(models.QuerySet):
    def delete(self):
        keys = list(self.values_list("key", flat=True))
        done = super().delete()
        transaction.on_commit(lambda: [parts.remove(place(key)) for key in keys])
        return done

    delete.queryset_only = True

    def begin(self, name, size, by):
        """Return a new one; raises TooMuch."""
        waiting = self.filter(move=None)
        sizes = self.aggregate(sum=Sum("bytes"))["sum"] or 0
        is_full = sizes and sizes + size > MOST_LARGEST * settings.RECORDING_MB * 1_000_000
        if is_full or waiting.filter(by=by).count() >= MOST_EACH:
            raise TooMuch(
                _now("Too much is on its way already. Throw something away, or try again later.")
            )
        key = secrets.token_hex(16)
        return self.create(key=key, by=by, name=name[-NAME_LENGTH:], bytes=size)


def place(key):
    """Return where the parts of a file lie: below the desk's, which leaves folders alone."""
    return f"{FOLDER}/{key}"


class Parcel(models.Model):
    """A file that is sent here in parts (media/parts.py), or was."""

    BLOG, FILES, TABLE = ROLES = "blog", "files", "table"

    key = models.CharField(max_length=32, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    bytes = models.PositiveBigIntegerField()
    began_at = models.DateTimeField(default=timezone.now)
    move = models.ForeignKey(Move, on_delete=models.CASCADE, null=True, related_name="parcels")
    role = models.CharField(max_length=5, blank=True)

    objects = ParcelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(bytes__gt=0), name="parcel_is_not_empty"),
            models.UniqueConstraint(fields=["move", "role"], name="parcel_once_in_a_role"),
        ]

    def __str__(self):
        return self.name

    def is_whole(self):
        return parts.there(place(self.key)) == [(0, self.bytes)]


class Line(models.Model):
    """A line of a report, of which the report itself keeps only the first under each heading."""

    move = models.ForeignKey(Move, on_delete=models.CASCADE, related_name="lines")
    is_of_trial = models.BooleanField()
    heading = models.CharField(max_length=500)
    text = models.CharField(max_length=500)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.text
