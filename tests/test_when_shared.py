"""What a link to an essay is shown with elsewhere: the picture chosen, or the first wide one."""

import json
import re

import pytest
from conftest import on
from django.contrib.auth.models import Permission
from lxml import html

from blog.posts.models import Image

pytestmark = pytest.mark.django_db

SITE = "https://blog.example.org"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


def picture(number, size="900x600", alt="", ending="jpg"):
    name = f"{number:032x}-{size}.{ending}"
    width, height = size.split("x")
    return Image.objects.create(file=name, width=width, height=height, alt=alt)


def head(client, post):
    page = html.fromstring(client.get(post.get_absolute_url()).text).find("head")
    metas = page.iter("meta")
    said = {meta.get("property", meta.get("name", "")): meta.get("content") for meta in metas}
    said["data"] = json.loads(page.findtext("script"))
    return said


def shown(post):
    post.refresh_from_db()
    return post.shared_name, post.shared_alt


def test_first_wide_picture_is_named_with_size(client, write):
    small, wide = picture(1, "599x400"), picture(2, alt="A gull")
    post = write(body=f"{small.markdown}\n\n{wide.markdown}")
    said = head(client, post)
    assert said["og:image"] == f"{SITE}/media/{wide.file.name}"
    assert (said["og:image:width"], said["og:image:height"]) == ("900", "600")
    assert (said["og:image:alt"], said["og:image:type"]) == ("A gull", "image/jpeg")
    assert said["twitter:card"] == "summary_large_image"
    assert said["data"]["image"] == said["og:image"]


def test_chosen_picture_comes_before_the_first(client, write):
    first, chosen = picture(1), picture(2, "400x300", "A leaf", "png")
    post = write(body=first.markdown, picture=chosen)
    said = head(client, post)
    assert said["og:image"] == f"{SITE}/media/{chosen.file.name}"
    assert (said["og:image:alt"], said["twitter:card"]) == ("A leaf", "summary")


def test_moving_or_unknown_picture_is_not_taken(write):
    moving = picture(1, ending="moving.webp")
    gone = f"![](/media/{7:032x}-900x600.jpg)"
    assert shown(write(body=f"{moving.markdown}\n\n{gone}"))[0] == ""


def test_picture_without_words_in_the_text_has_its_own(write):
    gull = picture(1, alt="A gull")
    assert shown(write(body=f"![]({gull.get_absolute_url()})"))[1] == "A gull"


def test_essay_without_picture_names_none(client, write):
    said = head(client, write())
    assert not {name for name in said if name.startswith(("og:image", "twitter"))}
    assert "image" not in said["data"]


def test_feeds_name_the_picture(client, write):
    gull = picture(1, alt="A <gull>")
    write(body=gull.markdown)
    address = f"{SITE}/media/{gull.file.name}"
    for path in ("/feed.xml", "/atom.xml"):
        text = client.get(path).text
        media = re.search("<media:content [^>]*>(.*?)</media:content>", text)
        assert f'url="{address}"' in media[0]
        assert 'type="image/jpeg"' in media[0]
        assert "A &lt;gull&gt;</media:description>" in media[1]
    assert client.get("/feed.json").json()["items"][0]["image"] == address


def test_essay_follows_changes_of_its_picture(write):
    leaf, gull = picture(1, alt="A leaf"), picture(2, alt="A gull")
    post = write(body=gull.markdown, picture=leaf)
    leaf.alt = "A leaf in autumn"
    leaf.save()
    assert shown(post) == (leaf.file.name, "A leaf in autumn")
    leaf.delete()
    assert shown(post) == (gull.file.name, "A gull")


def test_desk_offers_pictures_and_keeps_the_choice(client, author, write):
    author.user_permissions.set(Permission.objects.filter(content_type__app_label="posts"))
    client.force_login(author)
    leaf = picture(1, alt="A leaf")
    post = write("On margins", published_at=on(2026, 3))
    desk = f"/admin/posts/post/{post.pk}/change/"
    page = html.fromstring(client.get(desk).text)
    offered = page.xpath("//input[@name='picture']/@value")
    assert offered == ["", str(leaf.pk)]
    given = {
        name: page.xpath(f"string(//input[@name='{name}']/@value)") for name in ("version", "base")
    }
    given |= {"title": "On margins", "slug": post.slug, "kind": "essay", "author": author.pk}
    given |= {"published_at_0": "2026-03-01", "published_at_1": "12:00:00", "comments_open": "on"}
    given |= {"old_addresses-TOTAL_FORMS": 0, "old_addresses-INITIAL_FORMS": 0}
    client.post(desk, given | {"body": "Not published.", "act": "save", "picture": leaf.pk})
    assert shown(post) == (leaf.file.name, "A leaf")
    assert post.body != "Not published."
