"""Writing a note beside words of an essay, without a script."""

import re
from html import unescape

import pytest
from comment_form import no_rate
from conftest import made_ago
from django.test import Client
from inputs import every

from comments.models import Comment

__all__ = ["no_rate"]  # fixtures

pytestmark = pytest.mark.django_db
BODY = "The cat sat on the mat. It slept for a long time.\n\n## A heading\n\n- One thing here"


@pytest.fixture
def post(write):
    return write(body=BODY)


@pytest.fixture
def send_note(client, post, monkeypatch):
    def send_note(beside, **changes):
        token = made_ago(monkeypatch, post, 60)
        given = {"body": "So it did.", "name": "Lou Barba", "token": token, "beside": beside}
        return client.post(f"{post.get_absolute_url()}notes/", given | changes)

    return send_note


def choices(page):
    found = re.findall(
        r'<input type="radio" name="beside" value="([^"]+)"[^>]*>\s*<\w+>(.*?)</', page
    )
    return {unescape(words): value for value, words in reversed(found)}


@pytest.fixture
def offered(client, post):
    return choices(client.get(f"{post.get_absolute_url()}notes/").text)


def test_page_offers_sentences_headings_and_paragraphs(offered):
    assert [*offered] == [
        "One thing here", "A heading", "It slept for a long time.", "The cat sat on the mat.",
        "The whole paragraph",
    ]  # fmt: skip


def test_page_of_one_paragraph_offers_its_sentences(client, post):
    essay = client.get(post.get_absolute_url()).text
    links = re.findall(r'<a class="here" href="([^"]+)"', essay)
    assert len(links) == 2
    page = client.get(links[1]).text
    assert [*choices(page)] == ["One thing here"]
    assert "Other paragraphs" in page
    for odd in ("0", "99", "9" * 50, "-1", "x"):
        assert "A heading" in client.get(f"{post.get_absolute_url()}notes/", {"p": odd}).text


def test_readers_get_the_page_without_a_cookie_and_all_the_same(client, post):
    response = client.get(f"{post.get_absolute_url()}notes/")
    assert not response.cookies
    assert response["Cache-Control"].startswith("public")
    assert Client().get(f"{post.get_absolute_url()}notes/").content == response.content


def test_note_waits_beside_its_words_for_its_writer_alone(client, post, offered, send_note):
    response = send_note(offered["It slept for a long time."])
    note = Comment.objects.get()
    assert (note.passage, note.passage_state, note.status) == (
        "It slept for a long time.", "words", "pending",
    )  # fmt: skip
    assert response["Location"] == f"{post.get_absolute_url()}#w{note.pk}"
    own = client.get(post.get_absolute_url()).text
    assert f'id="w{note.pk}">It slept for a long time.</a>' in own
    assert "take it back" in own
    assert f'id="w{note.pk}"' not in Client().get(post.get_absolute_url()).text
    note.approve()
    assert f'id="w{note.pk}"' in Client().get(post.get_absolute_url()).text
    assert Client().get(f"/comments/{note.pk}/")["Location"] == response["Location"]


def test_note_on_a_whole_paragraph_underlines_nothing(client, post, offered, send_note):
    send_note(offered["The whole paragraph"])
    note = Comment.objects.get()
    assert (note.passage, note.passage_state) == (BODY.split("\n")[0], "whole")
    page = client.get(post.get_absolute_url()).text
    assert f'<div id="n{note.pk}" class="waits">' in page
    assert 'class="passage' not in page


@every("given", [{"body": ""}, {"name": ""}, {"url": "x y"}, {"token": "x"}, {"preview": "1"}])
def test_refused_form_keeps_words_and_choice(given, offered, send_note):
    value = offered["One thing here"]
    page = send_note(value, **{"email": "lou@example.org"} | given).text
    assert f'value="{value}" checked' in page
    assert given.get("body", "So it did.") in page
    assert "lou@example.org" in page
    assert "A note in" in page
    assert not Comment.objects.exists()


@every("value", ["", "1", "0.0.9999.0123456789ab", "9.0.5.0123456789ab", "x" * 100_000, "<b>",
                 "9" * 5000, "0.0.0.0123456789ab"])  # fmt: skip
def test_words_that_are_not_offered_are_refused_in_a_sentence(value, send_note):
    response = send_note(value)
    assert response.status_code == 400
    assert "Choose" in response.text
    assert "So it did." in response.text
    assert not Comment.objects.exists()


def test_words_are_found_again_after_the_essay_changed(post, offered, send_note):
    post.body = "New words.\n\n" + BODY
    post.save()
    send_note(offered["One thing here"])
    assert Comment.objects.get().passage == "One thing here"
    post.body = "All is new."
    post.save()
    response = send_note(offered["A heading"], body="Too late.")
    assert "The essay has changed since you chose these words." in response.text
    assert "Too late." in response.text


def test_same_note_on_the_same_words_stands_once(offered, send_note):
    assert send_note(offered["A heading"]).status_code == 303
    again = send_note(offered["A heading"])
    assert again.status_code == 409
    assert "You have already said this here" in again.text
    assert "A note in" in again.text
    assert send_note(offered["One thing here"]).status_code == 303
    assert Comment.objects.count() == 2


def test_waiting_note_is_edited_and_withdrawn_where_it_stands(client, offered, send_note):
    send_note(offered["A heading"])
    note = Comment.objects.get()
    given = {"body": "Better words.", "name": "Lou Barba"}
    response = client.post(f"/comments/{note.pk}/edit/", given)
    note.refresh_from_db()
    assert (note.body, note.passage) == ("Better words.", "A heading")
    assert response["Location"].endswith(f"#w{note.pk}")
    client.post(f"/comments/{note.pk}/withdraw/")
    note.refresh_from_db()
    assert note.status == "trash"


def test_closed_essay_takes_no_note_and_gives_the_words_back(client, post, offered, send_note):
    post.comments_open = False
    post.save()
    assert client.get(f"{post.get_absolute_url()}notes/").status_code == 302
    response = send_note(offered["A heading"])
    assert response.status_code == 403
    assert "So it did." in response.text


def leads_to_notes(client, url):
    return bool(re.search(f'{url}notes/["?]', client.get(url).text))


def test_switch_of_essay_and_site_is_obeyed_everywhere(client, post, send_note, say, settings):
    url = post.get_absolute_url()
    beside = choices(client.get(f"{url}notes/").text)["A heading"]
    for of_site, of_essay, words in (
        ("off", "on", "Notes beside the words of this essay are closed."),
        ("on", "off", "Notes beside the words of this essay are closed."),
        ("known", "on", "Only readers with an approved comment can write"),
        ("on", "known", "Only readers with an approved comment can write"),
    ):
        settings.COMMENT_NOTES, post.notes = of_site, of_essay
        post.save()
        assert not leads_to_notes(client, url)
        assert client.get(f"{url}notes/")["Location"] == f"{url}#form"
        for more in ({}, {"preview": "1"}):
            refused = send_note(beside, **more)
            assert refused.status_code == 403
            assert words in refused.text
            assert "So it did.</textarea>" in refused.text
    assert not Comment.objects.exists()


def test_known_reader_writes_notes_where_only_such_may(client, post, send_note, offered):
    send_note(offered["A heading"])
    post.notes = "known"
    post.save()
    url = post.get_absolute_url()
    assert not leads_to_notes(client, url)
    Comment.objects.get().approve()
    assert leads_to_notes(client, url)
    assert not leads_to_notes(Client(), url)
    assert client.get(f"{url}notes/").status_code == 200
    assert send_note(offered["One thing here"]).status_code == 303


def test_quoted_words_are_offered_first(client, post):
    query = {"exact": "sat on\nthe  mat", "prefix": "The cat ", "suffix": ". It"}
    page = client.get(f"{post.get_absolute_url()}notes/", query).text
    assert re.search(r"checked>\s*<span>sat on the mat</span>", page)
    two = client.get(f"{post.get_absolute_url()}notes/", {"exact": "a long time.\n\nA heading"})
    assert "Your note will stand beside those of the first." in two.text
    assert re.search(r"checked>\s*<span>a long time.</span>", two.text)


@every("exact", ["(a+)+$" * 2000, "x" * 100_000, "<script>alert(1)</script>", "\u202ecat", "\0"])
def test_hostile_quotations_are_answered_with_the_essays_words(client, post, exact):
    response = client.get(f"{post.get_absolute_url()}notes/", {"exact": exact})
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert "The cat sat on the mat." in response.text


def test_drafts_and_pages_that_are_gone_take_no_notes(client, write):
    draft = write("Draft", published_at=None)
    assert client.get(f"/{draft.path}/notes/").status_code == 404
    assert client.post(f"/{draft.path}/notes/", {"body": "x"}).status_code == 404


def test_link_to_the_page_is_on_the_essay_but_in_no_feed(client, post):
    assert f'href="{post.get_absolute_url()}notes/"' in client.get(post.get_absolute_url()).text
    assert "notes/" not in client.get("/feed.xml").text
