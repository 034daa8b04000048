"""What tests of mail share."""

import re

from django.utils import timezone

from blog.jobs.models import Job


def run_due_jobs(now=None):
    """Do all jobs that are due by then."""
    now = now or timezone.now()
    while job := Job.objects.claim("test", now):
        job.perform(lambda: now)
        job.refresh_from_db()
        assert job.status == "SUCCESSFUL", job.traceback


def links(text, what):
    """Return the paths of the links to this kind of page, each once, in order."""
    found = re.findall(rf"http://127\.0\.0\.1:8000(/comments/mail/{what}/[^\"\s<]+)", text)
    return list(dict.fromkeys(found))
