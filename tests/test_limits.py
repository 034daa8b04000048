"""How many bodies are read at a time, of whom, and how large they may be."""

import io
from http import HTTPStatus

import pytest
from inputs import every

from blog.env import parse_networks
from blog.web import limits
from blog.web.limits import RECEIVED, Receiver, Turns, within_limits


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


def test_one_network_takes_no_more_than_its_share():
    turns = Turns(8, 2)
    assert turns.take("203.0.113.0/24")
    own = turns.take("203.0.113.0/24")
    assert turns.take("203.0.113.0/24") is None
    assert turns.take("198.51.100.0/24")
    turns.give_back(own)
    assert turns.take("203.0.113.0/24")


def test_all_networks_together_take_no_more_than_there_is():
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


def test_large_bodies_wait_for_turns_of_their_own(settings, monkeypatch):
    monkeypatch.setattr(limits, "LARGE_WAITS", 1)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    signed_in = {
        "PATH_INFO": f"/{settings.ADMIN_PATH}/",
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}=x",
    }
    receiver, said = Receiver(8), []

    def inside():
        said.append(receiver(sent(length=200, **signed_in)))
        said.append(receiver(sent(length=100, **signed_in)))

    slow(receiver, inside, length=200, **signed_in)
    assert said[:2] == [HTTPStatus.SERVICE_UNAVAILABLE, None]


def test_what_was_received_before_is_not_read_again():
    seen = []
    app = within_limits(lambda environ, start: seen.append(environ) or [])
    request = sent(**{RECEIVED: None})
    app(request, None)
    assert seen[0]["wsgi.input"].tell() == 0
