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

import postgres
import pytest
from backups import manifest_of, tables_in
from server import PATIENCE, Site

pytestmark = [
    pytest.mark.xdist_group("postgres"),
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
    pytest.importorskip("psycopg")
    with postgres.cluster() as url:
        yield url


def run(site, *arguments):
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(**site.command(*arguments), timeout=PATIENCE, check=False, **said)
    assert done.returncode == 0, done.stdout
    return done.stdout


class Writers:
    """People who post over HTTP until told to stop; `answered` are the words of what was taken."""

    def __init__(self, site, name):
        self.site, self.name = site, name
        self.answered, self.over = [], threading.Event()
        self.token = re.search(r'name="token" value="([^"]+)"', site.ask("GET", ESSAY)[2])[1]

    def post(self, person):
        number = 0
        while not self.over.wait(0.05):  # the machine is for the backup too
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
        """Wait until so many more comments have been answered."""
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
    site.start("--no-worker")
    try:
        with Writers(site, name) as writers:
            writers.wait(more=5)
            before = list(writers.answered)
            said = run(site, "backup", str(folder), "--verify")
            writers.wait(more=5)
        after = set(writers.answered)
    finally:
        site.stop(signal.SIGTERM)
    assert "every row and sum is the same" in said
    (made,) = folder.glob("*.zip")
    return made, before, after


def words_in(path):
    with zipfile.ZipFile(path) as made:
        columns, *rows = map(json.loads, made.read("tables/comments_comment.jsonl").splitlines())
    body = columns.index("body")
    return [row[body] for row in rows]


def test_rows_and_sums_are_the_same_from_sqlite_to_postgresql_and_back(database_url, tmp_path):
    first = Site(tmp_path, **FREELY)
    one, before, after = backed_up_under_load(first, tmp_path / "one", "On SQLite")
    words = words_in(one)
    # What was answered before it began is in it, once, and it holds nothing of nobody's.
    assert [said for said in before if words.count(said) != 1] == []
    assert {said for said in words if said.startswith("On SQLite")} <= after
    assert len({said for said in words if said.startswith("On SQLite")}) < len(after)

    (tmp_path / "elsewhere").mkdir()
    second = Site(tmp_path / "elsewhere", DATABASE_URL=database_url, **FREELY)
    run(second, "restore", str(one))
    run(second, "backup", str(tmp_path / "two"))
    (two,) = (tmp_path / "two").glob("*.zip")
    assert manifest_of(two)["database"] == "postgresql"
    assert tables_in(two) == tables_in(one)

    # It is a site like any other: it is read, found in, and written to, with numbers that go on.
    three, before, after = backed_up_under_load(second, tmp_path / "three", "On PostgreSQL")
    words = words_in(three)
    assert [said for said in before if words.count(said) != 1] == []
    assert {said for said in words if said.startswith("On PostgreSQL")} <= after

    (tmp_path / "back").mkdir()
    third = Site(tmp_path / "back", **FREELY)
    run(third, "restore", str(three))
    run(third, "backup", str(tmp_path / "four"))
    (four,) = (tmp_path / "four").glob("*.zip")
    assert manifest_of(four)["database"] == "sqlite"
    assert tables_in(four) == tables_in(three)
    third.start("--no-worker")
    try:
        found = re.sub("<[^>]+>", "", third.ask("GET", "/search/?q=On+PostgreSQL")[2])
        assert "On PostgreSQL" in found
        refused = subprocess.run(
            **third.command("restore", str(one), "--overwrite"),
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert refused.returncode == 1
        assert "The site is running on this database: stop it first." in refused.stderr
    finally:
        third.stop(signal.SIGTERM)

    # Over what is there, on PostgreSQL too.
    refused = subprocess.run(
        **second.command("restore", str(one)),
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert "There is a site here already" in refused.stderr
    run(second, "restore", str(one), "--overwrite")
    run(second, "backup", str(tmp_path / "five"))
    (five,) = (tmp_path / "five").glob("*.zip")
    assert tables_in(five) == tables_in(one)
