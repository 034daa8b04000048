"""A site with the demo, which is loaded once for all of these, and leaves nothing behind."""

import re
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from feeds import all_feeds
from test_feeds_valid import judge
from trials import FULL

from blog.posts.models import Image, OldAddress, Post, SearchEntry, Tag
from blog.transfer.demo import load_demo, remove_demo
from comments.models import Comment, ThreadPage

# In one process, and nothing else of these tests: all of them find the demo there.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def loaded_once(django_db_setup, django_db_blocker):
    """Keep the demo in a transaction, in which each test has one of its own; give what it says."""
    said = StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        assert not any(rows().values())
        call_command("demo", stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def loaded(loaded_once, db):
    """A site with the demo."""


TABLES = (Post, Image, Tag, OldAddress, SearchEntry, Comment, ThreadPage, get_user_model())


def rows():
    return {model.__name__: model.objects.count() for model in TABLES}


def what_readers_see():
    return (
        list(Post.objects.order_by("path").values_list("path", "body_html", "comment_count")),
        list(Comment.objects.order_by("origin").values_list("origin", "created_at", "status")),
    )


def test_demo_says_what_it_loads_and_removes_and_leaves_nothing(loaded, loaded_once, capsys):
    assert "Loaded 9 demo essays and pages. Loaded 35 comments." in loaded_once
    call_command("demo", remove=True)
    assert "Took away 9 demo essays and pages. Took away 35 comments." in capsys.readouterr().out
    assert rows() == dict.fromkeys(rows(), 0)


def test_it_comes_the_same_every_time_and_leaves_what_is_not_its_own(loaded, request):
    first = what_readers_see()
    remove_demo()
    mine = request.getfixturevalue("write")("Mine")
    mine.tags.create(name="Mine", slug="mine")
    said = request.getfixturevalue("say")(mine)
    before = rows()
    load_demo()
    posts, comments = what_readers_see()
    posts = [row for row in posts if row[0] != mine.path]
    assert (posts, [row for row in comments if row[0]]) == first
    remove_demo()
    assert rows() == before
    assert list(Comment.objects.all()) == [said]


def test_removing_demo_keeps_an_author_with_essays(loaded):
    ines = get_user_model().objects.get(username="ines")
    Post.objects.create(title="Mine", author=ines)
    remove_demo()
    assert get_user_model().objects.get() == ines


def test_loading_twice_adds_nothing(loaded):
    before = rows()
    load_demo()
    assert rows() == before


def test_loading_again_keeps_what_was_edited(loaded):
    post = Post.objects.get(slug="room-in-the-margin")
    post.title = "Rooms in the margin"
    post.save()
    load_demo()
    post.refresh_from_db()
    assert post.title == "Rooms in the margin"


def test_removing_demo_removes_its_comments(loaded, say):
    say(Post.objects.get(slug="room-in-the-margin"), "A visitor was here.")
    remove_demo()
    assert not Comment.objects.exists()


def test_nobody_can_sign_in_as_its_author(loaded):
    ines = get_user_model().objects.get(username="ines")
    assert not ines.is_active
    assert not ines.has_usable_password()


def test_its_draft_is_not_public(loaded, client):
    draft = Post.objects.get(published_at=None)
    assert client.get(draft.get_absolute_url()).status_code == 404
    for path in ("/", "/archive/", "/feed.xml", "/sitemap.xml", "/search/?q=index"):
        assert draft.title not in client.get(path).text


@pytest.mark.long
def test_links_in_the_demo_work(loaded, client):
    paths = {
        "/" + part.partition('"')[0]
        for post in Post.objects.published()
        for part in client.get(post.get_absolute_url()).text.split(' href="/')[1:]
    }
    # Of those that differ in a number alone, one: a form for each comment, and for each paragraph.
    once = {re.sub(r"(?<=\?p=)\d+|(?<=/comments/)\d+|#\w+", "", path): path for path in paths}
    assert len(once) > 30
    for path in once.values() if not FULL else paths:
        if not path.startswith("/static/"):
            assert client.get(path, follow=True).status_code == 200, path


def test_every_feed_of_the_demo_is_valid(loaded, client, settings):
    settings.SITE_URL = "https://blog.example.org"
    feeds = all_feeds(client)
    assert len(feeds) > 30
    assert judge(feeds) == []
