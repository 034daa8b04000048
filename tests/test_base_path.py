"""Below a path of another site: what is stored has none of it, and what is made has all of it."""

import json
import re
from urllib.parse import urlsplit

import pytest
from below import below  # noqa: F401 - a fixture
from conftest import on
from django.conf import settings as site
from inputs import every

from blog.lib.base_path import based, home, placed, placed_css, unbased, without_base
from blog.posts.models import FeedIdentity, Forward, Image, OldAddress, Post
from blog.site import reading
from blog.site.links import clean_address
from blog.web.stylesheet import source_of
from comments.linkbacks.links import links_in
from comments.linkbacks.ours import is_ours, target_at
from comments.linkbacks.protocols.pingback import Fault
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db

PICTURE = "0123456789abcdef0123456789abcdef-2000x1200.jpg"
# An address of this host that is not below the path.
OUTSIDE = re.compile(r"""(?:href|src|action|poster)="(/(?!blog/)[^"]*)""")


def text(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def post(write):
    links = '[about](/about/), [the same](/blog/about/), [x](//other.example/), `href="/code"`'
    body = f"{links}\n\n![Rain](/media/{PICTURE})\n\n<a href='/a?b#c'>d</a>"
    return write(body=body, published_at=on(2026, 3))


# --- What is stored ----------------------------------------------------------------------------


@every(
    ("html", "made"),
    [
        ('<a href="/x/">', '<a href="/blog/x/">'),
        ('<a href="/">', '<a href="/blog/">'),
        ('<a href="/?p=1#c">', '<a href="/blog/?p=1#c">'),
        ('<a href="/blog/x/">', '<a href="/blog/x/">'),
        ('<a href="/blog">', '<a href="/blog">'),
        ('<a href="/blogger/">', '<a href="/blog/blogger/">'),
        ('<a href="//x/">', '<a href="//x/">'),
        ('<a href="#x">', '<a href="#x">'),
        ('<a href="x/">', '<a href="x/">'),
        ('<a href="https://x/y">', '<a href="https://x/y">'),
        ('<p>say href="/x" and \'</p>', '<p>say href="/x" and \'</p>'),
        ('<p title="<a>" id="x">', '<p title="<a>" id="x">'),
        ('<a title=\'"\' href="/x">', '<a title=\'"\' href="/blog/x">'),
        ('<video controls src="/media/a">', '<video controls src="/blog/media/a">'),
        ('<img srcset="/m/a 1w, /m/b 2w">', '<img srcset="/blog/m/a 1w, /blog/m/b 2w">'),
    ],
)
def test_stored_html_gets_the_path_when_it_is_made(below, html, made):  # noqa: F811
    assert placed(html) == made
    assert placed(made) == made, "a second time changes nothing"


@every("html", ['<a href="/x/">', "<a href='/x'", "<" * 50_000 + '"' * 50_000])
def test_without_a_path_stored_html_is_as_it_was(html):
    assert placed(html) == html
    assert placed_css(html) == html


@every(
    ("place", "address"),
    [("/", "/blog/"), ("/x/", "/blog/x/"), ("//x", "//x"), ("https://x/", "https://x/")],
)
def test_place_becomes_an_address_and_back(below, place, address):  # noqa: F811
    assert based(place) == based(based(place)) == address
    assert unbased(address) == place
    with without_base():
        assert based(place) == place


def test_text_is_stored_without_and_shown_with_the_path(client, post, below):  # noqa: F811
    assert "/blog/media/" not in post.body_html
    assert f'srcset="/media/{PICTURE}' in post.body_html
    page = text(client, f"/{post.path}/")
    assert OUTSIDE.findall(page) == ["//other.example/", "/code"], "the second is a text"
    assert page.count('href="/blog/about/"') >= 2
    assert f'src="/blog/media/{PICTURE}"' in page
    assert f", /blog/media/{PICTURE} 2000w" in page


def test_thread_and_notes_are_stored_without_it(client, write, say, below):  # noqa: F811
    post = write(body="Room for a note. And more.")
    first = say(post, "Here.", passage="Room for a note.")
    say(post, "There.", parent=first)
    say(post, kind="webmention", source="https://a.example/", body="Links here.")
    ThreadPage.objects.refresh(post)
    ThreadPage.objects.follow_essay(post)
    post.refresh_from_db()
    stored = [post.annotated_html, *ThreadPage.objects.values_list("html", flat=True)]
    assert all(stored)
    assert not [html for html in stored if "/blog/" in html]
    page = text(client, f"/{post.path}/")
    assert OUTSIDE.findall(page) == []
    assert f'href="/blog/comments/{first.pk}/reply/' in page


def test_menus_are_stored_without_it(client, write, below):  # noqa: F811
    reading.keep({"masthead": [["/colophon/", "Colophon"]], "foot": [["/", "Home"]]})
    write("Colophon", kind=Post.Kind.PAGE, slug="colophon")
    page = text(client, "/colophon/")
    assert re.search(r'href="/blog/colophon/"\s+aria-current="page"', page)
    assert '<a href="/blog/">Home</a>' in page
    assert clean_address("/blog/colophon/") == "/colophon/"


def test_owners_stylesheet_gets_it_and_stays_allowed(client, write, below):  # noqa: F811
    reading.keep({"css": "a{background:url(/media/x.png)}b{background:url('/y')}"})
    answer = client.get("/")
    assert "url(/blog/media/x.png)" in answer.text
    assert "url('/blog/y')" in answer.text
    shown = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)[1]
    assert source_of(shown) in answer.headers["Content-Security-Policy"]


def test_picture_is_written_into_texts_without_it(db, below):  # noqa: F811
    image = Image(file=PICTURE, width=2000, height=1200, alt="Rain")
    assert image.markdown == f"![Rain](/media/{PICTURE})"
    assert image.get_absolute_url() == f"/blog/media/{PICTURE}"


# --- Feeds, sitemap and what else machines read ------------------------------------------------


@every("file", ["feed.xml", "atom.xml", "feed.json"])
def test_feeds_hold_whole_addresses_and_keep_ids(client, post, below, file):  # noqa: F811
    feed = text(client, f"/{file}")
    whole = f"{site.SITE_URL}/blog"
    assert f"{whole}/2026/03/on-margins/" in feed
    assert f"{whole}/media/{PICTURE}" in feed
    assert f"{whole}/about/" in feed
    assert not re.search(rf"{re.escape(site.SITE_URL)}/(?!blog/)", feed)
    assert post.feed_id in feed


def test_ids_of_feeds_follow_no_path(client, post, below):  # noqa: F811
    FeedIdentity.objects.filter(name="essays").update(feed_id="http://127.0.0.1:8000/")
    assert "<id>http://127.0.0.1:8000/</id>" in text(client, "/atom.xml")


def test_sitemap_robots_and_search_name_whole_addresses(client, post, below):  # noqa: F811
    places = re.findall("<loc>(.*?)</loc>", text(client, "/sitemap.xml"))
    assert f"{home()}/archive/" in places
    assert all(place.startswith(f"{home()}/") for place in places)
    robots = text(client, "/robots.txt")
    assert "Disallow: /blog/search/" in robots
    assert f"Sitemap: {home()}/sitemap.xml" in robots
    assert f"{home()}/search/?q=" in text(client, "/opensearch.xml")


def test_manifest_starts_below_the_path(client, below):  # noqa: F811
    sides = [f"{'0' * 32}-{side}x{side}.png" for side in (32, 180, 192, 512)]
    reading.keep({"icons": sides})
    manifest = json.loads(text(client, "/site.webmanifest"))
    assert manifest["start_url"] == "/blog/"
    assert {icon["src"] for icon in manifest["icons"]} == {f"/blog/media/{it}" for it in sides[2:]}
    assert f'href="/blog/media/{sides[0]}"' in text(client, "/")


# --- Addresses of former days ------------------------------------------------------------------


def test_old_addresses_lead_below_the_path(client, post, below):  # noqa: F811
    OldAddress.objects.create(post=post, path="2019/margins")
    OldAddress.objects.create(post=post, path="?p=12")
    Forward.objects.keep("category/tea", "/tags/tea/")
    for old, to in (
        ("/2019/margins/", post.get_absolute_url()),
        ("/?p=12", post.get_absolute_url()),
        ("/category/tea/", "/blog/tags/tea/"),
        ("/feed/rss2/", "/blog/feed.xml"),
    ):
        answer = client.get(old)
        assert (answer.status_code, answer["Location"]) == (301, to)


def test_blog_that_was_below_the_same_path_leads_on(client, post, below):  # noqa: F811
    OldAddress.objects.create(post=post, path="blog/2019/margins")
    assert client.get("/2019/margins/")["Location"] == post.get_absolute_url()


@pytest.fixture
def about(write):
    return write("About", kind=Post.Kind.PAGE, slug="about")


# --- Linkbacks ---------------------------------------------------------------------------------


def test_targets_below_the_path_are_ours(post, below):  # noqa: F811
    here = f"{site.SITE_URL}/blog/2026/03/on-margins/"
    assert target_at(here) == target_at(f"{here}?x#c1") == post
    assert target_at(here.replace("/blog", "/bl%6Fg")) == post


def test_essays_old_address_at_the_root_is_a_target(post, below):  # noqa: F811
    assert target_at(f"{site.SITE_URL}/2026/03/on-margins/") == post


@every("path", ["/", "/about/", "/blogger/2026/03/on-margins/", "/shop/", "/?p=12"])
def test_pages_of_the_site_around_are_not_ours(about, below, path):  # noqa: F811
    address = site.SITE_URL + path
    assert not is_ours(address)
    with pytest.raises(Fault):
        target_at(address)


def test_links_to_the_site_around_are_announced_to_it(below):  # noqa: F811
    html = '<a href="/shop/">a</a><a href="/blog/about/">b</a>'
    found = links_in(html, f"{home()}/2026/03/on-margins/")
    assert [urlsplit(it).path for it in found.elsewhere.values()] == ["/shop/"]
    assert [urlsplit(it).path for it in found.ours.values()] == ["/blog/about/"]


def test_endpoints_are_below_the_path(client, post, below):  # noqa: F811
    answer = client.get(f"/{post.path}/")
    assert answer.headers["X-Pingback"] == f"{home()}/pingback/"
    assert answer.headers["Link"] == f'<{home()}/webmention/>; rel="webmention"'


# --- Readers -----------------------------------------------------------------------------------


def test_comment_is_posted_and_its_cookie_kept_below(send, post, below):  # noqa: F811
    site_path, site.COOKIE_PATH = site.COOKIE_PATH, "/blog/"
    try:
        answer = send(on=Unbased(post), remember="on")
    finally:
        site.COOKIE_PATH = site_path
    assert answer.status_code == 303
    assert answer["Location"].startswith("/blog/2026/03/on-margins/")
    assert {cookie["path"] for cookie in answer.cookies.values()} == {"/blog/"}
    assert Comment.objects.get().post == post


class Unbased:
    """An essay as the client asks for it, which puts the path before addresses itself."""

    def __init__(self, post):
        self.pk, self.path = post.pk, post.path

    def get_absolute_url(self):
        return f"/{self.path}/"
