"""Every change of a comment's status is a decision that is checked, recorded and can be undone."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from blog.posts.models import SearchEntry
from comments.models import Comment, ThreadPage, decided

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def held(post, say):
    return say(post, "Quince paste.", status="pending")


def readers_see(post):
    """Return whether the page holds the words, how many it counts, and how many search finds."""
    post.refresh_from_db()
    html = "".join(ThreadPage.objects.filter(post=post).values_list("html", flat=True))
    found = SearchEntry.objects.filter(text="Quince paste.").count()
    return "Quince paste." in html, post.comment_count, found


def history(comment):
    return [
        (event.action, event.before, event.after, event.by and event.by.username, event.why)
        for event in comment.events.order_by("pk")
    ]


def test_approval_shows_comment_and_records_who_and_why(held, post, author):
    assert held.approve(by=author, why="Well put.")
    assert readers_see(post) == (True, 1, 1)
    assert history(held) == [("approve", "pending", "approved", "ines", "Well put.")]
    assert held.events.get().at == held.judged_at


@pytest.mark.parametrize("verb", ["mark_spam", "trash"])
def test_spam_and_trash_take_it_away(held, post, author, verb):
    held.approve(by=author)
    assert getattr(held, verb)(by=author)
    assert readers_see(post) == (False, 0, 0)


def test_decided_comment_is_not_decided_again(held, author):
    assert held.approve(by=author)
    assert not held.approve(by=author)
    assert held.events.count() == 1


def test_the_second_of_two_moderators_changes_nothing(held, author):
    Comment.objects.filter(pk=held.pk).judge("spam", by=author, seen="pending")
    late = Comment.objects.filter(pk=held.pk).judge("approved", seen="pending")
    assert [comment.status for comment in late.untouched] == ["spam"]
    held.refresh_from_db()
    assert held.status == "spam"


def test_restoring_gives_back_the_status_before(held, author):
    held.approve(by=author)
    held.trash(by=author)
    held.restore(by=author)
    assert held.status == "approved"
    held.refresh_from_db()
    assert history(held)[-1][:3] == ("restore", "trash", "approved")


def test_unjudged_comment_is_restored_to_waiting(post, say):
    filed = say(post, status="spam")
    filed.restore()
    assert filed.status == "pending"


def test_a_decision_about_many_is_undone_as_one(post, say, author):
    waiting = [say(post, f"Held {n}.", status="pending") for n in range(3)]
    waiting.append(say(post, "Filed.", status="spam"))
    done = Comment.objects.filter(post=post).judge("approved", by=author)
    assert len(done.events) == 4
    undone = Comment.objects.all().undo(done.batch, by=author)
    assert len(undone.events) == 4
    assert [Comment.objects.get(pk=comment.pk).status for comment in waiting] == [
        *["pending"] * 3,
        "spam",
    ]
    post.refresh_from_db()
    assert post.comment_count == 0


def test_undo_leaves_newer_decisions(held, author):
    done = Comment.objects.filter(pk=held.pk).judge("approved", by=author)
    held.trash(by=author)
    undone = Comment.objects.all().undo(done.batch, by=author)
    assert (undone.events, undone.untouched) == ([], [held])
    held.refresh_from_db()
    assert held.status == "trash"


def test_edit_keeps_the_original_and_shows_a_note(held, post, author, client):
    held.approve(by=author)
    assert held.edit(by=author, why="A slip.", body="Quince jelly.", name="Lou Barba")
    event = held.events.get(action="edit")
    assert (event.original, event.why) == ({"body": "Quince paste."}, "A slip.")
    page = client.get(post.get_absolute_url()).text
    assert "Quince jelly." in page
    assert "edited by a moderator" in page


def test_edit_without_changes_records_nothing(held, author):
    assert not held.edit(by=author, body="Quince paste.")
    assert not held.events.exists()


def test_writer_editing_a_comment_is_not_a_moderator(post, say, author, client):
    mine = say(post, author=author)
    mine.edit(by=author, body="Corrected.")
    assert "edited by a moderator" not in client.get(post.get_absolute_url()).text


def test_erasing_takes_the_originals_along(held, author):
    held.edit(by=author, body="Other words.", why="Quince paste is off topic.")
    held.erase()
    assert list(held.events.values_list("original", "why", "action")) == [
        ({}, "", "erase"),
        ({}, "", "edit"),
    ]


def test_withdrawal_is_recorded_as_the_writers(client, send, post):
    send()
    comment = Comment.objects.get()
    client.post(f"/comments/{comment.pk}/withdraw/")
    assert history(comment) == [("withdraw", "pending", "trash", None, "")]


def test_queue_says_that_the_writer_took_it_back(client, send, post, admin_client):
    send()
    client.post(f"/comments/{Comment.objects.get().pk}/withdraw/")
    page = admin_client.get("/admin/comments/comment/?status=trash").text
    assert re.search(r"Held: .+ Its writer took it back\.", page)


def test_signal_is_sent_only_with_the_decision(held, author):
    received = []

    def listener(events, **kwargs):
        received.extend(events)
        assert transaction.get_connection().in_atomic_block

    decided.connect(listener)
    try:
        held.approve(by=author)
    finally:
        decided.disconnect(listener)
    assert [event.after for event in received] == ["approved"]


def test_moderators_have_only_moderation_permissions():
    may = Group.objects.get(name="Moderators").permissions.values_list("codename", flat=True)
    assert sorted(may) == [
        "add_blockrule",
        "change_blockrule",
        "change_comment",
        "delete_blockrule",
        "view_blockrule",
        "view_comment",
        "view_moderationevent",
    ]


def test_authors_judge_comments_on_their_own_essays(write, say, author):
    own = say(write("Own"))
    other = get_user_model().objects.create_user("ben", is_staff=True)
    say(write("Ben's", author=other))
    assert not Comment.objects.moderated_by(author).exists()
    author.user_permissions.set(Permission.objects.filter(codename="change_post"))
    author = get_user_model().objects.get(pk=author.pk)
    assert list(Comment.objects.moderated_by(author)) == [own]


def test_deciding_several_costs_little_more_than_one(post, say, author):
    say(post)  # so that there is a page of the thread already
    costs = []
    for count in (1, 4):
        waiting = [say(post, f"{count} {n}", status="pending") for n in range(count)]
        chosen = Comment.objects.filter(pk__in=[comment.pk for comment in waiting])
        with CaptureQueriesContext(connection) as queries:
            chosen.judge("approved", by=author)
        costs.append(len(queries))
    # Seven more for each, to find and make its place in the thread; of many, refresh_later.
    assert costs[1] - costs[0] <= 3 * 7
