"""Bringing a folder of Markdown here: which program it is of, and what is to be done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from blog.lib.base_path import without_base
from blog.transfer.course import Stretches, Whole
from blog.transfer.essays.bringing import Bringing
from blog.transfer.report import Report

from .eleventy import Eleventy
from .entries import Generator
from .hugo import Hugo
from .jekyll import Jekyll
from .nikola import Nikola
from .own.reading import NAME, import_own, recognises
from .pelican import Pelican
from .tree import FolderError, Tree

# In the order in which they are tried.
KINDS: tuple[type[Generator], ...] = (Hugo, Jekyll, Eleventy, Pelican, Nikola)


@without_base()
def import_folder(
    path: Path,
    *,
    kind: str = "",
    permalink: str = "",
    author: Any = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
    course: Whole | Stretches | None = None,
    sink: Callable[[str, str], None] | None = None,
) -> Report:
    """Import a folder in one transaction; a dry run does all of it and takes it back.

    `course` says how else its work is kept (course.py), but an export of ours is always brought
    whole; `sink` is given each line of the report.

    `kind` names the program if its files do not show it, `permalink` the pattern of its addresses
    where its settings are not in the folder. Essays that name no author become those of `author`,
    else of the blog's own author, else of the first superuser.

    Raises FolderError for a folder that cannot be read; then nothing has changed.
    """
    tree = Tree(path)
    report = Report(dry_run=dry_run, sink=sink)
    for name in tree.refused:
        report.note(
            _("Left out"), _("%(file)s: it is a link that leads elsewhere") % {"file": name}
        )
    if kind == NAME or (not kind and recognises(tree)):
        import_own(tree, report, author=author, dry_run=dry_run, progress=progress)
        return report
    generator = _generator(tree, kind)(tree, report, permalink=permalink)
    Bringing(generator, report, author, dry_run=dry_run).run(progress, course)
    return report


def _generator(tree: Tree, kind: str) -> type[Generator]:
    for each in KINDS:
        if each.name == kind if kind else each.recognises(tree):
            return each
    raise FolderError(
        _("Cannot see which program made %(folder)s. Name it with --from.") % {"folder": tree.root}
    )


def kinds() -> list[str]:
    """Return the names of all kinds of folders."""
    return [NAME, *(kind.name for kind in KINDS)]
