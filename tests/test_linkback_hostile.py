"""Hostile requests and sources: the answer is always below 500."""

import random

import pytest
from linkbacks import FORM, at, linking, look_all, mention
from peers import Peer, page
from trials import in_full

from comments.models import Comment, Linkback, Look

PIECES = [
    b"source=", b"target=", b"&", b"http://127.0.0.1:8000/", b"https://a.example.org/", b"%00",
    b"%ff", b"\x00", b"\xff\xfe", b"%ED%A0%80", b"http://[::1", b"http://[v1.a]/", b"#", b"?p=",
    b"?p=\xf0\x9f\x98\x80", b"//", b"..", b":99999/", b"@", b"%", b"<methodCall>", b"\xe2\x80\xae",
    b"2020/01/", b"a" * 300, b"\xf0\x9f\x98\x80" * 40, b";", b"=", b"+",
]  # fmt: skip
CALL = (
    "<methodCall><methodName>pingback.ping</methodName><params><param><value>{}</value></param>"
    "<param><value>{}</value></param></params></methodCall>"
)


@pytest.fixture(autouse=True)
def nobody_waits(settings):
    settings.LINKBACK_WAITS = 0
    settings.LINKBACK_RATE_PER_NETWORK = settings.LINKBACK_RATE_SITE = None


@pytest.fixture
def post(write):
    return write()


@pytest.mark.long
def test_w3_2_1_any_bytes_are_answered_below_500(client, post):
    for _ in range(in_full(300, 80)):
        body = b"".join(random.choices(PIECES, k=random.randrange(1, 9)))
        assert client.post("/webmention/", body, FORM).status_code < 500, body
        assert client.post("/pingback/", body, "text/xml").status_code < 500, body
        words = body.decode("utf-8", "replace").replace("&", "&amp;").replace("<", "&lt;")
        call = CALL.format(f"https://a.example.org/{words}", f"http://127.0.0.1:8000/{words}")
        assert client.post("/pingback/", call, "text/xml").status_code < 500, call


@pytest.mark.parametrize("place", ["/" + "\U0001f600" * 1900, "/" + "a" * 1960, "/?" + "é" * 300])
def test_w3_2_1_long_addresses_are_accepted_or_refused(client, post, place):
    form = {"source": f"https://a.example.org{place}", "target": at(post)}
    assert mention(client, **form).status_code in (201, 400)


def test_w3_2_1_any_host_fits_its_column(client, post):
    response = mention(client, f"https://{'a.' * 900}example/", at(post))
    assert response.status_code == 201
    assert {len(row.host) for row in (Linkback.objects.get(), Look.objects.get())} == {255}


@pytest.mark.parametrize(
    "words",
    [
        "\x00\x01\x1b[31m", "&#0;&#xD800;&#x110000;", "\u202eevil\u2066", "a" * 300_000,
        "e" + "\u0301" * 5000, "<script>alert(1)</script>", "{{ post }}{% now 'Y' %}", "![a](b)",
        "\ufdfa" * 1000, "% (a)s %s {0}",
    ],
)  # fmt: skip
def test_abuse_shown_hostile_words_are_cleaned_in_the_queue(
    client, post, settings, words, admin_client
):
    html = linking(at(post), words, title=words)
    with Peer(page(html, content_type="text/html; charset=utf-8")) as peer:
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
        mention(client, peer.url(), at(post))
        look_all()
    comment = Comment.objects.get()
    assert len(comment.title) <= 200
    assert len(comment.body) <= 300
    for text in (comment.title, comment.body, comment.name):
        assert not {"\x00", "\x1b", "\u202e", "\u2066"} & set(text)
    assert admin_client.get("/admin/comments/comment/").status_code == 200
    comment.approve()
    html = client.get(post.get_absolute_url()).content.decode()
    assert "<script>alert" not in html
    assert Linkback.objects.get().state == "accepted"


def test_abuse_shown_invalid_author_address_is_left_out(client, post, settings):
    more = "<a rel=author href='javascript:alert(1)'>Me</a>"
    with Peer(page(linking(at(post), more=more))) as peer:
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
        mention(client, peer.url(), at(post))
        look_all()
    assert Comment.objects.get().url == ""
