"""`/healthz` and `/readyz`: whether this process lives, and whether the site can do all its work.

A WSGI layer before Django, because those who ask come by other names than the site's, over http,
and while the database is away. They learn one word. What is wrong goes to the log, and
`manage.py doctor` says it.
"""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from blog.jobs.models import SILENT, Sign
from blog.web.forwarding import is_proxy, scheme_of
from blog.web.plain_answer import say

ALIVE, READY = "/healthz", "/readyz"
# Seconds for which an answer holds, so that asking often asks the database no more often, and
# those that a request waits for a database that does not answer.
HOLDS, READY_SECONDS = 1.0, 3.0
# Bytes that must be free where the database and uploads are. SQLite's log of changes takes 4 MB
# before it is written back, an image 10 MB.
ROOM = 100_000_000
SALT = "blog.health"
# What is wrong before the first answer.
STARTED = ["it has just started"]

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Readiness:
    """The answer of `check()`, which returns what is wrong in words; asked for once at a time.

    It runs in a thread of its own, and requests meanwhile get the last answer, so that a
    database that never answers keeps no thread from readers for long.
    """

    def __init__(self, check: Callable[[], list[str]], patience: float = READY_SECONDS) -> None:
        self.check, self.patience = check, patience
        self.lock = threading.Lock()
        self.checking, self.checked = False, float("-inf")
        self.wrong = STARTED

    def __call__(self) -> bool:
        with self.lock:
            if self.checking or monotonic() < self.checked + HOLDS:
                return not self.wrong
            self.checking = True
        done = threading.Event()
        threading.Thread(target=self.look, args=[done], daemon=True).start()
        if not done.wait(self.patience):
            self.conclude(["the database does not answer in time"])
        return not self.wrong

    def look(self, done: threading.Event) -> None:
        wrong = ["the check failed"]
        try:
            wrong = self.check()
        except Exception:
            logger.exception("It could not be found out whether the site is ready.")
        finally:
            connection.close()
            self.conclude(wrong)
            with self.lock:
                self.checking, self.checked = False, monotonic()
            done.set()

    def conclude(self, wrong: list[str]) -> None:
        """Remember what is wrong, and log it when it is other than before."""
        with self.lock:
            said, self.wrong = self.wrong, wrong
        if wrong and wrong != said:
            logger.warning("Not ready: %s.", "; ".join(wrong))
        elif said not in (wrong, STARTED):
            logger.warning("Ready again.")


def what_is_wrong() -> list[str]:
    """Return why the site cannot do all its work, in words for its log; nothing when it can."""
    wrong = []
    try:
        applied = MigrationRecorder(connection).applied_migrations()
        if not last_migrations() <= applied.keys():
            wrong.append("migrations are pending")
        elif Sign.objects.ages(timezone.now()).get(Sign.WORKER, SILENT) >= SILENT:
            wrong.append("no worker gives a sign of life")
    except Error as error:
        wrong.append(f"the database could not be asked ({type(error).__name__})")
    try:
        if room_at(settings.DATA_DIR) < ROOM:
            wrong.append("the disk is full")
        if not os.access(settings.DATA_DIR, os.W_OK):
            wrong.append("DATA_DIR cannot be written to")
    except OSError:
        wrong.append("DATA_DIR cannot be read")
    return wrong


def room_at(folder: str | Path) -> int:
    """Return the bytes that are free there for us."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


@cache
def last_migrations() -> set[tuple[str, str]]:
    """Return the last migration of each app, as this program has them."""
    return set(MigrationLoader(None).graph.leaf_nodes())


def with_health(app: App, is_ready: Callable[[], bool] | None = None) -> App:
    """Return the application with the two addresses; all others are the application's."""
    ready = is_ready or Readiness(what_is_wrong)

    def healthy(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path not in (ALIVE, READY):
            return app(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return say(environ, start_response, "405 Method Not Allowed", ("Allow", "GET, HEAD"))
        if path == ALIVE:
            if "HTTP_X_POSTIL_DOCTOR" in environ and is_doctor(environ["HTTP_X_POSTIL_DOCTOR"]):
                return say(environ, start_response, "200 OK", words=json.dumps(seen(environ)))
            return say(environ, start_response, "200 OK")
        return say(environ, start_response, "200 OK" if ready() else "503 Service Unavailable")

    return healthy


def doctors_word() -> str:
    """Return what `manage.py doctor` proves itself by for a minute, in X-Postil-Doctor."""
    return str(signing.TimestampSigner(salt=SALT).sign("doctor"))


def is_doctor(word: str) -> bool:
    try:
        return bool(signing.TimestampSigner(salt=SALT).unsign(word, max_age=60) == "doctor")
    except signing.BadSignature:
        return False


def seen(environ: Environ) -> dict[str, Any]:
    """Return how a request arrived: what proxies in front made of it."""
    peer = environ.get("REMOTE_ADDR", "")
    return {
        "scheme": scheme_of(environ),
        "host": environ.get("HTTP_HOST", ""),
        "peer": peer,
        "is_proxy": is_proxy(peer),
        "forwarded": environ.get("HTTP_X_FORWARDED_FOR", ""),
        "proto": environ.get("HTTP_X_FORWARDED_PROTO", ""),
    }
