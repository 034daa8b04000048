"""A site's rows as lines of JSON, the same on SQLite and PostgreSQL, and back into tables.

They are read and written by the models as the database's own migrations left them, not as the
code has them now, so an older database can be kept and an older archive restored.

A table is a line with the names of its columns and then a line for each row, by primary key.
Times are in UTC, bytes in base64. The same rows give the same bytes on either database, so that
their sum tells whether anything differs.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from .new_database import make_tables

# Who is signed in is nobody's to keep; what the rates counted, who had an essay open and what was
# on its way here is over in days, and so is the count of common words; whether a worker lives is
# true of one site only; and the record of migrations is written by migrating.
LEFT_OUT = {
    *("django_session", "django_migrations", "jobs_sign"),
    *("comments_rateevent", "posts_presence", "posts_upload", "posts_commonword"),
    "moving_parcel",
}

# Rows that are in memory at once: a page of a thread can take 100 kB.
AT_ONCE = 100

# A NUL as JSON writes it, after any number of escaped backslashes. SQLite keeps one in a text,
# PostgreSQL does not.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")

# What a row raises that does not fit its table.
_UNFIT = (
    *(ValueError, TypeError, OverflowError, RecursionError),
    *(ValidationError, DataError, IntegrityError),
)


class TablesError(ValueError):
    """The rows do not fit the tables. The message is one translated sentence."""


def applied_migrations():
    """Return what the database was migrated to, as sorted pairs of app and name; [] for a new one.

    What apps once did that are no longer installed is left out, as Django does.
    """
    installed = _on_disk().migrated_apps
    done = MigrationRecorder(connection).applied_migrations()
    return sorted(key for key in done if key[0] in installed)


@cache  # they are the same as long as the process runs
def _on_disk():
    return MigrationLoader(None, replace_migrations=False)


def unknown_migrations(migrations):
    """Return those of these migrations that this version of Postil has not."""
    return [key for key in migrations if key not in _on_disk().disk_migrations]


def pending_migrations():
    """Return the migrations that the database has yet to have, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _backwards in plan]


def migrate_to(migrations):
    """Bring an empty database to exactly these migrations."""
    if _on_disk().disk_migrations.keys() <= {*migrations} and make_tables():
        return
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    needed = {parent.key for key in migrations for parent in graph.node_map[key].parents}
    executor.migrate([key for key in migrations if key not in needed])


def tables_of(migrations):
    """Return the models of a database that was migrated so, by the names of their tables."""
    return _tables_of(tuple(map(tuple, migrations)))


@lru_cache(maxsize=1)  # a restore asks more than once, and each time takes a tenth of a second
def _tables_of(migrations):
    state = MigrationLoader(None).project_state(list(migrations))
    found = {
        model._meta.db_table: model
        for model in state.apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return {name: found[name] for name in sorted(found) if name not in LEFT_OUT}


def lines(model) -> Iterator[bytes]:
    """Yield a table, a line at a time, in constant memory."""
    fields = _fields(model)
    yield _line([field.column for field in fields])
    rows = model._base_manager.order_by("pk").values_list(*[field.attname for field in fields])
    for row in rows.iterator(chunk_size=AT_ONCE):
        yield _line(row)


def _storable(text: str) -> tuple[str, bool]:
    """Return the line of a row, with � for each NUL where the database keeps none, and if so."""
    if connection.vendor == "sqlite" or "\\u0000" not in text:
        return text, False
    text, changed = _NUL.subn(r"\1\\ufffd", text)
    return text, bool(changed)


def load(model, read: Iterable[bytes]) -> int:
    """Write the lines of a table into it; return how many needed a NUL replaced by � (U+FFFD).

    Raises TablesError where they do not fit.
    """
    fields, table = _fields(model), model._meta.db_table
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(field.column) for field in fields)
    holders = ", ".join(["%s"] * len(fields))
    insert = f"INSERT INTO {quoted(table)} ({columns}) VALUES ({holders})"  # noqa: S608
    ways = _ways(fields)
    replaced = 0
    rows = []
    read = iter(read)
    if json.loads(next(read, b"null")) != [field.column for field in fields]:
        raise TablesError(_("The table %(table)s has other columns here.") % {"table": table})
    try:
        with connection.cursor() as cursor:
            for line in read:
                text, changed = _storable(line.decode())
                replaced += changed
                row = json.loads(text)
                if len(row) != len(fields):
                    raise ValueError(len(row))
                for place, ready in ways:
                    row[place] = ready(row[place])
                rows.append(row)
                if len(rows) == AT_ONCE:
                    cursor.executemany(insert, rows)
                    rows.clear()
            if rows:
                cursor.executemany(insert, rows)
    except _UNFIT as error:
        why = " ".join(str(error).split())
        raise TablesError(
            _("The table %(table)s does not take what is kept of it: %(why)s")
            % {"table": table, "why": why}
        ) from error
    return replaced


def empty(tables):
    """Delete what migrations wrote into these tables: it comes with the rest."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Migrating made them immediate; rows come in any order.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for name in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608


def finish(tables):
    """Check that what rows refer to is there, and let numbers go on after the highest in use.

    Raises TablesError.
    """
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # What is left to the end of the transaction now, so that tables can be changed.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            else:
                connection.check_constraints(tables)
            for statement in connection.ops.sequence_reset_sql(no_style(), tables.values()):
                cursor.execute(statement)
    except IntegrityError as error:
        why = " ".join(str(error).split())
        raise TablesError(_("Rows refer to what is not there: %(why)s") % {"why": why}) from error


# --- One value ------------------------------------------------------------------------------


def _fields(model):
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _line(values) -> bytes:
    # Sorted, because PostgreSQL keeps the keys of JSON in an order of its own.
    made = json.dumps(
        values, default=_plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    # Half of a pair of surrogates, which JSON can hold, becomes its escape again.
    return made.encode(errors="backslashreplace") + b"\n"


def _plain(value):
    """Return as JSON what `to_python` of its field reads back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value)} has no place in a backup")


# Fields whose values JSON and both databases write alike.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


def _ways(fields):
    """Return, for each column that needs one, its place and how its value is made ready."""
    found = []
    for place, field in enumerate(fields):
        target = field.target_field if isinstance(field, models.ForeignKey) else field
        if not isinstance(target, _PLAIN):
            found.append((place, _way(target)))
    return found


def _way(field):
    read = (lambda value: value) if isinstance(field, models.JSONField) else field.to_python
    return lambda value: field.get_db_prep_save(read(value), connection)
