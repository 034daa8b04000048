"""Bringing a blog from Ghost: its export, and the folder of its pictures if there is one."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import ngettext

from blog.lib.base_path import without_base
from blog.transfer.course import Stretches, Whole
from blog.transfer.essays.bringing import Bringing
from blog.transfer.media_folder import MediaFolder
from blog.transfer.report import Report
from blog.transfer.unpacking import unpack_all

from .blog import Ghost
from .reading import Export, GhostError

# How far below the top of a folder its export is looked for.
_DEEPEST = 4


@without_base()
def import_ghost(
    path: Path,
    *,
    media: Path | None = None,
    author: Any = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
    course: Whole | Stretches | None = None,
    sink: Callable[[str, str], None] | None = None,
) -> Report:
    """Import Ghost's export in one transaction; a dry run does all of it and takes it back.

    `path` is its JSON, or that with `content` in a folder or packed as .zip; `media` has a copy of
    `content` or of what is in it. Essays that name no author become those of `author`, else of the
    first superuser. `course` says how else the work is kept (course.py), and `sink` is given each
    line of the report.

    Raises GhostError for a file that cannot be read; then nothing has changed.
    """
    report = Report(dry_run=dry_run, sink=sink)
    with _unpacked(path) as (file, beside):
        export = Export(report)
        export.read(file)
        folder = media or beside
        ghost = Ghost(export, MediaFolder(folder) if folder else None, report)
        export.note_left_out()
        ghost.note_blog()
        Bringing(ghost, report, author, dry_run=dry_run).run(progress, course)
        export.store.close()
    return report


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[Path, Path | None]]:
    """Give the JSON of an export, and the folder that has its `content`, None for none."""
    if path.is_dir():
        file = json_in(path)
        yield file, path
    elif path.is_file() and zipfile.is_zipfile(path):
        data = Path(settings.DATA_DIR)
        with tempfile.TemporaryDirectory(dir=data if data.is_dir() else None) as made:
            top = unpack_all(path, Path(made))
            try:
                yield json_in(top), top
            except GhostError as error:
                raise GhostError(str(error).replace(str(top), str(path))) from error
    else:
        yield path, path.parent if (path.parent / "content").is_dir() else None


def json_in(folder: Path) -> Path:
    """Return the export in a folder: of several JSON files the one that is called so."""
    found: list[Path] = []
    for depth in range(_DEEPEST):
        found = sorted(folder.glob("/".join(["*"] * depth + ["*.json"])))
        found = [each for each in found if each.is_file() and not each.is_symlink()]
        if len(found) > 1:
            named = [each for each in found if ".ghost." in each.name or "export" in each.name]
            found = named or found
        if found:
            break
    if len(found) != 1:
        said = ngettext(
            "%(folder)s holds %(count)d file that ends in .json. It should hold one.",
            "%(folder)s holds %(count)d files that end in .json. It should hold one.",
            len(found),
        )
        raise GhostError(said % {"folder": folder, "count": len(found)})
    return found[0]
