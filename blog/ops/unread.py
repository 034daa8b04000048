"""Settings that are set and not read: misspelled ones, and those of an earlier version.

In the file of settings each line is for this site, so each name there is looked at. The environment
is full of others' variables: there only a name that is nearly one of ours is reported.
"""

import difflib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from blog.settings import env_file, started_with

from .doctor import LOOK, OK, Finding

# Names of settings that earlier versions read, and what to do about each; none so far.
GONE: dict[str, str] = {}
# What the libraries beneath us and Python read themselves.
OTHERS = re.compile(
    r"(?:AWS_|PG|PYTHON|LC_|SSL_|GRANIAN_|SENTRY_|BOTO_|DJANGO_SETTINGS_MODULE$|LANG$|TZ$|TMPDIR$"
    r"|HOME$|PATH$|XDG_|HTTPS?_PROXY$|NO_PROXY$)",
    re.IGNORECASE,
)
# How alike two names are, of 1, for one to be a misspelling of the other.
ALIKE = 0.84
NAME = re.compile(
    r"^[^\S\n]*+(?:export[^\S\n]++)?([A-Za-z_][A-Za-z0-9_]*+)[^\S\n]*+=", re.MULTILINE
)


def documented() -> list[str]:
    """Return the names of all settings."""
    text = (Path(settings.BASE_DIR) / ".env.example").read_text()
    return re.findall(r"^#?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)


def found() -> Iterator[Finding]:
    try:
        in_file = NAME.findall(Path(env_file).read_text())
    except (OSError, UnicodeError):
        in_file = []
    wrong = [*unread(in_file, started_with, documented())]
    yield from wrong
    if not wrong:
        yield Finding("settings", OK, _("All that are set are read."))


def unread(
    in_file: Collection[str], environment: Mapping[str, str], known: Collection[str]
) -> Iterator[Finding]:
    """Yield a finding for each name that is set, as it seems for us, and that nothing reads."""
    for name in sorted({*in_file, *environment} - {*known}):
        is_in_file = name in in_file
        place = env_file if is_in_file else _("the environment")
        if name in GONE:
            said = _("%(name)s in %(place)s is not read any more.")
            yield Finding("settings", LOOK, said % {"name": name, "place": place}, GONE[name])
            continue
        near = nearest(name, known)
        if OTHERS.match(name) and not (near and is_in_file):
            continue
        if near or is_in_file:
            said = _("%(name)s in %(place)s is not a setting.") % {"name": name, "place": place}
            todo = _("Did you mean %s?") % near if near else _("Take it out.")
            yield Finding("settings", LOOK, said, todo)


def nearest(name: str, known: Collection[str]) -> str:
    """Return the setting that a name is nearly that of, or ""."""
    others = [other for other in known if other not in os.environ or other == name.upper()]
    return next(iter(difflib.get_close_matches(name.upper(), others, 1, ALIKE)), "")
