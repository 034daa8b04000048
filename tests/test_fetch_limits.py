"""A fetch keeps its limits of time and size, whatever the other server does."""

import contextlib
import functools
import gzip
import socket
import threading
import time
import tracemalloc
import zlib

import brotli
import pytest
from inputs import every
from peers import (
    HERE,
    PATIENCE,
    SHORT,
    SOON,
    Peer,
    Trap,
    failing,
    forever,
    get,
    late,
    moved,
    page,
    silent,
)

from blog.net import addresses
from blog.net.fetch import LIMIT, OVERHEAD, FetchError, fetch

# --- One deadline for everything


def test_fetch_deadline_a_silent_server_is_given_up():
    with Peer(silent) as peer:
        assert late(peer)


@every(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", page(length=False), page(length=False, content_length=999999)],
)
def test_fetch_deadline_slow_drip_is_given_up(first):
    with Peer(forever(b"a", first, every=0.02)) as peer:
        assert late(peer)


def test_fetch_deadline_redirects_share_the_deadline():
    def slowly(connection, peer):
        peer.over.wait(0.15)
        connection.sendall(moved("/"))

    with Peer(slowly) as peer:
        assert failing(peer, deadline=SHORT) == "timeout"
        assert peer.calls < 4


def test_fetch_deadline_endless_handshake_is_given_up():
    with Trap() as trap, pytest.raises(FetchError) as caught:
        fetch(trap.url(scheme="https"), allowed=[trap.place], deadline=SHORT)
    assert caught.value.kind == "timeout"


def test_fetch_deadline_for_a_server_that_does_not_read():
    with Trap() as trap:
        assert late(trap, method="POST", data=b"x" * 20_000_000)


def test_fetch_deadline_for_a_silent_resolver():
    over = threading.Event()

    def resolve(name):
        over.wait(PATIENCE)
        return []

    began = time.monotonic()
    with pytest.raises(FetchError) as caught:
        fetch("http://slow.example/", resolve=resolve, deadline=SHORT)
    took = time.monotonic() - began
    over.set()
    wait_for_lookups()
    assert caught.value.kind == "timeout"
    assert took < SOON


def wait_for_lookups():
    for thread in threading.enumerate():
        if thread.name.startswith("look up"):
            thread.join(PATIENCE)


def test_fetch_deadline_hanging_lookups_do_not_pile_up(monkeypatch):
    """Above the limit the next one waits for a place, and its fetch ends at its deadline."""
    monkeypatch.setattr(addresses, "_lookups", threading.BoundedSemaphore(2))
    over, begun = threading.Event(), []

    def resolve(name):
        begun.append(name)
        over.wait(PATIENCE)
        return []

    kinds = []
    for _ in range(4):
        with pytest.raises(FetchError) as caught:
            fetch("http://slow.example/", resolve=resolve, deadline=0.05)
        kinds.append(caught.value.kind)
    over.set()
    wait_for_lookups()
    assert (kinds, len(begun)) == (["timeout"] * 4, 2)
    with pytest.raises(FetchError) as caught:
        fetch("http://fast.example/", resolve=lambda name: [], deadline=PATIENCE)
    wait_for_lookups()
    assert caught.value.kind == "refused"


def test_a_resolver_that_fails_is_not_a_refusal():
    def resolve(name):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(FetchError) as caught:
        fetch("http://name.example/", resolve=resolve)
    assert caught.value.kind == "unreachable"


# --- What is read is bounded


def test_w4_2_only_the_first_mib_is_read():
    assert LIMIT == 1024 * 1024
    for size, more in ((LIMIT, False), (LIMIT + 1, True)):
        with Peer(page(b"x" * size)) as peer:
            response = get(peer)
        assert (len(response.body), response.truncated) == (LIMIT, more)


@pytest.mark.parametrize("chunked", [False, True])
def test_w4_2_an_endless_body_is_cut_off(chunked):
    piece = b"x" * 5000
    first = page(b"", length=False, **{"transfer_encoding": "chunked"} if chunked else {})
    piece = b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
    with Peer(forever(piece, first)) as peer:
        response = get(peer, limit=10_000)
    assert (response.body, response.truncated) == (b"x" * 10_000, True)


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": functools.partial(brotli.compress, quality=4),
    "identity": bytes,
}


@every("coding", PACK)
def test_link_coding_gzip_deflate_and_br_are_decoded(coding):
    text = b"<p>" + b"Yes and no. " * 3000
    with Peer(page(PACK[coding](text), content_encoding=coding.upper())) as peer:
        response = get(peer)
    assert (response.body, response.truncated) == (text, False)


def test_link_coding_deflate_without_its_wrapping_is_decoded():
    packed = zlib.compress(b"<p>Yes.", wbits=-15)
    with Peer(page(packed, content_encoding="deflate")) as peer:
        assert get(peer).body == b"<p>Yes."


@every("coding", ["gzip", "deflate", "br"])
def test_fetch_size_bomb_is_unpacked_only_to_the_limit(coding):
    bomb = PACK[coding](bytes(32 * LIMIT))
    with Peer(page(bomb, content_encoding=coding)) as peer:
        tracemalloc.start()
        response = get(peer)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (len(response.body), response.truncated) == (LIMIT, True)
    assert most < 6 * LIMIT


def test_fetch_size_of_empty_data_is_bounded_as_sent():
    """Empty blocks of deflate: a stream without end, of which nothing ever comes."""
    empty = b"\x00\x00\x00\xff\xff" * 1000
    packed = gzip.compress(b"")[:10]
    with Peer(forever(empty, page(packed, length=False, content_encoding="gzip"))) as peer:
        response = get(peer, limit=100_000)
    assert (response.body, response.truncated) == (b"", True)


@every("coding", ["gzip, gzip", "gzip, br", "zstd", "compress"])
def test_link_coding_unknown_or_several_are_refused(coding):
    with Peer(page(gzip.compress(gzip.compress(b"x")), content_encoding=coding)) as peer:
        assert failing(peer) == "protocol"


@every("coding", ["gzip", "deflate", "br"])
def test_link_coding_corrupt_or_truncated_data_is_refused(coding):
    for body in (b"<p>Not packed at all, whatever they say", PACK[coding](b"abc" * 99)[:-3]):
        with Peer(page(body, content_encoding=coding)) as peer:
            assert failing(peer) == "protocol"


def test_link_coding_nothing_packed_is_nothing():
    with Peer(page(b"", content_encoding="gzip")) as peer:
        assert get(peer).body == b""


ENDLESS = {
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 1000),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n" * 100),
    "a status line": (b"HTTP/1.1 200 ", b"O" * 1000),
    "interim answers, a 1xx flood": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 50),
    "chunk extensions": (page(b"5;", length=False, transfer_encoding="chunked"), b"x" * 1000),
    "chunks of one byte": (
        page(b"", length=False, transfer_encoding="chunked"),
        b"1\r\nx\r\n" * 99,
    ),
    "trailers": (page(b"0\r\n", length=False, transfer_encoding="chunked"), b"X: y\r\n" * 100),
}


@every("what", ENDLESS)
def test_fetch_size_of_heads_is_at_most_64_kib(what):
    first, piece = ENDLESS[what]
    with Peer(forever(piece, first)) as peer:
        assert failing(peer) == "too-large"


def test_fetch_size_headers_of_60_kb_are_borne():
    assert OVERHEAD == 64 * 1024
    with Peer(page(x_y=["z" * 1000] * 60)) as peer:
        assert len(get(peer).headers.all("x-y")) == 60


# --- Peers that misbehave


def reset(connection, peer):
    # Closing with what was not read, or with no time to linger, sends a reset.
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def half_then_reset(connection, peer):
    connection.sendall(page(length=False, content_length=100))
    reset(connection, peer)


@every(
    "answer",
    [reset, half_then_reset, b"", b"HTTP/1.1 200", page(length=False, content_length=100),
     page(b"5\r\nab", length=False, transfer_encoding="chunked"),
     page(b"nonsense\r\n", length=False, transfer_encoding="chunked"),
     b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00\x01\x02\x03" * 100, b"<html>no status</html>\r\n\r\n",
     b"HTTP/2 200 OK\r\n\r\n", b"HTTP/1.1 999999 OK\r\n\r\n",
     page(content_length=["1", "2"], length=False),
     page(transfer_encoding="gzip"), b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
)  # fmt: skip
def test_fetch_ends_in_a_clean_refusal_after_garbage(answer):
    with Peer(answer) as peer:
        assert failing(peer) == "protocol"


def test_fetch_ends_where_nobody_listens_nothing_is_reached():
    trap = Trap()
    trap.socket.close()
    with pytest.raises(FetchError) as caught:
        fetch(f"http://{HERE}:{trap.port}/", allowed=[f"{HERE}:{trap.port}"])
    assert caught.value.kind == "unreachable"


def test_next_address_is_tried_if_one_does_not_answer():
    with Peer(page()) as peer:
        response = fetch(
            peer.url(host="two.example"),
            allowed=[f"two.example:{peer.port}"],
            resolve=lambda name: ["127.0.0.2", "::1", HERE],
        )
    assert response.status == 200


def test_fetch_deadline_silent_address_leaves_time_for_the_next():
    with Peer(page()) as peer, full("127.0.0.2", peer.port):
        response = fetch(
            peer.url(host="two.example"),
            allowed=[f"two.example:{peer.port}"],
            resolve=lambda name: ["127.0.0.2", HERE],
            deadline=2,
        )
    assert response.status == 200


def test_fetch_deadline_silent_address_is_given_up():
    with full() as place, pytest.raises(FetchError) as caught:
        fetch(f"http://{place}/", allowed=[place], deadline=SHORT)
    assert caught.value.kind == "timeout"


@contextlib.contextmanager
def full(host=HERE, port=0):
    """A place where the queue is full, so that the kernel answers no more calls."""
    with contextlib.ExitStack() as stack:
        end = stack.enter_context(socket.create_server((host, port), backlog=0))
        for _ in range(3):
            call = stack.enter_context(socket.socket())
            call.setblocking(False)
            call.connect_ex(end.getsockname())
        yield "{}:{}".format(*end.getsockname())


def test_fetch_ends_data_after_the_body_is_ignored():
    with Peer(page() + page(b"other") + b"garbage") as peer:
        assert get(peer).body == b"<p>Here."
