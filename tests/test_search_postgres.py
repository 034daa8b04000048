"""Migrations on a real PostgreSQL, forwards and back.

What search does there `make test-postgres` shows, with all of test_search.py.
"""

import os
import subprocess
import sys
from pathlib import Path

import postgres
import pytest

ROOT = Path(__file__).resolve().parents[1]

# One server for all of them: pytest-xdist keeps a group on one worker.
pytestmark = [
    pytest.mark.server,
    pytest.mark.postgresql,
    pytest.mark.skipif(
        postgres.find_initdb() is None,
        reason="no PostgreSQL server is installed: no initdb on PATH or where Debian has it",
    ),
]


@pytest.fixture(scope="session")
def database_url():
    """The address of an empty database on a server of our own."""
    pytest.importorskip("psycopg")
    with postgres.cluster() as url:
        yield url


@pytest.fixture
def run(database_url, tmp_path):
    """Run Python with these arguments on that database; a failure shows what it said."""
    (tmp_path / "static").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = kept | {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)}

    def run(*arguments):
        command = [sys.executable, *arguments]
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=300, **said)
        if done.returncode:
            pytest.fail(f"{' '.join(arguments)}\n{done.stdout}", pytrace=False)
        return done.stdout

    return run


def test_every_migration_runs_forwards_and_back(run):
    run("manage.py", "migrate")
    run("manage.py", "migrate", "comments", "zero")
    run("manage.py", "migrate", "posts", "zero")
    assert "Applying posts.0002_full_text_search... OK" in run("manage.py", "migrate")
