"""A request that waits for a lock delays no other: not even by the garbage it leaves."""

import gc
import sqlite3
import sys
import threading
import time
from contextlib import closing, suppress

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from test_worker import until

from blog.lib.database import limit_lock_wait

SQLITE = {"ENGINE": "django.db.backends.sqlite3"}


@pytest.fixture
def garbage_stays(django_db_blocker):
    gc.collect()
    gc.disable()
    with django_db_blocker.unblock():
        yield
    gc.enable()


def test_garbage_of_a_failed_write_waits_for_no_lock(tmp_path, garbage_stays):
    path = tmp_path / "data.sqlite3"
    connections = ConnectionHandler({"default": SQLITE | {"NAME": path}})
    failed = threading.Event()

    def write():
        connection = connections["default"]
        connection.ensure_connection()
        limit_lock_wait(connection)
        for milliseconds in (1, 20_000):
            connection.connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
            with suppress(OperationalError):
                connection.cursor().execute("BEGIN IMMEDIATE")
            failed.set()
        connection.close()

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        writer = threading.Thread(target=write)
        writer.start()
        assert failed.wait(30)
        until(lambda: "sqlite3" in sys._current_frames()[writer.ident].f_code.co_filename)
        began = time.monotonic()
        gc.collect()
        assert time.monotonic() - began < 10
        other.execute("ROLLBACK")
        writer.join()
