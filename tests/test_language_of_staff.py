"""Somebody has the admin in a language of their own, and readers have the site's as ever."""

import pytest
from django.urls import reverse
from queue_page import press
from test_admin_posts import _payload, address
from test_desk_saving import form_of

from blog.posts.models import Post, Profile
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db
MINE = reverse("admin:posts_profile_changelist")


@pytest.fixture
def german(client, admin_user):
    """A client of somebody who has the admin in German, while the site is in English."""
    Profile.objects.create(user=admin_user, language="de")
    client.force_login(admin_user)
    return client


def test_admin_is_in_the_language_that_somebody_chose(admin_client):
    page = admin_client.post(MINE, {"name": "Ines", "language": "de"}, follow=True)
    assert ('lang="de"' in page.text, "Your page is saved." in page.text) == (True, False)
    assert 'lang="de"' in admin_client.get(reverse("admin:index")).text


def test_language_comes_with_signing_in(german):
    assert 'lang="de"' in german.get(reverse("admin:index")).text


def test_admin_is_in_the_sites_language_without_a_choice(admin_client):
    assert 'lang="en"' in admin_client.get(reverse("admin:index")).text


def test_choice_is_taken_back_to_the_sites_language(german):
    page = german.post(MINE, {"name": "Ines", "language": ""}, follow=True)
    assert 'lang="en"' in page.text


def test_language_that_went_with_an_upgrade_is_the_sites(client, admin_user):
    Profile.objects.create(user=admin_user, language="tlh")
    client.force_login(admin_user)
    assert 'lang="en"' in client.get(reverse("admin:index")).text


def test_unknown_language_is_refused(admin_client):
    page = admin_client.post(MINE, {"name": "Ines", "language": "tlh"})
    assert "Select a valid choice" in page.text
    assert not Profile.objects.exclude(language="").exists()


def test_readers_get_the_sites_language_after_it(german, client, write):
    german.get(reverse("admin:index"))
    assert 'lang="en"' in client.get(write().get_absolute_url()).text


def test_thread_that_a_moderator_changes_is_in_the_sites(german, write, say):
    press(german, "approve", say(write(), status=Comment.Status.PENDING))
    assert "Reply" in ThreadPage.objects.get(number=1).html


def test_labels_in_a_saved_essay_are_in_the_sites(german, admin_user, write):
    post = write()
    given = form_of(german, post) | {"act": "publish-changes"}
    words = {"body": "Words[^1].\n\n[^1]: Below.", "tags": ""}
    german.post(address(post), _payload(admin_user, **given | words))
    assert 'aria-label="Note 1"' in Post.objects.get(pk=post.pk).body_html


def test_preview_is_in_the_sites(german, write):
    page = german.get(reverse("admin:posts_post_preview"), {"essay": write().pk})
    assert 'lang="en"' in page.text
    assert ">Tags</a>" in page.text
