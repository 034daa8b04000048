"""Whole databases for a while: one that stands still, one aside, one that is replaced at once."""

import contextlib
import os
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

from django.db import connection, connections, transaction
from django.db.utils import load_backend
from django.utils.translation import gettext as _

from blog.lib.locked import locked

# The number of the lock on PostgreSQL, chosen freely.
PREPARING = 0x50524550
_here = threading.local()
# What an administrator may set for an account, and would end who waits or holds the turn.
TIMEOUTS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]

# Seconds until a connection that was closed is surely gone.
CLOSING = 2


class DatabaseBusy(Exception):
    """Something else is at work on the database. The message is one translated sentence."""


@contextlib.contextmanager
def standing_in(**changes):
    """Put another connection in the place of the default one while the block runs, in this thread.

    Everything then works on it, migrations too, which name no database.
    """
    was = connections["default"]
    settings = was.settings_dict | changes
    backend = load_backend(settings["ENGINE"])
    connections["default"] = other = backend.DatabaseWrapper(settings, "default")
    try:
        yield other
    finally:
        connections["default"] = was
        other.close()
        if other.connection is not None:  # which Django leaves open if it is in memory
            other.connection.close()


def _without_pool():
    """Return the options of a connection on PostgreSQL that no pool keeps."""
    return {k: v for k, v in connection.settings_dict["OPTIONS"].items() if k != "pool"}


@contextlib.contextmanager
def snapshot():
    """Let the block see the database as it is now, whatever is written meanwhile; it holds up
    nobody. On PostgreSQL a repeatable read, on SQLite a reader's view of the log (WAL)."""
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Else a transaction begins as a writer's.
    options = connection.settings_dict["OPTIONS"] | {"transaction_mode": "DEFERRED"}
    with standing_in(OPTIONS=options), transaction.atomic():
        yield


@contextlib.contextmanager
def looking():
    """Let the block read the database, and nothing in it write, not even SQLite its own log."""
    if connection.vendor == "postgresql":
        options = _without_pool()
        given = options.get("options", "")
        options["options"] = f"{given} -c default_transaction_read_only=on".strip()
        with standing_in(OPTIONS=options):
            yield
        return
    path = Path(connection.settings_dict["NAME"])
    options = {"transaction_mode": "DEFERRED", "init_command": "PRAGMA query_only=ON"}
    # With a log, SQLite reads it; without one, it would make an empty one to read the file.
    has_log = path.with_name(f"{path.name}-wal").exists()
    how = "mode=ro" if has_log else "immutable=1"
    with standing_in(NAME=f"file:{quote(str(path))}?{how}", OPTIONS=options):
        yield


def has_tables():
    """Return whether there is anything in the database."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    return bool(connection.introspection.table_names())


@contextlib.contextmanager
def alone(waits=lambda: None):
    """Wait until no other process prepares this database; none does until the block ends.

    So several machines may start at once on a new version, or on a database that is empty.
    `waits()` is called if another one does. Within a block a second one begins at once.
    """
    if getattr(_here, "is_alone", False):
        yield
        return
    folder = Path(connection.settings_dict["NAME"]).parent
    with _turn(waits) if connection.vendor == "postgresql" else locked(folder, waits):
        _here.is_alone = True
        try:
            yield
        finally:
            _here.is_alone = False


@contextlib.contextmanager
def _turn(waits):
    # On a connection of its own, in a transaction that lasts: those of the block end sooner.
    ours = connection.settings_dict | {"OPTIONS": _without_pool()}
    lock = load_backend(ours["ENGINE"]).DatabaseWrapper(ours, "default")
    with contextlib.closing(lock), lock.cursor() as cursor:
        lock.set_autocommit(False)
        newer = ["transaction_timeout"] if lock.pg_version >= 170000 else []
        for timeout in TIMEOUTS + newer:
            cursor.execute(f"SET LOCAL {timeout} = 0")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [PREPARING])
        if not cursor.fetchone()[0]:
            waits()
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PREPARING])
        yield


@contextlib.contextmanager
def aside(path):
    """Work on a new SQLite database at `path`, in no fear of a power cut."""
    hurry = {"init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"}
    with standing_in(ENGINE="django.db.backends.sqlite3", NAME=str(path), OPTIONS=hurry):
        yield


@contextlib.contextmanager
def scratch():
    """Work on a new SQLite database that is thrown away after."""
    with tempfile.TemporaryDirectory(prefix="postil-") as folder, aside(Path(folder) / "scratch"):
        yield


@contextlib.contextmanager
def replaced():
    """Work on an empty database that takes the place of the present one at the end of the block.

    If the block fails, the present one stays as it is. Raises DatabaseBusy while a site runs on
    it. On PostgreSQL all of it is one transaction; a SQLite file is built beside and then renamed.
    """
    busy = DatabaseBusy(_("The site is running on this database: stop it first."))
    if connection.vendor == "postgresql":
        # A pool keeps connections of its own, which would be counted as others.
        options = _without_pool()
        connection.close()
        connection.close_pool()
        with standing_in(OPTIONS=options):
            if _others_stay():
                raise busy
            with transaction.atomic(durable=True):
                _drop_everything()
                yield
        return
    path = Path(connection.settings_dict["NAME"])
    beside = path.with_name(f"{path.name}.restoring")
    connection.close()
    _close_log(path, busy)
    beside.unlink(missing_ok=True)
    try:
        beside.touch(mode=0o600)
        with aside(beside):
            yield
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        _close_log(path, busy)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _close_log(path, busy):
    """Have SQLite put its log into the file, which it does only where nobody else has it open."""
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path, timeout=1)) as database:
        try:
            database.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise busy from error
        except sqlite3.DatabaseError:
            return  # no database at all: nobody has it open


def _others_stay():
    """Return whether others are connected for longer than it takes to end a closed connection.

    PostgreSQL counts one for some milliseconds after it was closed, our own included.
    """
    deadline = time.monotonic() + CLOSING
    while others := _others():
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return bool(others)


def _others():
    """Return how many others are connected to this PostgreSQL database.

    Connections that have the turn, or wait for it, are for nothing else.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND pid NOT IN"
            " (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s)",
            [PREPARING],
        )
        return cursor.fetchone()[0]


def _drop_everything():
    """Drop every table of the schema, and what the search made beside them."""
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {quoted(table)} CASCADE")
        cursor.execute("DROP TEXT SEARCH CONFIGURATION IF EXISTS posts")
        cursor.execute("DROP TEXT SEARCH DICTIONARY IF EXISTS posts_stem")
