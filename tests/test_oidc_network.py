"""The provider is away, slow, or answers with what it should not: the sign-in page stays usable."""

import json
import ssl
import threading
import time

import pytest
import trustme
from django.contrib.auth import get_user_model
from django.test import Client
from oidc_tokens import BEGIN, ISSUER, own  # noqa: F401 - a fixture
from peers import HERE, End, Peer, fields, forever, in_turn, moved, page, silent

from blog.accounts.oidc import provider as module
from blog.accounts.oidc.provider import LIMIT, provider

pytestmark = pytest.mark.django_db

AWAY, NOT_USABLE = "cannot be asked now", "cannot be used"


@pytest.fixture(autouse=True)
def set_up(settings, monkeypatch):
    settings.OIDC_CLIENT_ID, settings.OIDC_NAME = "margin", "Example Org"
    monkeypatch.setattr(module, "DEADLINE", 0.5)
    provider.forget()
    yield
    provider.forget()


def begin_at(issuer, settings):
    settings.OIDC_ISSUER = issuer
    provider.forget()
    return Client().get(BEGIN)


def assert_page_with(answer, sentence):
    """The page for signing in, with what happened."""
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"
    assert sentence in answer.text
    assert 'id="login-form"' in answer.text


def as_json(found, **more):
    return page(json.dumps(found).encode(), content_type="application/json", **more)


ANSWERS = {
    "nothing": (silent, AWAY),
    "a byte at a time": (forever(b"x", b"HTTP/1.1 200 OK\r\n\r\n{", every=0.05), AWAY),
    "no HTTP": (b"what?\r\n\r\n", AWAY),
    "a fault": (as_json({}, status="500 Fault"), AWAY),
    "too much": (page(b'{"issuer": "' + b"x" * LIMIT + b'"}'), NOT_USABLE),
    "HTML": (page(b"<!doctype html><title>Welcome"), NOT_USABLE),
    "half a JSON": (page(b'{"issuer": '), NOT_USABLE),
    "deep JSON": (page(b"[" * 100_000), NOT_USABLE),
    "a list": (as_json([]), NOT_USABLE),
    "not found": (page(status="404 Not Found"), NOT_USABLE),
    "somebody else's": (as_json({"issuer": "https://login.example.org"}), NOT_USABLE),
    "another encoding": (page(b"\xff\xfe\x00"), NOT_USABLE),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_wrong_answer_leaves_the_page_as_it_was(settings, caplog, kind):
    answer, sentence = ANSWERS[kind]
    began = time.monotonic()
    with Peer(answer) as peer:
        assert_page_with(begin_at(f"http://{peer.place}", settings), sentence)
    assert time.monotonic() - began < 5
    assert "/.well-known/openid-configuration" in caplog.text or "calls itself" in caplog.text


def test_provider_that_is_away_is_left_alone_for_a_moment(settings):
    with End().socket as closed:
        place = f"{HERE}:{closed.getsockname()[1]}"
    assert_page_with(begin_at(f"http://{place}", settings), AWAY)
    with Peer(as_json({})) as peer:
        settings.OIDC_ISSUER = f"http://{peer.place}"
        for _ in range(3):
            assert Client().get(BEGIN).status_code == 503
        assert peer.calls == 1


def test_redirect_is_not_followed(settings):
    with Peer(as_json({})) as other, Peer(moved(other.url())) as peer:
        assert_page_with(begin_at(f"http://{peer.place}", settings), NOT_USABLE)
        assert other.calls == 0


def test_wrong_certificate_is_refused(settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(HERE).configure_cert(context)
    with Peer(as_json({}), tls=context) as peer:
        assert_page_with(begin_at(f"https://{peer.place}", settings), AWAY)
        assert b"HTTP" not in b"".join(peer.requests)


def test_password_works_while_the_provider_is_away(settings):
    get_user_model().objects.create_superuser("owner", "", "a margin")
    with Peer(as_json({}, status="500 Fault")) as peer:
        answer = begin_at(f"http://{peer.place}", settings)
    local = {"username": "owner", "password": "a margin", "next": "/admin/"}
    assert answer.client.post("/admin/login/", local).status_code == 302


# --- Whom it names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("authorization_endpoint", "https://evil.example/x"),
        ("token_endpoint", "https://evil.example/x"),
        ("end_session_endpoint", "https://evil.example/x"),
        ("userinfo_endpoint", "https://login.example.org.evil.example/x"),
        ("jwks_uri", "http://login.example.org/x"),
        ("jwks_uri", "https://login.example.org:8443/x"),
        ("jwks_uri", "https://login.example.org@evil.example/x"),
        ("jwks_uri", "//login.example.org/x"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("jwks_uri", 7),
    ],
)
def test_other_hosts_are_not_called(own, caplog, name, url):  # noqa: F811
    own.document[name] = url
    answer = Client().get(BEGIN)
    assert_page_with(answer, NOT_USABLE)
    assert f"the provider's {name} is" in caplog.text
    assert "add its host to OIDC_HOSTS" in caplog.text
    assert len(own.asked) == 1


def test_missing_addresses_are_refused(own):  # noqa: F811
    del own.document["jwks_uri"]
    assert_page_with(Client().get(BEGIN), NOT_USABLE)


def test_named_hosts_are_called(own, settings):  # noqa: F811
    settings.OIDC_HOSTS = ["keys.example.org"]
    own.document["jwks_uri"] = "https://keys.example.org/keys"
    get_user_model().objects.create_superuser("lou", "lou@example.org")
    assert own.come().wsgi_request.user.is_authenticated
    assert {tuple(given["allowed"]) for _name, given in own.asked} == {
        ("login.example.org:443", "keys.example.org:443")
    }


# --- What is asked ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ways", "secret", "header", "in_form"),
    [
        (None, "s:cret", True, False),
        (["client_secret_basic", "client_secret_post"], "s:cret", True, False),
        (["client_secret_post"], "s:cret", False, True),
        (["none"], "", False, False),
    ],
)
def test_secret_goes_the_way_the_provider_wants(own, settings, ways, secret, header, in_form):  # noqa: F811
    settings.OIDC_CLIENT_SECRET = secret
    if ways:
        own.document["token_endpoint_auth_methods_supported"] = ways
    own.come()
    [sent] = [given for asked, given in own.asked if asked == "token"]
    assert bool(sent["authorization"]) is header
    assert (b"client_secret=s%3Acret" in sent["data"]) is in_form
    assert sent["follow"] is False


def test_credentials_go_over_the_wire_to_the_issuer_alone(settings):
    with Peer(page(b"{}")) as peer:
        settings.OIDC_ISSUER = f"http://{peer.place}"
        provider.door(
            peer.url("/token"), allowed=[peer.place], follow=False, authorization="Basic eDp5"
        )
        assert fields(peer.requests[0])[1]["authorization"] == "Basic eDp5"
    with pytest.raises(ValueError, match="never sent on"):
        provider.door("https://login.example.org/", authorization="Basic eDp5")


def test_userinfo_says_what_the_token_leaves_out(own):  # noqa: F811
    user = get_user_model().objects.create_superuser("lou", "lou@example.org")
    own.document["userinfo_endpoint"] = f"{ISSUER}/userinfo"
    own.userinfo = {"sub": "lou", "email": "lou@example.org", "email_verified": True}
    assert own.come(email=None, email_verified=None).wsgi_request.user == user


def test_userinfo_about_somebody_else_is_refused(own):  # noqa: F811
    get_user_model().objects.create_superuser("lou", "lou@example.org")
    own.document["userinfo_endpoint"] = f"{ISSUER}/userinfo"
    own.userinfo = {"sub": "max", "email": "lou@example.org", "email_verified": True}
    refused = own.come(email=None, email_verified=None)
    assert refused.status_code == 403
    assert "does not prove" in refused.text


def test_verification_is_taken_from_where_the_address_is(own):  # noqa: F811
    get_user_model().objects.create_superuser("lou", "lou@example.org")
    own.document["userinfo_endpoint"] = f"{ISSUER}/userinfo"
    own.userinfo = {"sub": "lou", "email": "max@example.org", "email_verified": True}
    assert own.come(email_verified=None).status_code == 403


def test_code_that_was_used_is_said_so(settings, own, monkeypatch):  # noqa: F811
    by = Client()
    own.begin(by)
    refused = as_json({"error": "invalid_grant"}, status="400 Bad")
    with Peer(refused) as peer:
        real = module.fetch

        def door(url, **given):
            return real(peer.url(), **given | {"allowed": [peer.place]})

        monkeypatch.setattr(provider, "door", door)
        answer = own.back(by)
    assert answer.status_code == 403
    assert "or it was used before" in answer.text


def test_few_threads_wait_for_the_provider(settings, monkeypatch):
    """One more than may wait gets the page within its second."""
    monkeypatch.setattr(module, "TURN_WITHIN", 0.01)
    held = [module.turn() for _ in range(module.MOST_WAITING)]
    for each in held:
        each.__enter__()
    try:
        assert_page_with(begin_at("https://login.example.org", settings), AWAY)
    finally:
        for each in held:
            each.__exit__(None, None, None)


def test_one_call_serves_those_who_come_at_once(settings):
    with Peer(in_turn(as_json({}))) as peer:
        settings.OIDC_ISSUER = f"http://{peer.place}"

        def ask():
            with pytest.raises(module.Refused), module.turn() as clock:
                provider.document(clock)

        threads = [threading.Thread(target=ask) for _ in range(module.MOST_WAITING)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert peer.calls == 1
