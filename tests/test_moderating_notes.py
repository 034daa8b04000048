"""Notes in the moderators' queue: their words, and setting them beside others."""

import re

import pytest
from queue_page import LIST, moderator, press, statuses, text_of
from reading import carried

from comments.models import Comment, ModerationEvent

__all__ = ["moderator"]  # fixtures

pytestmark = pytest.mark.django_db
BODY = "The cat sat on the mat. It slept for a long time.\n\nNobody minded the cat."


@pytest.fixture
def post(write):
    return write(body=BODY)


@pytest.fixture
def noted(post, say):
    return say(post, "So it did.", passage="It slept for a long time.", status="pending")


def undo(client, page):
    batch = re.search(r'name="batch" value="([^"]*)"', page.text)[1]
    return client.post(f"{LIST}undo/", {"batch": batch, "back": f"{LIST}?status=all"}, follow=True)


def choose(client, comment, sentence, **more):
    """Choose a sentence on the page that the row links to; return the page that follows."""
    page = client.get(f"{LIST}{comment.pk}/beside/?back={LIST}?status=all").text
    value = re.search(rf'value="([^"]+)"[^>]*>\s*<bdi>{re.escape(sentence)}</bdi>', page)
    assert f'name="back" value="{LIST}?status=all"' in page
    given = carried(page) | {"beside": value[1], "back": f"{LIST}?status=all"} | more
    return client.post(f"{LIST}{comment.pk}/beside/", given, follow=True)


def test_note_is_moved_to_the_thread_and_back(client, moderator, noted, post):
    noted.approve()
    page = press(client, "thread", noted, "?status=all")
    assert "Moved to the thread: Lou Barba." in text_of(page)
    noted.refresh_from_db()
    assert (noted.passage, noted.status) == ("", "approved")
    assert f'id="w{noted.pk}"' not in client.get(post.get_absolute_url()).text
    assert "Undone: Lou Barba." in text_of(undo(client, page))
    assert f'id="w{noted.pk}"' in client.get(post.get_absolute_url()).text
    history = text_of(client.get(f"{LIST}{noted.pk}/change/"))
    for words in ("moved to the thread by mo", "Before: passage It slept for a long", "undone by"):
        assert words in history


def test_note_is_set_beside_other_words_and_back(client, moderator, noted):
    for given, words in (
        ({"words": ""}, "Nobody minded the cat."),
        ({"words": "a  “long” time"}, None),
        ({"words": "cat sat"}, "cat sat"),
    ):
        page = choose(client, noted, "Nobody minded the cat.", **given)
        if words is None:
            assert page.status_code == 400
            assert "does not have these words" in text_of(page)
            continue
        assert page.redirect_chain[0][0] == f"{LIST}?status=all#c{noted.pk}"
        noted.refresh_from_db()
        assert (noted.passage, noted.passage_state) == (words, "words")
    undo(client, page)
    noted.refresh_from_db()
    assert noted.passage == "Nobody minded the cat."
    assert noted.words_around == ("", "")
    assert ModerationEvent.objects.filter(action="beside").count() == 2


def test_changed_note_is_not_moved(client, moderator, noted, post, say):
    page = client.get(f"{LIST}{noted.pk}/beside/").text
    value = re.search(r'name="beside" value="([^"]+)"', page)[1]
    noted.edit(body="So it did not.")
    given = carried(page) | {"beside": value}
    assert client.post(f"{LIST}{noted.pk}/beside/", given).status_code == 409
    assert Comment.objects.get().passage == "It slept for a long time."


def test_only_its_moderators_move_a_note(client, noted, django_user_model):
    client.force_login(django_user_model.objects.create_user("ann", is_staff=True))
    assert client.get(f"{LIST}{noted.pk}/beside/").status_code == 403
    assert client.post(f"{LIST}{noted.pk}/beside/", {"words": "cat sat"}).status_code == 403


def test_row_marks_its_words_in_their_sentence(client, moderator, post, say):
    say(post, "Did it?", passage="slept", status="pending")
    row = client.get(LIST).text
    assert "The cat sat on the mat. It <mark>slept</mark> for a long time." in " ".join(
        row.partition("<blockquote")[2].partition(">")[2].split()
    )


def test_ten_notes_of_a_campaign_fold_short_ones_too(client, moderator, post, say):
    for body in ("Cheap pills here!", "Cheap pills are sold here at any time of day, my friends."):
        for number in range(10):
            say(post, body, name=f"P {number}", passage="The cat sat", status="pending")
    say(post, "Cheap pills here!", name="Elsewhere", passage="minded", status="pending")
    page = client.get(LIST)
    assert len(page.context["cl"].rows) == 3
    assert text_of(page).count("The same words, 10 times") == 2
    first = Comment.objects.first()
    press(client, "spam", first)
    assert (
        statuses(*Comment.objects.filter(body=first.body, passage="The cat sat")) == ["spam"] * 10
    )
    assert Comment.objects.get(name="Elsewhere").status == "pending"
