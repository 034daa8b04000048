"""A folder of files that texts name, such as `wp-content/uploads`: an address finds its file there.

Addresses are anybody's words, so nothing outside the folder is ever found, by whatever path or
symbolic link, and nothing but plain files.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What WordPress adds to the name of a picture that it made smaller, and of one it kept smaller.
_SIZED = re.compile(r"-[1-9][0-9]{0,4}x[1-9][0-9]{0,4}(?=\.[^.]+\Z)")
_KEPT_SMALLER = re.compile(r"-(?:scaled|rotated)(?=\.[^.]+\Z)")
_ENDING = re.compile(r"(?=\.[^.]+\Z)")
# Folders below which the rest of an address is a file's place.
_OF_FILES = frozenset("assets files images img media static uploads".split())
_MOST_PARTS = 40


class MediaFolder:
    """A folder, and how its files are found.

    Of a picture `x-300x200.jpg` that is not there, `x.jpg` is found, and `x-scaled.jpg` for either.
    With `originals`, these come first: the library makes its own smaller pictures.
    """

    def __init__(self, root: Path, *, originals: bool = False) -> None:
        self.root = root
        self.originals = originals
        self._listed: dict[Path, dict[str, str]] = {}

    def find(self, address: str, beside: Path | None = None) -> Path | None:
        """Return the file that an address or a path means; None where there is none.

        `beside` is the folder of the text, within this one: relative addresses begin there. The
        first parts of an address may be missing here, so that `uploads` itself can be the folder.
        """
        for path in readings_of(address):
            for parts in self._places(path, beside):
                if found := self._found(parts):
                    return found
        return None

    @cached_property
    def _real(self) -> Path:
        return self.root.resolve()

    def _places(self, path: str, beside: Path | None) -> Iterator[list[str]]:
        """Yield where a path can be meant, as parts of it below the folder; the whole first."""
        if beside is not None and not path.startswith("/"):
            below = os.path.relpath(beside, self.root).replace(os.sep, "/")
            yield from filter(None, [parts_of(f"{below}/{path}")])
        parts = parts_of(path.lstrip("/"))
        if parts is None:
            return
        yield parts
        for at in range(1, len(parts)):
            # The bare name alone could be any file.
            if len(parts) - at > 1 or parts[at - 1].lower() in _OF_FILES:
                yield parts[at:]

    def _found(self, parts: list[str]) -> Path | None:
        folder = self.root
        for part in parts[:-1]:
            name = self._names(folder).get(_composed(part))
            if name is None:
                return None
            folder = folder / name
        names = self._names(folder)
        for each in self._spellings(parts[-1]):
            if (name := names.get(_composed(each))) and self._is_inside(folder / name):
                return folder / name
        return None

    def _spellings(self, name: str) -> list[str]:
        """Return the names under which a file can lie, the best first."""
        original = _SIZED.sub("", name)
        larger = [original, _ENDING.sub("-scaled", original), _KEPT_SMALLER.sub("", original)]
        return [*larger, name] if self.originals else [name, *larger]

    def _names(self, folder: Path) -> dict[str, str]:
        """Return what a folder has, by its names in one form: letters and marks can be apart."""
        if folder not in self._listed:
            try:
                names = sorted(os.listdir(folder)) if self._is_below(folder) else []
            except OSError:
                names = []
            self._listed[folder] = {_composed(name): name for name in names}
        return self._listed[folder]

    def _is_below(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self._real)
        except (OSError, RuntimeError, ValueError):
            return False

    def _is_inside(self, path: Path) -> bool:
        """Return whether this is a plain file, and one of this folder after all links."""
        try:
            return self._is_below(path) and stat.S_ISREG(path.stat().st_mode)
        except OSError:
            return False


def readings_of(address: str) -> list[str]:
    """Return the paths that an address can mean: as it stands, and without percent signs."""
    address = address.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return []
    if parts.scheme and parts.scheme not in {"http", "https"}:
        return []
    # A name can hold what means something in an address, such as “#”.
    paths = [parts.path] if parts.netloc else [parts.path, address]
    for path in list(paths):
        once = unquote(path)
        paths += [once, unquote(once)]
    return [path for path in dict.fromkeys(paths) if path and "\0" not in path]


def parts_of(path: str) -> list[str] | None:
    """Return the parts of a path below a folder; None where it leads out of it or nowhere."""
    parts = posixpath.normpath(path).split("/")
    if parts[0] in {"", ".", ".."} or len(parts) > _MOST_PARTS:
        return None
    return parts


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
