"""Putting files into the storage whole, and taking them away with what was made of them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from .names import made_of
from .parts import FOLDER as PARTS

if TYPE_CHECKING:
    from django.core.files.storage import Storage

# Where a file is written until it is whole: among the parts of uploads, which backups leave out and
# whose folders go within a day if no upload is known by their name.
HALF = f"{PARTS}/half"


def put(name: str, content: bytes) -> None:
    """Keep a file under its name. It is there whole or not at all, even if this is killed."""
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:  # a bucket, which does the same by itself
        default_storage.save(name, ContentFile(content))
        return
    folder = path.parent / HALF
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as half:
        try:
            half.write(content)
            half.close()
            os.chmod(half.name, getattr(default_storage, "file_permissions_mode", None) or 0o644)
            os.replace(half.name, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(half.name)
            raise


def length_of(name: str) -> int | None:
    """Return how many bytes a file has; None if it is not there."""
    # Asked by itself, for a bucket remembers the lengths of files that are gone.
    return default_storage.size(name) if default_storage.exists(name) else None


def take_away(name: str, storage: Storage = default_storage) -> None:
    """Delete a file and all that was made of it; what is not there counts as deleted."""
    for each in (*made_of(name), name):
        storage.delete(each)
