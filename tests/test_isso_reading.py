"""The database of Isso is read as it lies, with odd values in it too."""

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime

import pytest
from comment_exports import ISSO, add_to_isso, isso_db

from blog.transfer.discussions.isso import Isso
from blog.transfer.discussions.said import DiscussionError


def read(path):
    return list(Isso(path).said())


def test_comment_has_all_that_isso_keeps(tmp_path):
    (said,) = read(
        isso_db(tmp_path / "c.db", {"website": "https://ann.example/", "email": "a@b.c"})
    )
    assert (said.id, said.page, said.parent) == ("1", "/on-margins/", "")
    assert (said.name, said.email, said.url) == ("Ann", "a@b.c", "https://ann.example/")
    assert (said.markdown, said.html, said.status) == ("Well *said*.", "", "approved")
    assert said.at == datetime(2021, 3, 2, 8, 15, tzinfo=UTC)


def test_name_is_what_its_writer_typed(tmp_path):
    (said,) = read(isso_db(tmp_path / "c.db", {"author": "&lt;b&gt;Tom &amp; Mo&lt;/b&gt;"}))
    assert said.name == "<b>Tom & Mo</b>"


@pytest.mark.parametrize(
    ("mode", "status", "is_left_out"),
    [
        (1, "approved", False),
        (2, "pending", False),
        (4, "pending", True),
        (5, "pending", False),
        (None, "pending", False),
        ("x", "pending", False),
    ],
)
def test_only_mode_one_is_public(tmp_path, mode, status, is_left_out):
    (said,) = read(isso_db(tmp_path / "c.db", {"mode": mode}))
    assert (said.status, bool(said.left_out)) == (status, is_left_out)
    assert bool(said.named) == (mode in (5, None, "x"))


def test_what_has_no_place_is_counted(tmp_path):
    lost = {"likes": 3, "dislikes": -1, "notification": 1, "modified": 1614672999.0}
    (said,) = read(isso_db(tmp_path / "c.db", lost))
    assert said.lost == {
        "likes": 3,
        "wishes to be mailed about replies": 1,
        "times of an edit": 1,
    }


@pytest.mark.parametrize(
    "odd",
    [
        {"created": "yesterday"},
        {"created": 9e300},
        {"text": None},
        {"text": b"\xff\xfe"},
        {"author": 7},
        {"likes": 2**62},
        {"likes": "many"},
        {"parent": "x"},
        {"tid": 99},
        {"author": "a\0b"},
    ],
)
def test_odd_values_refuse_nothing(tmp_path, odd):
    assert len(read(isso_db(tmp_path / "c.db", odd, {"text": "Another."}))) == 2


def test_nothing_is_written_beside_it(tmp_path):
    path = isso_db(tmp_path / "c.db")
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("PRAGMA journal_mode=WAL")
    was, bytes_ = path.stat().st_mtime_ns, path.read_bytes()
    read(path)
    assert [each.name for each in tmp_path.iterdir()] == ["c.db"]
    assert (path.stat().st_mtime_ns, path.read_bytes()) == (was, bytes_)


def test_newest_comments_come_from_the_log_left_behind(tmp_path):
    left = tmp_path / "left"
    left.mkdir()
    path = isso_db(tmp_path / "c.db")
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("PRAGMA journal_mode=WAL")
        add_to_isso(rows, {"text": "The newest."})
        for name in ("c.db", "c.db-wal"):
            shutil.copy(tmp_path / name, left / name)
    assert Isso(left / "c.db").unreadable() == {}
    before = {each.name: each.read_bytes() for each in left.iterdir()}
    assert [said.markdown for said in read(left / "c.db")] == ["Well *said*.", "The newest."]
    assert {each.name: each.read_bytes() for each in left.iterdir()} == before


def test_log_that_stayed_behind_is_named(tmp_path):
    path = isso_db(tmp_path / "c.db")
    assert Isso(path).unreadable() == {}
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("PRAGMA journal_mode=WAL")
    ((_heading, lines),) = Isso(path).unreadable().items()
    assert "c.db-wal" in lines[0]


def test_unfinished_writing_is_refused_with_advice(tmp_path):
    path = isso_db(tmp_path / "c.db")
    (tmp_path / "c.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))
    with pytest.raises(DiscussionError, match="Start and stop it once"):
        read(path)


OLD = """
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER,
    created FLOAT NOT NULL, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR,
    voters BLOB);
INSERT INTO threads VALUES (1, '/on-margins/', NULL);
"""


def test_database_of_an_old_version_is_read(tmp_path):
    path = isso_db(tmp_path / "c.db", {}, {"parent": 1, "text": None}, schema=OLD)
    first, second = read(path)
    assert (first.markdown, first.lost, first.url) == ("Well *said*.", {}, "")
    assert (second.markdown, second.parent) == ("", "1")


def test_two_installations_have_different_keys(tmp_path):
    other = ISSO.replace("made-for-a-test", "another")
    first, second = isso_db(tmp_path / "a.db"), isso_db(tmp_path / "b.db", schema=other)
    old = isso_db(tmp_path / "c.db", schema=OLD)
    assert len({Isso(first).key, Isso(second).key, Isso(old).key}) == 3
    assert "made-for-a-test" not in Isso(first).key


HOSTILE = {
    "a view": "CREATE VIEW comments AS SELECT 1 AS id, 1 AS tid, 'x' AS text;",
    "an endless view": "CREATE VIEW comments AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT"
    " id + 1 FROM n) SELECT id, 1 AS tid, 'x' AS text FROM n;",
    "a virtual table": "CREATE VIRTUAL TABLE comments USING fts5(id, tid, text);",
    "a column that is made up": "CREATE TABLE comments (id INTEGER PRIMARY KEY, tid INTEGER,"
    " text TEXT GENERATED ALWAYS AS (hex(zeroblob(4000))) VIRTUAL);"
    "INSERT INTO comments (tid) VALUES (1);",
    "other tables": "CREATE TABLE notes (id INTEGER);",
    "no texts": "CREATE TABLE comments (id INTEGER, tid INTEGER);",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_other_databases_are_refused(tmp_path, kind):
    path = tmp_path / "c.db"
    with closing(sqlite3.connect(path)) as rows:
        rows.executescript(f"CREATE TABLE threads (id INTEGER, uri TEXT);{HOSTILE[kind]}")
    with pytest.raises(DiscussionError, match="not Isso’s"):
        read(path)


@pytest.mark.parametrize(
    "kind", ["text", "empty", "cut", "scratched", "head only", "odd page size"]
)
def test_broken_file_is_refused_in_a_sentence(tmp_path, kind):
    path = isso_db(tmp_path / "c.db", *({"text": "x" * 3000} for _ in range(40)))
    whole = path.read_bytes()
    path.write_bytes(
        {
            "text": b"<?xml version='1.0'?>",
            "empty": b"",
            "cut": whole[: len(whole) // 2],
            "scratched": whole[:8192] + b"\x99" * 40_000 + whole[48_192:],
            "head only": whole[:100],
            "odd page size": whole[:16] + b"\x00\x07" + whole[18:],
        }[kind]
    )
    with pytest.raises(DiscussionError, match=r"not a database of SQLite|damaged|not Isso’s"):
        read(path)


def test_real_database_has_the_counts_of_its_description(shared):
    said = read(shared / "data" / "isso" / "isso-0.14-notes.db")
    counts = Counter(one.status for one in said if not one.left_out)
    assert counts == {"approved": 25, "pending": 5}
    assert {one.id for one in said if one.left_out} == {"19", "26"}
    assert sum(bool(one.parent) for one in said) == 10
    lost = Counter()
    for one in said:
        lost.update(one.lost)
    assert lost == {
        "likes": 8,
        "dislikes": 3,
        "wishes to be mailed about replies": 1,
        "times of an edit": 1,
    }
