"""Parts of files that are on their way, put together once all of them are there.

They lie in the default storage, so that each may come to any web machine. A part is named by its
place and its length, so the same part twice is one file. No address of /media/ has such a name, and
backups leave them out (transfer/backup.py).
"""

from __future__ import annotations

import contextlib
import re
from typing import IO

from django.core.files.storage import default_storage

from .files import PARTS as FOLDER
from .files import put

# Bytes that a part's place and length are a multiple of, and the most it may have. So there are
# never too many parts, and none takes longer to arrive than a request may.
UNIT, MOST = 16_384, 122 * 16_384
_NAME = re.compile(r"([0-9]{1,12})-([0-9]{1,7})")


class Incomplete(Exception):
    """Some part is not there, or no longer."""


def fits(at: int, length: int, size: int) -> bool:
    """Whether a part of a file of this size may begin here and be so long."""
    is_whole = length % UNIT == 0 or at + length == size
    return at % UNIT == 0 and is_whole and 0 < length <= MOST and at + length <= size


def keep(key: str, at: int, content: bytes) -> None:
    """Keep a part. It is there whole or not at all, even where it is sent twice at a time."""
    put(f"{FOLDER}/{key}/{at}-{len(content)}", content)


def there(key: str) -> list[tuple[int, int]]:
    """Return the stretches that are there, each as its start and end, in order."""
    joined: list[tuple[int, int]] = []
    for start, length in _parts(key):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], start + length)
        else:
            joined.append((start, start + length))
    return joined


def put_together(key: str, size: int, into: IO[bytes]) -> None:
    """Write the file into `into`; raises Incomplete where a part is missing."""
    at = 0
    for start, length in _parts(key):
        if start > at:
            break
        try:
            with default_storage.open(f"{FOLDER}/{key}/{start}-{length}") as part:
                content = part.read()
        except FileNotFoundError as error:
            raise Incomplete(key) from error
        into.write(content[at - start :])
        at = max(at, start + len(content))
    if at != size:
        raise Incomplete(key)


def remove(key: str) -> None:
    """Remove what there is of a file."""
    for name in _names(key):
        default_storage.delete(f"{FOLDER}/{key}/{name}")
    with contextlib.suppress(OSError):  # another part came meanwhile, and goes within a day
        default_storage.delete(f"{FOLDER}/{key}")


def begun(below: str = "") -> list[str]:
    """Return the keys of all files of which something is there, or of those below a folder."""
    folder = f"{FOLDER}/{below}" if below else FOLDER
    try:
        return [key for key in default_storage.listdir(folder)[0] if key]
    except FileNotFoundError:
        return []


def _names(key: str) -> list[str]:
    try:
        return list(default_storage.listdir(f"{FOLDER}/{key}")[1])
    except FileNotFoundError:
        return []


def _parts(key: str) -> list[tuple[int, int]]:
    found = (_NAME.fullmatch(name) for name in _names(key))
    return sorted((int(part[1]), int(part[2])) for part in found if part)
