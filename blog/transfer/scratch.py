"""A database on the disk that holds an export's rows while it is read, so that memory does not."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import weakref
from pathlib import Path

from django.conf import settings


def scratch_database(owner: object, tables: str, *, cache_kib: int) -> sqlite3.Connection:
    """Return a new database with these tables, in a transaction; it ends with its `owner`.

    Its file has no name once it is open, so nothing is left of it by a killed import.
    """
    folder = Path(settings.DATA_DIR)
    handle, path = tempfile.mkstemp(dir=folder if folder.is_dir() else None)
    os.close(handle)
    made = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # For a run that ends in an error, which holds its owner until any thread collects it.
    weakref.finalize(owner, made.close)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{cache_kib}"):
        made.execute(f"PRAGMA {pragma}")
    made.executescript(tables)
    os.unlink(path)
    made.execute("BEGIN")
    return made
