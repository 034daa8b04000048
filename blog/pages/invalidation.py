"""Which writes change readers' pages, and what they set off once they are committed."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from blog.pages.generation import CHANNEL, shared
from blog.pages.purge import purge_soon

# Tables that readers' pages are made of. A comment is shown by way of its thread, so one that only
# waits changes no page; when somebody signed in is on none either.
SHOWN = re.compile(
    r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?'
    r'(?:(?:posts_(?!searchentry)|comments_threadpage)\w*|auth_user"? (?!SET "last_login"))'
)


def changed() -> None:
    """Let every page of this machine be made anew, and a cache before the site be told."""
    shared().change()
    if settings.CDN_PURGE_URL:
        purge_soon()


def watch_writes(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Have every write of this connection to a table that readers see make pages anew."""

    def watch(execute: Callable[..., Any], sql: str, params: Any, *how: Any) -> Any:
        result = execute(sql, params, *how)
        if SHOWN.match(sql):
            announce(connection)
        return result

    connection.execute_wrappers.append(watch)


def announce(connection: BaseDatabaseWrapper) -> None:
    """Let pages be made anew everywhere once what this connection writes is committed."""
    if any(change is changed for _, change, _ in connection.run_on_commit):
        return
    if connection.vendor == "postgresql":
        # Past Django's cursors, so that pages' queries are counted alike on both databases.
        connection.connection.execute(f"NOTIFY {CHANNEL}")
    # Robust: the change is committed, whatever comes of telling it.
    transaction.on_commit(changed, using=connection.alias, robust=True)
