"""Hearing, over PostgreSQL, that another machine changed readers' pages (freshness.py sends it)."""

import logging
import time

import psycopg
from django.db import connections

from blog.freshness import CHANNEL, shared

# Seconds between looks whether the line to the database still stands, and before it is tried anew.
LOOK, REST = 5, 1

logger = logging.getLogger(__name__)


def keep_listening() -> None:
    """Make pages anew whenever another machine says so, and whenever that may have been missed."""
    given = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):  # Django's own, for its models
        given.pop(name)
    # A line that is cut without a word is found out within seconds.
    given |= {"autocommit": True, "connect_timeout": LOOK, "tcp_user_timeout": LOOK * 1000}
    heard = True
    while True:
        try:
            with psycopg.connect(**given) as line:
                line.execute(f"LISTEN {CHANNEL}")
                shared().change()  # whatever was said while nobody listened
                heard = True
                while True:
                    for _notice in line.notifies(timeout=LOOK):
                        shared().change()
                    line.execute("SELECT 1")
        except psycopg.Error as error:
            if heard:
                logger.warning("Other machines’ changes are not heard: %s", error)
            heard = False
            time.sleep(REST)
