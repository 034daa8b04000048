"""Doing an import without doing it: on a database that nobody else has, or in a transaction that
never ends well.

SQLite lets one write at a time, and a trial may take minutes. So there it is made on a copy, and
visitors go on commenting. What is said of the trial is written into the real database meanwhile.
"""

import os
import sqlite3
from contextlib import ExitStack, closing, contextmanager

from django.db import connections

from blog.transfer.databases import aside, standing_in
from blog.transfer.unpacking import need_room


class Trial:
    """In its block this thread works on the other database; within `outside`, on its own.

    The copy lies in `folder`, which goes afterwards.
    """

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.real = connections["default"]
        with ExitStack() as stack:
            if self.real.vendor == "sqlite":
                path = self.folder / "copy"
                copy_of(self.real.settings_dict["NAME"], path)
                stack.enter_context(aside(path))
            else:
                # A pool keeps connections of its own.
                options = {
                    k: v for k, v in self.real.settings_dict["OPTIONS"].items() if k != "pool"
                }
                stack.enter_context(standing_in(OPTIONS=options))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        self.stack.close()

    @contextmanager
    def outside(self):
        inside = connections["default"]
        connections["default"] = self.real
        try:
            yield
        finally:
            connections["default"] = inside


def copy_of(name, path):
    """Copy a SQLite database as it is now. Its readers and writers go on meanwhile."""
    need_room(path.parent, os.path.getsize(name))
    path.touch(mode=0o600)
    with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
