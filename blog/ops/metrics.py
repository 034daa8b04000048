"""`/metrics` for Prometheus, where METRICS_TOKEN is set: answers by kind and status, what waits.

Each process of the server counts in a file of its own in DATA_DIR/metrics; whichever is asked adds
them up. Nothing in it is of a person.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from blog.jobs.models import FAILED, READY, Job, Sign
from blog.web.plain_answer import say
from comments.models import Comment, Mail

ADDRESS = "/metrics"
FOLDER = settings.DATA_DIR / "metrics"
# Bytes of a process's file: room for every kind with every status, taken at once, for writing to a
# part of it that a full disk has no room for would end the process.
ROOM = 1 << 18

# By the first part of an address; a year is an essay's, and what is left a page's.
KINDS = {
    **dict.fromkeys(("", "page"), "index"),
    **dict.fromkeys(("feed.xml", "atom.xml", "feed.json", "feed", "authors"), "feed"),
    **dict.fromkeys(("healthz", "readyz", "metrics"), "health"),
    **dict.fromkeys(("pingback", "webmention"), "linkback"),
    **dict.fromkeys(("archive", "tags", "feeds"), "archive"),
    **dict.fromkeys(("sitemap.xml", "robots.txt", "favicon.ico", "site.webmanifest"), "other"),
    **{name: name for name in ("search", "static", "media", "comments")},
    settings.ADMIN_PATH: "admin",
}

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def begin() -> None:
    """Forget what was counted before the server started."""
    shutil.rmtree(FOLDER, ignore_errors=True)


@cache
def counters() -> Any:
    """Return the counter of this process; prometheus_client is loaded only here."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    file = os.open(FOLDER / f"counter_{os.getpid()}.db", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(file, 0, ROOM)
    finally:
        os.close(file)
    # It decides by this, once, how it counts.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)
    from prometheus_client import CollectorRegistry, Counter  # noqa: PLC0415

    return Counter(
        "postil_requests",
        "Answers given, by kind of page, status, and whether they came from memory",
        ["kind", "status", "source"],
        registry=CollectorRegistry(),
    )


@cache
def one(kind: str, status: str, source: str) -> Any:
    return counters().labels(kind, status, source)


def count(path: str, status: str, kept: bool) -> None:
    """Count one answer."""
    one(kind_of(path), status, "memory" if kept else "made").inc()


def kind_of(path: str) -> str:
    """Return the kind of page an address is for; there are few."""
    first = path[1:].partition("/")[0]
    return KINDS.get(first) or ("essay" if len(first) == 4 and first.isdecimal() else "page")


class Waiting:
    """What waits or failed, asked of the database whenever Prometheus asks."""

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        found: dict[tuple[str, str], float] = {}
        answers = False
        close_old_connections()
        with suppress(Error):
            found = what_waits()
            answers = True
        close_old_connections()
        up = ("postil_database_up", "Whether the database answers")
        for (name, said), number in {up: float(answers), **found}.items():
            yield GaugeMetricFamily(name, said, value=number)


def what_waits() -> dict[tuple[str, str], float]:
    """Return numbers by their names and what they mean (five queries)."""
    jobs, age = Job.objects, Sign.objects.ages(timezone.now()).get(Sign.WORKER)
    found = {
        ("postil_jobs_waiting", "Jobs that wait for a worker"): jobs.filter(status=READY).count(),
        ("postil_jobs_failed", "Jobs that failed for good"): jobs.filter(status=FAILED).count(),
        ("postil_comments_pending", "Comments that wait for a moderator"): (
            Comment.objects.pending().count()
        ),
        ("postil_mails_waiting", "Mails that wait to be sent"): Mail.objects.waiting().count(),
    }
    if age is not None:
        found["postil_worker_silence_seconds", "Seconds since a worker's last sign of life"] = (
            age.total_seconds()
        )
    return found


def exposition() -> bytes:
    """Return everything as Prometheus reads it."""
    counters()
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(FOLDER))
    registry.register(Waiting())
    return bytes(generate_latest(registry))


def with_metrics(app: App) -> App:
    """Return the application with the address, for requests with the token."""
    word = f"Bearer {settings.METRICS_TOKEN}"

    def measured(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != ADDRESS:
            return app(environ, start_response)
        if not constant_time_compare(environ.get("HTTP_AUTHORIZATION", ""), word):
            wanted = ("WWW-Authenticate", "Bearer")
            return say(environ, start_response, "401 Unauthorized", wanted)
        if environ["REQUEST_METHOD"] != "GET":
            return say(environ, start_response, "405 Method Not Allowed", ("Allow", "GET"))
        return say(environ, start_response, "200 OK", words=exposition().decode().rstrip("\n"))

    return measured
