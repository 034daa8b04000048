"""The feeds of the site, and how tests read them."""

import json
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from lxml import etree, html

from blog.posts.models import Post, Tag

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
FEEDS = ["/feed.xml", "/atom.xml", "/feed.json"]
every_feed = pytest.mark.parametrize("url", FEEDS)


@pytest.fixture(autouse=True)
def site_url(settings):
    """The site's own address, which is not the one the test client asks."""
    settings.SITE_URL = "https://blog.example.org"


def text_of(element):
    """Return the plain text of one of Atom's text constructs."""
    text = element.text or ""
    return unescape(text) if element.get("type") == "html" else text


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
            text_of(entry.find(f"{ATOM}title")),
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


FILES = ("feed.xml", "atom.xml", "feed.json")


def all_feeds(client):
    """Return every feed of the site as an answer by its address, further pages included.

    Those that /feeds/ lists, and those of each essay's and page's comments.
    """
    links = html.fromstring(client.get("/feeds/").content).xpath("//main//a/@href")
    waiting = [link for link in links if link.endswith(FILES)]
    for path in Post.objects.published().values_list("path", flat=True):
        waiting += [f"/{path}/comments/{file}" for file in FILES]
    for author in Post.objects.published().essays().values_list("author", flat=True).distinct():
        waiting += [f"/authors/{author}/{file}" for file in FILES]
    found = {}
    for address in waiting:  # grows by the pages that follow
        if address not in found:
            found[address] = client.get(address)
            waiting += [urlsplit(link).path for link in next_of(found[address])]
    return found


def next_of(response):
    """Return the address of the page that follows, in a list of one or none."""
    if "json" in response["Content-Type"]:
        return [link for link in [json.loads(response.content).get("next_url")] if link]
    links = etree.fromstring(response.content).iter(f"{ATOM}link")
    return [link.get("href") for link in links if link.get("rel") == "next"]


def ids_of(response):
    """Return the feed's own id, None where its form has none, and those of its entries."""
    if "json" in response["Content-Type"]:
        return None, [item["id"] for item in json.loads(response.content)["items"]]
    root = etree.fromstring(response.content)
    guids = [guid.text for guid in root.iter("guid")]
    return root.findtext(f"{ATOM}id"), guids or [
        entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")
    ]


def known_to_readers():
    """Return the ids of all feeds, and those of all entries in them."""
    answers = all_feeds(Client()).values()
    feeds, entries = zip(*map(ids_of, answers), strict=True)
    return {*feeds} - {None}, {name for names in entries for name in names}


def move(settings):
    """Change everything that an address or a date is made of."""
    settings.SITE_URL = "https://new.example.net"
    for post in Post.objects.published():
        post.slug = f"moved-{post.slug}"
        post.published_at -= timedelta(days=400)
        post.save()
    for tag in Tag.objects.all():
        tag.slug = f"moved-{tag.slug}"
        tag.save()
