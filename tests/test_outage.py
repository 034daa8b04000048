"""What people see while the database fails, and that they get their texts back.

The faults are real ones of the database; tests/test_faults.py takes whole servers through them.
"""

import contextlib
import errno
import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from blog.lib import database
from blog.posts.models import Post
from blog.web import errors
from comments.models import Comment, RateEvent

WORDS = "First a thing <b>I</b> wrote.\n\nThen another."


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def client(client):
    client.raise_request_exception = False
    return client


@pytest.fixture(autouse=True)
def nothing_logged_before():
    errors.said.clear()


@contextlib.contextmanager
def read_only():
    """As a disk that takes no writes; SQLite says so in the same words."""
    if connection.vendor != "sqlite":
        pytest.skip("a transaction of PostgreSQL's cannot be made writable again")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        yield
        cursor.execute("PRAGMA query_only = OFF")


@pytest.fixture
def away():
    database.away.set()
    yield
    database.away.clear()


def form_of(page):
    """Return where the page's form leads, and what it sends."""
    given = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    given += re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    action = re.search(r'<form class="write" method="post" action="([^"]+)"', page)[1]
    return action, {name: html.unescape(value) for name, value in given}


def test_comment_that_cannot_be_stored_can_be_resent(post, send, client):
    with read_only():
        answer = send(body=WORDS, email="lou@example.org")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "no-store" in answer["Cache-Control"]
    page = answer.content.decode()
    assert "Nothing was stored." in page
    assert not Comment.objects.exists()
    action, given = form_of(page)
    assert given["body"] == WORDS
    assert client.post(action, given).status_code == 303
    assert (Comment.objects.get().body, Comment.objects.get().email) == (WORDS, "lou@example.org")


def test_comment_is_given_back_while_database_is_down(post, send, away, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = send(body=WORDS)
    assert answer.status_code == 503
    assert form_of(answer.content.decode())[1]["body"] == WORDS


def test_page_explains_that_the_database_is_down(client, post, away):
    answer = client.get(post.get_absolute_url())
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    page = answer.content.decode()
    assert "Wait a minute and load the page again." in page
    assert "<form" not in page


def test_an_essay_that_cannot_be_stored_comes_back(client, admin_user):
    client.force_login(admin_user)
    given = {
        "title": "On quinces",
        "body": "They keep.",
        "kind": "essay",
        "slug": "on-quinces",
        "author": str(admin_user.pk),
        "old_addresses-TOTAL_FORMS": "0",
        "old_addresses-INITIAL_FORMS": "0",
    }
    with read_only():
        answer = client.post("/admin/posts/post/add/", given)
    assert answer.status_code == 503
    assert form_of(answer.content.decode())[1] == given
    assert answer.status_code == 503
    assert form_of(answer.content.decode())[1] == given
    assert not Post.objects.exists()


def test_a_password_never_comes_back(client, away):
    given = {"username": "ines", "password": "margin-notes"}
    page = client.post("/admin/login/", given).content.decode()
    assert "margin-notes" not in page


def test_fault_is_logged_once_a_minute_without_traceback(post, send, caplog):
    with read_only():
        for number in range(3):
            send(body=f"{WORDS} {number}")
    (line,) = [r for r in caplog.records if r.levelname == "ERROR"]
    assert "readonly" in line.getMessage()
    assert line.exc_info is None


def test_full_disk_is_reported_as_such(rf):
    try:
        raise OSError(errno.ENOSPC, "No space left on device")
    except OSError:
        answer = errors.server_error(rf.post("/admin/", {"body": WORDS}))
    assert answer.status_code == 503
    assert "Nothing was stored." in answer.content.decode()


def test_clock_set_back_delays_nobody(settings, db):
    settings.COMMENT_RATE_SITE = settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    kind = RateEvent.Kind.COMMENT
    RateEvent.objects.create(kind=kind, sender="?", at=timezone.now() + timedelta(hours=1))
    assert RateEvent.objects.take(kind, "") == 0
