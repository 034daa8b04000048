"""A site with the demo, which is loaded once for all of these."""

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from test_demo import rows

from blog.posts.models import Post
from blog.transfer.demo import load_demo, remove_demo
from comments.models import Comment

# In one process, and nothing else of these tests: all of them find the demo there.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def loaded_once(django_db_setup, django_db_blocker):
    """Keep the demo in a transaction, in which each test has one of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(loaded_once, db):
    """A site with the demo."""


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


def test_links_in_the_demo_work(loaded, client):
    for post in Post.objects.published():
        for part in client.get(post.get_absolute_url()).text.split(' href="/')[1:]:
            path = "/" + part.partition('"')[0]
            if not path.startswith("/static/"):
                assert client.get(path, follow=True).status_code == 200, path
