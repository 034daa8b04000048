"""What may be kept in memory: which requests it answers, which answers, and for how long."""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from blog.pages.store import Headers, Key
from blog.web.cache_control import FOR_ALL, OUR_COOKIES
from blog.web.forwarding import scheme_of

# Seconds after which a page is rendered again even if no change was seen, and those after which it
# is rendered ahead of that, behind the answer to a request, so that readers seldom wait. What
# lies between is as long as SQLite may be locked without a reader noticing.
MAX_AGE, RENEW_AGE = 60, 40
# Seconds an address without a page is remembered, and one whose making failed is left alone.
SHORT_AGE = 10
# Seconds for which a cache before this site, where it is purged on changes, may keep a page.
AT_EDGE = 300
# Pages all go at once, so one key names them all; Varnish and Fastly call it by the first name,
# Cloudflare by the second.
SURROGATE_KEY = [("Surrogate-Key", "postil"), ("Cache-Tag", "postil")]

# Kept where they are marked: a page, one that is not there or was taken back, one that moved.
KEPT_FOR_SHORT = {404, 410}
KEPT = {200, 301} | KEPT_FOR_SHORT
# WordPress's short addresses, the only queries that lead to a page of their own.
QUERY = re.compile(r"(?:p|page_id)=[0-9]{1,10}")
# Of a request's environment, what a page may depend on; all else is its reader's.
ADDRESS = (
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "REMOTE_ADDR",
    "PATH_INFO",
    "QUERY_STRING",
)
# Headers that are made here, or that belong to one answer alone.
OURS = {"content-length", "etag", "last-modified", "vary", "date", "x-request-id"}


def key_of(environ: WSGIEnvironment, host_of: Callable[[str], str | None]) -> Key | None:
    """Return the address a page is kept under; None where a request may want one of its own."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
        return None
    query = environ.get("QUERY_STRING", "")
    if query and not QUERY.fullmatch(query):
        return None
    host, cookie = environ.get("HTTP_HOST"), environ.get("HTTP_COOKIE")
    if not host or (cookie and OUR_COOKIES in cookie) or not (host := host_of(host)):
        return None
    if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
        return None  # a body where none belongs is for limits.py
    return scheme_of(environ), host, environ["PATH_INFO"], query


def is_kept(code: int, headers: Headers) -> bool:
    """Whether an answer may be kept: one marked as the same for all, that sets no cookie."""
    found = {name.lower(): value for name, value in headers}
    return code in KEPT and found.get("cache-control") == FOR_ALL and "set-cookie" not in found


@lru_cache(maxsize=256)
def host_as_kept(host: str) -> str | None:
    """Return the one spelling of a Host header, None for a host that ALLOWED_HOSTS does not name.

    Capitals, a port and a final dot make no other page: SITE_URL's own host has the port that it
    has there, and any other has none.
    """
    domain, _port = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return None
    site = urlsplit(str(settings.SITE_URL))
    return site.netloc.lower() if domain == site.hostname else domain


def for_the_edge(headers: Headers, seconds: float) -> Headers:
    """Return headers that let a cache before this site keep a page until it is purged."""
    kept = f"public, max-age=0, s-maxage={max(0, int(seconds))}, stale-while-revalidate=10"
    headers = [(name, kept if name == "Cache-Control" else value) for name, value in headers]
    return headers + SURROGATE_KEY
