"""Writers edit and withdraw their own waiting comments."""

from datetime import timedelta

import pytest
from comment_form import no_rate, post
from django.test import Client
from django.utils import timezone

from comments.models import Comment

__all__ = ["no_rate", "post"]  # fixtures


pytestmark = pytest.mark.django_db


def test_waiting_comment_can_be_withdrawn_and_resent(client, send):
    send()
    number = Comment.objects.get().pk
    assert "Take your comment back?" in client.get(f"/comments/{number}/withdraw/").text
    assert Comment.objects.get().status == "pending"
    assert client.post(f"/comments/{number}/withdraw/").status_code == 303
    assert Comment.objects.get().status == "trash"
    assert send().status_code == 303


def test_waiting_comment_can_be_edited_for_ten_minutes(client, send, post):
    send(body="I agre.")
    comment = Comment.objects.get()
    page = client.get(post.get_absolute_url()).text
    assert "for 10 more minutes or" in page
    assert "I agre.</textarea>" in client.get(f"/comments/{comment.pk}/edit/").text
    given = {"body": "I agree.", "name": "Lou"}
    response = client.post(f"/comments/{comment.pk}/edit/", given)
    assert response.status_code == 303
    comment.refresh_from_db()
    assert (comment.body, comment.name, comment.status) == ("I agree.", "Lou", "pending")
    Comment.objects.update(created_at=timezone.now() - timedelta(seconds=601))
    response = client.post(f"/comments/{comment.pk}/edit/", given | {"body": "Too late."})
    assert response.status_code == 403
    assert "Too late.</textarea>" in response.text
    assert "edit it" not in client.get(post.get_absolute_url()).text


def test_edit_is_screened_like_a_new_comment(client, send):
    send()
    number = Comment.objects.get().pk
    links = " ".join(f"https://example.org/{n}" for n in range(4))
    client.post(f"/comments/{number}/edit/", {"body": links, "name": "Lou"})
    assert Comment.objects.get().reasons == ["first-comment", "links"]
    assert client.post(f"/comments/{number}/edit/", {"body": "", "name": ""}).status_code == 400


def test_only_the_writer_can_edit_or_withdraw(send):
    send()
    number = Comment.objects.get().pk
    for action in ("edit", "withdraw"):
        given = {"body": "Mine now.", "name": "Eve"}
        assert Client().post(f"/comments/{number}/{action}/", given).status_code == 404
    assert Comment.objects.get().body == "I agree."
