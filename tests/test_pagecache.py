"""Pages kept before Django: what is kept, for whom, in which codings, and for how long."""

import io
import os
import struct
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from blog.env import parse_networks
from blog.pages.cache import PageCache
from blog.pages.generation import Freshness
from blog.pages.policy import MAX_AGE, RENEW_AGE, SHORT_AGE, host_as_kept
from blog.posts.reading import turns
from blog.web.cache_control import FOR_ALL
from blog.web.codings import CODINGS
from blog.web.limits import BUSY

PATH = "/somewhere/"


class Application:
    """Stands where Django stands; counts what it is asked, and answers what it is started to."""

    def __init__(self):
        self.asked = []
        self.status, self.body = "200 OK", b"A page. " * 100
        self.headers = [("Content-Type", "text/html"), ("Cache-Control", FOR_ALL)]
        self.meanwhile = lambda: None

    def __call__(self, environ, start_response):
        self.asked.append(environ)
        self.meanwhile()
        start_response(self.status, self.headers)
        return [self.body]


@pytest.fixture
def clock(monkeypatch):
    """The monotonic clock, to be turned by hand."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("blog.pages.cache.monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def fresh(tmp_path):
    fresh = Freshness(tmp_path / "pages")
    fresh.change()
    return fresh


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def cache(application, fresh, clock):
    return PageCache(application, fresh=fresh, turns=lambda: (None, None), room=2**20)


def ask(cache, path=PATH, method="GET", query="", busy=False, **headers):
    """Return status, headers and body of the answer to a request."""
    started = []
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "198.51.100.7",
        "HTTP_HOST": "blog.example.org",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    }
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    if busy:
        environ[BUSY] = True
    body = b"".join(cache(environ, lambda *given: started.extend(given)))
    return SimpleNamespace(status=int(started[0][:3]), headers=dict(started[1]), body=body)


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


# --- How long ---------------------------------------------------------------------------------


def test_after_a_change_no_old_page_is_answered(cache, application, fresh):
    ask(cache)
    application.body = b"New."
    fresh.change()
    assert ask(cache).body == b"New."


def test_page_rendered_during_a_change_is_not_kept(cache, application, fresh):
    application.meanwhile = fresh.change
    ask(cache)
    application.meanwhile = lambda: None
    application.body = b"New."
    assert ask(cache).body == b"New."


def test_no_page_exceeds_its_maximum_age(cache, application, clock):
    ask(cache)
    application.body = b"New."
    clock.now += MAX_AGE - 1
    assert ask(cache).body != b"New."
    clock.now += 1
    assert ask(cache).body == b"New."


@pytest.fixture
def later(cache):
    """What the cache wants done behind an answer."""
    work = []
    cache.renew_by(work.append)
    return work


def test_page_is_renewed_in_the_background_before_it_expires(cache, application, clock, later):
    old = ask(cache).body
    application.body = b"New."
    clock.now += RENEW_AGE - 1
    assert (ask(cache).body, later) == (old, [])
    clock.now += 1
    assert [ask(cache).body for _ in range(3)] == [old] * 3
    (renew,) = later
    renew()
    assert ask(cache).body == b"New."
    assert len(application.asked) == 2


def test_missing_renewal_does_not_extend_the_maximum_age(cache, application, clock, later):
    ask(cache)
    clock.now += RENEW_AGE
    ask(cache)
    application.body = b"New."
    clock.now += MAX_AGE - RENEW_AGE
    assert ask(cache).body == b"New."


def test_failed_renewal_keeps_the_page(cache, application, clock, later):
    old = ask(cache).body
    clock.now += RENEW_AGE
    ask(cache)
    application.status, application.headers = "503 Service Unavailable", []
    later.pop()()
    clock.now += MAX_AGE - RENEW_AGE - 1
    assert ask(cache).body == old
    assert len(application.asked) == 2


def test_busy_request_goes_to_django(cache, application):
    ask(cache)
    assert ask(cache, busy=True).body == application.body
    assert application.asked[-1][BUSY]


def test_absences_are_answered_from_memory_at_once(cache, application):
    application.status = "404 Not Found"
    ask(cache)
    environ = {**application.asked[0], "wsgi.url_scheme": "http", "HTTP_HOST": "blog.example.org"}
    assert cache.look(environ)[0] == "404 Not Found"


def test_page_expires_when_an_essay_is_due(application, fresh, clock):
    due = timezone.now() + timedelta(seconds=20)
    cache = PageCache(application, fresh=fresh, turns=lambda: (None, due), room=2**20)
    ask(cache)
    application.body = b"New."
    clock.now += 19
    assert ask(cache).body != b"New."
    clock.now += 1.1
    assert ask(cache).body == b"New."


def test_next_due_time_is_read_once_per_change(application, fresh, clock):
    asked = []
    cache = PageCache(
        application, fresh=fresh, turns=lambda: asked.append(1) or (None, None), room=2**20
    )
    for number in range(5):
        ask(cache, f"/{number}/")
    assert len(asked) == 1
    fresh.change()
    ask(cache)
    assert len(asked) == 2


def test_failing_page_is_answered_from_its_last_copy(cache, application, clock):
    whole = ask(cache).body
    clock.now += MAX_AGE
    application.status, application.headers = "500 Internal Server Error", []
    assert ask(cache).body == whole
    asked = len(application.asked)
    assert ask(cache).body == whole
    assert len(application.asked) == asked  # left alone for a while
    clock.now += SHORT_AGE
    application.status, application.body = "200 OK", b"New."
    application.headers = [("Cache-Control", FOR_ALL)]
    assert ask(cache).body == b"New."


def test_changed_page_is_never_served_again(cache, application, fresh):
    ask(cache)
    fresh.change()
    application.status, application.body = "500 Internal Server Error", b"Broken."
    assert (ask(cache).status, ask(cache).body) == (500, b"Broken.")


def test_missing_database_is_reported_by_django(application, fresh, clock):
    def away():
        raise OperationalError

    cache = PageCache(application, fresh=fresh, turns=away, room=2**20)
    application.status, application.headers = "500 Internal Server Error", []
    assert ask(cache).status == 500


@pytest.mark.parametrize("cookie", ["", "postil_mine=abc"])
def test_old_pages_are_served_while_database_is_down(application, fresh, clock, cookie):
    away = []
    cache = PageCache(
        application, fresh=fresh, turns=lambda: (None, None), room=2**20, is_away=lambda: away
    )
    whole = ask(cache).body
    clock.now += 10 * MAX_AGE
    away.append(True)
    given = {"cookie": cookie} if cookie else {}
    application.body = b"New."
    assert [ask(cache, **given).body for _ in range(3)] == [whole] * 3
    assert len(application.asked) == 1
    away.clear()
    assert ask(cache, **given).body == b"New."


def test_changed_pages_are_not_served_while_database_is_down(application, fresh):
    cache = PageCache(
        application, fresh=fresh, turns=lambda: (None, None), room=2**20, is_away=lambda: True
    )
    ask(cache)
    fresh.change()
    application.status, application.body = "503 Service Unavailable", b"Not just now."
    assert ask(cache).status == ask(cache, cookie="postil_mine=abc").status == 503


def test_hanging_render_falls_back_to_the_old_page(cache, application, clock, monkeypatch):
    monkeypatch.setattr("blog.pages.cache.SHORT_PATIENCE", 0.01)
    whole = ask(cache).body
    clock.now += MAX_AGE
    asked, go_on = threading.Event(), threading.Event()
    application.meanwhile = lambda: asked.set() or go_on.wait(10)
    hangs = threading.Thread(target=lambda: ask(cache))
    hangs.start()
    asked.wait(10)
    assert ask(cache).body == whole
    go_on.set()
    hangs.join(10)


def test_due_essay_shows_within_a_minute_after_clock_change(application, fresh, clock):
    due = [timezone.now() + timedelta(hours=1)]
    cache = PageCache(application, fresh=fresh, turns=lambda: (None, due[0]), room=2**20)
    ask(cache)
    due[0] = timezone.now() + timedelta(seconds=5)  # as it looks after the jump
    clock.now += MAX_AGE
    ask(cache)
    application.body = b"New."
    clock.now += 5.1
    assert ask(cache).body == b"New."


# --- On a disk that takes nothing ---------------------------------------------------------------


def test_unwritable_generation_still_changes_in_its_process(fresh, tmp_path):
    """As on a disk that became read-only: no write to memory, which would kill the process."""
    file, before = fresh.file, fresh.generation
    fresh.file = os.open(tmp_path / "pages", os.O_RDONLY)
    fresh.change()
    apart = fresh.generation
    os.close(fresh.file)
    fresh.file = file
    fresh.change()
    others = Freshness(tmp_path / "pages")
    assert len({before, apart, fresh.generation}) == 3
    assert others.generation == fresh.generation


def test_a_number_without_a_file_changes_too(tmp_path):
    alone = Freshness(tmp_path / "nowhere" / "pages")
    before = alone.generation
    alone.change()
    assert alone.generation != before


# --- How many ---------------------------------------------------------------------------------


def test_one_request_renders_a_missing_page_for_all(cache, application):
    here = threading.Barrier(8)
    waiting = threading.Event()
    application.meanwhile = lambda: waiting.wait(10)
    bodies = []

    def read():
        here.wait(10)
        bodies.append(ask(cache).body)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    while not application.asked:
        pass
    waiting.set()
    for reader in readers:
        reader.join(10)
    assert bodies == [application.body] * 8
    assert len(application.asked) == 1


def test_request_waiting_past_a_change_gets_the_new_page(cache, application, fresh):
    """The one who makes it came before the change, those who wait may have come after."""
    asked, go_on = threading.Event(), threading.Event()

    def slow():
        asked.set()
        go_on.wait(10)

    application.meanwhile = slow
    first, later = [], []
    one = threading.Thread(target=lambda: first.append(ask(cache).body))
    one.start()
    asked.wait(10)
    application.meanwhile = lambda: None
    old, application.body = application.body, b"New."
    fresh.change()
    two = threading.Thread(target=lambda: later.append(ask(cache).body))
    two.start()
    go_on.set()
    one.join(10)
    two.join(10)
    assert later == [b"New."]
    assert ask(cache).body == b"New."
    assert old != b"New."


def test_an_error_leaves_nobody_waiting(cache, application):
    def fail():
        raise ZeroDivisionError

    application.meanwhile = fail
    with pytest.raises(ZeroDivisionError):
        ask(cache)
    application.meanwhile = lambda: None
    assert ask(cache).status == 200


def test_cache_stays_within_its_memory(cache, application):
    application.body = bytes(range(256)) * 200  # 50 KiB that hardly pack
    for number in range(100):
        for coding in ("br", "gzip", ""):
            ask(cache, f"/{number}/", accept_encoding=coding)
    assert cache.pages.taken <= 2**20
    assert cache.pages.taken == sum(page.weight for page in cache.pages.pages.values())
    assert 5 < len(cache.pages.pages) < 20


def test_least_recently_read_pages_are_dropped(cache, application):
    application.body = b"x" * 50_000
    for number in range(100):
        ask(cache, "/read/")
        ask(cache, f"/{number}/")
    assert sum(each["PATH_INFO"] == "/read/" for each in application.asked) == 1


def test_guessed_addresses_push_no_page_out(cache, application):
    ask(cache, "/read/")
    application.status = "404 Not Found"
    for number in range(2000):
        ask(cache, f"/{number}/")
    assert cache.misses.taken <= 2**16
    asked = len(application.asked)
    ask(cache, "/read/")
    assert len(application.asked) == asked


def test_page_larger_than_the_cache_is_not_kept(cache, application):
    application.body = b"x" * 2**21
    assert ask(cache).body == ask(cache).body == application.body
    assert cache.pages.taken == 0


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
