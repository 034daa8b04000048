"""Actions and folded rows decide exactly the versions of comments that were on the page."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from queue_page import LIST, PITCH, button, press, statuses, text_of, tick
from reading import carried
from test_versions import correct, held, moderator, post

from comments.admin import queue, rows

pytestmark = pytest.mark.django_db

__all__ = ["held", "moderator", "post"]  # fixtures


# --- Many -------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["approve", "mark_spam", "trash"])
def test_action_leaves_out_what_changed(client, held, post, say, action):
    same = say(post, "The same as ever.", status="pending")
    page = client.get(LIST).text
    correct(held)
    given = {"action": action, "_selected_action": [held.pk, same.pk]}
    response = client.post(LIST, carried(page) | given)
    assert response.status_code == 409
    assert "<ins>casinos</ins>." in response.text
    assert statuses(held)[0] == "pending" != statuses(same)[0]


def test_action_without_versions_decides_nothing(client, held):
    given = {"action": "approve", "_selected_action": [held.pk]}
    assert client.post(LIST, given).status_code == 409
    assert statuses(held) == ["pending"]


def test_select_all_leaves_out_later_changes(client, held, post, say, monkeypatch):
    quiet = say(post, "Nothing new.", status="pending")
    monkeypatch.setattr(queue.CommentAdmin, "list_per_page", 1)
    page = client.get(LIST).text
    correct(held)
    late = say(post, "Just arrived.", status="pending")
    given = {"action": "approve", "_selected_action": [quiet.pk], "select_across": "1"}
    response = client.post(LIST, carried(page) | given, follow=True)
    assert statuses(quiet, held, late) == ["approved", "pending", "pending"]
    assert "2 comments came or were changed after this page was made" in text_of(response)


def test_select_all_of_an_unknown_moment_decides_nothing(client, held):
    given = {"action": "approve", "_selected_action": [held.pk], "select_across": "1"}
    client.post(LIST, given)
    assert statuses(held) == ["pending"]


# --- Folded -----------------------------------------------------------------------------------


@pytest.fixture
def pitches(moderator, post, say):
    return [say(post, PITCH, name=f"S {n}", status="pending") for n in range(5)]


def test_folded_row_leaves_later_arrivals_waiting(client, pitches, post, say):
    page = client.get(LIST).text
    late = say(post, PITCH, name="Late", status="pending")
    client.post(LIST, carried(page) | {"decide": button(page, "spam", pitches[0])})
    assert statuses(*pitches, late) == ["spam"] * 5 + ["pending"]


def test_folded_row_leaves_out_what_changed(client, pitches):
    page = client.get(LIST).text
    correct(pitches[3], f"{PITCH} Casino!")
    given = carried(page) | {"decide": button(page, "approve", pitches[0])}
    response = client.post(LIST, given)
    assert response.status_code == 409
    assert statuses(*pitches) == ["approved"] * 3 + ["pending", "approved"]
    assert "<ins>Casino!</ins>" in response.text
    assert "Approved: 4 comments." in text_of(response)


def test_equal_texts_are_grouped_with_their_number(client, pitches):
    page = text_of(client.get(LIST))
    assert "The same words, 5 times" in page
    for words in ("Approve 5 ", "Spam 5 ", "Trash 5 "):
        assert words in page


def test_alike_words_are_called_alike_with_differences_shown(client, pitches, post, say):
    for word in ("pens", "pins"):
        body = PITCH.replace("pills", word, 1)
        say(post, body, name=word, look_alike=pitches[0], likeness=95, status="pending")
    response = client.get(LIST)
    assert "7 alike: what differs is marked (5 with the same words)" in text_of(response)
    assert '<details class="context copies" open>' in response.text
    for word in ("pens", "pins"):
        assert f"<del>pills</del> <ins>{word}</ins>" in response.text
    assert "Approve 7 " in text_of(response)


def test_signs_and_capitals_make_words_alike_only(client, moderator, post, say):
    words = "The value of the constant is x = 5 in every chapter of this long book."
    first = say(post, words, name="A", status="pending")
    other = words.replace("=", "!=")
    say(post, other, name="B", status="pending", look_alike=first, likeness=97)
    page = client.get(LIST)
    assert "2 alike: what differs is marked" in text_of(page)
    assert "<del>=</del> <ins>!=</ins>" in page.text


def test_comments_too_many_to_show_are_not_decided(client, pitches, monkeypatch):
    monkeypatch.setattr(rows, "FOLDED", 2)
    page = client.get(LIST)
    assert "Approve 3 " in text_of(page)
    assert "There are more like them" in text_of(page)
    press(client, "spam", pitches[0])
    assert statuses(*pitches) == ["spam"] * 3 + ["pending"] * 2


def test_too_many_alike_are_not_decided(client, pitches, post, say, monkeypatch):
    monkeypatch.setattr(rows, "ALIKE", 1)
    alike = [
        say(post, f"{PITCH} {n}", name=f"A {n}", look_alike=pitches[0], status="pending")
        for n in range(3)
    ]
    press(client, "spam", pitches[0])
    assert statuses(*pitches, *alike) == ["spam"] * 6 + ["pending"] * 2


def test_narrowed_list_folds_nothing(client, pitches):
    assert len(client.get(f"{LIST}?kind__exact=comment").context["cl"].rows) == 5


def test_authors_fold_only_what_is_theirs(client, author, write, say):
    other = get_user_model().objects.create_user("ben", is_staff=True)
    theirs = say(write("Yours", author=other), PITCH, status="pending")
    own = [say(write(f"Mine {n}"), PITCH, status="pending") for n in range(2)]
    author.user_permissions.add(Permission.objects.get(codename="change_post"))
    client.force_login(author)
    assert "Approve 2 " in text_of(client.get(LIST))
    press(client, "spam", own[0])
    assert statuses(theirs, *own) == ["pending", "spam", "spam"]


def test_counts_say_what_they_count(client, pitches, post, say):
    say(post, "One more.", status="pending")
    assert "6 waiting, in 2 rows" in text_of(client.get(LIST))


# --- Everything from them ---------------------------------------------------------------------


def test_everything_from_them_leaves_approved_ones(client, moderator, post, say):
    forged = say(post, "Buy.", network="192.0.2.0/24", email="ann@example.org", status="pending")
    shared = say(post, "A regular.", network="192.0.2.0/24")
    more = say(post, "Buy more.", network="192.0.2.0/24", status="pending")
    victim = say(post, "By the real Ann.", email="ann@example.org")
    page = tick(client, "spam_all", forged)
    listed = dict(re.findall(r'name="_selected_action" value="(\d+)"\s*(checked)?', page.text))
    assert listed == {str(forged.pk): "checked", str(more.pk): "checked", str(shared.pk): ""}
    assert "A regular." in page.text
    ticked = [number for number, checked in listed.items() if checked]
    given = carried(page.text) | {"action": "mark_spam", "_selected_action": ticked}
    client.post(f"{LIST}?status=all", given)
    assert statuses(forged, more, shared, victim) == ["spam", "spam", "approved", "approved"]


def test_unknown_browser_and_network_match_nobody(client, moderator, post, say):
    one, two = say(post, "One.", status="pending"), say(post, "Two.", status="pending")
    tick(client, "spam_all", one)
    assert statuses(one, two) == ["spam", "pending"]


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        ("network:192.0.2.0/24", 2),
        ("network:192.0.2.7", 1),
        ("network:nonsense", 0),
        ("network:192.0.2.0/nonsense", 0),
        ("browser:{}", 2),
        ("browser:0", 0),
        ("browser:nonsense", 0),
        ("browser:99999999999999999999", 0),
    ],
)
def test_list_from_one_network_or_browser(client, moderator, post, say, origin, found):
    first = say(post, "1.", network="192.0.2.0/24", address="192.0.2.7", browser="k")
    say(post, "2.", network="192.0.2.0/24", browser="l")
    say(post, "3.", browser="k")
    say(post, "4.")
    page = client.get(f"{LIST}?from={origin.format(first.pk)}")
    assert len(page.context["cl"].rows) == found
