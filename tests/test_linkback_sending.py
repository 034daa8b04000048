"""How a linked page is notified: its endpoint is found, and a notice sent, over real HTTP."""

import pytest
from conftest import on
from notices import FORM, TAKEN, WEBMENTION, Target, at, clock, linking, notify, target, the_page
from peers import HERE, Peer, Trap, fields, moved, page

from comments.linkbacks.links import links_in
from comments.linkbacks.notify import ANSWER_BYTES
from comments.linkbacks.protocols.pingback import parse_call
from comments.models import LinkedPage

__all__ = ["clock", "target"]  # fixtures

pytestmark = pytest.mark.django_db

PINGED = page(
    b"<methodResponse><params><param><value>Thanks.</value></param></params></methodResponse>",
    content_type="text/xml",
)
SOURCE = "http://127.0.0.1:8000/2026/03/on-margins/"


@pytest.fixture
def notify_new(clock, write, settings):
    """Tell a target that gives these answers; return it and its row."""

    def notify_new(path="/", **answers):
        with Target(**answers) as peer:
            settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
            return notify(clock, write, peer, path)

    return notify_new


# --- Which links ------------------------------------------------------------------------------


def test_sending_once_for_an_address_linked_several_times(clock, write, target):
    write(body=linking(target.url("/"), target.url("/"), target.url("/#notes"), target.url("")))
    clock.until_settled()
    assert [there for _source, there in target.notices] == [target.url("/")]


def test_sending_once_links_in_code_do_not_count(clock, write, target):
    there = target.url("/")
    write(
        body=f'`<a href="{there}">x</a>`\n\n    [this]({there})\n\n```html\n<a href="{there}">\n'
        f"```\n\n\\[this\\]({there})"
    )
    clock.until_settled()
    assert target.requests == []


def test_sending_once_a_link_of_a_note_counts(clock, write, target):
    write(body=f"Said.[^1]\n\n[^1]: See [this]({target.url('/')}).")
    clock.until_settled()
    assert len(target.notices) == 1


def test_sending_once_only_http_and_https_are_linked_pages():
    html = "".join(
        f'<a href="{address}">x</a>'
        for address in ("mailto:a@b.example", "tel:1", "ftp://c.example/", "http://", "#note", "")
    )
    assert links_in(html, SOURCE).elsewhere == {}


def test_sending_once_our_own_pages_are_never_called(settings, clock, write):
    with Trap() as trap:
        settings.SITE_URL = trap.url("").rstrip("/")
        settings.LINKBACK_PRIVATE_HOSTS = [trap.place]
        post = write(body=linking("/about/", trap.url("/2026/01/before/")))
        clock.until_settled()
        assert trap.calls == 0
    assert list(links_in(post.body_html, trap.url("/x/")).ours.values()) == [
        trap.url("/about/"),
        trap.url("/2026/01/before/"),
    ]
    assert not LinkedPage.objects.exists()


def test_links_are_found_among_very_many_elements():
    html = "<span>x</span>" * 30_000 + '<a href="https://a.example/?b=1&amp;c=2">x</a>'
    assert list(links_in(html, SOURCE).elsewhere.values()) == ["https://a.example/?b=1&c=2"]


def test_overlong_link_address_is_left_out():
    html = f'<a href="https://a.example/{"b" * 2000}">x</a><a href="https://a.example/ü">x</a>'
    assert list(links_in(html, SOURCE).elsewhere) == ["https://a.example/%C3%BC"]


# --- Webmention -------------------------------------------------------------------------------


def test_w3_1_3_source_and_target_are_sent_as_a_form(clock, write, target):
    there = target.url("/?a=1&b=2#part%20two")
    write(body=linking(there), published_at=on(2026, 3))
    clock.forward()
    line, sent = fields(target.posts[0])
    assert line == "POST /endpoint HTTP/1.1"
    assert sent["content-type"] == FORM
    assert target.notices == [(SOURCE, there)]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("200 OK", "accepted"),
        ("201 Created", "sent"),
        ("202 Accepted", "sent"),
        ("204 No Content", "accepted"),
    ],
)
def test_w3_1_3_any_2xx_is_success(notify_new, status, state):
    _target, row = notify_new(endpoint=page(b"", status))
    assert (row.state, row.protocol, row.status) == (state, "webmention", int(status[:3]))
    assert row.told_at == row.changed_at


def test_w3_1_2_target_is_fetched_by_get(notify_new):
    target, _row = notify_new()
    assert target.lines == ["GET /", "POST /endpoint"]


@pytest.mark.parametrize(
    "answer",
    [
        page(link="<endpoint?a=1&b>; rel=webmention"),
        page(
            b'<!-- <a rel=webmention href=/no> --><link rel=webmention href="/endpoint?a=1&amp;b">'
        ),
        page(b"<a rel='x webmention' href='endpoint?a=1&b'>"),
        page(b"<link rel=webmention href=/no>", link='</endpoint?a=1&b>; REL="x webmention"'),
    ],
)
def test_w3_1_2_endpoint_keeps_its_query(notify_new, answer):
    target, row = notify_new(root=answer)
    assert target.lines == ["GET /", "POST /endpoint?a=1&b"]
    assert row.state == "sent"


def test_w3_1_2_an_empty_address_is_the_page_itself(notify_new):
    both = [page(b'<link rel="webmention" href="">'), TAKEN]
    target, row = notify_new("/essay?id=7", essay=both)
    assert target.lines == ["GET /essay?id=7", "POST /essay?id=7"]
    assert row.state == "sent"


def test_w3_1_2_endpoint_is_relative_to_the_redirect_target(notify_new):
    target, row = notify_new(
        "/old",
        **{
            "old": moved("/new/place"),
            "new/place": page(b"<link rel=webmention href=hook>"),
            "new/hook": TAKEN,
        },
    )
    assert target.lines == ["GET /old", "GET /new/place", "POST /new/hook"]
    assert target.notices[0][1] == target.url("/old"), "the target is as written"
    assert row.state == "sent"


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "text/plain", "application/json"])
def test_w3_1_2_only_html_is_searched_for_elements(notify_new, kind):
    words = b'<link rel="webmention" href="/endpoint"><link rel="pingback" href="http://a.example">'
    _target, row = notify_new(root=page(words, content_type=kind))
    assert row.state == "none"


def test_w3_1_2_image_can_name_its_endpoint(notify_new):
    _target, row = notify_new(
        root=page(b"\x89PNG", content_type="image/png", link="</endpoint>; rel=webmention")
    )
    assert row.state == "sent"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_w3_1_3_redirects_of_the_endpoint_are_followed(notify_new, status):
    target, row = notify_new(endpoint=moved("/next?x=1", status), next=TAKEN)
    assert target.lines == ["GET /", "POST /endpoint", "POST /next?x=1"]
    assert target.notices[0] == target.notices[1]
    assert row.state == "sent"


def test_w3_1_3_303_of_the_endpoint_is_followed_by_get(notify_new):
    target, row = notify_new(endpoint=moved("/done", 303), done=page())
    assert target.lines == ["GET /", "POST /endpoint", "GET /done"]
    assert row.state == "accepted"


def test_w3_1_3_redirect_loop_of_the_endpoint_is_given_up(notify_new):
    target, row = notify_new(endpoint=moved("/endpoint", 307))
    assert len(target.posts) == 6
    assert (row.state, row.why) == ("refused", "The page was moved too many times.")


def test_a_page_without_an_endpoint_is_remembered(notify_new):
    target, row = notify_new(root=page())
    assert target.lines == ["GET /"]
    assert (row.state, row.why) == ("none", "The page takes no such notices.")


# --- W4.3: no place that is not public --------------------------------------------------------


def test_w4_3_private_endpoint_is_never_called(notify_new):
    with Trap() as trap:
        _target, row = notify_new(root=page(link=f"<{trap.url()}>; rel=webmention"))
        assert trap.calls == 0
    assert (row.state, row.status) == ("refused", None)
    assert row.why == "That is not the address of a public page."


def test_w4_3_private_redirect_target_is_never_called(notify_new):
    with Trap() as trap:
        _target, row = notify_new(endpoint=moved(trap.url(), 307))
        assert trap.calls == 0
    assert row.state == "refused"


def test_w4_3_private_pingback_server_is_never_called(notify_new):
    with Trap() as trap:
        _target, row = notify_new(root=page(x_pingback=trap.url()))
        assert trap.calls == 0
    assert row.state == "refused"


def test_w4_5_private_linked_page_is_never_called(clock, write):
    with Trap() as trap:
        write(body=linking(trap.url()))
        clock.forward()
        assert trap.calls == 0
    assert the_page().state == "refused"


# --- Pingback ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named",
    [
        lambda url: page(x_pingback=url),
        lambda url: page(x_pingback=[url, "http://b.example/"]),
        lambda url: page(f'<link rel="pingback" href="{url.replace("&", "&amp;")}" />'.encode()),
        lambda url: page(b'<link rel="pingback" href="http://b.example/">', x_pingback=url),
    ],
)
def test_p2_3_header_goes_before_element(clock, write, settings, named):
    with Peer(None) as peer:
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
        peer.answer = at(root=named(peer.url("/rpc?a=1&b")), rpc=PINGED)
        write(body=linking(peer.url("/")), published_at=on(2026, 3))
        clock.forward()
    line, sent = fields(peer.requests[1])
    assert line == "POST /rpc?a=1&b HTTP/1.1"
    assert sent["content-type"].startswith("text/xml")
    body = peer.requests[1].partition(b"\r\n\r\n")[2].decode()
    assert body.index(SOURCE) < body.index(peer.url("/") + "</string>")
    row = the_page()
    assert (row.state, row.protocol) == ("accepted", "pingback")


def test_p5_alice_s_half_of_the_example(clock, write, settings):
    """No header, so the element; the call names both addresses, with the fragment of the link."""
    with Peer(None) as bob:
        settings.LINKBACK_PRIVATE_HOSTS = [bob.place]
        server = f'<link rel="pingback" href="{bob.url("/xmlrpcserver")}">'
        bob.answer = at(root=page(server.encode()), xmlrpcserver=PINGED)
        write(body=linking(bob.url("/#foo")), published_at=on(2026, 3))
        clock.forward()
    body = bob.requests[1].partition(b"\r\n\r\n")[2]
    assert parse_call(body, "text/xml") == (SOURCE, bob.url("/#foo"))
    assert the_page().state == "accepted"


def pinging(settings, clock, write, answer):
    """Return the row of a page that takes pingbacks and answers them so."""
    with Peer(None) as peer:
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
        peer.answer = at(root=page(x_pingback=peer.url("/rpc")), rpc=answer)
        write(body=linking(peer.url("/")))
        clock.forward()
    return the_page()


def fault(code, words="Because."):
    said = (
        "<methodResponse><fault><value><struct><member><name>faultCode</name>"
        f"<value><int>{code}</int></value></member><member><name>faultString</name>"
        f"<value><string>{words}</string></value></member></struct></value></fault>"
        "</methodResponse>"
    )
    return page(said.encode(), content_type="text/xml")


def test_p3_fault_48_counts_as_accepted(settings, clock, write):
    row = pinging(settings, clock, write, fault(48))
    assert (row.state, row.why) == ("accepted", "It knew already.")
    assert row.told_at


@pytest.mark.parametrize("code", [0, 16, 17, 32, 33, 49, -32601])
def test_p3_faults_other_faults_are_final_and_kept(settings, clock, write, code):
    row = pinging(settings, clock, write, fault(code, "Not &lt;here&gt;."))
    assert (row.state, row.attempts, row.told_at) == ("refused", 0, None)
    assert row.why == f"It answers “{code} Not <here>”."


def test_p3_fault_50_and_429_and_invalid_answers_are_retried(settings, clock, write):
    # 429 is WordPress's, to a pingback that comes within 15 seconds of another.
    for answer in (fault(50), fault(429), page(b"Thanks!"), page(b"")):
        row = pinging(settings, clock, write, answer)
        assert (row.is_tried_again, row.attempts) == (True, 1)
        row.post.delete()


# --- Both -------------------------------------------------------------------------------------


def test_sending_by_one_protocol_webmention_goes_before_pingback(clock, write, settings):
    with (
        Trap() as trap,
        Target(root=page(link="</endpoint>; rel=webmention", x_pingback=trap.url())) as peer,
    ):
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place, trap.place]
        _target, row = notify(clock, write, peer)
        assert trap.calls == 0
    assert row.protocol == "webmention"


def test_sending_by_one_protocol_no_pingback_after_a_refusal(clock, write, settings):
    refusing = page(b"", "400 Bad Request")
    both = page(link="</endpoint>; rel=webmention", x_pingback=f"http://{HERE}:1/")
    with Trap() as trap, Target(root=both, endpoint=refusing) as peer:
        peer.answer = at(
            root=page(link="</endpoint>; rel=webmention", x_pingback=trap.url()), endpoint=refusing
        )
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place, trap.place]
        _target, row = notify(clock, write, peer)
        assert trap.calls == 0
    assert row.state == "refused"


def test_w3_1_3_answer_is_read_to_64_kib(notify_new):
    sent = []

    def endless(connection, peer):
        connection.sendall(page(status="200 OK", length=False))
        while not peer.over.is_set():
            connection.sendall(b"x" * 8192)
            sent.append(8192)

    _target, row = notify_new(endpoint=endless)
    assert row.state == "accepted"
    # What the kernel's buffers hold was sent, and never read.
    assert ANSWER_BYTES <= sum(sent) < 16 * 1024 * 1024


def test_refusal_is_kept_as_short_text(notify_new):
    words = b"<b>No\x00\n link</b> " + b"x" * 1000
    _target, row = notify_new(endpoint=page(words, "400 Bad Request", content_type="text/plain"))
    assert (row.state, row.status) == ("refused", 400)
    assert row.why.startswith("It answers “400 <b>No")
    assert len(row.why) <= 300


def test_html_page_is_not_kept_as_the_reason(notify_new):
    _target, row = notify_new(endpoint=page(b"<h1>Nginx</h1>", "403 Forbidden"))
    assert row.why == "It answers “403”."


def test_missing_page_is_not_searched_for_an_endpoint(notify_new):
    target, row = notify_new(root=WEBMENTION.replace(b"200 OK", b"404 Not Found"))
    assert target.lines == ["GET /"]
    assert (row.state, row.status) == ("refused", 404)
