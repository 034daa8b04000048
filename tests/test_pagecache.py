"""Which pages are kept in memory, for which hosts, and in which form they are answered."""

import os
import struct
from datetime import timedelta

import pytest
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.utils import timezone
from page_cache import application, ask, cache, clock, fresh

from blog.lib.env import parse_networks
from blog.pages.cache import PageCache
from blog.pages.policy import SHORT_AGE, host_as_kept
from blog.posts.reading import turns
from blog.web.cache_control import FOR_ALL
from blog.web.codings import CODINGS

__all__ = ["application", "cache", "clock", "fresh"]  # fixtures


# --- What is kept -----------------------------------------------------------------------------


def test_page_is_rendered_once_then_served_from_memory(cache, application):
    first, again = ask(cache), ask(cache)
    assert first.body == again.body == application.body
    assert first.headers == again.headers
    assert len(application.asked) == 1


@pytest.mark.parametrize(
    "differs",
    [{"path": "/elsewhere/"}, {"query": "p=7"}, {"host": "other.example.org"}],
)
def test_each_address_has_a_page_of_its_own(cache, application, differs):
    ask(cache)
    application.body = b"Another page."
    assert ask(cache, **differs).body == b"Another page."
    assert ask(cache).body != b"Another page."


@pytest.mark.parametrize(
    "wants",
    [
        {"method": "POST"},
        {"query": "utm_source=x"},
        {"query": "p=7&x=1"},
        {"query": "p=abc"},
        {"cookie": "postil_session=abc"},
        {"cookie": "theme=dark; postil_mine=abc"},
        {"cookie": "postil_me=abc"},
        {"authorization": "Basic abc"},
    ],
)
def test_possibly_personal_request_bypasses_the_cache(cache, application, wants):
    ask(cache)
    ask(cache, **wants, user_agent="Lynx")
    assert application.asked[-1]["HTTP_USER_AGENT"] == "Lynx"
    ask(cache)
    assert len(application.asked) == 2


def test_cookies_of_others_make_no_difference(cache, application):
    ask(cache)
    ask(cache, cookie="_ga=GA1.2.3; theme=dark")
    assert len(application.asked) == 1


def test_a_page_is_made_from_its_address_alone(cache, application):
    """So no header can put anything into what others read."""
    ask(
        cache,
        cookie="theme=dark",
        x_forwarded_host="evil.example",
        x_forwarded_proto="https",
        user_agent="x",
        accept_language="de",
        referer="https://evil.example/",
        range="bytes=0-1",
        if_none_match="*",
        accept_encoding="br",
    )
    names = {name for name in application.asked[0] if name.startswith("HTTP_")}
    assert names == {"HTTP_HOST"}
    assert application.asked[0]["wsgi.url_scheme"] == "http"


def test_trusted_proxy_may_say_https(cache, application, settings):
    settings.TRUSTED_PROXIES = parse_networks("198.51.100.7")
    ask(cache)
    ask(cache, x_forwarded_proto="https")
    assert [each["wsgi.url_scheme"] for each in application.asked] == ["http", "https"]


@pytest.mark.parametrize(
    "header",
    [("Set-Cookie", "a=b"), ("Cache-Control", "private, no-store")],
)
def test_personal_answer_is_not_kept(cache, application, header):
    application.headers = [*application.headers[:1], header]
    ask(cache)
    asked = len(application.asked)
    ask(cache, accept_language="de")
    assert len(application.asked) == asked + 1
    assert application.asked[-1]["HTTP_ACCEPT_LANGUAGE"] == "de"


def test_an_answer_nobody_marked_is_not_kept(cache, application):
    application.headers = application.headers[:1]
    ask(cache)
    application.body = b"Another."
    assert ask(cache).body == b"Another."


@pytest.mark.parametrize("status", ["301 Moved Permanently", "404 Not Found", "410 Gone"])
def test_moves_and_absences_are_kept_too(cache, application, status):
    application.status = status
    assert ask(cache).status == ask(cache).status == int(status[:3])
    assert len(application.asked) == 1


def test_absences_are_kept_for_a_short_time(cache, application, clock):
    application.status = "404 Not Found"
    ask(cache)
    clock.now += SHORT_AGE
    ask(cache)
    assert len(application.asked) == 2


@pytest.mark.parametrize("status", ["302 Found", "400 Bad Request", "403 Forbidden"])
def test_other_answers_are_not_kept(cache, application, status):
    application.status = status
    ask(cache)
    application.body = b"Another."
    assert ask(cache).body == b"Another."


def test_excluded_paths_bypass_the_cache(application, fresh):
    cache = PageCache(
        application, fresh=fresh, turns=lambda: (None, None), room=2**20, passed=("/static/",)
    )
    ask(cache, "/static/site.css", user_agent="Lynx")
    assert application.asked[0]["HTTP_USER_AGENT"] == "Lynx"


# --- Under which host --------------------------------------------------------------------------


@pytest.fixture
def of_hosts(application, fresh, clock, settings):
    """A cache of https://blog.example.org that knows its hosts."""
    settings.SITE_URL = "https://blog.example.org"
    settings.ALLOWED_HOSTS = ["blog.example.org", ".example.net", "[::1]"]
    host_as_kept.cache_clear()
    yield PageCache(
        application, fresh=fresh, turns=lambda: (None, None), room=2**20, host_of=host_as_kept
    )
    host_as_kept.cache_clear()


@pytest.mark.parametrize(
    "spelling",
    "Blog.Example.Org blog.example.org:443 blog.example.org:1 blog.example.org."
    " BLOG.EXAMPLE.ORG.:8000".split(),
)
def test_spellings_of_a_host_share_one_page(of_hosts, application, spelling):
    assert ask(of_hosts, host=spelling).body == ask(of_hosts).body
    assert [each["HTTP_HOST"] for each in application.asked] == ["blog.example.org"]
    assert len(of_hosts.kept) == 1


@pytest.mark.parametrize(
    "host",
    "evil.example blog.example.org.evil.example blog.example.org,evil.example [::2] a@b :".split(),
)
def test_unknown_host_is_not_kept(of_hosts, application, host):
    application.status, application.headers = "400 Bad Request", []
    ask(of_hosts, host=host)
    assert application.asked[-1]["HTTP_HOST"] == host
    assert len(of_hosts.kept) == len(of_hosts.misses.pages) == 0


def test_each_allowed_host_has_its_own_pages(of_hosts, application):
    for host in ("blog.example.org", "www.example.net", "WWW.example.net:80", "[::1]:8000"):
        ask(of_hosts, host=host)
    hosts = [each["HTTP_HOST"] for each in application.asked]
    assert hosts == ["blog.example.org", "www.example.net", "[::1]"]


def test_the_port_of_the_site_stays(of_hosts, application, settings):
    settings.SITE_URL = "http://blog.example.org:8000"
    host_as_kept.cache_clear()
    ask(of_hosts, host="blog.example.org:99")
    assert application.asked[0]["HTTP_HOST"] == "blog.example.org:8000"


@pytest.mark.parametrize("query", ["x={}", "utm_source={}", "fbclid={}", "page={}", "p={}"])
def test_queries_fill_no_memory(of_hosts, application, query):
    application.status = "404 Not Found"
    for number in range(500):
        ask(of_hosts, query=query.format(number))
    assert len(of_hosts.kept) == 0
    assert of_hosts.misses.taken <= 2**16


# --- In which form ----------------------------------------------------------------------------


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_each_coding_is_made_once_with_its_own_etag(cache, application, coding, monkeypatch):
    made = []
    pack = CODINGS[coding]
    monkeypatch.setitem(CODINGS, coding, lambda body: made.append(1) or pack(body))
    first, again = ask(cache, accept_encoding=coding), ask(cache, accept_encoding=coding)
    assert first.headers["Content-Encoding"] == coding
    assert first.body == again.body != application.body
    assert int(first.headers["Content-Length"]) == len(first.body)
    assert first.headers["ETag"] != ask(cache).headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")
    assert len(made) == 1


def test_head_is_get_without_the_body(cache):
    get, head = ask(cache), ask(cache, method="HEAD")
    assert head.headers == get.headers
    assert head.body == b""


def test_page_rendered_for_head_serves_get(cache):
    ask(cache, method="HEAD")
    assert ask(cache).body


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_unchanged_page_is_answered_304(cache, form):
    tag = ask(cache, accept_encoding="br").headers["ETag"]
    again = ask(cache, accept_encoding="br", if_none_match=form.format(tag))
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Vary"] == "Accept-Encoding, Cookie"
    assert again.headers["Cache-Control"] == FOR_ALL


def test_etag_of_another_coding_does_not_match(cache):
    tag = ask(cache, accept_encoding="br").headers["ETag"]
    assert ask(cache, if_none_match=tag).status == 200


def test_if_modified_since_works_without_etag(cache, fresh):
    os.pwrite(fresh.file, struct.pack("=Q", fresh.changed_at - 5), 8)
    modified = ask(cache).headers["Last-Modified"]
    assert ask(cache, if_modified_since=modified).status == 304
    assert ask(cache, if_modified_since=modified, if_none_match='"x"').status == 200
    assert ask(cache, if_modified_since="Thu, 01 Jan 2026 00:00:00 GMT").status == 200
    assert ask(cache, if_modified_since="yesterday").status == 200


def test_no_last_modified_within_a_second_of_a_change(cache, fresh, monkeypatch):
    """Another change might follow in it, and the date could not tell the two apart."""
    monkeypatch.setattr("blog.pages.cache.time", lambda: fresh.changed_at + 0.9)
    assert "Last-Modified" not in ask(cache).headers


# --- With a cache before the site -------------------------------------------------------------


def test_purged_cache_may_keep_pages(application, fresh, clock):
    due = timezone.now() + timedelta(seconds=100)
    cache = PageCache(application, fresh=fresh, turns=lambda: (None, due), room=2**20, at_edge=True)
    headers = ask(cache).headers
    assert headers["Cache-Control"].startswith("public, max-age=0, s-maxage=99")
    assert "stale-while-revalidate=10" in headers["Cache-Control"]
    assert headers["Surrogate-Key"] == headers["Cache-Tag"] == "postil"


# --- With Django ------------------------------------------------------------------------------


@pytest.fixture
def django(db):
    """Django itself, which leaves the connection of the test's transaction open."""
    started = [signals.request_started, signals.request_finished]
    for signal in started:
        signal.disconnect(close_old_connections)
    yield WSGIHandler()
    for signal in started:
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    "/ /archive/ /tags/ /feed.xml /atom.xml /feed.json /comments/feed.xml /sitemap.xml"
    " /robots.txt /about/ /nowhere/ /page/1/".split(),
)
def test_readers_pages_are_kept(django, fresh, write, path, django_assert_num_queries):
    write()
    cache = PageCache(django, fresh=fresh, turns=lambda: (None, None), room=2**20)
    first = ask(cache, path, host="localhost")
    with django_assert_num_queries(0):
        again = ask(cache, path, host="localhost")
    assert first.status in (200, 301, 404)
    assert (again.status, again.body) == (first.status, first.body)
    assert "Set-Cookie" not in first.headers


@pytest.mark.django_db
def test_a_missed_essay_costs_six_queries(django, fresh, write, say, django_assert_num_queries):
    post = write()
    say(post)
    cache = PageCache(django, fresh=fresh, turns=lambda: turns(timezone.now()), room=2**20)
    # What the clock last brought, and next brings; the post, those beside it, its thread, its tags.
    with django_assert_num_queries(6):
        assert ask(cache, post.get_absolute_url(), host="localhost").status == 200
