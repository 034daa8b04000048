"""RSS, Atom and JSON Feed: what feeds hold, and under which addresses and ids."""

import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from conftest import on
from django.utils import timezone
from feeds import ATOM, FEEDS, every_feed, read, site_url, titles
from lxml import etree, html

from blog.posts.models import Post, Tag

__all__ = ["site_url"]  # fixtures


pytestmark = pytest.mark.django_db


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


def test_feed_holds_the_newest_twenty(client, write):
    now = timezone.now()
    for number in range(21):
        write(f"Essay {number:02d}", published_at=now - timedelta(days=number))
    for url in FEEDS:
        assert titles(client.get(url)) == [f"Essay {number:02d}" for number in range(20)], url


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
    assert after[2] == before[2] == post.feed_id


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
    assert len(found) == 12
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
