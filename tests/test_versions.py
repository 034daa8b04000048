"""A decision applies to the version that was shown; what changed is shown again, and waits."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from reading import carried
from test_queue import LIST, PITCH, button, press, statuses, text_of, tick

from comments.admin import queue, rows
from comments.admin.decisions import CHANGED
from comments.admin.shown import Shown
from comments.models import BlockRule, Comment
from comments.models.changes import SHOWN

pytestmark = pytest.mark.django_db

HARMLESS, ADVERT = "A harmless word about margins.", "A harmless word about casinos."


@pytest.fixture
def moderator(client, db):
    user = get_user_model().objects.create_user("mo", first_name="Mo", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return user


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def held(moderator, post, say):
    return say(post, HARMLESS, status="pending")


def correct(comment, body=ADVERT):
    """Change a comment as its writer does."""
    comment = Comment.objects.get(pk=comment.pk)
    comment.body = body
    comment.correct("pending", [])


# --- The version ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SHOWN if not name.endswith("_id")])
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
    assert "about <del>margins.</del> <ins>casinos.</ins>" in response.text
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
    assert "<ins>casinos.</ins>" in response.text


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
    assert "<ins>casinos.</ins>" in response.text
    assert Comment.objects.count() == 1
    assert statuses(held) == ["pending"]


def test_reply_to_a_deleted_comment_gives_words_back(client, held):
    given = {"decide": button(client.get(LIST).text, "reply", held)}
    given[f"reply-{held.pk}"] = "Thank you!"
    held.delete()
    response = client.post(LIST, given, follow=True)
    assert "These words of your reply are not published: Thank you!" in text_of(response)


# --- Many -------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["approve", "mark_spam", "trash"])
def test_action_leaves_out_what_changed(client, held, post, say, action):
    same = say(post, "The same as ever.", status="pending")
    page = client.get(LIST).text
    correct(held)
    given = {"action": action, "_selected_action": [held.pk, same.pk]}
    response = client.post(LIST, carried(page) | given)
    assert response.status_code == 409
    assert "<ins>casinos.</ins>" in response.text
    assert statuses(held)[0] == "pending" != statuses(same)[0]


def test_action_without_versions_decides_nothing(client, held):
    given = {"action": "approve", "_selected_action": [held.pk]}
    assert client.post(LIST, given).status_code == 409
    assert statuses(held) == ["pending"]


def test_all_pages_leave_out_what_came_or_changed_later(client, held, post, say, monkeypatch):
    quiet = say(post, "Nothing new.", status="pending")
    monkeypatch.setattr(queue.CommentAdmin, "list_per_page", 1)
    page = client.get(LIST).text
    correct(held)
    late = say(post, "Just arrived.", status="pending")
    given = {"action": "approve", "_selected_action": [quiet.pk], "select_across": "1"}
    response = client.post(LIST, carried(page) | given, follow=True)
    assert statuses(quiet, held, late) == ["approved", "pending", "pending"]
    assert "2 comments came or were changed after this page was made" in text_of(response)


def test_all_pages_of_an_unknown_moment_decide_nothing_unseen(client, held):
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


def test_equal_words_are_called_the_same_with_their_number(client, pitches):
    page = text_of(client.get(LIST))
    assert "The same words, 5 times" in page
    for words in ("Approve 5 ", "Spam 5 ", "Trash 5 "):
        assert words in page


def test_alike_words_are_called_alike_with_differences_shown(client, pitches, post, say):
    for word in ("pens", "pins"):
        body = PITCH.replace("pills", word, 1)
        say(post, body, name=word, look_alike=pitches[0], likeness=95, status="pending")
    response = client.get(LIST)
    assert "7 alike, 5 of them with the same words: what differs is marked" in text_of(response)
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


def test_what_is_too_much_to_show_is_not_decided(client, pitches, monkeypatch):
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
    listed = dict(re.findall(r'name="_selected_action" value="(\d+)"( checked)?', page.text))
    assert listed == {str(forged.pk): " checked", str(more.pk): " checked", str(shared.pk): ""}
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


# --- Undo -------------------------------------------------------------------------------------


def test_undo_leaves_what_was_changed_since(client, held, moderator):
    page = press(client, "approve", held).text
    batch = re.search(r'name="batch" value="([^"]+)"', page)[1]
    held.refresh_from_db()
    held.edit(by=moderator, body=ADVERT)
    response = client.post(f"{LIST}undo/", {"batch": batch, "back": f"{LIST}?p=1"}, follow=True)
    assert statuses(held) == ["approved"]
    assert "was changed since, so this was not undone" in text_of(response)
    assert "<ins>casinos.</ins>" in response.text
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


# --- One comment's page, and blocking ---------------------------------------------------------


def change_form(client, comment):
    page = client.get(f"{LIST}{comment.pk}/change/").text
    return {"body": comment.body, "name": comment.name, **carried(page)}


@pytest.mark.parametrize("decide", [{}, {"decide": "approve"}, {"decide": "spam"}])
def test_comments_page_saves_only_what_was_shown(client, held, decide):
    given = change_form(client, held) | {"body": "Typed by Mo."} | decide
    correct(held)
    response = client.post(f"{LIST}{held.pk}/change/", given)
    assert "This comment was changed after this page was made." in response.text
    assert "<ins>casinos.</ins>" in response.text
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
    assert "1 comment that meets a rule was not on that page" in text_of(response)
    assert re.search("<ins>.*something else.</ins>", response.text)


def test_outcome_stands_at_the_row_that_follows(client, held, post, say):
    following = say(post, "Following.", status="pending", created_at=held.created_at)
    page = press(client, "approve", following).text
    said = re.search(rf'<tr class="said success">(.*?)</tr>\s*<tr id="c{held.pk}"', page, re.S)[1]
    assert "Approved: Lou Barba." in said
    assert 'role="status"' in said
    assert "data-undo" in said


@pytest.mark.parametrize("text", ["", "x", "1", "1:", ":", f"{2**63}:a:b", "-1:a:b", "1:a:b:c"])
def test_what_a_page_did_not_write_is_read_without_harm(text):
    assert set(Shown.read(text).versions) <= {1}
