"""Comments close: by the author's hand, by the essay's age, for the whole site."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(write):
    return write()


def test_a_closed_essay_takes_none_and_says_so(client, send, post):
    post.comments_open = False
    post.save()
    response = send()
    assert response.status_code == 403
    assert "Comments are closed" in response.text
    assert not Comment.objects.exists()


def test_comment_to_a_just_closed_essay_is_given_back(send, post, say):
    parent = say(post)
    post.comments_open = False
    post.save()
    for answered in (None, str(parent.pk)):
        text = send(body="Kept, every word of it.", parent=answered).text
        assert text.count("Kept, every word of it.</textarea>") == 1
        assert text.count("Comments are closed") >= 1
        assert "Post comment" not in text


def test_a_closed_essay_offers_no_reply(client, post, say):
    comment = say(post)
    assert "/reply/" in client.get(post.get_absolute_url()).text
    post.comments_open = False
    post.save()
    assert client.get(f"/comments/{comment.pk}/reply/").status_code == 302
    assert "/reply/" not in client.get(post.get_absolute_url()).text


def test_closed_essay_says_when_comments_closed(client, post):
    post.comments_open = False
    post.save()
    today = timezone.localdate()
    said = f"This essay took comments until {today.day} {today:%B %Y}."
    assert said in client.get(post.get_absolute_url()).text
    post.save()
    post.refresh_from_db()
    assert post.took_comments_until.date() == today, "another save moves no date"


def test_closed_essay_names_no_day_if_unknown(client, write):
    text = client.get(write("Imported", comments_open=False).get_absolute_url()).text
    assert "Comments are closed" in text
    assert "took comments until" not in text


def test_an_essay_opened_again_takes_comments(send, post):
    for comments_open in (False, True):
        post.comments_open = comments_open
        post.save()
    assert post.comments_closed_at is None
    assert send().status_code == 303


def test_an_essay_closes_by_its_age(client, send, write, settings):
    settings.COMMENT_DAYS = 14
    old = write("Old", published_at=timezone.now() - timedelta(days=14, seconds=1))
    young = write("Young", published_at=timezone.now() - timedelta(days=13))
    assert send(on=young).status_code == 303
    response = send(on=old, body="Fourteen days and a second late.")
    assert response.status_code == 403
    assert "Fourteen days and a second late.</textarea>" in response.text
    yesterday = timezone.localtime(old.published_at) + timedelta(days=14)
    assert f"until {yesterday.day} {yesterday:%B %Y}" in response.text


def test_reply_links_go_when_age_closes_an_essay(client, write, say, settings):
    essay = write("Old", published_at=timezone.now() - timedelta(days=20))
    say(essay)
    assert "/reply/" in client.get(essay.get_absolute_url()).text
    settings.COMMENT_DAYS = 14
    assert "/reply/" not in client.get(essay.get_absolute_url()).text


def test_the_whole_site_closes_by_its_setting(client, send, post, settings):
    settings.COMMENTS_OPEN = False
    assert send().status_code == 403
    assert "Comments are closed" in client.get(post.get_absolute_url()).text
    assert not Comment.objects.exists()
