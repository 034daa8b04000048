"""Who else has an essay open is said at each desk, and soon forgotten."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from test_admin_posts import address
from test_change_author import other  # noqa: F401 - a fixture

from blog.pages.generation import shared
from blog.posts.models import Presence

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(write):
    return write(published_at=None)


def others(client, post, **given):
    return client.post(address(post, "presence"), {"sitting": "here"} | given).json()["others"]


def test_another_person_and_another_tab_are_named(staff, post, other):  # noqa: F811
    assert others(staff, post) == []
    Presence.objects.note(post, other, "there", wrote=True)
    Presence.objects.update(wrote_at=timezone.now() - timedelta(minutes=2))
    others(staff, post, sitting="tab", wrote="1")
    person, tab = others(staff, post)
    assert (person["name"], person["own"], tab["own"]) == (other.get_username(), False, True)
    assert person["said"]["strong"] == f"{other.get_username()} has this essay open"
    assert person["said"]["rest"] == " and wrote in it two minutes ago."
    assert tab["said"]["strong"] == "You have this essay open in another tab"


def test_closed_desk_is_named_no_more(staff, post, other):  # noqa: F811
    Presence.objects.note(post, other, "there", wrote=False)
    Presence.objects.update(at=timezone.now() - timedelta(seconds=80))
    assert others(staff, post) == []
    others(staff, post, sitting="tab")
    assert len(others(staff, post)) == 1
    others(staff, post, sitting="tab", left="1")
    assert others(staff, post) == []


def test_presence_changes_no_page_and_is_forgotten(staff, post):
    before = shared().generation
    others(staff, post, wrote="1")
    assert shared().generation == before
    Presence.objects.update(at=timezone.now() - timedelta(days=2))
    call_command("forget_sign_ins", verbosity=0)
    assert not Presence.objects.exists()


def test_stranger_is_told_nothing(client, post):
    assert client.post(address(post, "presence"), {"sitting": "x"}).status_code == 302
    assert not Presence.objects.exists()
