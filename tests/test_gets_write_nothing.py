"""A stranger's GET writes no row and no session at any address, and sets no cookie.

The addresses are those of the walk in test_private_by_default.py, taken from the URL patterns.
"""

import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from test_mail_pages import ann, held, pages, path_of  # noqa: F401 - two are fixtures
from test_private_by_default import addresses, shared  # noqa: F401 - fixtures

from blog.accounts.devices import COOKIE, make_link_token
from comments.models import Comment

pytestmark = pytest.mark.django_db

WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
# The sign-in pages need Django's CSRF cookie, which is not a row.
SIGN_IN = re.compile("/admin/(login|forgot)/")


def written_by(client, path):
    """Return the queries of a GET that write, and the names of the cookies it sets."""
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path)
        b"".join(response)  # which closes a file; closing by hand would close the database too
    writes = [query["sql"] for query in asked if WRITES.match(query["sql"])]
    cookies = [name for name, cookie in response.cookies.items() if cookie.value]
    return writes, [] if SIGN_IN.match(path) else cookies


@pytest.mark.parametrize("session", [None, "x" * 32])
def test_no_view_writes_for_a_stranger(addresses, shared, session):  # noqa: F811
    wrong = {}
    for path, name in addresses:
        client = Client(raise_request_exception=False)
        if session:
            client.cookies["postil_session"] = session
        if any(found := written_by(client, path)):
            wrong[f"{path} ({name})"] = found
    assert wrong == {}
    assert len(addresses) > 120


@pytest.mark.parametrize("query", ["search/?q=margins", "?p=1", "?page=2", "search/?q=x&page=9"])
def test_no_query_writes(addresses, query):  # noqa: F811
    assert written_by(Client(), f"/{query}") == ([], [])


def test_guessed_links_write_no_session():
    client = Client()
    response = client.get("/admin/let-in/x/")
    assert response.status_code == 410
    assert "This link has run out." in response.text
    assert written_by(client, "/admin/let-in/x/") == ([], [])
    assert not Session.objects.exists()


def test_a_true_link_writes_no_row(author):
    path = f"/admin/let-in/{make_link_token('ines')}/"
    assert written_by(Client(), path) == ([], [COOKIE])


@pytest.fixture
def post(write):
    return write()


def test_a_writers_own_pages_write_nothing(client, post, send):
    send()
    number = Comment.objects.get().pk
    for action in ("edit", "withdraw"):
        assert written_by(client, f"/comments/{number}/{action}/") == ([], [])


@pytest.mark.usefixtures("mail_set_up")
def test_pages_of_mails_write_nothing(ann, held, say):  # noqa: F811
    found = pages(ann, held, say)
    assert len(found) > 5
    assert {name: written_by(Client(), path_of(url)) for name, url in found.items()} == {
        name: ([], []) for name in found
    }
