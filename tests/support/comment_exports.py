"""Comments as other systems keep them, made for a test."""

import gzip
import json
import sqlite3
from contextlib import closing

# The tables of Isso 0.14; older ones have fewer columns.
ISSO = """
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER,
    created FLOAT NOT NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR,
    author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0,
    dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
CREATE TRIGGER remove_stale_threads AFTER DELETE ON comments BEGIN
    DELETE FROM threads WHERE id NOT IN (SELECT tid FROM comments); END;
INSERT INTO preferences VALUES ('session-key', 'made-for-a-test');
INSERT INTO threads VALUES (1, '/on-margins/', 'On margins');
"""
SAID = {
    "tid": 1,
    "created": 1614672900.0,
    "mode": 1,
    "remote_addr": "192.0.2.0",
    "text": "Well *said*.",
    "author": "Ann",
    "voters": b"",
}


def isso_db(path, *comments, schema=ISSO):
    """Write a database of Isso; return its path."""
    with closing(sqlite3.connect(path)) as rows:
        rows.executescript(schema)
        add_to_isso(rows, *comments or ({},))
    return path


def add_to_isso(rows, *comments):
    for comment in comments:
        fields = SAID | comment
        marks = ", ".join("?" * len(fields))
        rows.execute(
            f"INSERT INTO comments ({', '.join(fields)}) VALUES ({marks})", [*fields.values()]
        )
    rows.commit()


def remark42_lines(*comments, head=None):
    """Return a backup of Remark42; a comment's `user` is a change of its user."""
    lines = [{"version": 1, "users": [], "posts": []} | (head or {})]
    for number, comment in enumerate(comments, 1):
        user = {"name": "Ann", "id": "email_1", "picture": "", "ip": "7d72"}
        said = {
            "id": f"r{number}",
            "pid": "",
            "text": "<p>Well <em>said</em>.</p>\n",
            "orig": "Well *said*.",
            "locator": {"site": "notes", "url": "https://old.example/on-margins/"},
            "score": 0,
            "time": "2021-03-02T08:15:00.123456789Z",
        }
        changed = {"user": user | comment.get("user", {})}
        lines.append(said | comment | changed)
    return "".join(json.dumps(line) + "\n" for line in lines)


def remark42_backup(path, *comments, **head):
    path.write_bytes(gzip.compress(remark42_lines(*comments, head=head).encode()))
    return path


def entry(**changes):
    """Return a comment of the documented form."""
    fields = {
        "page": "https://old.example/on-margins/",
        "id": "1",
        "name": "Ann",
        "markdown": "Well *said*.",
        "at": "2021-03-02T08:15:00Z",
        "status": "approved",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def json_file(path, *rows):
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return path
