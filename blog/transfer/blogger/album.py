"""Pictures that lay on Blogger's hosts, and a folder such as Takeout's Albums that holds them.

The addresses say little: one picture has an address for every size, and only the last part is what
its file is called. So a picture is found by that name, where just one file can be meant.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from blog.transfer.media_folder import MediaFolder
from blog.transfer.old_site import is_file

# Files that are looked at, and bytes of what Takeout says beside a picture.
MOST_FILES, LARGEST_NOTE = 200_000, 100_000
_HOSTS = re.compile(
    r"(?:[0-9]\.bp\.blogspot\.com|bp[0-9]?\.blogger\.com|photos[0-9]?\.blogger\.com"
    r"|blogger\.googleusercontent\.com|(?:lh|gp)[0-9]\.(?:googleusercontent|ggpht)\.com"
    r"|resources\.blogblog\.com)"
)
# A part of the path, or what stands behind the last "=", that only says how large or cut.
_SIZE = re.compile(r"(?:[swh][0-9]{1,5})(?:-[a-z0-9-]{1,40})?|[0-9]{2,4}")
_NUMBERED = re.compile(r"\([0-9]{1,4}\)(?=\.[^.]+\Z|\Z)")
_LARGEST = "s1600"


def is_picture(address: str) -> bool:
    """Whether an address is that of a picture on one of Blogger's hosts."""
    parts = _split(address)
    return parts.scheme in {"", "http", "https"} and bool(_HOSTS.fullmatch(parts.netloc.lower()))


def key_of(address: str) -> str:
    """Return what all sizes of one picture share: the path without its size, on any host."""
    path = _split(address).path
    before, sign, size = path.rpartition("=")
    if sign and _SIZE.fullmatch(size):
        path = before
    *folders, last = path.strip("/").split("/")
    if len(folders) > 1 and _SIZE.fullmatch(folders[-1]):
        folders.pop()
    return "/".join([*folders, last])


def name_of(address: str) -> str:
    """Return what the file of a picture may be called; "" where the address does not say."""
    last = key_of(address).rpartition("/")[2]
    name = unquote(unquote(last)).replace("+", " ")
    return name if is_file(f"/{name}") else ""


def largest(address: str) -> str:
    """Return the address of a picture's largest size, which is a picture and not a page."""
    parts = _split(address)
    path = re.sub(r"/[sw][0-9]{1,5}(?:-[a-z0-9-]{1,40})?/(?=[^/]*\Z)", f"/{_LARGEST}/", parts.path)
    path = re.sub(r"=[swh][0-9]{1,5}(?:-[a-z0-9-]{1,40})?\Z", f"={_LARGEST}", path)
    scheme = "http" if parts.scheme == "http" else "https"
    return f"{scheme}://{parts.netloc}{path}"


def _split(address: str):
    try:
        return urlsplit(address.strip())
    except ValueError:
        return urlsplit("")


class Album(MediaFolder):
    """A folder with the files of those pictures, in whatever folders below it."""

    def find(self, address: str, beside: Path | None = None) -> Path | None:
        """Return the one file that an address means; None where there is none, or several are."""
        if not is_picture(address):
            return super().find(address, beside)
        if path := self._by_note.get(key_of(address)):
            return path
        found = self._named(name_of(address))
        if len(found) > 1 and len({*map(self._content, found)}) > 1:
            return None
        return found[0] if found else None

    def is_unclear(self, address: str) -> bool:
        """Whether several different files could be the picture."""
        return self.find(address) is None and bool(self._named(name_of(address)))

    def _named(self, name: str) -> list[Path]:
        return self._by_name.get(_spelled(name), []) if name else []

    def _content(self, path: Path) -> bytes:
        """Return what files of the same bytes share."""
        if path not in self._contents:
            with path.open("rb") as file:
                self._contents[path] = hashlib.file_digest(file, "blake2b").digest()
        return self._contents[path]

    @cached_property
    def _contents(self) -> dict[Path, bytes]:
        return {}

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        """All pictures by their names; Takeout numbers those that would be called the same."""
        found: dict[str, list[Path]] = {}
        for path in self._all:
            if is_file(f"/{path.name}"):
                for name in {path.name, _NUMBERED.sub("", path.name)}:
                    found.setdefault(_spelled(name), []).append(path)
        return found

    @cached_property
    def _by_note(self) -> dict[str, Path]:
        """Pictures by the address that Takeout's note beside them says."""
        found = {}
        for path in self._all:
            if path.suffix.lower() == ".json":
                said = _note(path)
                title, address = said.get("title"), said.get("url")
                if isinstance(title, str) and isinstance(address, str) and is_picture(address):
                    files = {each.name: each for each in self._by_name.get(_spelled(title), [])}
                    beside = files.get(path.name.removesuffix(".json")) or files.get(title)
                    if beside:
                        found[key_of(address)] = beside
        return found

    @cached_property
    def _all(self) -> list[Path]:
        return [*self._walked()]

    def _walked(self) -> Iterator[Path]:
        count = 0
        for folder, folders, names in os.walk(self.root):
            folders.sort()
            for name in sorted(names):
                path = Path(folder) / name
                count += 1
                if count > MOST_FILES:
                    return
                if self._is_inside(path):
                    yield path


def _spelled(name: str) -> str:
    """Return a name as it is compared: Takeout writes some signs as others."""
    return re.sub(r"\W+", "_", unicodedata.normalize("NFC", name).casefold())


def _note(path: Path) -> dict:
    try:
        if path.stat().st_size > LARGEST_NOTE:
            return {}
        said = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
