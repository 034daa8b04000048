"""Writing WXR 1.2, which WordPress's own importer reads (its parser is parsers.php there).

WordPress gets HTML. Beside it, in fields that WordPress keeps and does not show, stands what it has
no place for, so that `import_wordpress` reads back the very same: the Markdown, with a sum of the
HTML it became, so that it does not count where the text was changed in WordPress; its language;
what feeds call it; old addresses; and who wrote a mention.
"""

import hashlib
import json
import re
from email.utils import format_datetime
from html import escape
from urllib.parse import quote
from xml.sax.saxutils import XMLGenerator

from django.conf import settings
from django.utils import timezone

from blog import __version__
from blog.lib.base_path import home
from blog.lib.languages import site_language
from blog.markup import absolute_links, one_line, plain_figures, storable, without_anchors
from blog.posts.models import Post
from blog.site.reading import site
from comments.models import Comment

MARKDOWN, SUM, OLD_ADDRESS = "_postil_markdown", "_postil_sum", "_postil_old_address"
LANGUAGE, FEED_ID = "_postil_language", "_postil_feed_id"
MENTIONED_BY, SOURCE = "_postil_mentioned_by", "webmention_source_url"
# The words of the essay that a comment stands beside: a TextQuoteSelector, in JSON.
BESIDE = "_postil_beside"
# Whose notes an essay takes; and what a mention does, when it was written, and its other words.
NOTES, MENTION = "_postil_notes", "_postil_mention"

NAMESPACES = {
    "xmlns:excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:wp": "http://wordpress.org/export/1.2/",
}
STATUSES = {
    "published": "publish",
    "scheduled": "future",
    "draft": "draft",
    "withdrawn": "private",
    "binned": "trash",
}
APPROVED = {"approved": "1", "pending": "0", "spam": "spam", "trash": "trash"}

_BREAK = re.compile(r"<br\s*/?>\s*")
_PARAGRAPHS = re.compile(r"</?p>")


def sum_of(html):
    """Return what tells whether a text is still what was exported."""
    return hashlib.sha256(html.strip().encode()).hexdigest()


def post_html(post):
    """An essay's text for WordPress: one block of HTML, so that it adds no breaks of its own."""
    here = address(post)
    html = absolute_links(without_anchors(plain_figures(post.body_html)), here)
    html = html.replace(f'href="{here}#', 'href="#')  # notes stay links within the text
    return f"<!-- wp:html -->\n{html}\n<!-- /wp:html -->"


def comment_html(comment):
    """A comment's text for WordPress, which makes paragraphs and breaks of line ends itself."""
    text = _BREAK.sub("\n", comment.body_html)
    parts = (part.strip() for part in _PARAGRAPHS.split(text))
    return "\n\n".join(part for part in parts if part)


def plain(text):
    """Plain text for a field that WordPress shows as HTML."""
    return escape(text, quote=False)


def address(post):
    return settings.SITE_URL + quote(post.get_absolute_url())


class WxrWriter:
    """Writes a file of all posts, in constant memory, in the order of `posts`."""

    def __init__(self, file):
        self.xml = XMLGenerator(file, "utf-8", short_empty_elements=True)

    def write(self, posts, users, numbers):
        """Write everything; `numbers` are those of the posts in WordPress, by their own here."""
        xml = self.xml
        xml.startDocument()
        xml.startElement("rss", {"version": "2.0", **NAMESPACES})
        xml.startElement("channel", {})
        self.put("title", site().title)
        self.put("link", home())
        self.put("description", site().tagline)
        self.put("language", site_language())
        self.put("generator", f"Postil {__version__}")
        self.put("wp:wxr_version", "1.2")
        self.put("wp:base_site_url", home())
        self.put("wp:base_blog_url", home())
        for user in users:
            self.author(user)
        for post in posts:
            self.post(post, numbers[post.pk])
        xml.endElement("channel")
        xml.endElement("rss")
        xml.endDocument()

    def put(self, name, text, **attributes):
        self.xml.startElement(name, attributes)
        self.xml.characters(storable(str(text)))
        self.xml.endElement(name)
        self.xml.ignorableWhitespace("\n")

    def meta(self, what, key, value):
        self.xml.startElement(f"wp:{what}meta", {})
        self.put("wp:meta_key", key)
        self.put("wp:meta_value", value)
        self.xml.endElement(f"wp:{what}meta")

    def times(self, name, at):
        """A time by the site's clock and, where it has come or is set, in GMT."""
        self.put(f"wp:{name}", f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}")
        self.put(f"wp:{name}_gmt", f"{at:%Y-%m-%d %H:%M:%S}")

    def author(self, user):
        self.xml.startElement("wp:author", {})
        self.put("wp:author_id", user.pk)
        self.put("wp:author_login", user.get_username())
        self.put("wp:author_email", user.email)
        self.put("wp:author_display_name", user.get_full_name() or user.get_username())
        self.put("wp:author_first_name", user.first_name)
        self.put("wp:author_last_name", user.last_name)
        self.xml.endElement("wp:author")

    def post(self, post, number):
        html, page = post_html(post), post.kind == Post.Kind.PAGE
        dated = post.published_at or post.created_at
        self.xml.startElement("item", {})
        self.put("title", plain(post.title))
        self.put("link", address(post))
        self.put("pubDate", format_datetime(dated))
        self.put("dc:creator", post.author.get_username())
        self.put("guid", f"{home()}/?p={number}", isPermaLink="false")
        self.put("description", "")
        self.put("content:encoded", html)
        self.put("excerpt:encoded", plain(post.standfirst))
        self.put("wp:post_id", number)
        self.times("post_date", dated)
        self.times("post_modified", post.updated_at)
        self.put("wp:comment_status", "open" if post.comments_open else "closed")
        self.put("wp:ping_status", "open" if post.comments_open else "closed")
        self.put("wp:post_name", quote(post.slug))
        self.put("wp:status", STATUSES[post.status])
        self.put("wp:post_parent", 0)
        self.put("wp:menu_order", 0)
        self.put("wp:post_type", "page" if page else "post")
        self.put("wp:post_password", "")
        self.put("wp:is_sticky", 0)
        for tag in post.tags.all():
            self.put("category", plain(tag.name), domain="post_tag", nicename=quote(tag.slug))
        self.meta("post", MARKDOWN, post.body)
        self.meta("post", SUM, sum_of(storable(html)))
        if post.lang:
            self.meta("post", LANGUAGE, post.lang)
        if post.notes != "on":
            self.meta("post", NOTES, post.notes)
        self.meta("post", FEED_ID, post.feed_id)
        for old in post.old_addresses.all():
            self.meta("post", OLD_ADDRESS, old.path)
        for comment in post.comments.order_by("pk").iterator(chunk_size=500):
            self.comment(comment)
        self.xml.endElement("item")
        self.xml.ignorableWhitespace("\n")

    def comment(self, comment):
        mention = comment.kind != Comment.Kind.COMMENT
        html = plain(one_line(comment.body)) if mention else comment_html(comment)
        self.xml.startElement("wp:comment", {})
        self.put("wp:comment_id", comment.pk)
        self.put("wp:comment_author", plain(comment.title if mention else comment.name))
        self.put("wp:comment_author_email", comment.email)
        self.put("wp:comment_author_url", comment.source if mention else comment.url)
        self.put("wp:comment_author_IP", "")
        self.times("comment_date", comment.created_at)
        self.put("wp:comment_content", html)
        self.put("wp:comment_approved", APPROVED[comment.status])
        self.put("wp:comment_type", comment.kind)
        self.put("wp:comment_parent", comment.parent_id or 0)
        self.put("wp:comment_user_id", comment.author_id or 0)
        if mention:
            self.meta("comment", SOURCE, comment.source)
            self.meta("comment", MENTIONED_BY, plain(comment.name))
            said = {"reaction": comment.reaction, "also": comment.also}
            said["published"] = comment.published_at and comment.published_at.isoformat()
            if any(said.values()):
                self.meta("comment", MENTION, json.dumps(said, ensure_ascii=False))
        else:
            self.meta("comment", MARKDOWN, comment.body)
            self.meta("comment", SUM, sum_of(storable(html)))
        if comment.feed_id:
            self.meta("comment", FEED_ID, comment.feed_id)
        if comment.passage:
            self.meta("comment", BESIDE, json.dumps(comment.selector.quoted(), ensure_ascii=False))
        self.xml.endElement("wp:comment")
