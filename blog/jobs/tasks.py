"""What runs by itself: SCHEDULE in the settings says which commands, and how often."""

import shlex
import uuid
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task

from blog.jobs.models import Job

NAMESPACE = uuid.UUID("5bb3ff0c-1d34-4b0b-8c4d-6c1d2f2fb0a5")


@task()
def run_command(line):
    """Run a command of `manage.py`, as it would be typed; return what it says."""
    said = StringIO()
    call_command(*shlex.split(line), stdout=said)
    return said.getvalue().strip()


def enqueue_scheduled(now):
    """Enqueue the commands of the period `now` falls in, each of them once.

    The period makes the job's key, so that of many workers on many machines one enqueues it, and
    the row itself remembers that it did. Periods are counted from 1970 in UTC.
    """
    keys = {}
    for line, every in settings.SCHEDULE.items():
        keys[
            uuid.uuid5(NAMESPACE, f"{line} {every} {now.timestamp() // every.total_seconds()}")
        ] = line
    known = Job.objects.filter(pk__in=keys).values_list("pk", flat=True)
    for key in keys.keys() - set(known):
        given = {
            "task_path": run_command.module_path,
            "args_kwargs": {"args": [keys[key]], "kwargs": {}},
            "backend_name": DEFAULT_TASK_BACKEND_ALIAS,
            "run_after": now,
        }
        Job.objects.get_or_create(pk=key, defaults=given)
