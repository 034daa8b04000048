"""Which static files of a theme replace nothing, are named nowhere, or name what is not there."""

import difflib
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.figures import figure
from blog.web.theme.files import Theme
from blog.web.theme.names import STYLESHEET, is_joined, may_serve, our_static

from .checking import Remark
from .reading import Asked

_NAMED = re.compile(r"""url\(\s*["']?([^"')\s]+)|@import\s+["']([^"']+)""", re.IGNORECASE)
LARGE = 50_000


def remarks(theme: Theme, own: dict[str, Asked]) -> Iterator[Remark]:
    """Yield what there is to say about the static files of a theme."""
    named = {name for found in own.values() for name, _line in found.files}
    sheets = {name: text_of(path) for name, path in theme.static.items() if name.endswith(".css")}
    for name, text in sheets.items():
        for address in addresses_in(text):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
            named.add(place)
            if not finders.find(place):
                said = _("static/%(name)s names %(address)s, which is not there.")
                said %= {"name": name, "address": address}
                yield Remark(False, said, _("Put it into the theme, or take it out there."))
    yield from unnamed(theme, named)
    size = sum(len(text) for name, text in sheets.items() if is_joined(name))
    if size > LARGE:
        said = ngettext(
            "Every page brings the theme's stylesheet, which is %(count)s character long.",
            "Every page brings the theme's stylesheet, which is %(count)s characters long.",
            size,
        ) % {"count": figure(size)}
        yield Remark(False, said, _("Shorten it, or link to a part of it in the block “style”."))


def unnamed(theme: Theme, named: set[str]) -> Iterator[Remark]:
    """Yield which files replace none of ours, and are named nowhere; and which are not served."""
    ours = [path.relative_to(our_static("")).as_posix() for path in our_static("").rglob("*.*")]
    collected = getattr(staticfiles_storage, "hashed_files", None)
    is_collected = isinstance(staticfiles_storage, ManifestFilesMixin) and not settings.DEBUG
    for name in theme.static:
        if name not in named and not our_static(name).is_file() and name != STYLESHEET:
            said = _("static/%s replaces nothing, and nothing in the theme names it.") % name
            alike = difflib.get_close_matches(name, filter(may_serve, ours), 1, 0.75)
            todo = _("Rename it to %s, or remove it.") % alike[0] if alike else _("Remove it.")
            yield Remark(False, said, todo)
        elif is_collected and collected and name not in collected:
            said = _("static/%s is not served yet.") % name
            yield Remark(False, said, _("Restart the site."))


def addresses_in(text: str) -> list[str]:
    """Return the addresses of files in a stylesheet that begin at its own."""
    found = (one or other for one, other in _NAMED.findall(text))
    plain = (re.split("[?#]", each, maxsplit=1)[0] for each in found)
    return [each for each in plain if each and not re.match(r"[a-z]+:|/", each, re.IGNORECASE)]


def text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, ValueError):
        return ""
