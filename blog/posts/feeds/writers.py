"""The three forms of a feed: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1, each written from a Page.

In Atom every text says whether it is plain or HTML. RSS cannot say it: there an item's description
is HTML and all else is plain, as most readers take it (rssboard.org/rss-profile).
"""

import json
import re
from email.utils import format_datetime
from html import escape
from io import StringIO

from django.utils.feedgenerator import rfc3339_date
from django.utils.xmlutils import SimplerXMLGenerator

from blog.lib.feed_ids import as_iri
from blog.markup import storable

ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "http://search.yahoo.com/mrss/"
NAMESPACES = {
    "xmlns:atom": ATOM,
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": MEDIA,
}
NUMBERED = {ord(sign): f"&#x{ord(sign):X};" for sign in "&<>"}
# What readers take for HTML even where it is said to be plain.
LIKE_HTML = re.compile(r"</[a-zA-Z]|&#?\w")


class Xml:
    """Writes elements; leaves out what XML cannot hold, which rows of earlier versions may have."""

    def __init__(self):
        self.out = StringIO()
        self.writer = SimplerXMLGenerator(self.out, "utf-8", short_empty_elements=True)
        self.writer.startDocument()

    def start(self, name, **attributes):
        self.start_with(name, attributes)

    def start_with(self, name, attributes):
        clean = {key: storable(str(value)) for key, value in attributes.items()}
        self.writer.startElement(name, clean)

    def end(self, name):
        self.writer.endElement(name)

    def put(self, name, text="", **attributes):
        self.start_with(name, attributes)
        self.writer.characters(storable(text))
        self.end(name)

    def put_plain(self, name, text):
        """Write plain text for RSS: where it looks like HTML in a spelling that says it is not.

        An XML parser reads the same in either (rssboard.org/rss-profile#data-types-characterdata).
        """
        self.start(name)
        if LIKE_HTML.search(text):
            self.writer.ignorableWhitespace(storable(text).translate(NUMBERED))
        else:
            self.writer.characters(storable(text))
        self.end(name)


def clean(value):
    """Return what JSON holds without what XML cannot hold, so that every form says the same."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [clean(part) for part in value]
    if isinstance(value, dict):
        return {name: clean(part) for name, part in value.items()}
    return value


def add_picture(xml, picture):
    """Name the picture of an entry (rssboard.org/media-rss).

    Not as an enclosure, which podcast players take for a part of the show.
    """
    if picture is None:
        return
    size = {"width": picture.width, "height": picture.height}
    xml.start("media:content", url=picture.url, type=picture.kind, **size, medium="image")
    if picture.alt:
        xml.put("media:description", picture.alt, type="plain")
    xml.end("media:content")


class Rss:
    """RSS with the whole text in `content:encoded` (web.resource.org/rss/1.0/modules/content)."""

    file = "feed.xml"
    label = "RSS"
    media_type = "application/rss+xml"

    def write(self, page):
        xml = Xml()
        xml.start_with("rss", {"version": "2.0", **NAMESPACES})
        xml.start("channel")
        xml.put_plain("title", page.title)
        xml.put("link", page.home)
        xml.put_plain("description", page.description)
        xml.put("atom:link", rel="self", href=page.url)
        for rel, href in page.links.items():
            xml.put("atom:link", rel=rel, href=href)
        xml.put("language", page.language)
        xml.put("lastBuildDate", format_datetime(page.updated))
        for entry in page.entries:
            self.write_entry(xml, entry)
        xml.end("channel")
        xml.end("rss")
        return xml.out.getvalue()

    def write_entry(self, xml, entry):
        xml.start("item")
        xml.put_plain("title", entry.title)
        xml.put("link", entry.url)
        xml.put("description", escape(entry.summary, quote=False))
        # RSS's own <author> wants an e-mail address, which is nobody's business.
        xml.put_plain("dc:creator", entry.byline)
        xml.put("pubDate", format_datetime(entry.published))
        xml.put("guid", entry.id, isPermaLink="false")
        for url, length, kind in entry.enclosures[:1]:  # one, as readers understand it
            xml.put("enclosure", url=url, length=length, type=kind)
        for tag in entry.tags:
            xml.put_plain("category", tag)
        if entry.language:
            xml.put("dc:language", entry.language)
        xml.put("content:encoded", entry.content)
        add_picture(xml, entry.picture)
        xml.end("item")


class Atom:
    file = "atom.xml"
    label = "Atom"
    media_type = "application/atom+xml"

    def write(self, page):
        xml = Xml()
        names = {"xmlns": ATOM, "xmlns:media": MEDIA, "xml:lang": page.language}
        xml.start_with("feed", names)
        self.put_text(xml, "title", page.title)
        if page.description:
            self.put_text(xml, "subtitle", page.description)
        xml.put("link", href=page.home, rel="alternate", type="text/html")
        xml.put("link", href=page.url, rel="self", type=self.media_type)
        for rel, href in page.links.items():
            xml.put("link", href=href, rel=rel)
        xml.put("id", as_iri(page.id))
        xml.put("updated", rfc3339_date(page.updated))
        for entry in page.entries:
            self.write_entry(xml, entry)
        xml.end("feed")
        return xml.out.getvalue()

    def write_entry(self, xml, entry):
        xml.start_with("entry", {"xml:lang": entry.language} if entry.language else {})
        self.put_text(xml, "title", entry.title)
        xml.put("link", href=entry.url, rel="alternate", type="text/html")
        xml.put("published", rfc3339_date(entry.published))
        xml.put("updated", rfc3339_date(entry.updated))
        xml.put("id", as_iri(entry.id))
        xml.start("author")
        xml.put("name", entry.byline)
        xml.end("author")
        if entry.summary:
            self.put_text(xml, "summary", entry.summary)
        for url, length, kind in entry.enclosures:
            xml.put("link", rel="enclosure", href=url, length=length, type=kind)
        for tag in entry.tags:
            xml.put("category", term=tag)
        xml.put("content", entry.content, type="html")
        add_picture(xml, entry.picture)
        xml.end("entry")

    def put_text(self, xml, name, text):
        """Write plain text: as HTML where readers would take it for that in any case."""
        if LIKE_HTML.search(text):
            xml.put(name, escape(text, quote=False), type="html")
        else:
            xml.put(name, text, type="text")


class Json:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

    file = "feed.json"
    label = "JSON Feed"
    media_type = "application/feed+json"

    def write(self, page):
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": page.title,
            "home_page_url": page.home,
            "feed_url": page.url,
            "description": page.description,
            "next_url": page.links.get("next"),
            "language": page.language,
            "hubs": [{"type": "WebSub", "url": page.links["hub"]}] if "hub" in page.links else [],
        }
        feed = {name: value for name, value in feed.items() if value}
        feed["items"] = [self.said_of(entry) for entry in page.entries]
        return json.dumps(clean(feed), ensure_ascii=False, indent=1)

    def said_of(self, entry):
        said = {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "summary": entry.summary,
            "content_html": entry.content,
            "date_published": rfc3339_date(entry.published),
            "date_modified": rfc3339_date(entry.updated),
            "authors": [{"name": entry.byline}],
            "tags": entry.tags,
            "language": entry.language,
            "image": entry.picture and entry.picture.url,
            "attachments": [
                {"url": url, "mime_type": kind, "size_in_bytes": length}
                for url, length, kind in entry.enclosures
            ],
        }
        always = ("content_html", "tags")
        return {name: value for name, value in said.items() if value or name in always}


FORMS = {"rss": Rss(), "atom": Atom(), "json": Json()}
