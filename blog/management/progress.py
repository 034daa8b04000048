"""Saying how far a long command is, to whoever waits at a terminal."""

import time

from django.utils.translation import gettext as _


class Progress:
    """Called with what is being done and how much of it is; says so once a second."""

    def __init__(self, out):
        self.out, self.said = out, time.monotonic()

    def __call__(self, what, count):
        if time.monotonic() - self.said >= 1:
            self.said = time.monotonic()
            self.out.write(_("%(what)s: %(count)d") % {"what": what, "count": count})


def progress(out):
    """Return a Progress for a terminal, None for a log, which needs no such lines."""
    return Progress(out) if out.isatty() else None
