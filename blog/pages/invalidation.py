"""Which writes change readers' pages, and what they set off once they are committed.

A model whose rows such pages show says so: `changes_pages = True`; the tables of its many-to-many
fields go with it. For a model of another package the app that shows it says so, in its AppConfig:
`changes_pages = {"auth.User": {"last_login"}}`, with the columns that are on no page. A model that
each process keeps in memory for all pages says `changes_site = True` too.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from blog.pages.generation import CHANNEL, SITE, shared
from blog.pages.purge import purge_soon

NO_WRITE = re.compile(r"\s*(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK)\b", re.IGNORECASE)
# A write, and the tables it is to; TRUNCATE takes several.
WRITES = re.compile(
    r"\s*(?:(?:INSERT|REPLACE|MERGE)(?:\s+OR\s+\w+)?\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM"
    r"|TRUNCATE(?:\s+TABLE)?)\s+(?:ONLY\s+)?"
    r'([\w."`]+(?:\s*,\s*[\w."`]+)*)',
    re.IGNORECASE,
)
# Where one may begin further on, as after WITH, a comment or another statement.
WITHIN = re.compile(r"(?<!\w)(?=INSERT|REPLACE|MERGE|UPDATE|DELETE|TRUNCATE)", re.IGNORECASE)
# The column of an update that sets only one.
ONLY_COLUMN = re.compile(r'\s*UPDATE\s+\S+\s+SET\s+"?(\w+)"?\s*=\s*%s\s+WHERE\b', re.IGNORECASE)

# Characters of the statements whose tables are remembered; longer ones write many rows at once.
REMEMBERED = 4000


@cache
def shown_tables() -> dict[str, frozenset[str]]:
    """Return the tables that pages are made of, each with its columns that are on no page."""
    shown = {
        model._meta.db_table: frozenset[str]()
        for model in apps.get_models(include_auto_created=True)
        if getattr(model._meta.auto_created or model, "changes_pages", False)
    }
    for app in apps.get_app_configs():
        for label, columns in getattr(app, "changes_pages", {}).items():
            shown[apps.get_model(label)._meta.db_table] = frozenset(columns)
    return shown


@cache
def site_tables() -> frozenset[str]:
    """Return the tables that each process keeps in memory for all of its pages."""
    models = apps.get_models()
    return frozenset(m._meta.db_table for m in models if getattr(m, "changes_site", False))


def tables_written(sql: str) -> frozenset[str]:
    """Return the names of the tables that a statement writes to, without a schema or quotes."""
    if NO_WRITE.match(sql) and ";" not in sql:
        return frozenset()
    return _tables_named(sql) if len(sql) < REMEMBERED else _tables_named.__wrapped__(sql)


@lru_cache(maxsize=500)  # the same statements come again and again
def _tables_named(sql: str) -> frozenset[str]:
    first = ";" not in sql and WRITES.match(sql)
    places = [0] if first else [found.start() for found in WITHIN.finditer(sql)]
    lists = [found[1] for place in places if (found := WRITES.match(sql, place))]
    names = (name for each in lists for name in each.split(","))
    return frozenset(name.strip('\n\t "`').rpartition(".")[2].lstrip('"`') for name in names)


def changes_pages(sql: str) -> bool:
    """Whether a statement may change what readers see."""
    shown = shown_tables()
    written = tables_written(sql) & shown.keys()
    if not written:
        return False
    only = ONLY_COLUMN.match(sql)
    column = only[1] if only else ""
    return any(column not in shown[name] for name in written)


def changed() -> None:
    """Let every page of this machine be made again, and a cache before the site be purged."""
    shared().change()
    if settings.CDN_PURGE_URL:
        purge_soon()


def site_changed() -> None:
    """The same, after the site's own settings changed."""
    shared().change(site=True)
    changed()


def watch_writes(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Have every write of this connection to a table that readers see make pages again."""

    def watch(execute: Callable[..., Any], sql: str, params: Any, *how: Any) -> Any:
        result = execute(sql, params, *how)
        if changes_pages(sql) and not getattr(connection, "changes_no_page", False):
            is_site = not site_tables().isdisjoint(tables_written(sql))
            announce(connection, site_changed if is_site else changed)
        return result

    connection.execute_wrappers.append(watch)


@contextmanager
def changes_no_page(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let no write of the block be taken for a change of readers' pages: its caller knows better.

    For a new draft, which no page shows.
    """
    before = getattr(connection, "changes_no_page", False)
    connection.changes_no_page = True
    try:
        yield
    finally:
        connection.changes_no_page = before


def announce(connection: BaseDatabaseWrapper, change: Callable[[], None] = changed) -> None:
    """Let pages be made again everywhere once what this connection writes is committed."""
    if any(each is change for _, each, _ in connection.run_on_commit):
        return
    if connection.vendor == "postgresql":
        # Past Django's cursors, so that pages' queries are counted alike on both databases.
        said = f", '{SITE}'" if change is site_changed else ""
        connection.connection.execute(f"NOTIFY {CHANNEL}{said}")
    # Robust: the change is committed, whatever comes of telling it.
    transaction.on_commit(change, using=connection.alias, robust=True)
