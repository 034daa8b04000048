"""Malformed, smuggled and oversized requests, and paths out of a folder, over real HTTP."""

import re

import pytest
from attacks import ESSAY, LOGIN, Browser, ask, read, send_raw, site, still_up
from inputs import every
from server import PATIENCE

__all__ = ["site", "still_up"]  # fixtures


# All of it shares one site, so all of it runs in one process.
pytestmark = [pytest.mark.server, pytest.mark.xdist_group("attacks")]


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
    found = send_raw(site, SMUGGLED[shape], wait=0.3, first=PATIENCE)
    statuses = re.findall(rb"HTTP/1\.[01] (\d+)", found)
    assert len(statuses) == 1, found
    assert b"smuggled" not in found
    assert read(site)[0] == 200


def test_bare_line_feed_smuggles_no_request(site):
    hidden = b"GET / HTTP/1.1\nHost: 127.0.0.1\nContent-Length: %d\n\n" % len(HIDDEN)
    found = send_raw(site, hidden + HIDDEN, wait=0.3, first=PATIENCE)
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
    assert send_raw(site, asked, wait=0.3, first=PATIENCE).startswith(b"HTTP/1.1 " + status)


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
