"""Personal data: what is kept, for how long, and how it is exported and erased."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from comments.models import Comment
from comments.text.fingerprints import fingerprint, identity

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_addresses_are_forgotten_after_thirty_days(write, say):
    post = write()
    for days in (29, 31):
        created = timezone.now() - timedelta(days=days)
        say(post, f"{days}", address="192.0.2.7", network="192.0.2.0/24", created_at=created)
    assert run("forget_addresses") == "Forgot 1 address.\n"
    assert Comment.objects.get(body="29").address == "192.0.2.7"
    old = Comment.objects.get(body="31")
    assert (old.address, old.network) == (None, "")
    assert run("forget_addresses") == "Forgot 0 addresses.\n"


def test_everything_held_for_a_person_is_printed(write, say):
    post = write()
    say(post, "Mine.", email="Lou@example.org", address="192.0.2.7")
    say(post, "Mine, held.", email="lou@example.org", status="spam")
    say(post, "Another's.", email="ann@example.org")
    held = json.loads(run("person", "lou@example.org"))
    assert [row["body"] for row in held] == ["Mine.", "Mine, held."]
    assert held[0]["address"] == "192.0.2.7"
    assert held[0]["post__path"] == post.path


def test_a_person_can_be_erased(client, write, say):
    post = write()
    mine = say(post, "My secret words.", name="Lou", email="lou@example.org", url="https://lou.me")
    say(post, "An answer.", name="Ann", parent=mine)
    say(post, "More of mine.", name="Lou", email="LOU@example.org")
    assert run("person", "lou@example.org", "--erase") == "Erased 2 comments of theirs.\n"
    page = client.get(post.get_absolute_url()).text
    assert "An answer." in page
    assert "This comment was removed by a moderator." in page
    for trace in ("My secret words.", "More of mine.", "lou.me", ">Lou<"):
        assert trace not in page
    assert json.loads(run("person", "lou@example.org")) == []
    assert "Nothing here has" in client.get("/search/?q=secret").text
    assert not Comment.objects.filter(words__contains="secret").exists()


def test_address_in_a_comments_history_is_erased(write, say):
    comment = say(write(), "Quince.", email="lou@example.org", status="pending")
    comment.edit(email="other@example.org", body="Jelly.")
    rows = json.loads(run("person", "lou@example.org"))
    assert [row["original"] for row in rows] == [{"email": "lou@example.org", "body": "Quince."}]
    run("person", "lou@example.org", "--erase")
    assert json.loads(run("person", "lou@example.org")) == []
    comment.refresh_from_db()
    assert comment.body == "Jelly."


def test_nobody_is_not_an_error(write):
    assert json.loads(run("person", "nobody@example.org")) == []


@pytest.fixture
def post(write):
    return write()


@pytest.mark.parametrize("email", ["", "lou@example.org"])
def test_network_cannot_be_found_from_a_forgotten_fingerprint(send, email):
    send(body="I agree.", email=email)
    comment = Comment.objects.get()
    # What anybody can try for each network there is.
    tried = identity(comment.name, comment.email, network=comment.network)
    found = fingerprint(tried, None, comment.body)
    assert comment.fingerprint == found
    Comment.objects.update(created_at=timezone.now() - timedelta(days=31))
    run("forget_addresses")
    comment.refresh_from_db()
    assert (comment.fingerprint == found) is bool(email)


def test_repeat_is_found_after_the_network_is_forgotten(send):
    send(body="I agree.")  # before the browser has its cookie
    Comment.objects.update(created_at=timezone.now() - timedelta(days=31))
    run("forget_addresses")
    send(body="I agree.")
    assert Comment.objects.get().repeats == 1


def test_writers_known_only_by_network_stay_two(send):
    for address in ("192.0.2.7", "198.51.100.7"):
        send(by=Client(REMOTE_ADDR=address), body="I agree.")
    Comment.objects.update(created_at=timezone.now() - timedelta(days=31), browser="")
    assert run("forget_addresses") == "Forgot 2 addresses.\n"
    prints = Comment.objects.order_by("pk").values_list("fingerprint", flat=True)
    assert [*prints] == [fingerprint(identity("Lou Barba", ""), None, "I agree."), None]
