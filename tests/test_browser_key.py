"""A browser without an account is recognised by a random key in its signed cookie."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import signing
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.utils import timezone

from comments.browser import COOKIE, key_of, own_comment_ids
from comments.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(write):
    return write()


def request_of(client):
    request = RequestFactory().get("/")
    request.COOKIES = {name: cookie.value for name, cookie in client.cookies.items()}
    return request


def test_first_comment_and_cookie_share_a_key(client, send):
    send()
    kept = Comment.objects.get()
    assert len(kept.browser) == 22
    assert key_of(request_of(client)) == kept.browser
    assert own_comment_ids(request_of(client)) == [kept.pk]


def test_later_comments_of_a_browser_share_its_key(client, send):
    send()
    send(body="More.")
    send(by=Client(), body="Another browser.")
    keys = list(Comment.objects.order_by("pk").values_list("browser", flat=True))
    assert keys[0] == keys[1] != keys[2]


def test_an_old_cookie_works_and_gets_a_key(client, send, post, say):
    old = say(post, "Mine of before.", status="pending")
    client.cookies[COOKIE] = signing.dumps([old.pk], salt="comments.mine")
    assert key_of(request_of(client)) == ""
    assert "Mine of before." in client.get(post.get_absolute_url()).text
    send()
    new = Comment.objects.latest("pk")
    assert key_of(request_of(client)) == new.browser != ""
    assert own_comment_ids(request_of(client)) == [old.pk, new.pk]


def test_a_reader_has_no_key(client, post):
    client.get(post.get_absolute_url())
    assert key_of(request_of(client)) == ""


def test_forged_key_is_ignored(client):
    client.cookies[COOKIE] = signing.dumps(["key"], salt="other")
    assert key_of(request_of(client)) == ""


def test_erasing_forgets_the_browser(send):
    send()
    comment = Comment.objects.get()
    comment.erase()
    comment.refresh_from_db()
    assert comment.browser == ""


def test_browsers_are_forgotten_with_their_cookie(post, say):
    for days in (179, 181):
        created = timezone.now() - timedelta(days=days)
        say(post, f"{days}", browser="key", created_at=created)
    out = StringIO()
    call_command("forget_addresses", stdout=out)
    assert "Forgot 1 browser.\n" in out.getvalue()
    assert list(Comment.objects.exclude(browser="").values_list("body", flat=True)) == ["179"]
