"""Hears, over PostgreSQL, that another machine changed readers' pages (invalidation.py says so).

The same connection shows whether the database answers at all (blog.lib.database). This imports
psycopg, so only a site on PostgreSQL imports it.
"""

import logging
import threading
import time

import psycopg
from django.db import connections

from blog.lib.database import away, give_up_when, give_up_while_away
from blog.pages.generation import CHANNEL, SITE, shared

# Seconds between looks whether the database answers, for its answer, and before it is tried again.
LOOK, ANSWER, REST = 1, 2, 1
# Of what a server that cannot serve yet, or not any more, says to clients that connect.
NOT_NOW = "the database system is"

logger = logging.getLogger(__name__)


class Line:
    """A connection whose answers must come within ANSWER seconds."""

    def __init__(self) -> None:
        given = connections["default"].get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):  # Django's own
            given.pop(name, None)
        # A line that is cut without a word is found out within seconds.
        given |= {"autocommit": True, "connect_timeout": ANSWER, "tcp_user_timeout": ANSWER * 1000}
        self.line = psycopg.connect(**given)
        self.deadline = float("inf")
        give_up_when(self.line, lambda: time.monotonic() > self.deadline)

    def ask(self, what: str) -> None:
        self.deadline = time.monotonic() + ANSWER
        self.line.execute(what)
        self.deadline = float("inf")

    def hear(self) -> None:
        for notice in self.line.notifies(timeout=LOOK):
            shared().change(site=notice.payload == SITE)


def begin() -> None:
    """Listen in a thread of this process, and let no query wait while the database is away."""
    give_up_while_away()
    threading.Thread(target=keep_listening, name="listener", daemon=True).start()


def keep_listening() -> None:
    """Render pages again when another machine says so, or when that may have been missed."""
    while True:
        try:
            line = Line()
            line.ask(f"LISTEN {CHANNEL}")
            shared().change(site=True)  # whatever was said while nobody listened
            if away.is_set():
                away.clear()
                logger.warning("The database answers again.")
            while True:
                line.hear()
                line.ask("SELECT 1")
        except psycopg.Error as error:
            note(error)
            rest()


def rest() -> None:
    """Wait REST seconds, or until another process of this machine met the database again.

    That one had all pages rendered again, which this one can only do once it is back itself.
    """
    before, deadline = shared().generation, time.monotonic() + REST
    while time.monotonic() < deadline and shared().generation == before:
        time.sleep(REST / 20)


def note(error: psycopg.Error) -> None:
    """Take the database for away, unless it is there and only refuses this line."""
    said = " ".join(str(error).split())
    if "FATAL" in said and NOT_NOW not in said:
        # Too many connections, say: others go on, and those that are refused too say so themselves.
        logger.warning("Other machines’ changes are not heard: %s", said)
    elif not away.is_set():
        away.set()
        logger.warning("The database is away, pages are answered from memory: %s", said)
