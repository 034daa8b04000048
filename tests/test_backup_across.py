"""A backup made while people write, restored elsewhere on the other database, and back again."""

import json
import random
import re
import signal
import subprocess
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import environ
import postgres
import prepared
import pytest
from backups import manifest_of, output_of, site_in, tables_in
from django.test import override_settings
from server import PATIENCE, Site

from blog.posts.models import Post
from blog.posts.search import find
from blog.transfer import databases

psycopg = pytest.importorskip("psycopg")

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(
        postgres.find_initdb() is None,
        reason="no PostgreSQL server is installed: no initdb on PATH or where Debian has it",
    ),
]

ESSAY = "/2026/11/room-in-the-margin/"
FREELY = {
    "COMMENT_RATE_PER_NETWORK": "none",
    "COMMENT_RATE_SITE": "none",
    "COMMENT_POLICY": "publish-all",
}


@pytest.fixture
def database_url():
    with postgres.cluster() as url:
        yield url


def run(site, *arguments, code=0):
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(**site.command(*arguments), timeout=PATIENCE, check=False, **said)
    assert done.returncode == code, done.stdout
    return done.stdout


class Writers:
    """People who post over HTTP until stopped; `answered` holds the texts that were accepted."""

    def __init__(self, site, name):
        self.site, self.name = site, name
        self.answered, self.over = [], threading.Event()
        self.token = re.search(r'name="token" value="([^"]+)"', site.ask("GET", ESSAY)[2])[1]

    def post(self, person):
        number = 0
        while not self.over.wait(0.2):  # the machine is for the backup too
            number += 1
            # Unlike what others say, so that none is held for being near to another.
            chance = random.Random(f"{self.name} {person} {number}")
            body = f"{self.name}: {' '.join(str(chance.random()) for _ in range(4))}"
            given = {"body": body, "name": f"Reader {person}", "token": self.token}
            status, _where, text = self.site.ask("POST", f"{ESSAY}comments/", given)
            assert status == 303, text
            self.answered.append(body)

    def __enter__(self):
        self.people = ThreadPoolExecutor(2)
        self.posting = [self.people.submit(self.post, person) for person in range(2)]
        return self

    def wait(self, more):
        """Wait until this many more comments were answered."""
        enough = len(self.answered) + more
        deadline = time.monotonic() + PATIENCE
        while len(self.answered) < enough and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.answered) >= enough

    def __exit__(self, *_):
        self.over.set()
        self.people.shutdown()
        for posting in self.posting:
            posting.result()


def backed_up_under_load(site, folder, name):
    """Return the backup of a running site, the words taken before it, and all taken at its end."""
    try:
        site.start("--no-worker")
        with Writers(site, name) as writers:
            writers.wait(more=5)
            before = list(writers.answered)
            said = run(site, "backup", str(folder))
            if site.data.joinpath("postil.sqlite3").exists():
                refused = run(
                    site, "restore", *map(str, folder.glob("*.zip")), "--overwrite", code=1
                )
                assert "The site is running on this database: stop it first." in refused
            writers.wait(more=5)
        after = set(writers.answered)
    finally:
        site.stop(signal.SIGTERM)
    assert " rows, 1 file." in said
    (made,) = folder.glob("*.zip")
    return made, before, after


def words_in(path):
    with zipfile.ZipFile(path) as made:
        columns, *rows = map(json.loads, made.read("tables/comments_comment.jsonl").splitlines())
    body = columns.index("body")
    return [row[body] for row in rows]


@contextmanager
def on_postgresql(url, folder):
    """Work on that database in this process, by a pool as large sites have one."""
    folder.mkdir(exist_ok=True)
    how = {"OPTIONS": {"pool": {"min_size": 2}}, "CONN_MAX_AGE": 0}
    with (
        override_settings(DATA_DIR=folder, MEDIA_ROOT=folder / "media"),
        databases.standing_in(**environ.Env.db_url_config(url) | how) as connection,
    ):
        try:
            yield
        finally:
            connection.close()
            connection.close_pool()


def backed_up(folder):
    output_of("backup", folder)
    (made,) = folder.glob("*.zip")
    return made


def check_words(path, name, before, after):
    """What was answered before a backup began is in it, once, and nothing else is."""
    words = words_in(path)
    assert [said for said in before if words.count(said) != 1] == []
    assert {said for said in words if said.startswith(name)} < after


@pytest.mark.postgresql
def test_rows_are_equal_from_sqlite_to_postgresql_and_back(
    database_url, tmp_path, django_db_blocker
):
    first = prepared.started(tmp_path, **FREELY)
    # A restore adds a job that makes the widths of pictures, which is a row more.
    first.shell("from blog.posts.models import Image; Image.objects.all().delete()")
    one, before, after = backed_up_under_load(first, tmp_path / "one", "On SQLite")
    check_words(one, "On SQLite", before, after)

    (tmp_path / "elsewhere").mkdir()
    second = Site(tmp_path / "elsewhere", DATABASE_URL=database_url, **FREELY)
    with django_db_blocker.unblock(), on_postgresql(database_url, second.data):
        assert "rows, 1 file." in output_of("restore", one)
        two = backed_up(tmp_path / "two")
    assert manifest_of(two)["database"] == "postgresql"
    assert tables_in(two) == tables_in(one)

    # It is a site like any other, and is written to, with numbers that go on.
    three, before, after = backed_up_under_load(second, tmp_path / "three", "On PostgreSQL")
    check_words(three, "On PostgreSQL", before, after)

    with django_db_blocker.unblock():
        with site_in(tmp_path / "back"):
            output_of("restore", three)
            four = backed_up(tmp_path / "four")
            assert any(entry.snippet for entry in find('"On PostgreSQL"'))
        # Over what is there, which others may be at work on.
        with on_postgresql(database_url, second.data):
            assert output_of("restore", one).startswith("There is a site here already.")
            at = environ.Env.db_url_config(database_url)
            with psycopg.connect(host=at["HOST"], user=at["USER"], dbname=at["NAME"]):
                assert output_of("restore", one, overwrite=True) == (
                    "The site is running on this database: stop it first."
                )
            assert " rows, 1 file." in output_of("restore", one, overwrite=True)
            five = backed_up(tmp_path / "five")
    assert manifest_of(four)["database"] == "sqlite"
    assert tables_in(four) == tables_in(three)
    assert tables_in(five) == tables_in(one)


@pytest.mark.postgresql
def test_backup_of_an_earlier_release_goes_to_postgresql(database_url, tmp_path, django_db_blocker):
    """Rows are loaded and then migrated in one transaction, which PostgreSQL is strict about."""
    release = Path(__file__).parent / "releases" / "0.1.0.zip"
    with django_db_blocker.unblock(), on_postgresql(database_url, tmp_path / "here"):
        assert "252 rows" in output_of("restore", release, overwrite=True)
        ids = Post.objects.values_list("feed_id", flat=True)
        assert {id_.partition(",")[0] for id_ in ids} == {"tag:127.0.0.1"}
