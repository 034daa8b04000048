"""The queue of comments in the admin, and how tests press its buttons."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from reading import carried

from comments.models import Comment

LIST = "/admin/comments/comment/"
PITCH = "Buy cheap pills at https://pills.example/ before the week is over."


@pytest.fixture
def moderator(client, db):
    user = get_user_model().objects.create_user("mo", first_name="Mo", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return user


@pytest.fixture
def post(write):
    return write()


def button(page, verb, comment):
    """Return the value of the button a row shows."""
    return re.search(rf'value="({verb}:{comment.pk}:[^"]*)"', page)[1]


def press(client, verb, comment, query="", **more):
    """Press a row's button as the page shows it; return the page that follows."""
    page = client.get(f"{LIST}{query}").text
    given = carried(page) | {"decide": button(page, verb, comment)} | more
    return client.post(f"{LIST}{query}", given, follow=True)


def tick(client, action, *comments, query="?status=all", **more):
    """Tick rows of a page and press Go; return the page that follows."""
    page = client.get(f"{LIST}{query}").text
    given = {"action": action, "_selected_action": [comment.pk for comment in comments]}
    return client.post(f"{LIST}{query}", carried(page) | given | more, follow=True)


def statuses(*comments):
    return [Comment.objects.get(pk=comment.pk).status for comment in comments]


def text_of(response):
    return " ".join(re.sub("<[^>]*>", " ", response.text).split())
