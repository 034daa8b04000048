"""A folder on this machine, read within limits and never outside of itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .yaml_data import DataError

# Files that are looked at, the bytes of one that holds a text, and how deep folders may be.
MOST_FILES, LARGEST_TEXT, DEEPEST = 200_000, 4 * 1024 * 1024, 30
# Folders that hold programs, what a generator made, or nothing of an author's.
_PASSED_OVER = {
    *(
        ".git",
        ".svn",
        ".hg",
        ".github",
        ".obsidian",
        "node_modules",
        "__pycache__",
        ".venv",
        "venv",
    ),
    *("_site", ".jekyll-cache", ".sass-cache", "resources/_gen", "vendor/bundle", ".cache"),
}


class FolderError(ValueError):
    """A folder cannot be imported. The message is one translated sentence."""


class Tree:
    """The files of a folder by their paths, with slashes; links that lead out of it are left out.

    `refused` names what was left out for that, and `passed` the folders that nobody looks into.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise FolderError(_("%(folder)s is not a folder.") % {"folder": root})
        self.root = root.resolve()
        self.refused: list[str] = []
        self.files = dict.fromkeys(sorted(self._walk(self.root, "", 0)))

    def _walk(self, folder: Path, before: str, depth: int) -> Iterator[str]:
        if depth > DEEPEST:
            raise FolderError(
                _("%(folder)s has folders nested too deeply.") % {"folder": self.root}
            )
        count = 0
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = f"{before}{entry.name}"
                if entry.name in _PASSED_OVER or path in _PASSED_OVER:
                    continue
                if entry.is_symlink() and not self._leads_inside(Path(entry.path)):
                    self.refused.append(path)
                elif entry.is_dir(follow_symlinks=False):
                    yield from self._walk(Path(entry.path), f"{path}/", depth + 1)
                elif entry.is_file():
                    yield path
                count += 1
                if count > MOST_FILES:
                    said = ngettext(
                        "%(folder)s has more than %(count)s file.",
                        "%(folder)s has more than %(count)s files.",
                        MOST_FILES,
                    )
                    most = number_format(MOST_FILES, force_grouping=True)
                    raise FolderError(said % {"folder": self.root, "count": most})

    def _leads_inside(self, link: Path) -> bool:
        """Whether a link leads to a file in here; one to a folder is never followed."""
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):
            return False
        return target.is_file() and target.is_relative_to(self.root)

    def __contains__(self, path: str) -> bool:
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def under(self, folder: str) -> list[str]:
        """Return the paths in a folder, "" for all."""
        start = f"{folder.strip('/')}/" if folder.strip("/") else ""
        return [path for path in self.files if path.startswith(start)]

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The paths of all files by their last parts."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    def named(self, *names: str) -> str | None:
        """Return the first of these paths that is there."""
        return next((name for name in names if name in self.files), None)

    def content(self, path: str) -> bytes:
        """Return a text's bytes. Raises DataError where there are too many, or none can be had."""
        try:
            with (self.root / path).open("rb") as file:
                found = file.read(LARGEST_TEXT + 1)
        except OSError as error:
            raise DataError(_("It cannot be read: %(why)s.") % {"why": error.strerror}) from error
        if len(found) > LARGEST_TEXT:
            raise DataError(_("It is too large: more than 4 MiB."))
        return found

    def size(self, path: str) -> int:
        return (self.root / path).stat().st_size


def joined(folder: str, address: str) -> str | None:
    """Return the path that an address means from a folder; None where it leads out."""
    parts: list[str] = []
    for part in PurePosixPath(
        folder, address.lstrip("/") if address.startswith("/") else address
    ).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in (".", "/"):
            parts.append(part)
    return "/".join(parts)
