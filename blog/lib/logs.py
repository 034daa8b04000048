"""What the log says: each line on its own, by which request or job, as text or as JSON.

Whatever visitors can write into a line stays inside it: control characters are escaped, and what
follows a line, a traceback, is indented.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any


@dataclass
class Work:
    """What a thread works on: the kind is "request" or "job"."""

    kind: str
    id: str
    # Whether an answer was made for it, rather than taken from memory.
    was_made: bool = False


# What this thread works on just now.
now_at: ContextVar[Work | None] = ContextVar("now_at", default=None)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


# What lets somebody in, or proves who they are, in an address that a report of an error names.
_LINK = re.compile(
    r"(/(?:comments/mail/\w{1,20}|webmention|draft"
    r"|[a-z0-9-]{1,60}/(?:invitation|new-password|let-in))/)[^\s/]+"
)


@contextmanager
def working_on(kind: str, which: str) -> Iterator[None]:
    """Let what this thread logs meanwhile say so."""
    before = now_at.set(Work(kind, which))
    try:
        yield
    finally:
        now_at.reset(before)


def one_line(text: str) -> str:
    """Return text that cannot end its line, or move a terminal's cursor."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def message_of(record: logging.LogRecord) -> str:
    """Return what happened, without secrets of addresses."""
    return _LINK.sub(r"\1...", record.getMessage())


def moment(seconds: float) -> str:
    """Return a time in UTC as RFC 3339 writes it, to the millisecond."""
    return f"{second(int(seconds))}.{int(seconds % 1 * 1000):03}Z"


@lru_cache(maxsize=2)
def second(seconds: int) -> str:
    # Of many lines a second each needs the same.
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


class TextFormatter(logging.Formatter):
    """`ERROR blog.ops.health [request 3f2a…]: what happened`, and a traceback indented below."""

    def format(self, record: logging.LogRecord) -> str:
        about = f" [{at.kind} {at.id}]" if (at := now_at.get()) else ""
        line = f"{record.levelname} {record.name}{about}: {one_line(message_of(record))}"
        below = traceback_of(self, record).splitlines()
        return "\n    ".join([line, *map(one_line, below)])


class JsonFormatter(logging.Formatter):
    """An object a line: time, level, logger, message, and request, job and traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": moment(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        if at := now_at.get():
            said[at.kind] = at.id
        if below := traceback_of(self, record):
            said["traceback"] = below
        # Its ASCII escapes what could end a line.
        return json.dumps(said)


def traceback_of(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""


def logging_as(form: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error, as text or as JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": "blog.lib.logs.TextFormatter"},
            "json": {"()": "blog.lib.logs.JsonFormatter"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        # A reader who mistypes an address is not worth a line.
        "loggers": {
            "django.request": {"level": "ERROR"},
            # Nor are the broken requests of robots, each with a traceback; they are refused.
            "django.security": {"level": "CRITICAL"},
        },
    }
