"""`manage.py doctor`: looks at everything a site needs, and says what to do where it is amiss.

A check is a function that yields findings. It may wait for what does not answer, or fail: it runs
in a thread of its own, all of them at once, and none is waited for longer than PATIENCE.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import OperationalError, connections
from django.utils.translation import gettext as _

from blog.lib.progress import reason

OK, LOOK, BROKEN = "ok", "look", "broken"
# Seconds until what does not answer is left alone.
PATIENCE = 20


class Finding(NamedTuple):
    """What was found about a subject: its level, a sentence, and what to do about it."""

    subject: str
    level: str
    said: str
    todo: str = ""


Check = Callable[[], Iterable[Finding]]


def examine(checks: dict[str, Check], patience: float = PATIENCE) -> list[Finding]:
    """Return what all these checks find, in their order; each has a name that is its subject."""
    found: dict[str, list[Finding]] = {}

    def look(subject: str, check: Check) -> None:
        mine: list[Finding] = []
        try:
            mine.extend(check())
        except OperationalError:
            said = _("This cannot be known while the database does not answer.")
            mine.append(Finding(subject, BROKEN, said, _("See what is said of the database.")))
        except Exception as error:
            said = f"{type(error).__name__}: {reason(error)}"
            mine.append(Finding(subject, BROKEN, _("Could not be looked at: %s.") % said))
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
    late = _("Did not answer in %d seconds.") % patience
    return [
        finding
        for subject in checks
        for finding in found.get(subject, [Finding(subject, BROKEN, late)])
    ]
