"""Feeds of approved comments: of the site, and of each essay."""

import json

import pytest
from lxml import etree

pytestmark = pytest.mark.django_db

FORMS = ["feed.xml", "atom.xml", "feed.json"]


@pytest.mark.parametrize("form", FORMS)
def test_the_sites_feed_holds_approved_comments_newest_first(client, write, say, form):
    post = write()
    say(post, "Said first.")
    say(post, "Said second, with [a link](https://example.org/).")
    for status in ("pending", "spam", "trash"):
        say(post, f"Not shown: {status}.", status=status)
    text = client.get(f"/comments/{form}").text
    json.loads(text) if form == "feed.json" else etree.fromstring(text.encode())
    assert text.index("Said second") < text.index("Said first.")
    assert "Not shown" not in text


@pytest.mark.parametrize("form", FORMS)
def test_an_essays_feed_holds_its_own_comments(client, write, say, form):
    post, other = write(), write("Another")
    say(post, "About margins.")
    say(other, "About something else.")
    text = client.get(f"{post.get_absolute_url()}comments/{form}").text
    assert "About margins." in text
    assert "something else" not in text


@pytest.mark.parametrize("form", FORMS)
def test_essay_that_is_not_public_has_no_feed(client, write, say, form):
    draft, withdrawn = write("Draft", published_at=None), write("Gone")
    say(withdrawn, "Gone with it.")
    withdrawn.withdraw()
    for post in (draft, withdrawn):
        assert client.get(f"{post.get_absolute_url()}comments/{form}").status_code == 404
    assert "Gone with it." not in client.get(f"/comments/{form}").text


def test_essay_links_to_its_comment_feed(client, write):
    post = write()
    page = client.get(post.get_absolute_url()).text
    assert f'href="{post.get_absolute_url()}comments/feed.xml"' in page


def test_nobodys_address_is_in_it(client, write, say):
    say(write(), email="lou@home.example", address="192.0.2.7")
    text = client.get("/comments/feed.xml").text
    assert "home.example" not in text
    assert "192.0.2.7" not in text


def test_comment_feeds_cost_two_queries(client, write, say, django_assert_num_queries):
    post = write()
    for number in range(5):
        say(post, f"No. {number}")
    with django_assert_num_queries(2):
        # 1. the feed's id; 2. the comments
        client.get("/comments/feed.xml")
    with django_assert_num_queries(2):
        # 1. the essay; 2. its comments
        client.get(f"{post.get_absolute_url()}comments/feed.xml")
