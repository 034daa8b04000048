"""RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 of the newest essays, whole text, site and tag."""

import json
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, rfc3339_date
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from blog.markup import absolute_links, storable

from .enclosures import with_enclosures
from .models import Post, Tag


def without_not_xml(value):
    """Return text, or texts in a list, without what XML cannot hold; anything else as it is.

    None of that gets past the door today, but rows of earlier versions may hold it.
    """
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [without_not_xml(part) for part in value]
    return value


class CleanWriter(SyndicationFeed):
    """A feed that every feed reader can read, whatever is stored."""

    def __init__(self, **given):
        super().__init__(**{name: without_not_xml(value) for name, value in given.items()})

    def add_item(self, **given):
        super().add_item(**{name: without_not_xml(value) for name, value in given.items()})


# Names the picture that an essay is shown with (rssboard.org/media-rss). Not as an enclosure, which
# podcast players take for a part of the show.
MEDIA = "http://search.yahoo.com/mrss/"


def add_picture(handler, item):
    if not (picture := item.get("picture")):
        return
    said = {name: picture[name] for name in ("url", "type", "width", "height")}
    handler.startElement("media:content", {**said, "medium": "image"})
    if picture["alt"]:
        handler.addQuickElement("media:description", picture["alt"], {"type": "plain"})
    handler.endElement("media:content")


class RssWriter(CleanWriter, Rss201rev2Feed):
    """RSS with the whole text in `content:encoded` (web.resource.org/rss/1.0/modules/content)."""

    content_type = "application/rss+xml; charset=utf-8"

    def root_attributes(self):
        return {
            **super().root_attributes(),
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            "xmlns:media": MEDIA,
        }

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["content"])
        # RSS's own <author> wants an e-mail address, which is nobody's business.
        handler.addQuickElement("dc:creator", item["byline"])
        if item.get("language"):
            handler.addQuickElement("dc:language", item["language"])
        add_picture(handler, item)


class AtomWriter(CleanWriter, Atom1Feed):
    content_type = "application/atom+xml; charset=utf-8"

    def root_attributes(self):
        return {**super().root_attributes(), "xmlns:media": MEDIA}

    def item_attributes(self, item):
        return {"xml:lang": item["language"]} if item.get("language") else {}

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.startElement("author", {})
        handler.addQuickElement("name", item["byline"])
        handler.endElement("author")
        handler.addQuickElement("content", item["content"], {"type": "html"})
        add_picture(handler, item)


class JsonWriter(CleanWriter):
    """JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile, encoding):
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "items": [self.said_of(item) for item in self.items],
        }
        outfile.write(json.dumps(feed, ensure_ascii=False, indent=1))

    def said_of(self, item):
        said = {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "summary": item["description"],
            "content_html": item["content"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
            "authors": [{"name": item["byline"]}],
            "tags": list(item["categories"]),
        }
        if item["language"]:
            said["language"] = item["language"]
        if files := item["enclosures"]:
            said["attachments"] = [
                {"url": file.url, "mime_type": file.mime_type, "size_in_bytes": int(file.length)}
                for file in files
            ]
        return said | ({"image": item["picture"]["url"]} if item["picture"] else {})


def picture_of(post):
    """Return what a feed says of the picture that an essay is shown with; None for none."""
    if not post.shared_name:
        return None
    width, height = post.shared_size
    return {
        "url": post.shared_address,
        "type": post.shared_type,
        "width": width,
        "height": height,
        "alt": storable(post.shared_alt),
    }


class SiteFeed(Feed):
    """What all feeds of the site share."""

    feed_type = RssWriter
    item_guid_is_permalink = False

    @property
    def language(self):
        """The site's language. A property, because Django writes a method here as it is."""
        return settings.LANGUAGE_CODE


class Rss(SiteFeed):
    """The newest essays. Every address in it is absolute and built from SITE_URL."""

    url_name = "rss"

    def title(self, tag):
        return f"{tag} · {settings.SITE_TITLE}" if tag else settings.SITE_TITLE

    def description(self, tag):
        return _("Essays about %(tag)s.") % {"tag": tag} if tag else settings.SITE_TAGLINE

    subtitle = description

    def link(self, tag):
        return settings.SITE_URL + (tag.get_absolute_url() if tag else "/")

    def feed_url(self, tag):
        return settings.SITE_URL + reverse(self.url_name, args=[tag.slug] if tag else [])

    def items(self, tag):
        essays = Post.objects.published().essays()
        if tag:
            essays = essays.filter(tags=tag)
        essays = essays.select_related("author").prefetch_related("tags").defer("body")
        return with_enclosures(essays[: settings.ENTRIES_PER_PAGE])

    def item_title(self, post):
        return post.title

    def item_link(self, post):
        return settings.SITE_URL + post.get_absolute_url()

    def item_guid(self, post):
        """Return a name that outlives a change of slug (RFC 4151)."""
        return f"tag:{urlsplit(settings.SITE_URL).hostname},{post.created_at:%Y-%m-%d}:{post.pk}"

    def item_description(self, post):
        return post.summary

    def item_pubdate(self, post):
        return post.published_at

    def item_updateddate(self, post):
        return max(post.updated_at, post.published_at)

    def item_categories(self, post):
        return [tag.name for tag in post.tags.all()]

    def item_enclosures(self, post):
        return post.enclosures

    def item_extra_kwargs(self, post):
        content = absolute_links(post.body_html, settings.SITE_URL + post.get_absolute_url())
        if language := post.other_language:
            content = format_html('<div lang="{}">\n{}\n</div>', language, mark_safe(content))  # noqa: S308 - our stored HTML
        return {
            "content": content,
            "byline": post.byline,
            "picture": picture_of(post),
            "language": language,
        }


class Atom(Rss):
    feed_type = AtomWriter
    url_name = "atom"


class Json(Rss):
    feed_type = JsonWriter
    url_name = "json"


class OfTag:
    """Narrows a feed to one tag, named in its address."""

    def get_object(self, request, slug):
        return get_object_or_404(Tag.objects.public(), slug=slug)


class TagRss(OfTag, Rss):
    url_name = "tag-rss"


class TagAtom(OfTag, Atom):
    url_name = "tag-atom"


class TagJson(OfTag, Json):
    url_name = "tag-json"
