"""Putting files into the storage whole, and taking them away with what was made of them."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from .names import made_of

if TYPE_CHECKING:
    from django.core.files.storage import Storage

# Where parts of files lie, and among them what is not whole yet: backups leave all of it out, and a
# folder that belongs to no upload goes within a day.
PARTS, HALF = "parts", "parts/half"
# Bytes that are copied at a time.
AT_ONCE = 1 << 20


def put(name: str, content: bytes) -> None:
    """Keep bytes under a name, as `put_file` does."""
    put_file(name, io.BytesIO(content))


def put_file(name: str, file: IO[bytes]) -> None:
    """Keep a file under a name. It is there whole or not at all, even if this is killed."""
    file.seek(0)
    try:
        path, folder = (Path(default_storage.path(each)) for each in (name, HALF))
    except NotImplementedError:  # a bucket, which does the same by itself
        default_storage.save(name, File(file))
        return
    with written_aside(path, folder) as half:
        shutil.copyfileobj(file, half, AT_ONCE)


@contextlib.contextmanager
def written_aside(path: Path, folder: Path) -> Iterator[IO[bytes]]:
    """Open a file to write in a folder; it takes the path's place once it is complete."""
    for each in (folder, path.parent):
        each.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as half:
        try:
            yield half
            half.close()
            os.chmod(half.name, settings.FILE_UPLOAD_PERMISSIONS or 0o644)
            os.replace(half.name, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(half.name)
            raise


def pieces_of(name: str) -> Iterator[bytes]:
    """Return the bytes of a file in pieces, for one that no memory needs to hold.

    Raises FileNotFoundError at once, and another OSError where the storage fails meanwhile.
    """
    if hasattr(default_storage, "pieces"):
        pieces: Iterator[bytes] = default_storage.pieces(name, AT_ONCE)
        return pieces
    return read_on(default_storage.open(name))


def read_on(opened: IO[bytes]) -> Iterator[bytes]:
    with opened:
        while piece := opened.read(AT_ONCE):
            yield piece


def length_of(name: str) -> int | None:
    """Return how many bytes a file has; None if it is not there."""
    # Asked by itself, for a bucket remembers the lengths of files that are gone.
    return default_storage.size(name) if default_storage.exists(name) else None


def take_away(name: str, storage: Storage = default_storage) -> None:
    """Delete a file and all that was made of it; what is not there counts as deleted."""
    for each in (*made_of(name), name):
        storage.delete(each)
