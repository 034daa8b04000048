"""The attacks every site on the internet meets, over HTTP against one running site.

None succeeds, and the site is up after each. Slow ones are in test_attacks_slow.py, images in
test_images.py, regular expressions in test_attacks_on_patterns.py.
"""

import http.client
import re
from urllib.parse import urlencode

import pytest
from attacks import ESSAY, LOGIN, Browser, ask, send_raw
from inputs import every
from server import PASSWORD, PATIENCE

from blog.settings import LOGIN_RATE_PER_ACCOUNT, LOGIN_RATE_PER_NETWORK

# All of it shares one site, so all of it runs in one process.
pytestmark = [pytest.mark.server, pytest.mark.xdist_group("attacks")]

LIMIT = LOGIN_RATE_PER_ACCOUNT[0]


@pytest.fixture
def site(attacked):
    return attacked


@pytest.fixture(autouse=True)
def still_up(site):
    yield
    assert ask(site, "/").status == 200


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


def read(site, path=ESSAY):
    """Return the page as any other reader gets it: status, cookies, and words."""
    answer = ask(site, path, Accept_Encoding="identity")
    return answer.status, answer.headers.get_all("Set-Cookie"), answer.body


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


# --- Smuggling --------------------------------------------------------------------------------

HOST = b"Host: 127.0.0.1\r\n"
HIDDEN = b"GET /smuggled/ HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def head(first, *lines):
    return first + b" HTTP/1.1\r\n" + HOST + b"".join(lines) + b"\r\n"


def length(number):
    return b"Content-Length: %d\r\n" % number


SMUGGLED = {
    "CL.TE": head(b"POST /", length(len(HIDDEN) + 5), CHUNKED) + b"0\r\n\r\n" + HIDDEN,
    "TE.CL": head(b"POST /", CHUNKED, length(4)) + b"2a\r\n" + HIDDEN + b"\r\n0\r\n\r\n",
    "TE.TE": head(b"POST /", CHUNKED, b"Transfer-Encoding: x\r\n") + b"0\r\n\r\n" + HIDDEN,
    "space before the colon": head(b"POST /", b"Transfer-Encoding : chunked\r\n") + HIDDEN,
    "tab": head(b"POST /", b"Transfer-Encoding:\tchunked\r\n", length(5)) + b"0\r\n\r\n" + HIDDEN,
    "vertical tab": head(b"POST /", b"Transfer-Encoding:\x0bchunked\r\n") + HIDDEN,
    "coding by another name": head(b"POST /", b"Transfer-Encoding: xchunked\r\n") + HIDDEN,
    "two lengths": head(b"POST /", length(0), length(len(HIDDEN))) + HIDDEN,
    "a list of lengths": head(b"POST /", b"Content-Length: 0, 9\r\n") + HIDDEN,
    "a signed length": head(b"POST /", b"Content-Length: +0\r\n") + HIDDEN,
    "a negative length": head(b"POST /", b"Content-Length: -1\r\n") + HIDDEN,
    "a length in hex": head(b"POST /", b"Content-Length: 0x0\r\n") + HIDDEN,
    "obs-fold": head(b"POST /", b"Content-Length:\r\n 0\r\n") + HIDDEN,
    "obs-fold of the coding": head(b"POST /", b"X: y\r\n Transfer-Encoding: chunked\r\n") + HIDDEN,
    "bare CR": head(b"GET /", b"X: a\rTransfer-Encoding: chunked\r\n") + HIDDEN,
    "NUL": head(b"GET /", b"X: a\x00b\r\n") + HIDDEN,
    "chunk extension": head(b"POST /", CHUNKED) + b"0;x=\n\r\n\r\n" + HIDDEN,
    "bare LF in an extension": head(b"POST /", CHUNKED) + b"2;\nxx\r\n0\r\n\r\n" + HIDDEN,
    "a huge chunk": head(b"POST /", CHUNKED) + b"fffffffffffffffff\r\n" + HIDDEN,
    "a body for GET": head(b"GET /", length(len(HIDDEN))) + HIDDEN,
    "a body for HEAD": head(b"HEAD /", length(len(HIDDEN))) + HIDDEN,
    "HTTP/1.0 in chunks": b"POST / HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
}


@pytest.mark.parametrize("shape", SMUGGLED)
def test_no_request_is_smuggled_in_another(site, shape):
    found = send_raw(site, SMUGGLED[shape], wait=0.5)
    statuses = re.findall(rb"HTTP/1\.[01] (\d+)", found)
    assert len(statuses) == 1, found
    assert b"smuggled" not in found
    assert read(site)[0] == 200


def test_bare_line_feed_smuggles_no_request(site):
    hidden = b"GET / HTTP/1.1\nHost: 127.0.0.1\nContent-Length: %d\n\n" % len(HIDDEN)
    found = send_raw(site, hidden + HIDDEN, wait=0.5)
    assert found.count(b"HTTP/1.1 ") == 1


def test_chunked_body_is_refused_and_connection_closed(site):
    found = send_raw(site, head(b"POST /", CHUNKED) + b"0\r\n\r\n", wait=PATIENCE)
    assert found.startswith(b"HTTP/1.1 411")
    assert b"\r\nconnection: close\r\n" in found.lower()


def test_http2_without_tls_is_not_spoken(site):
    found = send_raw(site, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), wait=0.5)
    assert not found or found.startswith(b"HTTP/1.1 4")


# --- Too much ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [f"{ESSAY}comments/", LOGIN, "/webmention/", "/pingback/", "/"])
def test_twenty_megabyte_body_is_refused_with_a_page(site, path):
    answer = ask(site, path, "POST", bytes(20_000_000))
    assert answer.status == 413
    assert "This is too large." in answer.body
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_announced_large_body_is_refused_before_it_arrives(site):
    found = send_raw(site, head(b"POST /desk/login/", length(10**15)), wait=5)
    assert found.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (head(b"GET /" + b"a" * 9_000), b"414"),
        (head(b"GET /?" + b"a" * 9_000), b"414"),
        (head(b"GET /" + b"a" * 60_000), b"414"),
        (head(b"GET /", b"X: " + b"a" * 300_000 + b"\r\n"), b"431"),
        (head(b"GET /", *[b"X%d: a\r\n" % n for n in range(200)]), b"431"),
    ],
    ids=["path", "query", "long path", "header", "headers"],
)
def test_a_head_that_is_too_large_is_refused(site, asked, status):
    assert send_raw(site, asked, wait=0.5).startswith(b"HTTP/1.1 " + status)


def test_a_form_of_too_many_fields_is_refused(site):
    browser = Browser(site, "127.0.16.1")
    form = {f"f{n}": "" for n in range(2_000)} | {"csrfmiddlewaretoken": browser.token()}
    answer = browser.ask(LOGIN, "POST", form)
    assert answer.status == 400
    assert "Traceback" not in answer.body


# --- Paths ------------------------------------------------------------------------------------


@every("root", ["/static/", "/media/", "/static/css/", "/"])
@every(
    "climb",
    [
        "../secret_key",
        "../../secret_key",
        "..%2fsecret_key",
        "%2e%2e/secret_key",
        "%2e%2e%2fsecret_key",
        "..%5csecret_key",
        "..\\secret_key",
        "%252e%252e%252fsecret_key",
        "..;/secret_key",
        "....//secret_key",
        "%c0%ae%c0%ae/secret_key",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "../postil.sqlite3",
        "x%00.css",
    ],
)
def test_no_path_leads_out_of_a_folder(site, root, climb):
    secret = (site.data / "secret_key").read_bytes()
    asked = f"GET {root}{climb} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    found = send_raw(site, asked.encode())
    assert re.match(rb"HTTP/1\.1 (?:301|302|400|404) ", found)
    assert secret not in found
    assert b"root:" not in found
    assert b"SQLite format 3" not in found


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost.", "localhost:443", "LocalHost.:80"])
def test_spelling_of_host_renders_no_page_again(site, host):
    ask(site, ESSAY, Host="localhost")
    answer = ask(site, ESSAY, Host=host)
    assert answer.status == 200
    assert "X-Request-ID" not in answer.headers, "Django was not asked"


def test_request_target_with_another_host_is_ignored(site):
    """RFC 9112, section 3.2.2: a proxy's form of address, which names a host of its own."""
    target = b"GET http://evil.example/archive/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = send_raw(site, target)
    assert b"evil.example" not in answer
