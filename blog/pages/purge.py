"""Telling a cache before this site, such as Varnish or a CDN, that pages changed."""

import http.client
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from blog.jobs.models import READY, Job
from blog.pages.policy import SURROGATE_KEY

# Seconds for each step of speaking to it.
ANSWER_SECONDS = 10


class NotPurged(Exception):
    """The cache did not take the purge; says what it answered."""


def purge_soon() -> None:
    """Have the cache purged by a job, unless one is due that will cover this change too.

    A failed job that is waiting to retry runs now, so never more than one waits: a cache that comes
    back is purged with the next change.
    """
    now = timezone.now()
    if Job.objects.due(now).filter(task_path=purge.module_path).exists():
        return
    waiting = Job.objects.filter(task_path=purge.module_path, status=READY)
    if not waiting.update(run_after=now):
        purge.enqueue()


@task(priority=20)
def purge() -> None:
    """Send what CDN_PURGE_URL and its companions say; twice does no harm.

    Raises NotPurged or OSError where it was not taken; the job is then tried again. Does nothing
    where the cache was given up since the job was written.
    """
    if not settings.CDN_PURGE_URL:
        return
    parts = urlsplit(settings.CDN_PURGE_URL)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.netloc, timeout=ANSWER_SECONDS)
    body = settings.CDN_PURGE_BODY.encode()
    headers = dict(SURROGATE_KEY) | settings.CDN_PURGE_HEADERS
    if body.startswith(b"{"):
        headers = {"Content-Type": "application/json"} | headers
    try:
        line.request(
            settings.CDN_PURGE_METHOD,
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            body or None,
            headers,
        )
        answer = line.getresponse()
        if not 200 <= answer.status < 300:
            raise NotPurged(f"{parts.hostname} answers {answer.status} {answer.reason}")
    finally:
        line.close()
