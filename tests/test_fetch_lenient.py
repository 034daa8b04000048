"""Answers that browsers read though a strict reader of HTTP or XML would not."""

import gzip

from inputs import every
from peers import Peer, get, page
from quick import within

from comments.linkbacks.protocols.pages import read_page

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
BODY = "<p>Déjà vu".encode()


@every(
    "lines",
    [
        b"Name : value\r\n",
        b"Name\t: value\r\n",
        b"no colon at all\r\n",
        b": no name\r\n",
        b"two words: value\r\n",
        b"X-Bell: a\x07b\r\n",
        b"X-Latin: caf\xe9\r\n",
        b"no colon\r\n continued: here\r\n",
        b"X-Folded: one\r\n two\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: many\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"\xef\xbb\xbfX-Mark: 1\r\n",
    ],
)
def test_odd_header_lines_are_passed_over(lines):
    with Peer(HEAD + lines + b"X-Last: kept\r\n\r\n" + BODY) as peer:
        response = get(peer)
    assert (response.text(), response.headers.get("x-last")) == ("<p>Déjà vu", "kept")


def test_header_with_space_before_its_colon_counts():
    with Peer(b"HTTP/1.1 200 OK\r\nContent-Type : text/plain\r\n\r\nhere") as peer:
        assert get(peer).content_type == "text/plain"


@every("start", [b"\r\n", b"\n\n", b"HTTP/1.1 103 Early Hints\r\nodd\r\n\r\n"])
def test_bytes_before_the_answer_are_skipped(start):
    with Peer(start + HEAD + b"odd line\r\n\r\n" + BODY) as peer:
        assert get(peer).status == 200


def test_bare_line_feeds_in_headers_are_read():
    with Peer(HEAD.replace(b"\r\n", b"\n") + b"\n" + BODY) as peer:
        assert get(peer).text() == "<p>Déjà vu"


def test_heads_come_in_any_pieces():
    def drip(connection, peer):
        for byte in HEAD + b"Content-Length : 4\r\n\r\nhere":
            connection.sendall(bytes([byte]))

    with Peer(drip) as peer:
        assert get(peer).body == b"here"


@every("coding", ["none", "utf-8", "binary", "text/html", "NONE", "identity, none"])
def test_content_encoding_that_names_none_means_nothing(coding):
    with Peer(page(BODY, content_encoding=coding)) as peer:
        assert get(peer).body == BODY


def test_content_encoding_none_is_ignored():
    with Peer(page(gzip.compress(BODY), content_encoding="none, gzip")) as peer:
        assert get(peer).body == BODY


# Encodings -------------------------------------------------------------------------------------

RUSSIAN = "Привет, мир"


@every(
    "meta",
    [
        "<meta charset=windows-1251>",
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1251">',
        "<meta\ncharset='windows-1251'/>",
        '<meta name=x content="charset=nonsense"><meta charset="cp1251">',
    ],
)
@every("before", [0, 1500, 200_000])
def test_meta_names_the_encoding_wherever_it_stands(meta, before):
    html = f"<title>{'x' * before}</title>{meta}<p>{RUSSIAN}"
    with Peer(page(html.encode("windows-1251"))) as peer:
        assert RUSSIAN in get(peer).text()


@every(
    "decoy",
    [
        "<!-- <meta charset=koi8-r> -->",
        "<script>'<meta charset=koi8-r>'</script>",
        "<title><meta charset=koi8-r></title>",
        "<style><meta charset=koi8-r></style>",
    ],
)
def test_meta_that_is_only_text_names_no_encoding(decoy):
    html = f"{decoy}<meta charset=windows-1251><p>{RUSSIAN}"
    with Peer(page(html.encode("windows-1251"))) as peer:
        assert RUSSIAN in get(peer).text()


@every("hostile", [b"<meta ", b"<meta charset", b"<script ", b"<!--", b"<?xml "])
def test_finding_the_encoding_takes_no_time(hostile):
    body = (hostile * (1024 * 1024 // len(hostile)))[: 1024 * 1024]
    with Peer(page(body)) as peer:
        response = get(peer)
    within(2, response.text)


# XHTML -----------------------------------------------------------------------------------------

XHTML = (
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><script src="x"/></head>'
    "<body><p>{}</p></body></html>"
)


def words(text):
    page = read_page(XHTML.format(text), "http://a.example/", "application/xhtml+xml")
    node = next(node for node in page.nodes if node.tag == "p")
    return page.text(node)


@every(
    ("written", "read"),
    [
        ("d&eacute;j&agrave; vu&nbsp;&hellip;", "déjà vu\xa0…"),
        ("a &lt;b&gt; &amp;eacute;", "a <b> &eacute;"),
        ("&LT;b&GT; &AMP;", "<b> &"),
        ("<![CDATA[&eacute;]]>", "&eacute;"),
        ("<!-- &eacute; -->x", "x"),
        ("&#233;&#xe9;", "éé"),
    ],
)
def test_named_characters_of_xhtml_are_read(written, read):
    assert words(written) == read


def test_unknown_name_in_xhtml_is_read_as_html():
    assert words("a &nothing; b") == "a &nothing; b"
