"""`manage.py doctor`: checks everything a site needs, and says what to do about each problem.

A check is a function that yields findings. Each runs in its own thread, all at once, so that one
that fails or hangs does not stop the others; none gets more than CHECK_SECONDS seconds.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import OperationalError, connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.listing import labelled
from blog.lib.progress import reason

OK, LOOK, BROKEN = "ok", "look", "broken"
# Seconds after which a check that has not finished is reported as not answering.
CHECK_SECONDS = 20


class Finding(NamedTuple):
    """One result about a subject: its level, a sentence, and what to do about it."""

    subject: str
    level: str
    said: str
    todo: str = ""


Check = Callable[[], Iterable[Finding]]


def examine(checks: dict[str, Check], patience: float = CHECK_SECONDS) -> list[Finding]:
    """Return the findings of these checks, in order; a check's key is its subject."""
    found: dict[str, list[Finding]] = {}

    def look(subject: str, check: Check) -> None:
        mine: list[Finding] = []
        try:
            mine.extend(check())
        except OperationalError:
            said = _("This cannot be checked while the database does not answer.")
            mine.append(Finding(subject, BROKEN, said, _("See the findings about the database.")))
        except Exception as error:
            said = labelled(type(error).__name__, reason(error))
            mine.append(Finding(subject, BROKEN, _("Could not be checked: %s.") % said))
        finally:
            found[subject] = mine
            connections.close_all()

    threads = [
        threading.Thread(target=look, args=each, daemon=True, name=each[0])
        for each in checks.items()
    ]
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    late = ngettext(
        "Did not answer in %(count)s second.", "Did not answer in %(count)s seconds.", int(patience)
    ) % {"count": int(patience)}
    return [
        finding
        for subject in checks
        for finding in found.get(subject, [Finding(subject, BROKEN, late)])
    ]
