"""Bringing a blog of Movable Type or TypePad here from the text that it exports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from blog.lib.base_path import without_base
from blog.transfer.course import Stretches, Whole
from blog.transfer.essays.bringing import Bringing
from blog.transfer.folders.values import site_zone, zone_of
from blog.transfer.report import Report

from .reading import MovableTypeError
from .system import MovableType, Options


@without_base()
def import_movabletype(
    path: Path,
    *,
    media: Path | None = None,
    permalink: str = "",
    time_zone: str = "",
    url: str = "",
    encoding: str = "",
    author: Any = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
    course: Whole | Stretches | None = None,
    sink: Callable[[str, str], None] | None = None,
) -> Report:
    """Import an export in one transaction; a dry run does all of it and takes it back.

    `permalink` is the pattern of its addresses, `time_zone` that of its dates (this site's, if none
    is said), `url` where it was read and `encoding` that of the file, where the file does not say.
    Pictures are looked for in `media`. `course` says how else its work is kept (course.py); `sink`
    is given each line of the report.

    Raises MovableTypeError for what cannot be read; then nothing has changed.
    """
    _refuse_by_its_head(path)
    zone = zone_of(time_zone) if time_zone else site_zone()
    if zone is None:
        said = _("“%(name)s” is not a time zone. Name one such as Europe/Paris.")
        raise MovableTypeError(said % {"name": time_zone[:80]})
    report = Report(dry_run=dry_run, sink=sink)
    blog = MovableType(path, report, Options(zone, permalink, url, encoding), media=media)
    Bringing(blog, report, author, dry_run=dry_run).run(progress, course)
    return report


def _refuse_by_its_head(path: Path) -> None:
    """Raise MovableTypeError for what the first bytes show, in words a person expects."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        said = _("%(file)s cannot be read: %(reason)s.")
        raise MovableTypeError(said % {"file": path, "reason": error.strerror or error}) from error
    if not head.strip():
        message = _("%(file)s is empty.")
    elif head.startswith((b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")):
        message = _("%(file)s is compressed: unpack it first, then import the text in it.")
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")):
        message = _("%(file)s is not the text that Movable Type and TypePad export.")
    else:
        return
    raise MovableTypeError(message % {"file": path})
