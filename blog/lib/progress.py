"""What a long command prints to a terminal: how far it is, and why it failed."""

import time

from django.core.management.base import OutputWrapper
from django.utils.translation import gettext as _


class Progress:
    """Called with what is being done and how much of it is; says so once a second."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out, self.said = out, time.monotonic()

    def __call__(self, what: object, count: int) -> None:
        if time.monotonic() - self.said >= 1:
            self.said = time.monotonic()
            self.out.write(_("%(what)s: %(count)d") % {"what": what, "count": count})


def progress(out: OutputWrapper) -> Progress | None:
    """Return a Progress for a terminal, None for a log, which needs no such lines."""
    return Progress(out) if out.isatty() else None


def reason(error: BaseException) -> str:
    """Return on one line, without a full stop, what the system or the database says went wrong."""
    said = getattr(error, "strerror", None) or error
    return " ".join(str(said).split()).rstrip(".")
