"""Who counts as the same writer when a comment is repeated."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from comments.browser import COOKIE
from comments.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None
    settings.COMMENT_POLICY = "publish-all"


@pytest.fixture
def post(write):
    return write()


def from_elsewhere():
    return Client(REMOTE_ADDR="198.51.100.7")


def test_the_same_answer_to_two_readers_stands_twice(say, post, send):
    for body in ("First.", "Second."):
        answered = say(post, body)
        assert send(body="Thank you!", parent=answered.pk).status_code == 303
        assert send(body="Thank you!", parent=answered.pk).status_code == 409
    assert Comment.objects.filter(body="Thank you!").count() == 2


def test_the_same_from_another_browser_is_someone_else(send):
    anna, another = Client(), Client()
    for browser in (anna, another):
        send(by=browser, body="Something else to get a cookie.", name=f"N{id(browser)}")
        response = send(by=browser, name="Anna", body="Congratulations!")
        assert response.status_code == 303
        assert COOKIE in response.cookies
    found = Comment.objects.filter(body="Congratulations!")
    assert [comment.status for comment in found] == ["approved", "approved"]


def test_the_same_from_another_network_is_someone_else(send):
    assert send(by=Client(), body="Congratulations!").status_code == 303
    assert send(by=from_elsewhere(), body="Congratulations!").status_code == 303
    assert Comment.objects.count() == 2


def test_repeat_without_cookie_from_one_network_is_stored_once(send):
    assert send(by=Client()).status_code == 303
    assert send(by=Client()).status_code == 409
    assert Comment.objects.get().repeats == 1


def test_resent_comment_is_recognised_by_its_new_cookie(client, send):
    assert send().status_code == 303
    assert client.cookies[COOKIE].value
    assert send(body="i agree").status_code == 409
    moved = from_elsewhere()  # as a phone does that leaves the house
    moved.cookies = client.cookies
    assert send(by=moved).status_code == 409
    assert send(by=moved, body="I agree?").status_code == 303
    assert Comment.objects.count() == 2


def test_an_address_counts_from_any_browser(send):
    assert send(email="lou@example.org").status_code == 303
    response = send(by=from_elsewhere(), email="Lou@example.org", name="L.")
    assert response.status_code == 409


def test_stranger_is_not_sent_to_a_waiting_comment(send, settings):
    settings.COMMENT_POLICY = "hold-all"
    send(email="lou@example.org")
    response = send(by=Client(), email="lou@example.org")
    assert response.status_code == 409
    assert "The same words from you are waiting for a moderator since" in response.text
    assert f"#c{Comment.objects.get().pk}" not in response.text


def test_staff_see_that_they_already_said_it(author, post, send):
    author.user_permissions.add(Permission.objects.get(codename="change_comment"))
    browsers = Client(), from_elsewhere()
    for browser in browsers:
        browser.force_login(author)
    assert send(by=browsers[0], name="Ines").status_code == 303
    response = send(by=browsers[1], name="Ines Marlow", email="ines@example.org")
    assert response.status_code == 409
    number = Comment.objects.get().pk
    assert f'<a href="{post.get_absolute_url()}#c{number}">published</a>' in response.text
    assert "I agree.</textarea>" in response.text


def test_correction_is_not_a_repeat(send):
    for body in ("It was 5 degrees.", "It was -5 degrees.", "It was -5 degrees?"):
        assert send(body=body).status_code == 303


def test_name_alone_does_not_make_a_courtesy_a_copy(send):
    for browser in (Client(), from_elsewhere()):
        send(by=browser, name="Anna", body="Congratulations!")
    assert set(Comment.objects.values_list("likeness", flat=True)) == {None}
    assert send(by=from_elsewhere(), name="Anna", body="Congratulation!!").status_code == 303
    assert Comment.objects.latest("pk").reasons == ["near"]


def test_edit_into_an_existing_comment_is_refused(client, send, settings):
    settings.COMMENT_POLICY = "hold-all"
    send(body="One.")
    send(body="Two.")
    second = Comment.objects.get(body="Two.")
    response = client.post(f"/comments/{second.pk}/edit/", {"body": "one", "name": "Lou Barba"})
    assert response.status_code == 409
    assert "one</textarea>" in response.text
