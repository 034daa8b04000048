"""Reading an export back, in one transaction; its files are kept before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from blog.lib.base_path import without_base
from blog.transfer.folders.tree import Tree
from blog.transfer.report import Report

from .around import People, bring_bare_files, bring_files, bring_forwards, bring_site, bring_tags
from .comments import Sayings
from .essays import Essays
from .unplaced import bring_unplaced

NAME = "postil"


def recognises(tree: Tree) -> bool:
    if not {"comments.json", "redirects.json"} <= tree.files.keys():
        return False
    return any(path.startswith("content/") for path in tree)


@without_base()
def import_own(
    tree: Tree,
    report: Report,
    *,
    author: Any = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Bring an export back. Raises FolderError where it is broken; then nothing has changed."""
    with transaction.atomic():
        people = People(tree, report, author)
        people.bring()
        bring_tags(tree, report)
        essays = Essays(tree, report, people)
        files = essays.files()
        if "recordings.json" in tree:
            bring_files(tree, people, report, dry_run=dry_run)
        else:
            bring_bare_files(tree, essays.shown_files(), report, dry_run=dry_run)
        for number, path in enumerate(files, 1):
            essays.bring(path)
            if progress:
                progress(number, len(files))
        essays.bring_versions()
        Sayings(tree, report, people, essays.here).bring()
        bring_unplaced(tree, report)
        bring_forwards(tree, people, report)
        people.bring_profiles()
        bring_site(tree, report)
        transaction.set_rollback(dry_run)
