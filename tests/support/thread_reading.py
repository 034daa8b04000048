"""Threads of comments as readers see them."""

import re

import pytest

from comments.models import ThreadPage

REMOVED = "This comment was removed by a moderator."


@pytest.fixture
def three_a_page(monkeypatch):
    monkeypatch.setattr(ThreadPage, "COMMENTS", 3)


def articles(client, path):
    """Return id and classes of each comment on a page, in order, without the mentions."""
    response = client.get(path)
    assert response.status_code == 200
    thread = response.text.partition('id="mentions"')[0]
    found = re.findall(r'<article id="c(\d+)"[^>]* class="([^"]*)"', thread)
    return {int(pk): set(classes.split()) for pk, classes in found}


def one(client, path, comment):
    """Return the HTML of one comment on a page."""
    pattern = rf'<article [^>]*id="c{comment.pk}".*?</article>'
    return re.search(pattern, client.get(path).text, re.S)[0]


def move(comment, status):
    comment.status = status
    comment.save()


def stored(post):
    return dict(ThreadPage.objects.filter(post=post).values_list("number", "html"))
