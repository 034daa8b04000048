"""BASE_PATH is read, taken off requests before all else, and what is not below it answered."""

from ipaddress import ip_network
from threading import Thread

import pytest
from below import below  # noqa: F401 - a fixture
from django.core.exceptions import ImproperlyConfigured
from inputs import every
from test_settings import read  # noqa: F401 - a fixture

from blog.lib.base_path import based, use_base_path
from blog.posts.models.address import is_reserved
from blog.web.base_path import BelowBasePath

HTTPS = {"SITE_URL": "https://example.org"}

# --- The setting -------------------------------------------------------------------------------


@every(
    ("given", "kept"),
    [
        ("", ""),
        ("/", ""),
        ("/blog", "/blog"),
        ("blog", "/blog"),
        ("/blog/", "/blog"),
        (" /blog ", "/blog"),
        ("/a/b", "/a/b"),
        ("/~ines/Notes_1.0-x", "/~ines/Notes_1.0-x"),
    ],
)
def test_path_is_kept_with_one_slash_before_it(read, given, kept):  # noqa: F811
    made = read(BASE_PATH=given)
    assert made["BASE_PATH"] == kept
    assert made["STATIC_URL"] == f"{kept}/static/"
    assert made["SESSION_COOKIE_PATH"] == made["CSRF_COOKIE_PATH"] == f"{kept}/"


@every(
    "given",
    [
        *("//", "//blog", "/blog//", "/a//b", "/..", "/blog/..", "/../blog", "/.", "/a/./b"),
        *("/blog?x=1", "/blog#x", "/a b", "/a\tb", "/bl%6Fg", "/blög", "/блог", "\\blog"),
        *("https://example.org/blog", "/blog:x", "/blog;x", "/a,b", "/{x}", "/" + "a" * 100),
        *("/admin", "/admin/blog", "/desk", "/static", "/media", "/tags/x", "/about", "/feed.xml"),
        *("/robots.txt", "/healthz", "/2026", "/2026/blog", "/1"),
    ],
)
def test_other_paths_are_refused_by_name(read, given):  # noqa: F811
    with pytest.raises(ImproperlyConfigured, match=r"^BASE_PATH must be a path such as /blog.*\.$"):
        read(BASE_PATH=given, ADMIN_PATH="desk")


def test_site_url_with_a_path_is_led_to_base_path(read):  # noqa: F811
    with pytest.raises(ImproperlyConfigured, match=r"^SITE_URL .* BASE_PATH"):
        read(SITE_URL="https://example.org/blog")


def test_cookies_are_of_the_path_alone(read):  # noqa: F811
    root, blog, nested = (read(BASE_PATH=it, **HTTPS) for it in ("", "/blog", "/blog/b"))
    assert root["SESSION_COOKIE_NAME"] == "__Host-postil_session"
    assert blog["SESSION_COOKIE_NAME"] == "__Secure-postil_blog_session"
    assert len({it["CSRF_COOKIE_NAME"] for it in (root, blog, nested)}) == 3
    # A page is kept for readers who have another Postil's cookies.
    assert blog["COOKIE_NAMES"] not in root["SESSION_COOKIE_NAME"]
    assert blog["COOKIE_NAMES"] not in nested["SESSION_COOKIE_NAME"]


def test_what_holds_for_the_whole_host_is_left_to_it(read):  # noqa: F811
    made = read(BASE_PATH="/blog", **HTTPS)
    assert made["SECURE_HSTS_SECONDS"] == 0
    assert made["SESSION_COOKIE_SECURE"] is True


def test_no_page_may_be_called_as_the_path(monkeypatch):
    assert not is_reserved("blog")
    monkeypatch.setattr("blog.posts.models.address.settings.BASE_PATH", "/blog/b", raising=False)
    assert is_reserved("blog")
    assert not is_reserved("b")


# --- Requests ----------------------------------------------------------------------------------


@pytest.fixture
def ask(below, settings):  # noqa: F811
    """Ask a layer whose application answers with what is left of the path."""
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]

    def application(environ, start_response):
        start_response("200 OK", [])
        return [f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()]

    def ask(path, *, method="GET", peer="203.0.113.1", **headers):
        head = []
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": peer} | headers
        layer = BelowBasePath(application, ["/healthz"])
        body = b"".join(layer(environ, lambda *given: head.extend(given)))
        return head[0][:3], dict(head[1]), body.decode()

    return ask


@every(
    ("path", "left"),
    [("/blog/", "/"), ("/blog/x/", "/x/"), ("/blog/blog/", "/blog/"), ("/healthz", "/healthz")],
)
def test_path_is_taken_off_once(ask, path, left):
    assert ask(path)[::2] == ("200", f"/blog|{left}")


@every("path", ["/", "", "/blogger/", "/x/blog/", "//blog/", "/Blog/", "/healthz/", "/admin/"])
def test_what_is_outside_gets_a_plain_sentence(ask, path):
    status, headers, said = ask(path)
    assert status == "404"
    assert said == "There is nothing here. This site is at http://127.0.0.1:8000/blog/.\n"
    assert headers["Content-Type"].startswith("text/plain")
    assert ask(path, method="HEAD")[2] == ""


def test_path_without_slash_gets_one(ask):
    status, headers, _said = ask("/blog", QUERY_STRING="p=1")
    assert (status, headers["Location"]) == ("301", "/blog/?p=1")


def test_server_that_took_it_off_is_believed(ask):
    assert ask("/x/", SCRIPT_NAME="/blog")[2] == "/blog|/x/"


def test_only_our_proxy_may_say_that_it_took_it_off(ask):
    said = {"HTTP_X_FORWARDED_PREFIX": "/blog/"}
    assert ask("/x/", peer="127.0.0.1", **said)[2] == "/blog|/x/"
    assert ask("/blog/x/", peer="127.0.0.1", **said)[2] == "/blog|/x/", "it did not, after all"
    assert ask("/x/", **said)[0] == "404"
    assert ask("/x/", peer="127.0.0.1", HTTP_X_FORWARDED_PREFIX="/shop")[0] == "404"


def test_memory_is_looked_into_with_what_is_left(below):  # noqa: F811
    asked = []

    class Cached:
        def look(self, environ):
            asked.append(environ["PATH_INFO"])

    layer = BelowBasePath(Cached())
    for path in ("/blog/x/", "/blog", "/x/"):
        layer.look({"PATH_INFO": path, "REMOTE_ADDR": ""})
    assert asked == ["/x/"]


def test_thread_of_its_own_makes_addresses_below_the_path(below):  # noqa: F811
    made = []

    def work():
        made.append(based("/x/"))
        use_base_path()
        made.append(based("/x/"))

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert made == ["/x/", "/blog/x/"]
