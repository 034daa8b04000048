"""RSS, Atom and JSON Feed, sitemap.xml and robots.txt: what machines read of the site."""

import gzip
import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import brotli
import pytest
from conftest import on
from django.utils import timezone
from lxml import etree, html

from blog.posts.models import Post, Tag

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FEEDS = ["/feed.xml", "/atom.xml", "/feed.json"]
every_feed = pytest.mark.parametrize("url", FEEDS)


@pytest.fixture(autouse=True)
def site_url(settings):
    """The site's own address, which is not the one the test client asks."""
    settings.SITE_URL = "https://blog.example.org"


def read(response):
    """Return (title, address, id, HTML, author, tags) of each item of any of the three feeds."""
    if "json" in response["Content-Type"]:
        return [
            (i["title"], i["url"], i["id"], i["content_html"], i["authors"][0]["name"], i["tags"])
            for i in json.loads(response.content)["items"]
        ]
    root = etree.fromstring(response.content)
    if root.tag == "rss":
        return [
            (
                item.findtext("title"),
                item.findtext("link"),
                item.findtext("guid"),
                item.findtext(CONTENT),
                item.findtext(CREATOR),
                [category.text for category in item.iter("category")],
            )
            for item in root.iter("item")
        ]
    return [
        (
            entry.findtext(f"{ATOM}title"),
            entry.find(f"{ATOM}link").get("href"),
            entry.findtext(f"{ATOM}id"),
            entry.findtext(f"{ATOM}content"),
            entry.findtext(f"{ATOM}author/{ATOM}name"),
            [category.get("term") for category in entry.iter(f"{ATOM}category")],
        )
        for entry in root.iter(f"{ATOM}entry")
    ]


def titles(response):
    return [item[0] for item in read(response)]


# --- What is in a feed ------------------------------------------------------------------------


@every_feed
def test_an_item_holds_the_whole_essay(client, write, url):
    post = write("On margins", body="Room.\n\n" + "word " * 3_000 + "\n\n*End.*")
    post.tags.add(Tag.objects.create(name="Reading & more", slug="reading"))
    (item,) = read(client.get(url))
    title, address, _guid, text, author, tags = item
    assert title == "On margins"
    assert address == f"https://blog.example.org{post.get_absolute_url()}"
    assert text == post.body_html
    assert author == "Ines Marlow"
    assert tags == ["Reading & more"]


@every_feed
def test_feed_holds_the_newest_twenty(client, write, url):
    now = timezone.now()
    for number in range(21):
        write(f"Essay {number:02d}", published_at=now - timedelta(days=number))
    assert titles(client.get(url)) == [f"Essay {number:02d}" for number in range(20)]


@every_feed
def test_feed_holds_only_published_essays(client, write, url):
    write("A draft", published_at=None)
    write("To come", published_at=timezone.now() + timedelta(days=1))
    write("A page", kind="page", slug="a-page")
    write("Taken back").withdraw()
    write("Shown")
    assert titles(client.get(url)) == ["Shown"]


@every_feed
def test_a_scheduled_essay_is_announced_at_its_time(client, write, url, monkeypatch):
    due = timezone.now() + timedelta(days=1)
    write("To come", published_at=due)
    assert titles(client.get(url)) == []
    monkeypatch.setattr(timezone, "now", lambda: due)
    assert titles(client.get(url)) == ["To come"]


@every_feed
def test_a_feed_without_essays_is_a_feed(client, db, url):
    response = client.get(url)
    assert response.status_code == 200
    assert read(response) == []


@every_feed
def test_tag_feed_holds_its_essays(client, write, url):
    tag = Tag.objects.create(name="Reading & more", slug="reading")
    tag.posts.set([write("Tagged"), write("A draft", published_at=None)])
    write("Not tagged")
    response = client.get(f"/tags/reading{url}")
    assert titles(response) == ["Tagged"]
    # Once in JSON, escaped in XML.
    assert "Reading & more · Postil" in response.text.replace("&amp;", "&")
    assert f"https://blog.example.org/tags/reading{url}" in response.text


BODY = """
[up](/archive/) [down](#end) [out](https://example.org/?a=1&b=2) [host](//example.org/x)
[mail](mailto:ines@example.org) ![A gull](/media/gull.png)

Noted.[^1]

## End

[^1]: In the margin.
"""


@every_feed
def test_every_address_in_it_is_absolute(client, write, url):
    post = write(body=BODY, published_at=on(2026, 3, 9))
    ((*_, text, _author, _tags),) = read(client.get(url))
    found = html.fromstring(text).xpath("//@href | //@src")
    here = f"https://blog.example.org{post.get_absolute_url()}"
    assert "https://blog.example.org/archive/" in found
    assert f"{here}#end" in found
    assert "https://blog.example.org/media/gull.png" in found
    assert "https://example.org/?a=1&b=2" in found
    for address in found:
        assert address.startswith(("https://", "mailto:")), address


@every_feed
def test_page_relative_address_is_made_absolute(client, write, url):
    write(body="[a](colophon/) [b](../two/) [c](?p=12)", published_at=on(2026, 3, 9))
    ((*_, text, _author, _tags),) = read(client.get(url))
    assert html.fromstring(text).xpath("//@href") == [
        "https://blog.example.org/2026/03/on-margins/colophon/",
        "https://blog.example.org/2026/03/two/",
        "https://blog.example.org/2026/03/on-margins/?p=12",
    ]


@every_feed
def test_feed_addresses_ignore_the_host_header(client, write, url, settings):
    settings.ALLOWED_HOSTS = ["evil.example", "testserver"]
    write()
    asked = client.get(url, headers={"host": "evil.example"})
    assert "evil.example" not in asked.text
    assert "testserver" not in client.get(url).text
    assert f"https://blog.example.org{url}" in asked.text


@every_feed
def test_nobodys_mail_address_is_in_it(client, write, author, url):
    author.email = "ines@home.example"
    author.save()
    write()
    assert "home.example" not in client.get(url).text
    author.first_name = author.last_name = ""
    author.save()
    assert "home.example" not in client.get(url).text


@every_feed
def test_titles_and_names_come_through_as_written(client, write, author, url):
    author.last_name = 'O’Neil & "Sons"'
    author.save()
    title = "AT&T <b>&amp; 🙂 ]]> “x” été"
    write(title, slug="x", standfirst="a < b & c", body="`</item>` ]]> 🙂")
    ((found, _address, _guid, text, byline, _tags),) = read(client.get(url))
    assert found == title
    assert byline == 'Ines O’Neil & "Sons"'
    assert "<code>&lt;/item&gt;</code> ]]&gt; 🙂" in text


@every_feed
@pytest.mark.parametrize(
    "unwanted", ["\x01", "\x07", "\x0c", "\x1f", "\ufffe", "\uffff"], ids=ascii
)
def test_a_character_xml_cannot_hold_breaks_no_feed(client, write, author, url, unwanted):
    post = write("On margins", body="Room.")
    tag = Tag.objects.create(name=f"Read{unwanted}ing", slug="reading")
    tag.posts.add(post)
    # As an import or an older version may have left it.
    changes = {"title": f"On{unwanted} margins", "standfirst": f"Why{unwanted}.",
               "body_html": f"<p>Ro{unwanted}om.</p>"}  # fmt: skip
    Post.objects.filter(pk=post.pk).update(**changes)
    type(author).objects.update(last_name=f"Mar{unwanted}low")
    for address in (url, f"/tags/reading{url}"):
        ((title, _address, _guid, text, byline, tags),) = read(client.get(address))
        assert (title, text, byline, tags) == (
            "On margins", "<p>Room.</p>", "Ines Marlow", ["Reading"]
        )  # fmt: skip


@every_feed
def test_item_keeps_its_id_when_its_address_changes(client, write, url):
    post = write("One", published_at=on(2026, 3, 9))
    before = read(client.get(url))[0]
    post.slug, post.published_at = "two", on(2025, 1, 5)
    post.save()
    after = read(client.get(url))[0]
    assert after[1] == "https://blog.example.org/2025/01/two/" != before[1]
    assert after[2] == before[2] == f"tag:blog.example.org,{post.created_at:%Y-%m-%d}:{post.pk}"


def test_rss_says_that_its_names_are_no_addresses(client, write):
    write()
    root = etree.fromstring(client.get("/feed.xml").content)
    assert [guid.get("isPermaLink") for guid in root.iter("guid")] == ["false"]


def test_times_are_right_in_each_format(client, write):
    post = write(published_at=on(2026, 3, 9))
    Post.objects.filter(pk=post.pk).update(updated_at=on(2026, 5, 1))
    item = json.loads(client.get("/feed.json").content)["items"][0]
    entry = etree.fromstring(client.get("/atom.xml").content).find(f"{ATOM}entry")
    rss = etree.fromstring(client.get("/feed.xml").content).find("channel/item")
    changed = [item["date_modified"], entry.findtext(f"{ATOM}updated")]
    published = [item["date_published"], entry.findtext(f"{ATOM}published")]
    assert [datetime.fromisoformat(text) for text in changed] == [on(2026, 5, 1)] * 2
    assert [datetime.fromisoformat(text) for text in published] == [on(2026, 3, 9)] * 2
    assert parsedate_to_datetime(rss.findtext("pubDate")) == on(2026, 3, 9)


def test_each_format_says_what_its_specification_asks(client, write):
    write("On margins", standfirst="Why.")
    channel = etree.fromstring(client.get("/feed.xml").content).find("channel")
    assert [channel.findtext(name) for name in ("title", "link", "description", "language")] == [
        "Postil", "https://blog.example.org/", "Essays, with notes in the margin.", "en",
    ]  # fmt: skip
    assert channel.find(f"{ATOM}link").attrib == {
        "rel": "self", "href": "https://blog.example.org/feed.xml"
    }  # fmt: skip
    feed = etree.fromstring(client.get("/atom.xml").content)
    for name in ("title", "id", "updated"):
        assert feed.findtext(f"{ATOM}{name}")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == "https://blog.example.org/atom.xml"
    assert feed.find(f"{ATOM}entry/{ATOM}content").get("type") == "html"
    assert feed.findtext(f"{ATOM}entry/{ATOM}summary") == "Why."
    data = json.loads(client.get("/feed.json").content)
    assert data["version"] == "https://jsonfeed.org/version/1.1"
    assert data["home_page_url"] == "https://blog.example.org/"
    assert data["feed_url"] == "https://blog.example.org/feed.json"
    assert data["items"][0]["summary"] == "Why."


# --- Every feed of the site -------------------------------------------------------------------


@pytest.fixture
def feeds(client, write, say):
    """Every feed there is, as bytes by address: of the site, of tags and of comments."""
    post, tag = write(), Tag.objects.create(name="Reading", slug="reading")
    post.tags.add(tag)
    say(post)
    below = ["", tag.get_absolute_url()[1:], "comments/", f"{post.get_absolute_url()[1:]}comments/"]
    found = {}
    for place in below:
        for form in ("feed.xml", "atom.xml", "feed.json"):
            answer = client.get(f"/{place}{form}")
            if answer.status_code == 200:
                found[f"/{place}{form}"] = answer.content
    assert len(found) == 10  # comments have no JSON
    return found


def language_of(url, content):
    if url.endswith(".json"):
        return json.loads(content)["language"]
    root = etree.fromstring(content)
    if root.tag == f"{ATOM}feed":
        return root.get("{http://www.w3.org/XML/1998/namespace}lang")
    return root.findtext("channel/language")


@pytest.mark.parametrize("code", ["en", "de", "pt-br", "zh-hans"])
def test_every_feed_names_the_sites_language(settings, request, code):
    settings.LANGUAGE_CODE = code
    feeds = request.getfixturevalue("feeds")
    assert {language_of(*feed) for feed in feeds.items()} == {code}


def atom_ids(feeds):
    atoms = [url for url in feeds if url.endswith("atom.xml")]
    return {url: etree.fromstring(feeds[url]).findtext(f"{ATOM}id") for url in atoms}


def test_each_atom_feed_has_its_own_id(feeds):
    ids = atom_ids(feeds)
    assert len(set(ids.values())) == len(ids) == 4
    assert ids["/atom.xml"] == "https://blog.example.org/"
    assert ids["/tags/reading/atom.xml"] == "https://blog.example.org/tags/reading/"


def test_an_essays_comment_feed_keeps_its_id(client, write, say):
    post = write()
    say(post)
    ids = []
    for slug in ("before", "after"):
        post.slug = slug
        post.save()
        atom = client.get(f"{post.get_absolute_url()}comments/atom.xml").content
        ids.append(etree.fromstring(atom).findtext(f"{ATOM}id"))
    assert ids[0] == ids[1]


def test_every_feed_names_its_own_address(feeds):
    for url, content in feeds.items():
        if url.endswith(".json"):
            own = json.loads(content)["feed_url"]
        else:
            links = etree.fromstring(content).iter(f"{ATOM}link")
            (own,) = [link.get("href") for link in links if link.get("rel") == "self"]
        assert own == f"https://blog.example.org{url}"


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
def test_feed_costs_two_queries(client, write, url, django_assert_num_queries):
    tags = [Tag.objects.create(name=f"Tag {number}", slug=f"{number}") for number in range(5)]
    for number in range(25):
        write(f"Essay {number}").tags.set(tags)
    with django_assert_num_queries(2):
        # 1. the essays and their authors; 2. their tags
        client.get(url)
    with django_assert_num_queries(3):
        # 1. the tag; 2. the essays and their authors; 3. their tags
        client.get(f"/tags/3{url}")


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


def test_the_sitemap_costs_four_queries(client, write, django_assert_num_queries):
    tag = Tag.objects.create(name="Reading", slug="reading")
    for number in range(25):
        write(f"Essay {number}").tags.add(tag)
    with django_assert_num_queries(4):
        # 1. how many posts there are; 2. the posts; 3. how many tags; 4. the tags
        client.get("/sitemap.xml")


def test_robots_txt_names_sitemap_and_disallows_search(client, db):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.text.splitlines()
    assert "Sitemap: https://blog.example.org/sitemap.xml" in lines
    assert "Disallow: /search/" in lines
