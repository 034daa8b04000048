"""What is kept of a person, for how long, and how it is shown and taken away."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from comments.models import Comment

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


def test_an_address_in_the_history_of_a_comment_is_found_and_erased(write, say):
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
