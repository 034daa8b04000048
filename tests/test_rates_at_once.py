"""Rate limits hold for many requests at once, on SQLite and PostgreSQL."""

import os
import sys
from pathlib import Path

import prepared
import pytest
from warm import run

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[1]
AT_ONCE = 32
TAKE = f"""
import threading
import django
django.setup()
from django.db import connection
from comments.models import RateEvent
together, let_through = threading.Barrier({AT_ONCE}), []
def ask(number):
    connection.ensure_connection()
    together.wait()
    if not RateEvent.objects.take(RateEvent.Kind.COMMENT, f"203.0.113.{{number}}"):
        let_through.append(number)
    connection.close()
threads = [threading.Thread(target=ask, args=[number]) for number in range({AT_ONCE})]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(let_through), RateEvent.objects.filter(kind="comment").count())
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_comments_at_once_keep_to_the_rate(database, tmp_path):
    site = prepared.migrated(tmp_path, database, COMMENT_RATE_PER_NETWORK="5/h")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = run(
        [sys.executable, "-c", TAKE],
        cwd=ROOT,
        env=kept | site.environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout, done.returncode) == ("5 5\n", 0), done.stderr
