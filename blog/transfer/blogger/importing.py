"""Bringing a Blogger blog here: which file is meant, and what is to be done."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from blog.lib.base_path import without_base
from blog.lib.listing import listed
from blog.transfer.course import Stretches, Whole
from blog.transfer.discussions.old_table import read_table
from blog.transfer.essays.bringing import Bringing
from blog.transfer.folders.tree import FolderError, Tree
from blog.transfer.report import Report
from blog.transfer.unpacking import unpack_all

from .atom import BloggerError, items
from .system import Blogger

ENDINGS = (".xml", ".atom")


@without_base()
def import_blogger(
    path: Path,
    *,
    media: Path | None = None,
    url: str = "",
    table: Path | None = None,
    author: Any = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
    course: Whole | Stretches | None = None,
    sink: Callable[[str, str], None] | None = None,
) -> Report:
    """Import an export of Blogger in one transaction; a dry run does all of it and takes it back.

    `path` is the file, or Google's Takeout as a folder or packed as .zip. Its pictures are looked
    for in `media`, else in that folder. `url` is where the blog was read, which Takeout does not
    say, and `table` the path of a table that names the essays of comments which have none in it.
    `course` says how else its work is kept (course.py); `sink` is given each line of the
    report.

    Raises BloggerError for what cannot be read; then nothing has changed.
    """
    report = Report(dry_run=dry_run, sink=sink)
    known = read_table(table, report) if table else None
    with _unpacked(path) as (file, beside):
        blog = Blogger(file, report, media=media or beside, url=url, table=known)
        Bringing(blog, report, author, dry_run=dry_run).run(progress, course)
    return report


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[Path, Path | None]]:
    """Give the feed that is meant, and the folder of its pictures where there is one."""
    if path.is_dir() or not (path.is_file() and zipfile.is_zipfile(path)):
        yield _located(path)
        return
    data = Path(settings.DATA_DIR)  # /tmp may be in memory
    with tempfile.TemporaryDirectory(dir=data if data.is_dir() else None) as made:
        top = unpack_all(path, Path(made))
        try:
            yield _located(top)
        except BloggerError as error:
            said = str(error).replace(str(top), str(path)).replace(made, str(path))
            raise BloggerError(said) from error


def _located(path: Path) -> tuple[Path, Path | None]:
    """Return the feed that is meant, and the folder of its pictures where there is one."""
    if not path.is_dir():
        above = path.resolve().parent.parent
        albums = above.parent / "Albums"
        return path, albums if above.name == "Blogs" and albums.is_dir() else None
    try:
        tree = Tree(path)
    except (FolderError, OSError) as error:
        raise BloggerError(str(error)) from error
    feeds = [name for name in tree if name.lower().endswith(ENDINGS) and _is_feed(path / name)]
    if len(feeds) > 1:  # Takeout has what one wrote under other people's posts as well
        feeds = [name for name in feeds if _has_posts(path / name)]
    if not feeds:
        raise BloggerError(
            _("%(folder)s holds no feed of a Blogger blog, such as feed.atom.") % {"folder": path}
        )
    if len(feeds) > 1:
        said = _("%(folder)s holds several blogs (%(names)s): import the file of one of them.")
        names = listed(feeds)[:500]
        raise BloggerError(said % {"folder": path, "names": names})
    return path / feeds[0], path


def _is_feed(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<feed" in file.read(4096).replace(b"\0", b"")


def _has_posts(path: Path) -> bool:
    return any(item.kind in {"post", "page"} for item in items(path))
