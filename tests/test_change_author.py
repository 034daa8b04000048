"""Giving an essay, and the comments under it, to another author needs its own permission."""

from importlib import import_module

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from blog.posts.models import Post
from comments.models import Comment

ADD = "/admin/posts/post/add/"


@pytest.fixture
def other(db):
    return get_user_model().objects.create_user("otto", is_staff=True)


@pytest.fixture
def writer(client, other):
    """A client signed in as Otto, who may write and change essays, but not their authors."""
    may = Permission.objects.filter(content_type__app_label="posts")
    other.user_permissions.set(may.exclude(codename="change_author"))
    client.force_login(other)
    return client


def _payload(author, **changes):
    given = {
        "title": "On margins",
        "body": "Hours of work.",
        "slug": "on-margins",
        "kind": "essay",
        "author": author.pk,
        "old_addresses-TOTAL_FORMS": 0,
        "old_addresses-INITIAL_FORMS": 0,
    }
    return given | changes


def change(post):
    return f"/admin/posts/post/{post.pk}/change/"


def test_author_is_shown_and_cannot_be_changed(writer, write):
    page = writer.get(change(write())).text
    assert 'name="author"' not in page
    assert "ines" in page


def test_taking_over_an_essay_is_refused(writer, write, other, say):
    post = write()
    say(post)
    page = writer.post(change(post), _payload(other))
    assert page.status_code == 200
    assert "can give it to somebody else. Nothing was saved." in page.text
    assert "Hours of work." in page.text
    post.refresh_from_db()
    assert (post.author.username, post.body) == ("ines", "Room for a note.")
    assert not Comment.objects.moderated_by(other).exists()


def test_giving_an_own_essay_away_is_refused(writer, write, other, author):
    post = write(author=other)
    assert writer.post(change(post), _payload(author)).status_code == 200
    post.refresh_from_db()
    assert post.author == other


def test_new_essay_in_anothers_name_is_refused(writer, author):
    assert "can give it to somebody else" in writer.post(ADD, _payload(author)).text
    assert not Post.objects.exists()


@pytest.mark.parametrize("named", [True, False])
def test_new_essay_is_its_writers(writer, other, named):
    given = _payload(other)
    if not named:
        del given["author"]
    assert writer.post(ADD, given).status_code == 302
    assert Post.objects.get().author == other


def test_essay_can_be_edited_without_the_permission(writer, write, author):
    post = write()
    assert writer.post(change(post), _payload(author)).status_code == 302
    post.refresh_from_db()
    assert (post.author, post.body) == (author, "Hours of work.")


def test_editor_may_change_the_author(client, write, other):
    other.groups.add(Group.objects.get(name="Editors"))
    client.force_login(other)
    post = write()
    assert client.post(change(post), _payload(other)).status_code == 302
    post.refresh_from_db()
    assert post.author == other


def test_superuser_may_change_the_author(admin_client, write, other):
    post = write()
    assert admin_client.post(change(post), _payload(other)).status_code == 302
    post.refresh_from_db()
    assert post.author == other


def test_moderators_may_not(db):
    may = Group.objects.get(name="Moderators").permissions
    assert not may.filter(codename="change_author").exists()


def test_upgrade_gives_it_to_those_who_had_everything(db):
    both, writers = (Group.objects.create(name=name) for name in ("Both", "Writers"))
    both.permissions.set(Permission.objects.filter(codename__in=["change_post", "change_comment"]))
    writers.permissions.set(Permission.objects.filter(codename="change_post"))
    before = MigrationLoader(connection).project_state(("posts", "0009_editors")).apps
    import_module("blog.posts.migrations.0009_editors").make_group(
        before, connection.schema_editor()
    )
    has = Group.objects.filter(permissions__codename="change_author")
    assert set(has.values_list("name", flat=True)) == {"Owners", "Editors", "Both"}
