"""The attacks every site on the internet meets, over HTTP against one running site.

None succeeds, and the site is up after each. Slow ones are in test_attacks_slow.py, images in
test_images.py, regular expressions in test_attacks_on_patterns.py.
"""

import http.client
import re
from urllib.parse import urlencode

import pytest
from attacks import ESSAY, LOGIN, Browser, ask, read, send_raw, site, still_up
from inputs import every
from server import PASSWORD, PATIENCE

from blog.settings import LOGIN_RATE_PER_ACCOUNT, LOGIN_RATE_PER_NETWORK

__all__ = ["site", "still_up"]  # fixtures


# All of it shares one site, so all of it runs in one process.
pytestmark = [pytest.mark.server, pytest.mark.xdist_group("attacks")]

LIMIT = LOGIN_RATE_PER_ACCOUNT[0]


# --- Brute force ------------------------------------------------------------------------------


def test_password_guessing_stops_after_ten_tries(site):
    guesser = Browser(site, "127.0.10.1")
    said = [guesser.sign_in("nobody", f"guess {n}").status for n in range(LIMIT + 2)]
    assert said == [200] * LIMIT + [429] * 2


def test_password_guessing_from_ten_networks_stops_too(site):
    said = [
        Browser(site, f"127.0.{20 + n}.1").sign_in("ines", f"guess {n}").status
        for n in range(LIMIT + 2)
    ]
    assert said == [200] * LIMIT + [429] * 2


def test_one_password_on_many_names_stops_after_thirty(site):
    most = LOGIN_RATE_PER_NETWORK[0]
    said = [Browser(site, "127.0.11.1").sign_in(f"n{n}", "guess").status for n in range(most + 2)]
    assert said == [200] * most + [429] * 2


def test_owner_signs_in_from_a_known_browser_during_guessing(site):
    owner = Browser(site, "127.0.12.1")
    assert owner.sign_in("admin", PASSWORD).status == 302
    for n in range(LIMIT + 1):
        Browser(site, f"127.0.{100 + n}.1").sign_in("admin", f"guess {n}")
    assert Browser(site, "127.0.99.1").sign_in("admin", PASSWORD).status == 429
    again = Browser(site, "127.0.98.1")
    again.cookies = {name: value for name, value in owner.cookies.items() if "known" in name}
    assert again.sign_in("admin", PASSWORD).status == 302


def test_admin_answers_only_at_its_configured_path(site):
    assert ask(site, "/admin/").status == 404
    assert ask(site, "/admin/login/").status == 404
    assert "/desk/" in site.words
    for path in ("/", ESSAY, "/robots.txt", "/sitemap.xml", "/nowhere/"):
        assert "desk" not in ask(site, path).body


# --- Sessions, forms, frames ------------------------------------------------------------------


def test_planted_session_is_replaced_at_sign_in(site):
    victim = Browser(site, "127.0.13.1")
    victim.cookies["postil_session"] = planted = "p" * 32
    assert victim.sign_in("admin", PASSWORD).status in (302, 429)
    assert victim.cookies["postil_session"] != planted or victim.ask("/desk/").status == 302
    thief = Browser(site, "127.0.14.1")
    thief.cookies["postil_session"] = planted
    assert thief.ask("/desk/").status == 302


@pytest.mark.parametrize("path", [LOGIN, "/desk/logout/", "/desk/password_change/"])
def test_a_form_of_another_site_changes_nothing(site, path):
    browser = Browser(site)
    form = {"username": "admin", "password": PASSWORD}
    assert browser.ask(path, "POST", form, Origin="https://evil.example").status == 403
    assert browser.ask(path, "POST", form).status == 403
    form["csrfmiddlewaretoken"] = "x" * 64
    assert browser.ask(path, "POST", form).status == 403


def test_cross_site_comment_form_is_refused(site):
    form = urlencode({"body": "Buy this", "name": "Spam", "token": "x"})
    answer = ask(
        site,
        f"{ESSAY}comments/",
        "POST",
        form,
        Origin="https://evil.example",
        Content_Type="application/x-www-form-urlencoded",
    )
    assert answer.status == 403


@pytest.mark.parametrize("path", ["/", ESSAY, LOGIN, "/nowhere/", "/feed.xml", "/search/?q=x"])
def test_no_page_can_be_framed(site, path):
    headers = ask(site, path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


# --- Hosts, redirects, logs -------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example:80",
        "",
        "*",
    ],
)
def test_unknown_host_is_refused(site, host):
    found = send_raw(
        site, f"GET /2026/11 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    )
    assert found.startswith(b"HTTP/1.1 400")
    assert b"evil.example" not in found


def test_two_host_headers_are_refused(site):
    head = b"GET /2026/11 HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n"
    found = send_raw(site, head)
    assert found.startswith(b"HTTP/1.1 400")
    assert b"evil.example" not in found


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/2026",
        "//evil.example",
        "/\\evil.example/x",
        "///evil.example/x",
        "/%2f%2fevil.example/x",
        "/desk/login/?next=//evil.example/",
        "/2026/11/room-in-the-margin?next=//evil.example",
        "/page/1/?//evil.example",
        "/feed/?//evil.example/",
        "/%0d%0aLocation:%20https://evil.example/",
        "/x%0d%0aSet-Cookie:%20a=b",
    ],
)
def test_no_open_redirect_and_no_header_injection(site, path):
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n\r\n"
    found = send_raw(site, head.encode()).partition(b"\r\n\r\n")[0].decode().lower()
    assert "\nset-cookie: a=b" not in found
    location = re.search(r"\nlocation: (\S*)", found)
    if location:
        assert re.match(r"/(?![/\\])", location[1])


def test_nobody_writes_lines_into_the_log(site):
    mark = "ERROR blog: forged"
    coded = mark.replace(" ", "%20")
    ask(site, f"/%0a{coded}%0d%0a{coded}/")
    ask(site, f"/search/?q=%0a{coded}")
    ask(site, "/", User_Agent=f"x\t{mark}", Referer=mark)
    Browser(site, "127.0.15.1").sign_in(f"x\n{mark}", "y")
    send_raw(site, b"GET /\n" + mark.encode() + b" HTTP/1.1\r\n\r\n")
    lines = site.log.read_text().splitlines()
    assert not [line for line in lines if line.startswith(mark)]


# --- Caches -----------------------------------------------------------------------------------

MARK = "evil-marker.example"
TRICKS = {
    "forwarded host": {"X_Forwarded_Host": MARK},
    "forwarded proto": {"X_Forwarded_Proto": "https", "X_Forwarded_Scheme": "http"},
    "forwarded port": {"X_Forwarded_Port": "1337", "X_Forwarded_Prefix": f"/{MARK}"},
    "forwarded": {"Forwarded": f"host={MARK};proto=https", "X_Host": MARK},
    "original url": {"X_Original_URL": "/nowhere/", "X_Rewrite_URL": "/nowhere/"},
    "method": {"X_HTTP_Method_Override": "POST", "X_HTTP_Method": "DELETE"},
    "codings": {"Accept_Encoding": f"{MARK}, br;q=0.001, gzip;q=1"},
    "identity": {"Accept_Encoding": "identity;q=0, *;q=0"},
    "language": {"Accept_Language": "de", "Accept": "application/json"},
    "range": {"Range": "bytes=0-9"},
    "conditions": {"If_None_Match": "*", "If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    "origin": {"Origin": f"https://{MARK}", "Referer": f"https://{MARK}/"},
    "cookie": {"Cookie": f"postil_session={MARK}; postil_csrf=x; postil_me={MARK}"},
    "partial": {"X_Requested_With": "XMLHttpRequest", "HX_Request": "true", "Purpose": "prefetch"},
}


@every("trick", TRICKS)
@every("path", ["/", ESSAY, "/feed.xml"])
def test_no_header_changes_what_the_next_reader_gets(site, path, trick):
    before = read(site, path)
    with_marks = {**TRICKS[trick]}
    for _ in range(2):
        line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
        line.request(
            "GET", path, headers={name.replace("_", "-"): v for name, v in with_marks.items()}
        )
        response = line.getresponse()
        assert MARK.encode() not in response.read()
        assert MARK not in str(response.headers)
        line.close()
    assert read(site, path) == before


@pytest.mark.parametrize(
    "query",
    [
        f"?{MARK}",
        f"?utm_source={MARK}",
        "?page=2",
        "?%",
        "?a=1&a=2;b=3",
        "?_method=POST",
        f"?next=https://{MARK}",
        "?\x01".replace("\x01", "%01"),
        "?preview=1",
    ],
)
def test_no_query_changes_what_the_next_reader_gets(site, query):
    before = read(site)
    assert MARK not in ask(site, ESSAY + query).body
    assert read(site) == before


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PURGE"])
def test_no_method_changes_what_the_next_reader_gets(site, method):
    before = read(site)
    assert ask(site, ESSAY, method).status in (200, 400, 403, 405)
    assert read(site) == before


def test_page_under_a_static_name_is_not_cached(site):
    """Web cache deception: a page under a name that caches keep for ever."""
    for path in (f"{ESSAY}x.css", f"{ESSAY}%2e%2e/x.css", "/desk/x.css", f"{ESSAY};x.css"):
        answer = ask(site, path)
        assert answer.status in (301, 302, 404)
        assert "immutable" not in (answer.headers["Cache-Control"] or "")


def test_nothing_of_the_admin_is_kept_by_caches(site):
    assert "no-store" in ask(site, LOGIN).headers["Cache-Control"]
