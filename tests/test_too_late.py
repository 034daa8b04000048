"""A writer's change that comes after a decision is refused, and the text given back."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.test import Client
from django.utils import timezone

from comments.browser import COOKIE, make_token
from comments.models import Comment, ModerationEvent, TooLate

pytestmark = pytest.mark.django_db

WORDS = "Words typed for ten minutes."


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def mine(send):
    """A comment that waits, written in the browser of `client`."""
    send()
    return Comment.objects.get()


def change(client, comment, **changes):
    """Send the form of a change."""
    given = {"body": WORDS, "name": "Lou", "token": make_token(comment.post)}
    return client.post(f"/comments/{comment.pk}/edit/", given | changes)


def by(name="mo"):
    return get_user_model().objects.create_user(name, is_staff=True)


DECISIONS = {
    "approved": (lambda c: c.approve(by=by()), "Your comment is published, as it was."),
    "trashed": (lambda c: c.trash(by=by()), "Your comment was removed by a moderator."),
    "taken back": (lambda c: c.withdraw(), "You took this comment back."),
    "deleted": (lambda c: c.delete(), "Your comment is no longer here."),
    "cookie lost": (lambda c: None, "This browser no longer shows that the comment is yours."),
}


@pytest.mark.parametrize("what", DECISIONS)
def test_refused_change_returns_words_ready_to_post(client, post, mine, what):
    decide, said = DECISIONS[what]
    number = mine.pk
    decide(mine)
    if what == "cookie lost":
        del client.cookies[COOKIE]
    response = change(client, Comment(pk=number, post=post))
    assert response.status_code == 409
    assert said in response.text
    assert f"\n{WORDS}</textarea>" in response.text
    assert f'action="{post.get_absolute_url()}comments/"' in response.text
    assert not Comment.objects.filter(body=WORDS).exists()
    assert response["Cache-Control"] == "private, no-store"


def test_words_that_came_back_can_be_posted(client, send, post, mine):
    mine.approve(by=by())
    change(client, mine)
    assert send(body=WORDS).status_code == 303
    assert Comment.objects.filter(body=WORDS).exists()


def test_refused_change_of_reply_stays_a_reply(client, send, say, post):
    parent = say(post, "What do you think?")
    send(parent=parent.pk)
    reply = Comment.objects.latest("pk")
    reply.approve(by=by())
    page = change(client, reply).text
    assert f'name="parent" value="{parent.pk}"' in page


def test_late_change_of_spam_stays_spam(client, mine):
    mine.mark_spam(by=by())
    assert change(client, mine).status_code == 303
    mine.refresh_from_db()
    assert (mine.body, mine.status) == (WORDS, "spam")


def test_closed_essay_gives_words_to_copy(client, post, mine):
    mine.approve(by=by())
    type(post).objects.update(comments_open=False)
    page = change(client, mine).text
    assert "Your comment is published, as it was." in page
    assert f"readonly autofocus>\n{WORDS}</textarea>" in page
    assert "<form" not in page.split('id="comments"')[1]


def test_withdrawn_essay_gives_words_to_copy(client, post, mine):
    post.withdraw()
    response = change(client, mine)
    assert response.status_code == 410
    assert f"\n{WORDS}</textarea>" in response.text
    assert post.title not in response.text


def test_deleted_comment_without_token_keeps_words(client, mine):
    number = mine.pk
    mine.delete()
    response = client.post(f"/comments/{number}/edit/", {"body": WORDS, "token": "forged"})
    assert response.status_code == 404
    assert f"\n{WORDS}</textarea>" in response.text


@pytest.mark.parametrize("action", ["edit", "withdraw"])
def test_published_comment_says_so_to_its_writer(client, mine, action):
    mine.approve(by=by())
    response = client.get(f"/comments/{mine.pk}/{action}/")
    assert "Your comment is published, as it was." in response.text
    assert f"#c{mine.pk}" in response.text


def test_taking_back_a_published_comment_says_so(client, mine):
    mine.approve(by=by())
    response = client.post(f"/comments/{mine.pk}/withdraw/")
    assert response.status_code == 409
    assert "Your comment is published, as it was." in response.text
    mine.refresh_from_db()
    assert mine.is_approved


def test_taking_back_twice_leads_to_the_essay(client, post, mine):
    for _ in range(2):
        response = client.post(f"/comments/{mine.pk}/withdraw/")
        assert response.status_code == 303
        assert response["Location"].startswith(post.get_absolute_url())
    assert mine.events.count() == 1


def test_a_stranger_learns_nothing(say, post):
    hidden = say(post, "Not yours.", status="pending")
    given = {"body": WORDS, "token": make_token(post)}
    for number in (hidden.pk, hidden.pk + 1000):
        response = Client().post(f"/comments/{number}/edit/", given)
        assert response.status_code == 409
        assert "This browser no longer shows that the comment is yours." in response.text
        assert "Not yours." not in response.text
        assert Client().get(f"/comments/{number}/edit/").status_code == 404


# --- Under the lock ---------------------------------------------------------------------------


def test_a_decision_while_the_change_is_screened_stands(mine):
    stale = Comment.objects.get(pk=mine.pk)
    mine.approve(by=by())
    stale.body = WORDS
    with pytest.raises(TooLate):
        stale.correct("pending", [])
    mine.refresh_from_db()
    assert (mine.body, mine.status) == ("I agree.", "approved")


def test_a_decision_while_it_is_taken_back_stands(mine):
    stale = Comment.objects.get(pk=mine.pk)
    mine.approve(by=by())
    with pytest.raises(TooLate):
        stale.withdraw()
    mine.refresh_from_db()
    assert mine.is_approved


def test_a_change_after_its_time_is_refused(mine):
    Comment.objects.update(created_at=timezone.now() - timedelta(seconds=601))
    with pytest.raises(TooLate):
        mine.correct("pending", [])


def test_a_change_keeps_what_others_wrote_meanwhile(mine):
    stale = Comment.objects.get(pk=mine.pk)
    Comment.objects.update(repeats=7, address="192.0.2.1")
    stale.body = WORDS
    stale.correct("pending", [])
    mine.refresh_from_db()
    assert (mine.body, mine.repeats, mine.address) == (WORDS, 7, "192.0.2.1")


def test_a_moderators_edit_keeps_a_decision_made_meanwhile(mine):
    stale = Comment.objects.get(pk=mine.pk)
    mine.mark_spam(by=by())
    stale.edit(by=by("ida"), body="Edited.")
    mine.refresh_from_db()
    assert (mine.body, mine.status) == ("Edited.", "spam")


def test_edit_records_the_text_it_replaced(mine):
    stale = Comment.objects.get(pk=mine.pk)
    mine.body = WORDS
    mine.correct("pending", [])
    stale.edit(by=by(), body="Edited.")
    assert ModerationEvent.objects.first().original == {"body": WORDS}


def test_a_change_records_what_stood_there(client, mine):
    change(client, mine)
    event = ModerationEvent.objects.get(action="edit")
    assert event.original == {"body": "I agree.", "name": "Lou Barba"}


def test_forged_cookie_reads_nothing(client, mine):
    client.cookies[COOKIE] = signing.dumps([mine.pk], salt="other")
    assert client.get(f"/comments/{mine.pk}/edit/").status_code == 404
