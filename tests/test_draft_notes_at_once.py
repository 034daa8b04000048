"""Notes on a draft that come while its link ends, or several at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from comment_form import no_rate
from django.db import connection, transaction
from django.test import Client
from test_draft_notes import WORDS, draft, link, payload

from blog.posts.models import SharedDraft
from comments.models import DraftNote
from comments.screening.drafts import screen_note
from comments.views import drafts

__all__ = ["draft", "link", "no_rate"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    with ThreadPoolExecutor(6) as pool:
        yield pool


def send(link, given):
    try:
        return Client().post(f"{link.get_absolute_url()}notes/", given)
    finally:
        connection.close()


def test_note_that_comes_while_its_link_is_revoked_is_refused(link, people, monkeypatch):
    given, is_screened = payload(link, monkeypatch), Event()

    def screen(note, **how):
        screen_note(note, **how)
        is_screened.set()

    monkeypatch.setattr(drafts, "screen_note", screen)
    with transaction.atomic():
        SharedDraft.objects.stop(link.post)  # which nobody else sees yet
        sent = people.submit(send, link, given)
        assert is_screened.wait(20)
    assert sent.result().status_code == 410
    assert WORDS in sent.result().text
    assert not DraftNote.objects.exists()


def test_same_note_sent_several_times_at_once_stands_once(link, people, monkeypatch):
    given, together = payload(link, monkeypatch, email="lou@example.org"), Barrier(6)

    def take():
        together.wait()
        return send(link, given).status_code

    answers = [people.submit(take) for _ in range(6)]
    assert sorted(answer.result() for answer in answers) == [303] + [409] * 5
    assert DraftNote.objects.count() == 1
