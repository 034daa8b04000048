"""The queue of comments in the admin: its rows, decisions, undo, order and permissions."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from queue_page import LIST, PITCH, button, moderator, post, press, statuses, text_of, tick
from reading import carried

from comments.admin import counting, many, queue
from comments.models import Comment, ModerationEvent

__all__ = ["moderator", "post"]  # fixtures


pytestmark = pytest.mark.django_db


def test_queue_opens_on_waiting_with_counts(client, moderator, post, say):
    for status, count in (("pending", 3), ("approved", 2), ("spam", 1)):
        for number in range(count):
            say(post, f"{status} {number}", status=status)
    response = client.get(LIST)
    assert "Waiting 3 Approved 2 Spam 1 Trash 0 All" in text_of(response)
    assert len(response.context["cl"].rows) == 3


def test_nothing_waiting_is_said(client, moderator):
    assert "Nothing waits." in client.get(LIST).text
    assert "Nothing here has “quince” in it." in client.get(f"{LIST}?q=quince").text


def test_row_shows_who_where_what_and_why(client, moderator, post, say):
    say(post, "Before.", network="192.0.2.0/24", browser="k")
    say(post, "Filed.", network="192.0.2.0/24", status="spam")
    say(post, "Typed.", email="anna@example.org", status="trash")
    parent = say(post, "What do you think?", name="Ben")
    say(
        post,
        "I *agree*.",
        name="Anna",
        email="anna@example.org",
        url="https://www.anna.example/x",
        address="192.0.2.7",
        network="192.0.2.0/24",
        browser="k",
        parent=parent,
        status="pending",
        reasons=["first-comment"],
    )
    response = client.get(LIST)
    said = text_of(response)
    for words in (
        "Anna anna@example.org anna.example 192.0.2.7 From this browser: 1 approved "
        "From this network: 1 approved · 1 spam "
        "Everything from this browser Everything from this network",
        "on On margins · in reply to Ben",
        "What do you think?",
        "Held: No comment from this browser was approved before.",
    ):
        assert words in said
    assert "<p>I <em>agree</em>.</p>" in response.text


@pytest.mark.parametrize(
    ("verb", "status", "words"),
    [
        ("approve", "approved", "Approved: Lou Barba."),
        ("spam", "spam", "Marked as spam: Lou Barba."),
        ("trash", "trash", "Put into the trash: Lou Barba."),
    ],
)
def test_one_press_decides_and_is_undone_by_one(client, moderator, post, say, verb, status, words):
    held, following = say(post, "One.", status="pending"), say(post, "Two.", status="pending")
    response = press(client, verb, following)
    assert statuses(following) == [status]
    assert words in text_of(response)
    # It goes on at the next row, under this order the older one.
    assert response.redirect_chain[-1][0].endswith(f"#c{held.pk}")
    batch = re.search(r'name="batch" value="([^"]+)"', response.text)[1]
    response = client.post(f"{LIST}undo/", {"batch": batch, "back": LIST}, follow=True)
    assert statuses(following) == ["pending"]
    assert "Undone: Lou Barba." in text_of(response)
    assert following.events.first().by == moderator


def test_trash_is_restored(client, moderator, post, say):
    gone = say(post)
    gone.trash()
    assert "Restored: Lou Barba." in text_of(press(client, "restore", gone, "?status=trash"))
    assert statuses(gone) == ["approved"]


def test_undoing_twice_says_there_is_nothing_left(client, moderator, post, say):
    page = press(client, "spam", say(post, status="pending")).text
    batch = re.search(r'name="batch" value="([^"]+)"', page)[1]
    client.post(f"{LIST}undo/", {"batch": batch})
    response = client.post(f"{LIST}undo/", {"batch": batch}, follow=True)
    assert "There was nothing left to undo." in response.text


def test_undo_leads_nowhere_else(client, moderator):
    response = client.post(f"{LIST}undo/", {"batch": "x", "back": "https://evil.example/"})
    assert response["Location"] == LIST


def test_slower_moderator_sees_the_others_decision(client, moderator, post, say):
    held = say(post, status="pending")
    value = button(client.get(LIST).text, "approve", held)
    other = get_user_model().objects.create_user("ida", first_name="Ida", last_name="Boe")
    held.mark_spam(by=other)
    response = client.post(LIST, {"decide": value}, follow=True)
    assert statuses(held) == ["spam"]
    said = r"Ida Boe decided about Lou Barba at \d\d:\d\d: spam\. Nothing was changed\."
    assert re.search(said, text_of(response))


def test_another_order_decides_nothing(client, moderator, post, say):
    held = say(post, status="pending")
    chosen = {"action": "trash", "_selected_action": [held.pk], "order": "oldest"}
    client.post(LIST, chosen)
    assert statuses(held) == ["pending"]


def test_slower_moderator_sees_who_judged_the_campaign(client, moderator, post, say):
    pitches = [say(post, PITCH, name=f"S {n}", status="pending") for n in range(3)]
    page = client.get(LIST).text
    value = button(page, "approve", pitches[0])
    Comment.objects.filter(post=post).judge("spam", by=moderator)
    response = client.post(LIST, carried(page) | {"decide": value}, follow=True)
    assert "3 comments were decided already and stay as they are." in text_of(response)
    assert statuses(*pitches) == ["spam"] * 3


def test_the_order_is_remembered(client, moderator, post, say):
    first, second = (say(post, f"{n}.", status="pending") for n in (1, 2))
    client.post(LIST, {"order": "oldest"})
    assert [row.comment for row in client.get(LIST).context["cl"].rows] == [first, second]


@pytest.mark.parametrize(
    "value", ["", "approve", "approve:x:pending:", "sing:1:pending:", ":::", f"approve:{2**63}:::"]
)
def test_a_button_nobody_was_shown_does_nothing(client, moderator, post, say, value):
    held = say(post, pk=1, status="pending")
    assert client.post(LIST, {"decide": value}).status_code == 302
    assert statuses(held) == ["pending"]


def test_a_form_of_another_site_decides_nothing(moderator, post, say):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(moderator)
    held = say(post, status="pending")
    assert strict.post(LIST, {"decide": f"approve:{held.pk}:pending:"}).status_code == 403
    assert statuses(held) == ["pending"]


def test_log_lists_decisions_and_changes_none(client, moderator, post, say):
    press(client, "spam", say(post, status="pending"))
    log = "/admin/comments/moderationevent/"
    assert "marked as spam Lou Barba: I agree. waiting spam mo" in text_of(client.get(log))
    assert client.get(f"{log}add/").status_code == 403
    event = ModerationEvent.objects.get()
    assert client.post(f"{log}{event.pk}/delete/", {"post": "yes"}).status_code == 403


def test_queue_queries_do_not_grow_with_its_rows(client, moderator, post, say, write):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    def fill(count):
        for number in range(count):
            parent = say(write(f"{count} {number}"), "What do you think?")
            for name in ("Ann", "Ben"):
                say(
                    parent.post,
                    f"{PITCH} {count} {number}",
                    name=name,
                    network=f"192.0.{number}.0/24",
                    browser=f"{name}{number}",
                    parent=parent,
                    look_alike=parent,
                    likeness=80,
                    status="pending",
                )

    fill(1)
    cost()  # once, for what is kept per process
    one = cost()
    fill(4)
    # Session, account, its permissions and groups' (4); results counted and read (2); what was
    # judged of these browsers and networks before, what is folded (3); the counts by status (4).
    assert (one, cost()) == (13, 13)


# --- Who may ------------------------------------------------------------------------------------


def test_moderators_reach_only_queue_log_and_rules(client, moderator, post, say):
    comment = say(post, status="pending")
    for url in (LIST, f"{LIST}{comment.pk}/change/", "/admin/comments/moderationevent/"):
        assert client.get(url).status_code == 200
    assert client.get("/admin/comments/blockrule/add/").status_code == 200
    for url in (
        "/admin/posts/post/",
        "/admin/posts/post/add/",
        f"/admin/posts/post/{post.pk}/change/",
        "/admin/posts/tag/",
        "/admin/auth/user/",
        "/admin/auth/group/",
        f"/admin/auth/user/{moderator.pk}/change/",
    ):
        assert client.get(url).status_code == 403


def test_authors_moderate_only_their_own_essays(client, author, write, say):
    author.user_permissions.set(Permission.objects.filter(codename="change_post"))
    other = get_user_model().objects.create_user("ben", is_staff=True)
    own = say(write("Mine"), "Own.", status="pending")
    foreign = say(write("Yours", author=other), "Foreign.", status="pending")
    client.force_login(author)
    response = client.get(LIST)
    assert [row.comment for row in response.context["cl"].rows] == [own]
    assert "Waiting 1" in text_of(response)
    press(client, "approve", own)
    assert client.post(LIST, {"decide": f"approve:{foreign.pk}:pending:"}).status_code == 404
    chosen = {"action": "approve", "_selected_action": [foreign.pk]}
    client.post(f"{LIST}?status=all", chosen)
    # As for what is not there: the admin leads home.
    for page in ("change", "delete", "history"):
        assert client.get(f"{LIST}{foreign.pk}/{page}/").status_code in (302, 403)
    batch = Comment.objects.filter(pk=foreign.pk).judge("spam", by=other).batch
    client.post(f"{LIST}undo/", {"batch": batch})
    assert statuses(own, foreign) == ["approved", "spam"]
    assert client.get("/admin/comments/blockrule/").status_code == 403
    assert client.get("/admin/comments/moderationevent/").status_code == 403


# --- More than can be counted in no time ------------------------------------------------------


def test_counting_stops_at_the_last_page(client, moderator, post, say, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 3)
    for number in range(5):
        say(post, f"Waiting, number {number}.", status="pending")
    response = client.get(LIST)
    assert "Waiting 3+ Approved 0" in text_of(response)
    assert "3+ waiting. There are more" in text_of(response)


def test_small_counts_are_exact(client, moderator, post, say, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 3)
    for number in range(3):
        say(post, f"Waiting, number {number}.", status="pending")
    text = text_of(client.get(LIST))
    assert "Waiting 3 Approved 0" in text
    assert "3 waiting" in text
    assert "There are more" not in text


def test_select_all_covers_the_shown_number(client, moderator, post, say, monkeypatch):
    monkeypatch.setattr(many, "MOST", 2)
    waiting = [say(post, f"Waiting, number {number}.", status="pending") for number in range(3)]
    monkeypatch.setattr(queue.CommentAdmin, "list_per_page", 1)
    tick(client, "approve", waiting[-1], query="", select_across="1")
    assert sorted(statuses(*waiting)) == ["approved", "approved", "pending"]
