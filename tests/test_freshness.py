"""Readers never get an old page while essays and comments change, from several processes."""

import re
import signal
import threading
import time
from contextlib import closing
from datetime import timedelta

import prepared
import pytest
from django.utils import timezone
from reading import Browser, fetch, signed_in
from server import PATIENCE
from trials import in_full

pytestmark = pytest.mark.server

ESSAY = "/2026/11/room-in-the-margin/"
PROCESSES = in_full(4, 3)
# In full: 200 decisions, each read over 20 new connections.
DECISIONS, LOOKS = in_full((200, 20), (4, 15))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request, tmp_path_factory):
    settings = {"COMMENT_RATE_PER_NETWORK": "none", "COMMENT_RATE_SITE": "none"}
    site = prepared.started(tmp_path_factory.mktemp("site"), request.param, **settings)
    site.start("--workers", str(PROCESSES))
    yield site
    site.stop(signal.SIGTERM)


@pytest.fixture(scope="module")
def moderator(site):
    return signed_in(site)


# Seconds between a reader's requests; in full, four readers come to some 300 a second.
REST = in_full(0.01, 0.04)


class Crowd:
    """Readers who read one page again and again, to keep it in every process's memory."""

    def __init__(self, url, readers=4):
        self.url, self.over, self.errors = url, threading.Event(), []
        self.threads = [threading.Thread(target=self.read) for _ in range(readers)]

    def read(self):
        while not self.over.wait(REST):
            if (answer := fetch(self.url)).status != 200:
                self.errors.append(answer.status)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *failed):
        self.over.set()
        for thread in self.threads:
            thread.join(PATIENCE)


def looks(site, path=ESSAY):
    return [fetch(site.url + path).text for _ in range(LOOKS)]


@pytest.mark.long
def test_no_reader_gets_the_old_page_after_a_decision(site, moderator):
    writer = Browser(site)
    marks = [f"Mark {number:04} in the margin." for number in range(DECISIONS // 2)]
    places = [writer.write(ESSAY, mark).headers["Location"] for mark in marks]
    with Crowd(site.url + ESSAY) as crowd:
        for mark, place in zip(marks, places, strict=True):
            number = re.search(r"#c(\d+)$", place)[1]
            # By its words, because the queue folds what is alike, as these are.
            moderator.press("approve", number, "pending", mark)
            assert all(mark in page for page in looks(site))
            moderator.press("spam", number, "approved", mark)
            assert not any(mark in page for page in looks(site))
    assert not crowd.errors


def test_waiting_comment_changes_no_page(site):
    """No page is rendered again: the number that all are kept under does not change."""
    writer, number = Browser(site), site.data / "pages"
    # A process that starts to listen to PostgreSQL drops all kept pages, once.
    for attempt in range(PROCESSES + 1):
        before = number.read_bytes()
        writer.write(ESSAY, f"This one waits, and is number {attempt}.")
        if number.read_bytes() == before:
            return
    pytest.fail("waiting comments drop kept pages")


def test_change_by_another_process_appears_at_once(site):
    """A command on the same machine, such as an import."""
    assert "Retitled by a command" not in fetch(f"{site.url}/").text
    site.shell(
        "post = Post.objects.essays().published().first();"
        "post.title = 'Retitled by a command'; post.save()",
    )
    assert all("Retitled by a command" in page for page in looks(site, "/"))


@pytest.mark.long
def test_scheduled_essay_appears_within_a_second(site):
    site.shell("")  # it is there, so that storing takes no time of the few seconds
    due = timezone.now() + timedelta(seconds=in_full(8, 3))
    site.shell(
        "from datetime import datetime;"
        f"Post(title='Due now', body='x', author=Post.objects.first().author,"
        f" published_at=datetime.fromisoformat('{due.isoformat()}')).save()",
    )
    with Crowd(site.url + "/"):
        while timezone.now() < due:
            began = timezone.now()
            seen = "Due now" in fetch(f"{site.url}/").text
            assert not seen or timezone.now() >= due, f"asked at {began}, due at {due}"
            time.sleep(in_full(0, 0.01))
        while timezone.now() < due + timedelta(seconds=1):
            time.sleep(0.05)
        assert all("Due now" in page for page in looks(site, "/"))


@pytest.mark.long("waits for a minute")
def test_unannounced_change_appears_within_the_maximum_age(site):
    """As after a kill between commit and word of it."""
    fetch(f"{site.url}/archive/")
    with closing(site.database()) as database:
        database.execute("UPDATE posts_post SET title = 'Behind its back' WHERE id = 1")
        database.commit()
    began = time.monotonic()
    while "Behind its back" not in fetch(f"{site.url}/archive/").text:
        assert time.monotonic() < began + 61
        time.sleep(0.5)
