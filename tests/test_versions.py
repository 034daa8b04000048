"""A decision applies to the version that was shown; a changed comment is shown again."""

import re

import pytest
from django.contrib.auth import get_user_model
from queue_page import LIST, button, moderator, post, press, statuses, text_of
from reading import carried

from comments.admin.decisions import CHANGED
from comments.admin.shown import Shown
from comments.models import BlockRule, Comment
from comments.models.changes import MODERATED_FIELDS

__all__ = ["moderator", "post"]  # fixtures

pytestmark = pytest.mark.django_db

HARMLESS, ADVERT = "A harmless word about margins.", "A harmless word about casinos."


@pytest.fixture
def held(moderator, post, say):
    return say(post, HARMLESS, status="pending")


def correct(comment, body=ADVERT):
    """Change a comment as its writer does."""
    comment = Comment.objects.get(pk=comment.pk)
    comment.body = body
    comment.correct("pending", [])


# --- The version ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in MODERATED_FIELDS if not name.endswith("_id")])
def test_version_changes_with_all_that_is_shown(post, say, name):
    comment = say(post)
    before = comment.version
    setattr(comment, name, "x")
    assert comment.version != before


def test_version_changes_with_parent_and_account(post, say, author):
    comment, other = say(post), say(post)
    versions = {comment.version}
    comment.parent = other
    versions.add(comment.version)
    comment.author = author
    versions.add(comment.version)
    assert len(versions) == 3


def test_version_is_the_same_when_read_again(post, say):
    comment = say(post, "Quince “paste”\r\n\U0001f350", name="Zoë")
    assert Comment.objects.get(pk=comment.pk).version == comment.version


def test_forgetting_and_counting_leave_the_version(post, say):
    comment = say(post, address="192.0.2.1", network="192.0.2.0/24", browser="k")
    Comment.objects.update(address=None, network="", browser="", repeats=3, status="spam")
    assert Comment.objects.get(pk=comment.pk).version == comment.version


def test_history_knows_every_earlier_version(held, moderator):
    versions = [(held.version, held.body)]
    for words in ("One.", "Two.", "Three."):
        held.edit(by=moderator, body=words, name=f"Lou {words}")
        versions.append((held.version, words))
    assert [held.as_shown(version)["body"] for version, _words in versions] == [
        words for _version, words in versions
    ]
    assert held.as_shown("0" * 16) is None


# --- One row ----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["approve", "spam", "trash"])
def test_button_decides_only_the_version_shown(client, held, verb):
    page = client.get(LIST).text
    correct(held)
    response = client.post(LIST, carried(page) | {"decide": button(page, verb, held)})
    assert response.status_code == 409
    assert statuses(held) == ["pending"]
    assert "about <del>margins</del> <ins>casinos</ins>." in response.text
    assert "Lou Barba’s comment is not as it was shown to you." in text_of(response)
    # And the buttons are there again, for the words that are there now.
    again = {"decide": button(response.text, verb, held)}
    assert client.post(LIST, carried(response.text) | again).status_code == 302
    assert statuses(held) != ["pending"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Casino Royal"},
        {"email": "casino@example.org"},
        {"url": "https://casino.example/"},
        {"passage": "Room for a note."},
    ],
)
def test_any_shown_field_counts_as_a_change(client, held, change):
    page = client.get(LIST).text
    Comment.objects.get(pk=held.pk).edit(**change)
    response = client.post(LIST, {"decide": button(page, "approve", held)})
    assert response.status_code == 409
    assert statuses(held) == ["pending"]
    assert f"<ins>{next(iter(change.values())).split()[0]}" in response.text


def test_change_that_left_no_history_is_shown_too(client, held):
    page = client.get(LIST).text
    Comment.objects.update(body=ADVERT)
    response = client.post(LIST, {"decide": button(page, "approve", held)})
    assert response.status_code == 409
    assert "how it was shown before is not known" in response.text
    assert statuses(held) == ["pending"]


def test_change_filed_as_spam_is_shown_above_the_list(client, held, post, say):
    say(post, "Another word.", status="pending")
    page = client.get(LIST).text
    comment = Comment.objects.get(pk=held.pk)
    comment.body = ADVERT
    comment.correct("spam", ["blocked:casino"])
    response = client.post(LIST, {"decide": button(page, "approve", held)})
    assert next(row.comment.pk for row in response.context["cl"].rows) == held.pk
    assert "<ins>casinos</ins>." in response.text


def test_button_of_an_older_page_decides_nothing(client, held):
    response = client.post(LIST, {"decide": f"approve:{held.pk}:pending:"})
    assert response.status_code == 409
    assert statuses(held) == ["pending"]
    assert button(response.text, "approve", held)


def test_restoring_restores_only_the_version_shown(client, held):
    held.approve()
    held.trash()
    page = client.get(f"{LIST}?status=trash").text
    Comment.objects.update(body=ADVERT)
    decide = {"decide": button(page, "restore", held)}
    assert client.post(f"{LIST}?status=trash", decide).status_code == 409
    assert statuses(held) == ["trash"]


def test_reply_to_changed_words_stays_in_its_box(client, held):
    page = client.get(LIST).text
    correct(held)
    given = {"decide": button(page, "reply", held), f"reply-{held.pk}": "Thank you!"}
    response = client.post(LIST, given)
    assert response.status_code == 409
    assert "\nThank you!</textarea>" in response.text
    assert "<ins>casinos</ins>." in response.text
    assert Comment.objects.count() == 1
    assert statuses(held) == ["pending"]


def test_reply_to_a_deleted_comment_gives_words_back(client, held):
    given = {"decide": button(client.get(LIST).text, "reply", held)}
    given[f"reply-{held.pk}"] = "Thank you!"
    held.delete()
    response = client.post(LIST, given, follow=True)
    assert "These words of your reply are not published: Thank you!" in text_of(response)


# --- Undo -------------------------------------------------------------------------------------


def test_undo_leaves_what_was_changed_since(client, held, moderator):
    page = press(client, "approve", held).text
    batch = re.search(r'name="batch" value="([^"]+)"', page)[1]
    held.refresh_from_db()
    held.edit(by=moderator, body=ADVERT)
    response = client.post(f"{LIST}undo/", {"batch": batch, "back": f"{LIST}?p=1"}, follow=True)
    assert statuses(held) == ["approved"]
    assert "was changed since, so this was not undone" in text_of(response)
    assert "<ins>casinos</ins>." in response.text
    assert button(response.text, "spam", held)
    assert CHANGED not in client.session


def test_undo_of_a_decision_without_version_minds_edits(held, moderator):
    batch = Comment.objects.filter(pk=held.pk).judge("approved").batch
    held.events.update(version="")
    assert len(Comment.objects.all().undo(batch).events) == 1
    batch = Comment.objects.filter(pk=held.pk).judge("approved").batch
    held.events.update(version="")
    held.edit(by=moderator, body=ADVERT)
    assert Comment.objects.all().undo(batch).changed == [held]


# --- One comment's page -----------------------------------------------------------------------


def change_form(client, comment):
    page = client.get(f"{LIST}{comment.pk}/change/").text
    return {"body": comment.body, "name": comment.name, **carried(page)}


@pytest.mark.parametrize("decide", [{}, {"decide": "approve"}, {"decide": "spam"}])
def test_comments_page_saves_only_what_was_shown(client, held, decide):
    given = change_form(client, held) | {"body": "Typed by Mo."} | decide
    correct(held)
    response = client.post(f"{LIST}{held.pk}/change/", given)
    assert "This comment was changed after this page was made." in response.text
    assert "<ins>casinos</ins>." in response.text
    assert "Typed by Mo.</textarea>" in response.text
    held.refresh_from_db()
    assert (held.body, held.status) == (ADVERT, "pending")
    again = given | carried(response.text)
    assert client.post(f"{LIST}{held.pk}/change/", again).status_code == 302
    held.refresh_from_db()
    assert held.body == "Typed by Mo."


def test_comments_page_decides_what_it_saves(client, held):
    given = change_form(client, held) | {"body": "Typed by Mo.", "decide": "approve"}
    client.post(f"{LIST}{held.pk}/change/", given)
    held.refresh_from_db()
    assert (held.body, held.status) == ("Typed by Mo.", "approved")


VERBS = {"approve": "approved", "spam": "spam", "trash": "trash"}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("decided", ["approved", "spam", "trash"])
def test_comments_page_overrides_nobodys_decision(client, held, verb, decided):
    given = change_form(client, held) | {"body": "Typed by Mo.", "decide": verb}
    kim = get_user_model().objects.create_user("kim")
    Comment.objects.filter(pk=held.pk).judge(decided, by=kim)
    response = client.post(f"{LIST}{held.pk}/change/", given)
    assert "kim decided about Lou Barba at" in text_of(response)
    assert "Typed by Mo.</textarea>" in response.text
    held.refresh_from_db()
    assert (held.body, held.status) == (HARMLESS, decided)
    # And the next press is a decision about that.
    again = given | carried(response.text)
    assert client.post(f"{LIST}{held.pk}/change/", again).status_code == 302
    held.refresh_from_db()
    assert (held.body, held.status) == ("Typed by Mo.", VERBS[verb])


def test_comments_page_without_its_status_decides_nothing(client, held):
    given = change_form(client, held) | {"decide": "approve"}
    del given["shown_status"]
    client.post(f"{LIST}{held.pk}/change/", given)
    assert statuses(held) == ["pending"]


def test_edit_is_saved_after_a_decision_meanwhile(client, held):
    given = change_form(client, held) | {"body": "Typed by Mo."}
    held.mark_spam()
    assert client.post(f"{LIST}{held.pk}/change/", given).status_code == 302
    held.refresh_from_db()
    assert (held.body, held.status) == ("Typed by Mo.", "spam")


# --- Restore and undo -------------------------------------------------------------------------


@pytest.mark.parametrize("bulk", [False, True])
def test_restore_is_about_the_trash_that_was_shown(client, held, bulk):
    held.trash()
    page = client.get(f"{LIST}?status=trash").text
    held.restore()  # somebody else was faster
    given = {"action": "restore", "_selected_action": held.pk}
    if not bulk:
        given = {"decide": button(page, "restore", held)}
    response = client.post(f"{LIST}?status=trash", carried(page) | given, follow=True)
    assert "Nothing was changed." in text_of(response)
    assert statuses(held) == ["pending"]


def test_undo_leaves_what_others_decided_since(client, held, moderator):
    batch = Comment.objects.filter(pk=held.pk).judge("approved", by=moderator).batch
    held.mark_spam()
    held.approve()
    response = client.post(f"{LIST}undo/", {"batch": batch, "back": LIST}, follow=True)
    assert "There was nothing left to undo." in text_of(response)
    assert statuses(held) == ["approved"]


# --- Blocking ---------------------------------------------------------------------------------


def test_blocking_files_only_what_it_listed(client, held, post, say):
    pills = {"url": "https://pills.example/", "status": "pending"}
    first, second = say(post, "Pills.", **pills), say(post, "More pills.", **pills)
    url = f"/admin/comments/blockrule/propose/?of={first.pk}"
    page = client.get(url).text
    late = say(post, "Late pills.", **pills)
    correct(second, "I wrote something else.")
    response = client.post(url, carried(page) | {"rule": ["site:pills.example"]}, follow=True)
    assert BlockRule.objects.count() == 1
    assert statuses(first, second, late) == ["spam", "pending", "pending"]
    assert "1 comment that matches a rule was not on that page" in text_of(response)
    assert re.search("<ins>.*something else</ins>", response.text)


def test_outcome_stands_at_the_row_that_follows(client, held, post, say):
    following = say(post, "Following.", status="pending", created_at=held.created_at)
    page = press(client, "approve", following).text
    said = re.search(rf'<tr class="said success">(.*?)</tr>\s*<tr id="c{held.pk}"', page, re.S)[1]
    assert "Approved: Lou Barba." in said
    assert 'role="status"' in said
    assert "data-undo" in said


@pytest.mark.parametrize("text", ["", "x", "1", "1:", ":", f"{2**63}:a:b", "-1:a:b", "1:a:b:c"])
def test_forged_version_is_ignored(text):
    assert set(Shown.read(text).versions) <= {1}
