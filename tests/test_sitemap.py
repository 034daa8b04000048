"""sitemap.xml and robots.txt."""

from datetime import timedelta

import pytest
from conftest import on
from django.utils import timezone
from feeds import site_url
from lxml import etree

from blog.posts.models import Post, Tag

__all__ = ["site_url"]  # fixtures


pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


# --- sitemap.xml and robots.txt ---------------------------------------------------------------


def sitemap(client, **headers):
    """Return the addresses of the sitemap, each with its last change."""
    response = client.get("/sitemap.xml", headers=headers)
    assert response["Content-Type"] == "application/xml"
    root = etree.fromstring(response.content)
    return {url.findtext(f"{SITEMAP}loc"): url.findtext(f"{SITEMAP}lastmod") for url in root}


def test_sitemap_lists_pages_with_their_last_change(client, write):
    post = write("One", published_at=on(2026, 3, 9))
    Post.objects.filter(pk=post.pk).update(updated_at=on(2026, 5, 1))
    write("Colophon", kind="page", slug="colophon")
    tag = Tag.objects.create(name="Reading", slug="reading")
    tag.posts.set([post, write("Two", published_at=on(2026, 3, 10)),
                   write("Later", published_at=timezone.now() + timedelta(days=1))])  # fmt: skip
    found = sitemap(client)
    assert found["https://blog.example.org/2026/03/one/"] == "2026-05-01"
    assert found["https://blog.example.org/tags/reading/"] == "2026-03-10"
    for path in ("/", "/archive/", "/tags/", "/colophon/"):
        assert f"https://blog.example.org{path}" in found


def test_the_sitemap_lists_nothing_readers_may_not_see(client, write):
    write("A draft", published_at=None)
    write("To come", published_at=timezone.now() + timedelta(days=1))
    write("Taken back").withdraw()
    hidden = Tag.objects.create(name="Hidden", slug="hidden")
    hidden.posts.set(Post.objects.all())
    assert [address.removeprefix("https://blog.example.org") for address in sitemap(client)] == [
        "/", "/archive/", "/tags/"
    ]  # fmt: skip


def test_the_sitemap_is_built_from_the_sites_address(client, write, settings):
    settings.ALLOWED_HOSTS = ["evil.example"]
    write()
    for address in sitemap(client, host="evil.example"):
        assert address.startswith("https://blog.example.org/")


def test_addresses_in_the_sitemap_are_escaped(client, write):
    write("О чтении", published_at=on(2026, 3, 9))
    found = [address for address in sitemap(client) if "/2026/" in address]
    assert found == [
        "https://blog.example.org/2026/03/%D0%BE-%D1%87%D1%82%D0%B5%D0%BD%D0%B8%D0%B8/"
    ]


def test_an_empty_site_has_a_sitemap(client, db):
    assert "https://blog.example.org/" in sitemap(client)


def test_the_sitemap_costs_five_queries(client, write, django_assert_num_queries):
    tag = Tag.objects.create(name="Reading", slug="reading")
    for number in range(25):
        write(f"Essay {number}").tags.add(tag)
    with django_assert_num_queries(5):
        # 1. how many posts there are; 2. the posts; 3. how many tags; 4. the tags; 5. whether
        # several people write
        client.get("/sitemap.xml")


def test_robots_txt_names_sitemap_and_disallows_search(client, db):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.text.splitlines()
    assert "Sitemap: https://blog.example.org/sitemap.xml" in lines
    assert "Disallow: /search/" in lines
