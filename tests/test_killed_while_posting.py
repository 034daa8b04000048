"""A server that is killed while people post has lost nothing it answered for, and doubled nothing.

The server runs for some three seconds in all, between kills; POSTIL_SECONDS=60 makes it a minute,
and `-s` shows the figures. The starts in between take longer.
"""

import contextlib
import http.client
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import prepared
import pytest

pytestmark = pytest.mark.server

ESSAY = "/2026/11/room-in-the-margin/"
SECONDS = float(os.environ.get("POSTIL_SECONDS", "3"))
WRITTEN = "comments_comment WHERE kind = 'comment'"
# How long the server runs before it is killed again, at least and at most.
LIVES = 0.5, 2.0
PEOPLE = 6
# The link to the comment that a repeated one is answered with.
LED_TO = re.compile(r'href="([^"]*#c\d+)"')


@pytest.fixture
def site(tmp_path):
    # Published at once, so that a comment is a row, a page of the thread and a search entry.
    site = prepared.started(
        tmp_path,
        COMMENT_RATE_PER_NETWORK="none",
        COMMENT_RATE_SITE="none",
        COMMENT_POLICY="publish-all",
    )
    site.start("--workers", "2")
    yield site
    site.stop(signal.SIGTERM)


def keep_posting(site, person, token, over):
    """Post one comment after the other, each until it is answered; return how, by its words."""
    answered = {}
    number = 0
    while not over.is_set():
        number += 1
        # Unlike what others say, so that none is held for being near to another.
        words = " ".join(str(random.Random(f"{person} {number} {n}").random()) for n in range(4))
        given = {"body": f"{person}-{number}: {words}", "name": f"Reader {person}", "token": token}
        while given["body"] not in answered:
            # Who sees the connection break presses Post again, until the site is back.
            try:
                status, where, text = site.ask("POST", f"{ESSAY}comments/", given)
                if status == 409:  # an attempt before was stored, and its answer was lost
                    where = LED_TO.search(text.partition('id="errors"')[2])[1]
                if status != 503:  # with which a busy machine asks to press it again
                    answered[given["body"]] = status, where
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
    return answered


def test_every_comment_that_was_answered_is_there_once(site):
    token = re.search(r'name="token" value="([^"]+)"', site.ask("GET", ESSAY)[2])[1]
    over, lived, kills = threading.Event(), 0, 0
    chance = random.Random(20261123)
    with ThreadPoolExecutor(PEOPLE) as people:
        posting = [
            people.submit(keep_posting, site, person, token, over) for person in range(PEOPLE)
        ]
        try:
            while lived < SECONDS:
                life = chance.uniform(*LIVES)
                time.sleep(life)
                site.kill()
                lived, kills = lived + life, kills + 1
                site.start("--workers", "2")
        finally:
            over.set()
    answered = {words: how for person in posting for words, how in person.result().items()}

    assert kills >= SECONDS / LIVES[1]
    assert {status for status, _where in answered.values()} <= {303, 409}
    assert "Traceback" not in site.log.read_text()
    with contextlib.closing(site.database()) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.execute("BEGIN")  # both of one moment: the worker goes on with what is queued
        rows = database.execute(f"SELECT id, body, status FROM {WRITTEN}").fetchall()
        index = "SELECT key FROM posts_searchentry WHERE kind = 'comment'"
        found = [key for (key,) in database.execute(index)]
        database.commit()
        # FTS5 compares its index with the texts it is made of, and raises if they differ. It does
        # so as a write, which SQLite refuses at once to a reader of an older moment.
        database.execute("INSERT INTO posts_words(posts_words, rank) VALUES ('integrity-check', 1)")
    times = Counter(body for _id, body, _status in rows)
    assert [words for words in answered if times[words] != 1] == []
    assert max(times.values()) == 1
    by_body = {body: number for number, body, _status in rows}
    # The answer led to the comment itself, whichever attempt it was that stored it.
    led = {words: int(where.partition("#c")[2]) for words, (_status, where) in answered.items()}
    assert led == {words: by_body[words] for words in answered}
    approved = sorted(number for number, _body, status in rows if status == "approved")
    assert sorted(found) == approved
    assert len(answered) >= SECONDS
    shown = on_pages(site)
    assert len(shown) == len(set(shown))
    assert {by_body[words] for words in answered} <= set(shown) <= set(approved)
    print(f"{len(answered)} comments answered, {kills} kills in {lived:.0f} s")


def on_pages(site):
    """Return the numbers of the comments on all pages of the essay's thread, mentions left out."""
    shown, path = [], ESSAY
    while path:
        page = site.ask("GET", path)[2]
        thread = page.partition('id="mentions"')[0]
        shown += map(int, re.findall(r'<article [^>]*id="c(\d+)"', thread))
        later = re.search(r'rel="next" href="([^"#]+)#comments"', page)
        path = later and later[1]
    return shown
