"""What a page needs to stand by itself: its policy within, links that no program answers."""

import html
import re
from functools import lru_cache
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from django.conf import settings
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from blog.lib.base_path import based, is_below, unbased
from blog.lib.languages import site_language
from blog.media.names import NAME

from .places import LONGEST, short_address

_CHARSET = b'<meta charset="utf-8">\n'
_BASE = re.escape(settings.BASE_PATH).encode()
# Attributes are written with double quotes, by templates and by our Markdown.
_ATTRIBUTES = rb'(?:\s+[\w:-]+(?:="[^"]*")?)*?'
_LINK = re.compile(rb"(<(?:a|link|area)\b" + _ATTRIBUTES + rb'\s+href=")([^"]*)(")')
# Links to forms, which are made into texts when they are stored: their words say nothing else.
_ANSWER = re.compile(
    rb'<a href="' + _BASE + rb'/comments/[0-9]+/reply/[^"]*" rel="nofollow">[^<>]*</a>\s?'
)
# Links to where people sign in, which an author may have written.
_DESK = re.compile(
    rb"(<a\b"
    + _ATTRIBUTES
    + rb')\s+href="'
    + _BASE
    + rb"/"
    + settings.ADMIN_PATH.encode()
    + rb'/[^"]*"'
)
_MEDIA = re.compile(rf"/media/({NAME})".encode())
_STATIC = re.compile(rf'"/{re.escape(settings.STATIC_URL.strip("/"))}/([^"?#]+)"'.encode())
_IN_CSS = re.compile(rb"""url\(["']?(?![a-zA-Z]+:|[/#])([^"')?#]+)""")
# Of a policy, what browsers take from headers only (CSP 3, section 3.3).
_HEADERS_ONLY = {"frame-ancestors", "report-uri", "sandbox"}


def media_in(content):
    """Return the names of the uploaded files that a page or a feed shows."""
    return sorted({name.decode() for name in _MEDIA.findall(content)})


def static_in(content):
    return sorted({html.unescape(name.decode()) for name in _STATIC.findall(content)})


def static_in_css(name, content):
    """Return the names of the static files that one of them, a stylesheet, shows."""
    found = (found.decode() for found in _IN_CSS.findall(content))
    return sorted({normpath(join(dirname(name), each)) for each in found})


class Pages:
    """Makes the site's pages those of the copy. `ask` says where an address with a query leads."""

    def __init__(self, ask):
        self.ask = ask
        self.leads_to = lru_cache(maxsize=4096)(self._leads_to)

    def made(self, page, policy):
        page = _DESK.sub(rb"\1", _ANSWER.sub(b"", page))
        page = _LINK.sub(self._link, page)
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy_within(policy)}">\n'
        return page.replace(_CHARSET, _CHARSET + meta.encode(), 1)

    def _link(self, found):
        address = found[2]
        if b"?" not in address and len(address) <= LONGEST:
            return found[0]
        written = html.unescape(address.decode())
        path = written.removeprefix(settings.SITE_URL)
        before = written[: len(written) - len(path)]
        if not path.startswith(("/", "?")) or path.startswith("//"):
            return found[0]
        path = path if path[0] == "/" else based(f"/{path}")
        if not is_below(path):  # of the site around this one
            return found[0]
        path = self.leads_to(path)
        if not before:
            path = short_address(path)
        return found[1] + html.escape(before + path).encode() + found[3]

    def _leads_to(self, address):
        """Return the address a plain file server can answer in the place of one with a query."""
        asked, _mark, fragment = address.partition("#")
        path, _mark, query = unbased(asked).partition("?")
        if not query or not (path == "/" or re.fullmatch("/comments/[0-9]+/", path)):
            return address
        answer = self.ask(asked)
        if answer.status not in (301, 302) or not answer.leads_to.startswith("/"):
            return address
        return answer.leads_to + (f"#{fragment}" if fragment and "#" not in answer.leads_to else "")


def policy_within(policy):
    """Return a Content-Security-Policy as a page can hold it: it runs no script at all."""
    parts = [part.strip().split(" ", 1) for part in policy.split(";") if part.strip()]
    kept = [
        "script-src 'none'" if name == "script-src" else f"{name} {rest[0] if rest else ''}".strip()
        for name, *rest in parts
        if name not in _HEADERS_ONLY
    ]
    return "; ".join(kept)


def redirect_page(to):
    """Return a page that sends its readers on, without a script or a server's help."""
    language = site_language()
    with translation.override(language):
        is_rtl = translation.get_language_bidi()
        whole = settings.SITE_URL + to if to.startswith("/") else to
        page = format_html(
            '<!DOCTYPE html>\n<html lang="{}"{}>\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">\n'
            '<title>{}</title>\n<link rel="canonical" href="{}">\n{}'
            '<meta http-equiv="refresh" content="0; url={}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n</head>\n<body>\n'
            '<p>{} <a href="{}">{}</a></p>\n</body>\n</html>\n',
            *(language, mark_safe(' dir="rtl"') if is_rtl else "", _("This page has moved.")),
            *(whole, _feed_link(to), to, _("This page has moved."), to, unquote(to)),
        )
    return page.encode()


def _feed_link(to):
    """Return how a reader of feeds that is led to a page finds the feed it is about."""
    kinds = {"feed.xml": "rss+xml", "atom.xml": "atom+xml", "feed.json": "feed+json"}
    kind = kinds.get(to.rpartition("/")[2])
    if not kind:
        return ""
    return format_html('<link rel="alternate" type="application/{}" href="{}">\n', kind, to)
