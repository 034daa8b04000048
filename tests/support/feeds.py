"""The feeds of the site, and how tests read them."""

import json
from html import unescape

import pytest
from lxml import etree

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
