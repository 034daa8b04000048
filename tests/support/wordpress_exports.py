"""WordPress exports made for a test, and their import."""

import re
from html import escape

import pytest
from django.contrib.auth import get_user_model

from blog.posts.models import OldAddress, Post, Tag
from blog.transfer.wordpress import import_wordpress
from comments.models import Comment, ThreadPage

User = get_user_model()

AUTHOR = {
    "author_id": "1",
    "author_login": "maria",
    "author_email": "maria@example.org",
    "author_display_name": "Maria van Dam",
}
POST = {
    "title": "Hello",
    "link": "http://old.example/2011/05/07/hello/",
    "pubDate": "Sat, 07 May 2011 10:00:00 +0000",
    "dc:creator": "maria",
    "guid": "http://old.example/?p=7",
    "content:encoded": "<p>Some words.</p>",
    "excerpt:encoded": "",
    "wp:post_id": "7",
    "wp:post_date": "2011-05-07 12:00:00",
    "wp:post_date_gmt": "2011-05-07 10:00:00",
    "wp:post_modified_gmt": "2012-01-02 03:04:05",
    "wp:comment_status": "open",
    "wp:post_name": "hello",
    "wp:status": "publish",
    "wp:post_type": "post",
    "wp:post_password": "",
}
COMMENT = {
    "comment_id": "31",
    "comment_author": "Ann",
    "comment_author_email": "ann@example.org",
    "comment_author_url": "https://ann.example/",
    "comment_author_IP": "192.0.2.7",
    "comment_date": "2011-05-08 12:00:00",
    "comment_date_gmt": "2011-05-08 10:00:00",
    "comment_content": "Well said.",
    "comment_approved": "1",
    "comment_type": "",
    "comment_parent": "0",
    "comment_user_id": "0",
}


def part_of(export, keep):
    """Return an export with those of its items alone for which `keep` says so."""
    return re.sub(
        "<item>.*?</item>", lambda item: item[0] if keep(item[0]) else "", export, flags=re.DOTALL
    )


def xml_of(fields, prefix=""):
    return "".join(
        f"<{prefix}{name}>{escape(text)}</{prefix}{name}>" for name, text in fields.items()
    )


def item_xml(*comments, categories="", **changes):
    """One item; `item_xml(post_type="page")` changes wp:post_type, and so on."""
    names = {name.rpartition(":")[2]: name for name in POST}
    names |= {"content": "content:encoded", "excerpt": "excerpt:encoded"}
    fields = POST | {names[name]: text for name, text in changes.items()}
    said = "".join(
        f"<wp:comment>{xml_of(COMMENT | comment, 'wp:')}</wp:comment>" for comment in comments
    )
    return f"<item>{xml_of(fields)}{categories}{said}</item>"


def export_xml(*items, site="http://old.example", version="1.2", authors=(AUTHOR,)):
    said = "".join(f"<wp:author>{xml_of(author, 'wp:')}</wp:author>" for author in authors)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:wp="http://wordpress.org/export/{version}/"><channel><title>Old</title>'
        f"<wp:wxr_version>{version}</wp:wxr_version><wp:base_site_url>{site}</wp:base_site_url>"
        f"<wp:base_blog_url>{site}</wp:base_blog_url>{said}{''.join(items)}</channel></rss>"
    )


@pytest.fixture
def bring(tmp_path):
    """Import items, or a whole file's text, and return the report as one text."""

    def bring(*items, limit=20, version="1.2", site="http://old.example", authors=(AUTHOR,), **how):
        path = tmp_path / "export.xml"
        path.write_text(
            export_xml(*items, site=site, version=version, authors=authors), encoding="utf-8"
        )
        report = import_wordpress(path, **how)
        return "\n".join(report.lines(limit))

    return bring


def numbered(*changes):
    return [{"comment_id": str(number), **change} for number, change in enumerate(changes, 31)]


def all_rows():
    models = (Post, Comment, ThreadPage, Tag, OldAddress, User)
    return [list(model.objects.order_by("pk").values()) for model in models]
