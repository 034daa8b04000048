"""A session that ends while a request is answered, as by signing out elsewhere, is explained."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

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
