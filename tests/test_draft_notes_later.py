"""Notes left on a draft: changed or taken back by their writer, and moved when it is edited."""

import re

import pytest
from comment_form import no_rate
from django.test import Client
from django.utils import timezone
from test_draft_notes import BODY, SLEPT, WORDS, draft, leave, link, payload, seen, write_on

from blog.posts.models import Revision, SharedDraft
from comments.models import BlockRule, DraftNote

__all__ = ["draft", "leave", "link", "no_rate"]  # fixtures

pytestmark = pytest.mark.django_db


def test_writer_takes_a_note_back_until_it_is_dealt_with(link, leave):
    writer = Client()
    leave(client=writer)
    note = DraftNote.objects.get()
    place = f"{link.get_absolute_url()}notes/{note.pk}/"
    other = Client()
    leave("Mine.", client=other)
    other.post(place)
    assert WORDS in writer.get(place).text
    note.answer("Do they?", link.post.author)
    writer.post(place)
    assert DraftNote.objects.notes().count() == 2
    note.answers.all().delete()
    writer.post(place)
    assert [note.body for note in DraftNote.objects.all()] == ["Mine."]


@pytest.fixture
def change(link, monkeypatch):
    def change(note, client, **changes):
        given = payload(link, monkeypatch, **changes)
        return client.post(f"{link.get_absolute_url()}notes/{note.pk}/edit/", given)

    return change


def test_writer_changes_a_note_until_it_is_dealt_with(link, leave, change):
    SharedDraft.objects.update(notes="all")
    writer = Client()
    leave(client=writer)
    note = DraftNote.objects.get()
    page = writer.get(f"{link.get_absolute_url()}notes/{note.pk}/edit/").text
    assert f"{WORDS}</textarea>" in page
    assert re.search(rf"checked>\s*<span>{SLEPT}", page)
    answer = change(note, writer, body="They snore.", beside="The cat sat on the mat.")
    assert answer.headers["Location"] == f"../../../#w{note.pk}"
    changed = DraftNote.objects.get()
    assert (changed.body, changed.passage) == ("They snore.", "The cat sat on the mat.")
    assert (changed.created_at, changed.revision) == (note.created_at, note.revision)
    changed.answer("Do they?", link.post.author)
    refused = change(note, writer, body="No.")
    assert refused.status_code == 409
    assert "The author has dealt with it." in refused.text
    assert "No.</textarea>" in refused.text
    assert DraftNote.objects.notes().get().body == "They snore."


def test_nobody_else_changes_a_note(link, leave, change):
    leave(client=Client())
    note, other = DraftNote.objects.get(), Client()
    leave("Mine.", client=other)
    assert other.get(f"{link.get_absolute_url()}notes/{note.pk}/edit/").status_code == 302
    assert change(note, other, body="Mine, too.").status_code == 409
    assert change(note, Client(), body="Mine, too.").status_code == 404
    note.refresh_from_db()
    assert note.body == WORDS


@pytest.mark.parametrize("given", [{"body": " "}, {"name": ""}, {"beside": "0.0.1.x"}])
def test_refused_change_keeps_words_and_note(given, link, leave, change):
    writer = Client()
    leave(client=writer)
    note = DraftNote.objects.get()
    refused = change(note, writer, **{"body": "Other words."} | given)
    assert refused.status_code == 400
    assert "Your note is not changed yet." in refused.text
    assert ("Other words." in refused.text) == ("body" not in given)
    assert DraftNote.objects.get().body == WORDS


def test_changed_note_is_screened_and_stays_held(link, leave, change):
    SharedDraft.objects.update(notes="all")
    writer = Client()
    leave(client=writer)
    note = DraftNote.objects.get()
    note.hold()
    change(note, writer, body="Fine words.")
    assert DraftNote.objects.get().status == "held"
    DraftNote.objects.get().clear()
    BlockRule.objects.create(kind="words", pattern="casino", outcome="spam")
    change(note, writer, body="A casino.")
    assert DraftNote.objects.get().status == "held"
    assert "A casino." not in seen(link)


def test_note_is_not_changed_into_another_of_its_writer(link, leave, change):
    writer = Client()
    leave(client=writer)
    leave("Second.", client=writer)
    _first, second = DraftNote.objects.order_by("pk")
    assert change(second, writer, body=WORDS).status_code == 409
    assert change(second, writer, body="Second.").status_code == 303


def test_ended_link_changes_nothing_and_gives_words_back(link, leave, change):
    writer = Client()
    leave(client=writer)
    note = DraftNote.objects.get()
    SharedDraft.objects.update(revoked_at=timezone.now())
    refused = change(note, writer, body="Late words.", beside="")
    assert refused.status_code == 410
    assert "Late words." in refused.text
    assert DraftNote.objects.get().body == WORDS


def test_note_follows_its_words_through_edits(link, draft, leave):
    writer = Client()
    leave(client=writer)
    write_on(draft, f"A new first paragraph.\n\n{BODY}")
    note = DraftNote.objects.get()
    assert note.passage_start > 24
    assert f'id="w{note.pk}">{SLEPT}</a>' in seen(link, writer)
    write_on(draft, "Nothing of it is left.")
    assert DraftNote.objects.get().passage_state == "gone"
    assert "on a paragraph that is gone" in seen(link, writer)
    assert WORDS in seen(link, writer)


def test_notes_vanish_when_the_draft_is_published_and_stay_with_its_version(link, draft, leave):
    SharedDraft.objects.update(notes="all")
    leave()
    before = Revision.objects.get()
    draft.publish()
    assert WORDS not in Client().get(link.get_absolute_url(), follow=True).text
    assert [note.body for note in before.draft_notes.all()] == [WORDS]
