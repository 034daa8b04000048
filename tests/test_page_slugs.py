"""Pages whose slug is a word of the site's language, from the desk to menus and machines."""

import unicodedata
from urllib.parse import quote

import pytest
from test_pages_of_the_site import menu, send  # noqa: F401 - a fixture

from blog.posts.models import Post

pytestmark = pytest.mark.django_db
SLUGS = ["impressum", "à-propos", "عن-الموقع", "על-האתר", "このサイトについて", "про-сайт"]


def test_page_has_its_slug_everywhere_it_is_named(client, send):  # noqa: F811
    for slug in SLUGS:
        send("publish", slug=unicodedata.normalize("NFD", slug), in_foot="on")
        page = Post.objects.latest("pk")
        assert client.get(f"/{slug}/").status_code == 200
        assert f'<a href="/{slug}/">' in menu(client, "footer")
        assert f"/{quote(slug)}/" in client.get("/sitemap.xml").text
        send("publish", page, slug=f"{slug}-2", in_foot="on")
        assert client.get(f"/{slug}/")["Location"] == f"/{quote(slug)}-2/"
        assert f'<a href="/{slug}-2/">' in menu(client, "footer")


def test_address_of_the_site_is_refused_in_a_sentence(client, send):  # noqa: F811
    for slug in ("tags", "admin", "2026", "feed"):
        said = send("publish", slug=slug).text
        assert "The site itself uses this address. Choose another slug." in said
    assert not Post.objects.filter(published_at__isnull=False).exists()
