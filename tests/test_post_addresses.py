"""Where an essay that moved is found: old addresses, and WordPress's short ones."""

from datetime import timedelta

import pytest
from conftest import on
from django.utils import timezone

from blog.posts.models import OldAddress

pytestmark = pytest.mark.django_db


# --- The addresses it once had ----------------------------------------------------------------


def test_old_addresses_redirect_straight_to_the_newest(client, write):
    post = write("One", published_at=on(2026, 3, 9))
    post.slug = "two"
    post.save()
    post.slug, post.published_at = "three", on(2025, 1, 5)
    post.save()
    for old in ("/2026/03/one/", "/2026/03/two/", "/2026/03/one"):
        response = client.get(old)
        assert response.status_code == 301
        assert response["Location"] == "/2025/01/three/"
    assert client.head("/2026/03/one/").status_code == 301
    assert client.post("/2026/03/one/").status_code in (404, 405)


def test_reused_address_does_not_redirect(client, write):
    post = write("One", published_at=on(2026, 3, 9))
    for slug in ("two", "one"):
        post.slug = slug
        post.save()
    assert client.get("/2026/03/one/").status_code == 200
    assert client.get("/2026/03/two/")["Location"] == "/2026/03/one/"
    assert [old.path for old in post.old_addresses.all()] == ["2026/03/two"]


def test_an_old_address_in_another_script_leads_on(client, write):
    post = write("О чтении", published_at=on(2026, 3, 9))
    post.slug = "чтение"
    post.save()
    response = client.get("/2026/03/о-чтении/", follow=True)
    assert response.status_code == 200
    assert response.redirect_chain[0][1] == 301


def test_old_address_of_a_withdrawn_essay_leads_to_410(client, write):
    post = write("One", published_at=on(2026, 3, 9))
    post.slug = "two"
    post.save()
    post.withdraw()
    assert client.get("/2026/03/one/", follow=True).status_code == 410


@pytest.mark.parametrize("when", [None, timedelta(days=1)], ids=["draft", "scheduled"])
def test_draft_address_leads_on_once_published(client, write, when):
    post = write("One", published_at=when and timezone.now() + when)
    old = post.get_absolute_url()
    post.slug = "two"
    post.save()
    assert client.get(old).status_code == 404
    post.publish(timezone.now())
    assert client.get(old).headers["Location"] == post.get_absolute_url()


def test_draft_address_of_each_month_leads_on(client, write):
    begun = timezone.now() - timedelta(days=65)
    post = write("One", created_at=begun, published_at=None)
    shown = [post.path_in(begun + timedelta(days=days)) for days in (0, 32, 65)]
    post.publish()
    for path in shown[:-1]:
        assert client.get(f"/{path}/").headers["Location"] == f"/{shown[-1]}/"


def test_draft_address_takes_none_that_leads_elsewhere(client, write):
    other = write("Two", published_at=None)
    OldAddress.objects.create(path="2020/01/one", post=other)
    post = write("One", created_at=on(2020, 1, 3), published_at=None)
    post.publish()
    assert OldAddress.objects.get(path="2020/01/one").post == other


def test_old_address_does_not_reveal_a_draft(client, write):
    OldAddress.objects.create(path="imported", post=write(published_at=None))
    assert client.get("/imported/").status_code == 404


def test_a_page_that_moves_is_found_too(client, write):
    post = write("Imprint", kind="page", slug="imprint")
    post.slug = "colophon"
    post.save()
    assert client.get("/imprint/")["Location"] == "/colophon/"


@pytest.mark.parametrize("name", ["p", "page_id"])
def test_wordpress_short_addresses_lead_on(client, write, name):
    post = write(published_at=on(2026, 3, 9))
    OldAddress.objects.create(path="?p=12", post=post)
    response = client.get(f"/?{name}=12")
    assert response.status_code == 301
    assert response["Location"] == "/2026/03/on-margins/"


@pytest.mark.parametrize("number", ["13", "x", "%00", "12%00", "%F0%9F%99%82", "9" * 99, "-1"])
def test_unknown_short_address_is_404(client, write, number):
    OldAddress.objects.create(path="?p=12", post=write())
    assert client.get(f"/?p={number}").status_code == 404


def test_short_address_of_a_draft_is_404(client, write):
    OldAddress.objects.create(path="?p=12", post=write(published_at=None))
    assert client.get("/?p=12").status_code == 404
