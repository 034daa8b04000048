"""A session that ends while a request is answered, as by signing out elsewhere, is explained.

So is a database that failed when the session was to be stored, which Django takes for the same.
"""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import InternalError, OperationalError

pytestmark = pytest.mark.django_db
TAGS = "/admin/posts/tag/"


@pytest.fixture
def owner(client, settings, monkeypatch):
    """A signed-in owner whose session is deleted before each answer keeps it."""
    client.force_login(get_user_model().objects.create_superuser("owner"))
    settings.SESSION_SAVE_EVERY_REQUEST = True
    keep = SessionStore.save

    def save(self, **how):
        Session.objects.filter(pk=self.session_key).delete()
        keep(self, **how)

    monkeypatch.setattr(SessionStore, "save", save)
    return client


def test_page_is_asked_for_again_and_leads_to_signing_in(owner):
    answer = owner.get(f"{TAGS}?q=ink")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{TAGS}?q=ink")
    assert "private" in answer.headers["Cache-Control"]
    again = owner.get(answer.headers["Location"])
    assert again.headers["Location"].startswith("/admin/login/")


def test_words_that_were_sent_come_back(owner):
    answer = owner.post(f"{TAGS}add/", {"name": "Ink & paper", "slug": "ink"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "You were signed out." in page
    assert "Ink &amp; paper" in page


def test_button_without_words_says_what_happened(owner):
    answer = owner.post(f"{TAGS}add/", {"_save": "Save"})
    assert answer.status_code == 403
    assert "look whether it was done" in answer.content.decode()


@pytest.fixture(
    params=[OperationalError("database is locked"), InternalError("read only")], ids=str
)
def locked_out(client, settings, monkeypatch, request):
    """A signed-in owner whose session cannot be stored, once the view is done."""
    client.force_login(get_user_model().objects.create_superuser("owner"))
    settings.SESSION_SAVE_EVERY_REQUEST = True

    def save(self, **how):
        raise request.param

    monkeypatch.setattr(Session, "save", save)
    return client


def test_page_says_that_the_database_failed(locked_out):
    answer = locked_out.get(TAGS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


def test_words_come_back_when_the_database_failed(locked_out):
    answer = locked_out.post(f"{TAGS}add/", {"name": "Ink & paper", "slug": "ink"})
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "Ink &amp; paper" in page
    assert "signed out" not in page
