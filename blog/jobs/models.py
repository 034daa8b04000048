"""Work done outside requests: mail, learning, fetching, and what is due every day.

A job is a row of django-tasks-db, written in the transaction of the change that wants it, so the
two stand or fall together and a worker sees neither before the commit:

    @task()
    def tell_moderators(comment_id): ...

    tell_moderators.enqueue(comment.pk)

A handler is run at least once: a worker may be killed after the deed and before the note of it.
So it takes the ids of rows, looks whether there is still something to do, and does it such that
a second run does no harm. A handler that raises is tried again later (`BACK_OFF`).
"""

import logging
from datetime import timedelta
from traceback import format_exception

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskContext, TaskResultStatus
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet, get_date_max

from blog.jobs.moved import MOVED

READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
FAILED, SUCCESSFUL = TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL
STATUSES = {
    READY: pgettext_lazy("job", "waiting"),
    RUNNING: pgettext_lazy("job", "running"),
    FAILED: pgettext_lazy("job", "failed"),
    SUCCESSFUL: pgettext_lazy("job", "done"),
}

# How long a failed job rests before each further attempt: a mail server that restarts is met
# again soon, one that is down for the night still the next morning. Then a person has to look.
BACK_OFF = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
]
ATTEMPTS = len(BACK_OFF) + 1
# A job belongs to its worker for so long, and the worker renews that while it lives. The clocks
# of several machines may differ by half of it.
LEASE = timedelta(seconds=60)
# A worker says so often that it lives, one small write each; one that said nothing for longer is
# silent. Four in a row may be lost, and clocks of two machines differ, before anybody sees it.
BEAT, SILENT = timedelta(seconds=30), timedelta(seconds=150)

logger = logging.getLogger(__name__)


class JobQuerySet(DBTaskResultQuerySet):
    def due(self, now):
        """Return the jobs to be run by `now`, first the pressing and then the oldest."""
        return self.filter(Q(run_after=get_date_max()) | Q(run_after__lte=now), status=READY)

    def claim(self, worker, now, lease=LEASE, but_not=()):
        """Return the next due job, this worker's alone until `now` + `lease`; None without one.

        Tasks whose path is in `but_not` are left for later.
        """
        due = self.due(now).exclude(task_path__in=but_not)
        while job := due.first():
            # Of several workers only one finds the row as it was read.
            same = self.filter(pk=job.pk, status=READY, run_after=job.run_after)
            job.status, job.started_at, job.run_after = RUNNING, now, now + lease
            job.worker_ids = [*job.worker_ids, worker]
            fields = ["status", "started_at", "run_after", "worker_ids"]
            if same.update(**{name: getattr(job, name) for name in fields}):
                return job
        return None

    def take_back_lost(self, now, lease=LEASE):
        """Put jobs whose worker fell silent back into the queue; fail what was lost too often.

        The first time a job is due again at once, then after one lease, two, and so on: it may be
        the job itself that kills its workers, and the oldest job comes first.
        """
        silent = Q(run_after__lte=now)
        # No lease is so long: the clock was set back since, maybe by days.
        ahead = Q(run_after__gt=now + 2 * lease)
        for job in self.filter(silent | ahead, status=RUNNING):
            same = self.filter(pk=job.pk, status=RUNNING, run_after=job.run_after)
            if job.run_after > now:
                same.update(run_after=now + lease)
            elif job.attempts < ATTEMPTS:
                # At once has no time, which would be late once a clock that was ahead is set back.
                rest = now + (job.attempts - 1) * lease
                same.update(status=READY, run_after=rest if job.attempts > 1 else get_date_max())
            else:
                same.update(
                    status=FAILED,
                    finished_at=now,
                    traceback=gettext("Its worker was lost each time."),
                )

    def try_again(self, now):
        """Put failed jobs back into the queue, with all attempts before them; return how many."""
        changes = {"status": READY, "run_after": now, "finished_at": None, "worker_ids": []}
        return self.filter(status=FAILED).update(**changes)


class Job(DBTaskResult):
    """A task and what it was called with. While it runs, `run_after` is the end of its lease."""

    objects = JobQuerySet.as_manager()

    class Meta:
        proxy = True
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self):
        given = [*self.args_kwargs["args"], *self.args_kwargs["kwargs"].values()]
        return " ".join(map(str, [self.task_path.rsplit(".", 1)[-1], *given]))

    @property
    def task(self):
        self.task_path = MOVED.get(self.task_path, self.task_path)
        return super().task

    @property
    def attempts(self):
        """How often a worker took it, this time included."""
        return len(self.worker_ids)

    def perform(self, clock):
        """Do it, and record at `clock()` that it is done or how it failed."""
        given, named = self.args_kwargs["args"], self.args_kwargs["kwargs"]
        try:
            task = self.task
            if task.takes_context:
                given = [TaskContext(task_result=self.task_result), *given]
            came_of_it = normalize_json(task.call(*given, **named))
        except (Exception, SystemExit) as error:
            self.put_off(error, clock())
        else:
            self.record(
                status=SUCCESSFUL,
                finished_at=clock(),
                return_value=came_of_it,
                exception_class_path="",
                traceback="",
            )

    def put_off(self, error, now):
        """Record that it failed: to be tried again after a rest, or for good."""
        kind = type(error)
        found = {
            "exception_class_path": f"{kind.__module__}.{kind.__qualname__}",
            "traceback": "".join(format_exception(error)),
        }
        if self.attempts < ATTEMPTS:
            again = now + BACK_OFF[self.attempts - 1]
            self.record(status=READY, run_after=again, **found)
        else:
            self.record(status=FAILED, finished_at=now, **found)
        # Not the message of the error, in which somebody's address may stand.
        logger.log(
            logging.WARNING if self.attempts < ATTEMPTS else logging.ERROR,
            "%s failed with %s, attempt %d of %d.",
            self.task_path,
            kind.__qualname__,
            self.attempts,
            ATTEMPTS,
        )

    def renew(self, now, lease=LEASE):
        """Keep it for this worker until `now` + `lease`."""
        self.record(run_after=now + lease)

    def give_back(self, now):
        """Leave it to another worker at once, as if this one had not taken it."""
        self.record(status=READY, run_after=get_date_max(), worker_ids=self.worker_ids[:-1])

    def record(self, **changes):
        """Write this, unless the lease ran out and the job went to another worker."""
        mine = Job.objects.filter(pk=self.pk, status=RUNNING, started_at=self.started_at)
        if not mine.update(**changes):
            logger.warning("%s went to another worker meanwhile.", self.task_path)


class SignQuerySet(models.QuerySet):
    def give(self, name, now):
        """Write down that it was so at `now`, whatever clock wrote there before."""
        self.update_or_create(name=name, defaults={"seen_at": now})

    def ages(self, now):
        """Return how long ago each sign was given, by name (one query).

        One of the future, from before a clock was set back, is as far away and counts as old.
        """
        return {name: abs(now - seen) for name, seen in self.values_list("name", "seen_at")}


class Sign(models.Model):
    """When something was last seen to be well: a worker of any machine, a finished backup.

    It lies in the database, so that every machine sees it. No backup holds it.
    """

    WORKER, BACKUP = "worker", "backup"

    name = models.CharField(max_length=20, primary_key=True)
    seen_at = models.DateTimeField()

    objects = SignQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self):
        return self.name
