"""Replies that moderators write in the queue."""

import pytest
from queue_page import LIST, button, moderator, post, press, statuses, text_of

from comments.models import Comment

__all__ = ["moderator", "post"]  # fixtures


pytestmark = pytest.mark.django_db


def test_reply_approves_the_comment_it_answers(client, moderator, post, say):
    held = say(post, "Why?", status="pending")
    response = press(client, "reply", held, **{f"reply-{held.pk}": "Because."})
    assert "Your reply to Lou Barba is published." in response.text
    answer = Comment.objects.get(body="Because.")
    assert (answer.parent, answer.author, answer.status) == (held, moderator, "approved")
    assert statuses(held) == ["approved"]


@pytest.mark.parametrize("text", [" ", "[" * 50_000], ids=["empty", "too deep"])
def test_failed_reply_stays_in_its_box(client, moderator, post, say, text):
    held = say(post, "Why?", status="pending")
    response = press(client, "reply", held, **{f"reply-{held.pk}": text})
    assert f"\n{text}</textarea>" in response.text
    assert statuses(held) == ["pending"]
    assert Comment.objects.count() == 1


def test_repeated_reply_is_stored_once_and_explained(client, moderator, post, say):
    url, responses = f"{LIST}?status=approved", []
    held, other = say(post, "Why?"), say(post, "How?")
    for answered in (held, held, other):
        value = button(client.get(url).text, "reply", answered)
        given = {"decide": value, f"reply-{answered.pk}": "Thank you!"}
        responses.append(client.post(url, given, follow=True))
    said = [text_of(response) for response in responses]
    assert "Your reply to Lou Barba is published." in said[0]
    assert "You have already answered Lou Barba with these words" in said[1]
    assert "\nThank you!</textarea>" in responses[1].text
    assert "Your reply to Lou Barba is published." in said[2]
    assert Comment.objects.filter(body="Thank you!").count() == 2


def test_reply_to_a_comment_filed_meanwhile_is_given_back(client, moderator, post, say):
    held, shown = say(post, "Why?", status="pending"), say(post, "How?", status="pending")
    value = button(client.get(LIST).text, "reply", held)
    Comment.objects.filter(pk=held.pk).judge("spam", by=moderator)
    response = client.post(LIST, {"decide": value, f"reply-{held.pk}": "Because."})
    assert "decided about Lou Barba" in text_of(response)
    assert "These words of your reply are not published: Because." in text_of(response)
    assert statuses(held, shown) == ["spam", "pending"]
    assert Comment.objects.count() == 2
