"""How feeds answer: kinds, conditional requests, compression, redirects, queries."""

import gzip

import brotli
import pytest
from conftest import on
from feeds import every_feed, site_url
from lxml import html

from blog.posts.models import Post, Tag

__all__ = ["site_url"]  # fixtures


pytestmark = pytest.mark.django_db


# --- How it is asked for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kind"),
    [("/feed.xml", "rss+xml"), ("/atom.xml", "atom+xml"), ("/feed.json", "feed+json")],
)
def test_each_names_its_kind(client, write, url, kind):
    write()
    assert client.get(url)["Content-Type"] == f"application/{kind}; charset=utf-8"


@every_feed
def test_nothing_new_costs_no_text(client, write, url):
    write()
    first = client.get(url)
    for name, value in {
        "if-none-match": first["ETag"],
        "if-modified-since": first["Last-Modified"],
    }.items():
        again = client.get(url, headers={name: value})
        assert again.status_code == 304, name
        assert again.content == b""


@every_feed
def test_changed_feed_is_sent_to_conditional_request(client, write, url):
    post = write(published_at=on(2026, 3, 9))
    Post.objects.update(updated_at=on(2026, 3, 9))
    before = client.get(url)
    assert before["Last-Modified"] == "Mon, 09 Mar 2026 12:00:00 GMT"
    post.title = "On wide margins"
    post.save()
    for name, value in {
        "if-none-match": before["ETag"],
        "if-modified-since": before["Last-Modified"],
    }.items():
        assert client.get(url, headers={name: value}).status_code == 200, name


@every_feed
def test_feed_bytes_are_equal_until_a_change(client, write, url):
    write()
    assert client.get(url).content == client.get(url).content


@every_feed
def test_head_gives_what_get_would_without_the_text(client, write, url):
    write()
    head, whole = client.head(url), client.get(url)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("Content-Type", "Content-Length", "Last-Modified"):
        assert head[name] == whole[name]


@every_feed
@pytest.mark.parametrize(
    ("coding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)]
)
def test_feed_is_compressed_on_request(client, write, url, coding, decode):
    write(body="word " * 500)
    whole = client.get(url)
    response = client.get(url, headers={"accept-encoding": coding})
    assert response["Content-Encoding"] == coding
    assert decode(response.content) == whole.content
    assert len(response.content) < len(whole.content) / 4
    again = {"accept-encoding": coding, "if-none-match": response["ETag"]}
    assert client.get(url, headers=again).status_code == 304


@every_feed
def test_feed_sets_and_varies_by_no_cookie(client, write, url):
    write()
    response = client.get(url)
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("url", ["/feed/", "/feed/rss/", "/feed/rss2/", "/feed/atom/"])
def test_wordpress_feed_address_redirects(client, db, url):
    response = client.get(url)
    assert response.status_code == 301
    assert response["Location"] == "/feed.xml"


def test_every_page_names_the_feeds(client, write):
    essay = write().get_absolute_url()
    for url in ("/", essay, "/archive/", "/about/", "/tags/", "/search/", "/nothing/"):
        head = html.fromstring(client.get(url).text).find("head")
        found = {link.get("type"): link.get("href") for link in head.iter("link")}
        assert found["application/rss+xml"] == "/feed.xml"
        assert found["application/atom+xml"] == "/atom.xml"
        assert found["application/feed+json"] == "/feed.json"


@every_feed
def test_feed_costs_three_queries(client, write, url, django_assert_num_queries):
    tags = [Tag.objects.create(name=f"Tag {number}", slug=f"{number}") for number in range(5)]
    for number in range(25):
        write(f"Essay {number}").tags.set(tags)
    with django_assert_num_queries(3):
        # 1. the essays and their authors; 2. their tags; 3. the feed's id
        client.get(url)
    with django_assert_num_queries(3):
        # 1. the tag; 2. the essays and their authors; 3. their tags
        client.get(f"/tags/3{url}")
