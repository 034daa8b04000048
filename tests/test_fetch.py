"""Fetching a page over real HTTP: what is asked, what comes back, redirects and charsets."""

import pytest
from inputs import every
from peers import (
    HERE,
    Peer,
    Trap,
    failing,
    fields,
    forever,
    get,
    in_turn,
    moved,
    page,
)

from blog.net.fetch import fetch

# --- What is asked and what comes back


def test_fetch_returns_address_status_headers_and_body():
    answer = page(b"<p>Yes.", link=["<a>; rel=x", "<b>; rel=y"])
    with Peer(answer) as peer:
        response = get(peer, "/essay?id=1#note")
    assert response.url == peer.url("/essay?id=1#note")
    assert (response.status, response.body, response.truncated) == (200, b"<p>Yes.", False)
    assert response.headers.all("LINK") == ["<a>; rel=x", "<b>; rel=y"]
    assert response.headers.get("Link") == "<a>; rel=x"
    assert response.headers.get("X-Pingback") == ""
    assert response.content_type == "text/html"


def test_fetch_identity_request_names_site_and_purpose_only(
    settings,
):
    settings.SITE_URL = "https://blog.example.org"
    with Peer(page()) as peer:
        get(peer, "/essay?a=b#note")
    line, sent = fields(peer.requests[0])
    assert line == "GET /essay?a=b HTTP/1.1"
    assert sent == {
        "host": peer.place,
        "user-agent": "Postil (Webmention and Pingback; +https://blog.example.org/)",
        "accept": "text/html, application/xhtml+xml, */*;q=0.5",
        "accept-encoding": "gzip, deflate, br",
        "connection": "close",
    }


def test_a_site_may_have_a_name_in_any_script(settings):
    settings.SITE_URL = "https://bücher.example"
    with Peer(page()) as peer:
        get(peer)
    assert b"+https://b%C3%BCcher.example/)" in peer.requests[0]


def test_fetch_identity_cookies_are_not_sent_back():
    with Peer(in_turn(page(b"", "302 Found", set_cookie="a=b", location="/next"), page())) as peer:
        get(peer)
    assert b"cookie" not in peer.requests[1].lower()


def test_fetch_identity_proxies_of_the_environment_are_ignored(monkeypatch):
    with Peer(page()) as peer, Trap() as trap:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{HERE}:{trap.port}")
        assert get(peer).status == 200
        assert trap.calls == 0


@every("name", ["Authorization", "Cookie", "Host", "Content-Length"])
def test_fetch_identity_secret_and_framing_headers_are_refused(name):
    with Trap() as trap, pytest.raises(ValueError, match="never sent"):
        fetch(f"http://{HERE}:{trap.port}/", headers={name: "x"})


def test_a_post_sends_its_data_and_headers():
    with Peer(page(status="202 Accepted")) as peer:
        response = get(
            peer,
            method="POST",
            data=b"source=a&target=b",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            accept="*/*",
        )
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    assert response.status == 202
    assert body == b"source=a&target=b"
    assert b"POST / HTTP/1.1\r\n" in head
    assert b"content-type: application/x-www-form-urlencoded" in head
    assert b"accept: */*" in head


def test_a_head_request_takes_no_body():
    with Peer(page(b"")[:-5] + b"7\r\n\r\n") as peer:
        response = get(peer, method="HEAD")
    assert (response.status, response.body) == (200, b"")


@every("status", ["404 Not Found", "410 Gone", "500 Oh", "204 No Content"])
def test_an_answer_of_any_status_is_an_answer(status):
    with Peer(page(b"", status)) as peer:
        assert get(peer).status == int(status[:3])


@every(
    ("path", "asked"),
    [("/a b", "/a%20b"), ("/é?ü=ß", "/%C3%A9?%C3%BC=%C3%9F"), ("/a%20b%2Fc", "/a%20b%2Fc"),
     ("//twice", "//twice"), ("?q", "/?q"), ("", "/"), ("#part", "/"), ('/"<>', "/%22%3C%3E"),
     ("/a;b=c,d:e@f!$&'()*+~[]", "/a;b=c,d:e@f!$&'()*+~[]")],
)  # fmt: skip
def test_address_is_sent_unchanged_except_for_escaping(path, asked):
    with Peer(page()) as peer:
        get(peer, path)
    assert fields(peer.requests[0])[0] == f"GET {asked} HTTP/1.1"


def test_a_body_in_chunks_is_put_together():
    body = b"5\r\n<p>He\r\n3;ext=1\r\nre.\r\n0\r\nTrailer: x\r\n\r\n"
    with Peer(page(length=False, transfer_encoding="chunked")[: -len("<p>Here.")] + body) as peer:
        assert get(peer).body == b"<p>Here."


def test_a_body_without_a_length_ends_with_the_connection():
    for version in (b"HTTP/1.0", b"HTTP/1.1"):
        with Peer(page(length=False).replace(b"HTTP/1.1", version)) as peer:
            assert get(peer).body == b"<p>Here."


def test_line_feeds_alone_are_understood():
    with Peer(page().replace(b"\r\n", b"\n")) as peer:
        assert get(peer).body == b"<p>Here."


def test_interim_answers_are_passed_over():
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    with Peer(early + page()) as peer:
        response = get(peer)
    assert (response.status, response.headers.all("link")) == (200, [])


# --- Redirects


@every("status", [301, 302, 303, 307, 308])
def test_w3_2_2_redirect_is_followed(status):
    with Peer(in_turn(moved("../b?c", status), page())) as peer:
        assert get(peer, "/x/a").url == peer.url("/b?c")
    assert [fields(request)[0][:9] for request in peer.requests] == ["GET /x/a ", "GET /b?c "]


@every("status", [300, 304, 305])
def test_other_statuses_lead_nowhere(status):
    with Peer(moved("/b", status)) as peer:
        assert get(peer).status == status
    assert peer.calls == 1


def test_a_redirect_without_a_location_is_the_answer():
    with Peer(page(status="302 Found")) as peer:
        assert get(peer).status == 302


def test_redirect_is_not_followed_if_not_wanted():
    with Peer(moved("/b")) as peer:
        response = get(peer, follow=False)
    assert (response.status, response.headers.get("location"), peer.calls) == (302, "/b", 1)


@every(
    ("status", "line"),
    [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")],
)
def test_sending_redirects_only_307_and_308_stay_post(status, line):
    form = {"content-type": "text/plain"}
    with Peer(in_turn(moved("/b", status), page())) as peer:
        get(peer, method="POST", data=b"data", headers=form)
    assert fields(peer.requests[1])[0] == f"{line} /b HTTP/1.1"
    kept = line == "POST"
    assert peer.requests[1].endswith(b"data") is kept
    assert (b"content-type" in peer.requests[1]) is kept


def test_head_stays_head():
    with Peer(in_turn(moved("/b", 303), page(b""))) as peer:
        get(peer, method="HEAD")
    assert fields(peer.requests[1])[0] == "HEAD /b HTTP/1.1"


@every(
    ("location", "end"),
    [("/b", "/b#mine"), ("/b#theirs", "/b#theirs"), ("/b#", "/b"), ("#only", "/a#only")],
)
def test_a_fragment_stays_unless_the_redirect_has_its_own(location, end):
    with Peer(in_turn(moved(location), page())) as peer:
        assert get(peer, "/a#mine").url == peer.url(end)
    assert b"#" not in b"".join(request.partition(b"\r\n")[0] for request in peer.requests)


def test_redirect_may_contain_utf_8_and_spaces():
    with Peer(in_turn(moved("/é b"), page())) as peer:
        assert get(peer, "/a").url == peer.url("/%C3%A9%20b")


def test_w4_2_five_redirects_are_followed_but_not_six():
    for steps, last in ((5, 200), (6, "redirects")):
        with Peer(in_turn(*[moved(f"/{step}") for step in range(steps)], page())) as peer:
            assert (failing(peer) if last == "redirects" else get(peer).status) == last
            assert peer.calls == 6


def test_w4_2_a_redirect_loop_ends():
    with Peer(moved("/")) as peer:
        assert failing(peer) == "redirects"
        assert peer.calls == 6


def test_fetch_once_without_the_body_of_redirects():
    with Peer(page()) as end:
        endless = forever(b"x", page(b"", "302 Found", length=False, location=end.url()), 0.01)
        with Peer(endless) as peer:
            assert get(peer, allowed=[peer.place, end.place]).url == end.url()


def test_fetch_once_a_meta_refresh_is_not_followed():
    with Peer(page(b'<meta http-equiv="refresh" content="0; url=/b">')) as peer:
        get(peer)
        get(peer)
    assert peer.calls == 2


# --- What a text is in


@every(
    ("body", "content_type", "expected"),
    [
        ("ü".encode(), "text/html; charset=utf-8", "ü"),
        ("ü".encode("latin-1"), "text/html; charset=ISO-8859-1", "ü"),
        (b"\x93x\x94", "text/html; charset=iso-8859-1", "“x”"),
        ("ж".encode("koi8-r"), 'text/html;charset="KOI8-R"', "ж"),
        ("あ".encode("shift-jis"), "text/html; charset=sjis", "あ"),
        (b"\xef\xbb\xbf\xc3\xbc", "text/html; charset=latin1", "ü"),
        ("\ufeffü".encode("utf-16-le"), "text/html; charset=utf-8", "ü"),
        (b'<meta charset="windows-1251">\xe6', "text/html", '<meta charset="windows-1251">ж'),
        (b"<meta http-equiv=x content='text/html; charset=koi8-r'>\xd6", "text/html",
         "<meta http-equiv=x content='text/html; charset=koi8-r'>ж"),
        (b'<?xml version="1.0" encoding="koi8-r"?>\xd6', "application/xhtml+xml",
         '<?xml version="1.0" encoding="koi8-r"?>ж'),
        (b"<!-- <meta charset=koi8-r> -->\xd6", "text/html", "<!-- <meta charset=koi8-r> -->Ö"),
        (b"<meta charset=utf-16>\xc3\xbc", "text/html", "<meta charset=utf-16>ü"),
        (b"<meta charset=koi8-r>\xd6", "text/plain", "<meta charset=koi8-r>Ö"),
        (b"<meta charset=koi8-r>\xd6", "", "<meta charset=koi8-r>ж"),
        ("ü".encode(), "text/html", "ü"),
        (b"\xfc", "text/html", "ü"),
        (b"\xfc", "text/html; charset=nonsense", "ü"),
        (b"a\xfc", "text/html; charset=utf-8", "a\ufffd"),
        (b"+ADw-p+AD4-", "text/html; charset=utf-7", "+ADw-p+AD4-"),
        (b"", "text/html", ""),
    ],
)  # fmt: skip
def test_link_charset_order_is_mark_header_meta_utf_8(body, content_type, expected):
    with Peer(page(body, content_type=content_type)) as peer:
        assert get(peer).text() == expected


def test_link_charset_of_cut_text_is_utf_8():
    with Peer(page("aü".encode())) as peer:
        assert get(peer, limit=2).text() == "a\ufffd"
