"""Limits for request bodies: how large, and how many at a time, in all and per network."""

import io
import threading
import time
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from inputs import every

from blog.lib.env import parse_networks
from blog.web import limits
from blog.web.limits import PARTS_PATHS, RECEIVED, Receiver, Turns, within_limits


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(limits, "SLOW", 0)


def sent(length=10, source="203.0.113.5", **more):
    body = io.BytesIO(b"x" * length)
    return {"CONTENT_LENGTH": str(length), "REMOTE_ADDR": source, "wsgi.input": body} | more


def slow(receiver, inside, **sent_by):
    """Receive a body that, while it is read, has `inside` done."""
    request = sent(**sent_by)

    class Dribble(io.BytesIO):
        def read(self, size=-1):
            inside()
            return super().read(size)

    request["wsgi.input"] = Dribble(request["wsgi.input"].getvalue())
    return receiver(request)


def test_one_network_is_limited_to_its_share():
    turns = Turns(8, 2)
    assert turns.take("203.0.113.0/24")
    own = turns.take("203.0.113.0/24")
    assert turns.take("203.0.113.0/24") is None
    assert turns.take("198.51.100.0/24")
    turns.give_back(own)
    assert turns.take("203.0.113.0/24")


def test_all_networks_together_stay_within_the_limit():
    turns = Turns(2, 1)
    assert turns.take("203.0.113.0/24")
    assert turns.take("198.51.100.0/24")
    assert turns.take("192.0.2.0/24") is None


@every(
    ("source", "answer"),
    [
        ("203.0.113.77", HTTPStatus.SERVICE_UNAVAILABLE),
        ("::ffff:203.0.113.9", HTTPStatus.SERVICE_UNAVAILABLE),
        ("203.0.114.5", None),
        ("2001:db8::1", None),
    ],
)
def test_bodies_of_neighbours_share_their_turns(source, answer):
    receiver, second = Receiver(4), []
    slow(receiver, lambda: second.append(receiver(sent(source=source))))
    assert second[0] == answer


def test_a_customer_of_ipv6_is_one_sender(settings):
    receiver, second = Receiver(4), []
    slow(
        receiver,
        lambda: second.append(receiver(sent(source="2001:db8:7:ffff::1"))),
        source="2001:db8:7:1::1",
    )
    assert second[0] == HTTPStatus.SERVICE_UNAVAILABLE


def test_behind_a_proxy_each_client_is_a_sender(settings):
    settings.TRUSTED_PROXIES = parse_networks("127.0.0.1")
    receiver, second = Receiver(4), []

    def by_proxy(client):
        return {"source": "127.0.0.1", "HTTP_X_FORWARDED_FOR": client}

    def inside():
        second.append(receiver(sent(**by_proxy("203.0.113.9"))))
        second.append(receiver(sent(**by_proxy("198.51.100.7"))))

    slow(receiver, inside, **by_proxy("203.0.113.5"))
    assert second[:2] == [HTTPStatus.SERVICE_UNAVAILABLE, None]


def test_a_proxy_sends_for_everybody(settings):
    settings.TRUSTED_PROXIES = parse_networks("203.0.113.5")
    receiver, second = Receiver(4), []
    slow(receiver, lambda: second.append(receiver(sent())))
    assert second[0] is None


@pytest.fixture
def signed_in(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    return {
        "PATH_INFO": f"/{settings.ADMIN_PATH}/",
        "HTTP_COOKIE": f"a=b; {settings.SESSION_COOKIE_NAME}={'k3' * 16}",
    }


def test_large_bodies_wait_for_turns_of_their_own(signed_in):
    receiver, said = Receiver(8), []

    def inside():
        said.append(receiver(sent(length=200, **signed_in)))
        said.append(receiver(sent(length=100, **signed_in)))

    slow(receiver, inside, length=200, **signed_in)
    assert said[:2] == [HTTPStatus.SERVICE_UNAVAILABLE, None]


def test_slow_part_keeps_no_turn_of_comments():
    receiver, said = Receiver(1), []
    slow(receiver, lambda: said.append(receiver(sent())), PATH_INFO=f"/admin/{PARTS_PATHS[0]}x/")
    assert said[0] is None


def test_received_body_is_not_read_again():
    seen = []
    app = within_limits(lambda environ, start: seen.append(environ) or [])
    request = sent(**{RECEIVED: None})
    app(request, None)
    assert seen[0]["wsgi.input"].tell() == 0


def test_one_network_may_send_one_large_body_at_once(signed_in):
    receiver, said = Receiver(8), []

    def inside():
        if not said:
            said.append(receiver(sent(length=200, source="203.0.113.77", **signed_in)))
            said.append(receiver(sent(length=200, source="198.51.100.7", **signed_in)))

    slow(receiver, inside, length=200, **signed_in)
    assert said == [HTTPStatus.SERVICE_UNAVAILABLE, None]


@pytest.mark.parametrize("key", ["x", "K3" * 16, "k3" * 17, ""])
def test_only_a_session_key_allows_a_large_body(signed_in, settings, key):
    cookie = {"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={key}"}
    answer = Receiver(8)(sent(length=200, **(signed_in | cookie)))
    assert answer == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_readers_send_less_than_writers_of_essays(settings):
    essay = len(urlencode({"body": "word " * 100_000}))
    assert Receiver(8)(sent(essay, PATH_INFO=f"/{settings.ADMIN_PATH}/")) is None
    answer = Receiver(8)(sent(settings.READERS_FORM_BYTES + 1, PATH_INFO="/2026/11/x/comments/"))
    assert answer == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_longest_comment_fits_the_body_limit(settings):
    given = {"body": "🙂" * 60_000, "name": "🙂" * 150, "email": "🙂" * 63, "url": "🙂" * 500}
    assert Receiver(8)(sent(len(urlencode(given)), PATH_INFO="/2026/11/x/comments/")) is None


# --- Threads that wait ------------------------------------------------------------------------


def until(true):
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_few_requests_of_a_network_wait_their_turn(monkeypatch):
    monkeypatch.setattr(limits, "SLOW", 60)
    turns, taken = Turns(8, 2), []
    held = [turns.take("203.0.113.0/24") for _ in range(2)]
    waiting = [
        threading.Thread(target=lambda: taken.append(turns.take("203.0.113.0/24")))
        for _ in range(2)
    ]
    for thread in waiting:
        thread.start()
    until(lambda: turns.waiting.total() == 2)
    assert turns.take("203.0.113.0/24") is None  # at once
    for turn in held:
        turns.give_back(turn)
    for thread in waiting:
        thread.join(10)
    assert len(taken) == 2
    assert None not in taken
    assert not turns.waiting


def test_bodies_keep_no_more_threads_than_are_counted(monkeypatch, signed_in):
    """From however many networks they come, large, parts or neither, read or waiting to be."""
    monkeypatch.setattr(limits, "SLOW", 60)
    receiver, go_on, done = Receiver(4), threading.Event(), []

    class Endless(io.BytesIO):
        def read(self, size=-1):
            go_on.wait(20)
            return b""

    def send(number):
        source = f"{100 + number // 3}.0.113.{number}"
        part = {"PATH_INFO": f"/admin/{PARTS_PATHS[0]}x/"}
        length, given = [(100, {}), (200, signed_in), (100, part)][number % 3]
        request = sent(length, source, **given) | {"wsgi.input": Endless()}
        done.append(receiver(request))

    threads = [threading.Thread(target=send, args=[number]) for number in range(60)]
    for thread in threads:
        thread.start()
    until(lambda: len(done) == 60 - receiver.threads)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert set(done[: 60 - receiver.threads]) == {HTTPStatus.SERVICE_UNAVAILABLE}
