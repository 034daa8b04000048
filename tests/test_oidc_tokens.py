"""Tokens that are forged, for others, or of another time sign nobody in."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from joserfc.jwk import ECKey, OKPKey, RSAKey
from oidc_tokens import CLIENT, ISSUER, KEY, OTHER_KEY, own, part, public, sign  # noqa: F401

from blog.accounts.oidc import provider as module
from blog.accounts.oidc import tokens
from blog.accounts.oidc.provider import provider
from blog.accounts.oidc.refused import Refused

NOT_PROVEN = "does not prove that it comes from Example Org"
OTHER_TIME = "has run out, or comes from the future"
OTHER_SIGN_IN = "does not belong to a sign-in that was begun in this browser"


@pytest.fixture
def lou(db):
    return get_user_model().objects.create_superuser("lou", "lou@example.org")


def assert_refused(answer, own, caplog, sentence, status=403):  # noqa: F811
    assert answer.status_code == status
    assert sentence in answer.text
    assert not answer.wsgi_request.user.is_authenticated
    assert "OpenID Connect: nobody was signed in" in caplog.text
    for secret in ("at-secret", "c0de", "s:cret", own.query["state"], own.query["nonce"]):
        assert secret not in caplog.text


def test_right_token_signs_in(own, lou):  # noqa: F811
    assert own.come().wsgi_request.user == lou


# --- Who signed it ----------------------------------------------------------------------------


def unsigned(claims, alg="none"):
    return f"{part({'alg': alg, 'kid': 'one'})}.{part(claims)}."


def by_hmac(secret):
    def make(claims):
        signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
        return f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256'))}"

    return make


def tampered(claims):
    head, _, signature = sign(claims).split(".")
    return f"{head}.{part(claims | {'sub': 'somebody-else'})}.{signature}"


FORGED = {
    "none": unsigned,
    "None": lambda claims: unsigned(claims, "None"),
    "none with a signature": lambda claims: f"{unsigned(claims)}{part(b'x' * 256)}",
    "no algorithm": lambda claims: f"{part({'kid': 'one'})}.{part(claims)}.{part(b'x' * 256)}",
    "HS256 by the public key as PEM": by_hmac(KEY.as_pem(private=False)),
    "HS256 by the public key as JSON": by_hmac(json.dumps(public(KEY)).encode()),
    "HS256 by the client's secret": by_hmac(b"s:cret"),
    "another key of that name": lambda claims: sign(claims, OTHER_KEY),
    "another key of no name": lambda claims: sign(claims, OTHER_KEY, kid="two"),
    "its own key": lambda claims: sign(claims, OTHER_KEY, jwk=public(OTHER_KEY)),
    "other claims": tampered,
    "a signature of zeros": lambda claims: f"{sign(claims).rpartition('.')[0]}.{part(bytes(256))}",
    "something unknown": lambda claims: sign(claims, crit=["b64"], b64=True),
    "no token": lambda claims: None,
    "a list": lambda claims: [sign(claims)],
    "two parts": lambda claims: sign(claims).rpartition(".")[0],
    "five parts": lambda claims: f"{sign(claims)}.x.y",
    "no JSON": lambda claims: f"{part(b'[1')}.{part(b'{}')}.{part(b'x')}",
    "deep JSON": lambda claims: f"{part(b'[' * 40_000)}.{part(claims)}.{part(b'x')}",
    "a header that is a list": lambda claims: f"{part([])}.{part(claims)}.{part(b'x')}",
    "very much": lambda claims: sign(claims | {"more": "x" * 70_000}),
}


@pytest.mark.parametrize("kind", FORGED)
def test_forged_token_proves_nothing(settings, kind):
    settings.OIDC_NAME = "Example Org"
    with pytest.raises(Refused) as refused:
        tokens.signed(FORGED[kind]({"sub": "lou"}), lambda newer: [public(KEY)])
    assert NOT_PROVEN in refused.value.sentence


@pytest.mark.parametrize("kind", ["none", "HS256 by the public key as PEM", "other claims"])
def test_forged_token_signs_nobody_in(own, lou, caplog, kind):  # noqa: F811
    own.make = FORGED[kind]
    assert_refused(own.come(), own, caplog, NOT_PROVEN)


@pytest.mark.filterwarnings("ignore:Key size:joserfc.errors.SecurityWarning")
def test_short_keys_and_keys_for_other_uses_sign_nothing(own, lou, caplog):  # noqa: F811
    short = RSAKey.generate_key(1024)
    own.keys, own.make = [public(short)], lambda claims: sign(claims, short)
    assert_refused(own.come(), own, caplog, NOT_PROVEN)
    provider.forget()
    own.keys, own.make = [public(KEY, use="enc"), public(KEY, alg="RS512")], sign
    assert_refused(own.come(), own, caplog, NOT_PROVEN)


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("PS256", KEY),
        ("ES256", ECKey.generate_key("P-256")),
        ("Ed25519", OKPKey.generate_key("Ed25519")),
    ],
)
def test_other_kinds_of_keys_are_taken(own, lou, alg, key):  # noqa: F811
    odd = [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "lattice"}, "no key", {"kty": "RSA", "n": 7}]
    own.keys = [*odd, public(key)]
    own.make = lambda claims: sign(claims, key, alg=alg)
    assert own.come().wsgi_request.user == lou


def calls(own, name):  # noqa: F811
    return [asked for asked, _given in own.asked].count(name)


def test_new_keys_are_looked_for_but_not_at_each_token(own, lou, monkeypatch):  # noqa: F811
    now = [1000.0]
    monkeypatch.setattr(provider, "now", lambda: now[0])
    assert own.come().wsgi_request.user == lou
    own.keys, own.make = [public(OTHER_KEY, kid="two")], lambda c: sign(c, OTHER_KEY, kid="two")
    assert own.come().status_code == 403
    assert calls(own, "keys") == 1
    now[0] += module.KEYS_AGAIN_AFTER
    assert own.come().wsgi_request.user == lou
    assert calls(own, "keys") == 2
    own.make = sign  # by the key that was taken back
    assert own.come().status_code == 403


# --- What it says -----------------------------------------------------------------------------

NOW = int(time.time())


def check(claims):
    tokens.check(claims, issuer=ISSUER, client=CLIENT, now=NOW)
    tokens.check_sign_in(claims, "mine")


@pytest.mark.parametrize(
    ("changes", "sentence", "why"),
    [
        ({"iss": "https://login.example.org"}, NOT_PROVEN, "is of the issuer"),
        ({"iss": f"{ISSUER}/"}, NOT_PROVEN, "is of the issuer"),
        ({"aud": "other"}, NOT_PROVEN, "is for ['other']"),
        ({"aud": [CLIENT, "other"]}, NOT_PROVEN, "was asked for by None"),
        ({"aud": [CLIENT, "other"], "azp": "other"}, NOT_PROVEN, "was asked for by 'other'"),
        ({"aud": None}, NOT_PROVEN, "is for [None]"),
        ({"sub": None}, NOT_PROVEN, "names nobody"),
        ({"sub": ""}, NOT_PROVEN, "names nobody"),
        ({"sub": 7}, NOT_PROVEN, "names nobody"),
        ({"sub": "a\0b"}, NOT_PROVEN, "names nobody"),
        ({"sub": "x" * 256}, NOT_PROVEN, "names nobody"),
        ({"exp": None}, NOT_PROVEN, "exp is not a time"),
        ({"exp": True}, NOT_PROVEN, "exp is not a time"),
        ({"exp": "9999999999"}, NOT_PROVEN, "exp is not a time"),
        ({"exp": float("inf")}, NOT_PROVEN, "exp is not a time"),
        ({"exp": 10**400}, NOT_PROVEN, "exp is not a time"),
        ({"iat": None}, NOT_PROVEN, "iat is not a time"),
        ({"exp": NOW - 3600, "iat": NOW - 7200}, OTHER_TIME, "ran out"),
        ({"iat": NOW + 3600, "exp": NOW + 7200}, OTHER_TIME, "ahead"),
        ({"nbf": NOW + 3600}, OTHER_TIME, "ahead"),
        ({"nonce": "of another sign-in"}, OTHER_SIGN_IN, "nonce of another"),
        ({"nonce": None}, OTHER_SIGN_IN, "nonce of another"),
    ],
)
def test_token_for_others_is_refused(changes, sentence, why, settings):
    settings.OIDC_NAME = "Example Org"
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "lou", "iat": NOW, "exp": NOW + 300}
    claims |= {"nonce": "mine"} | changes
    claims = {name: said for name, said in claims.items() if said is not None}
    with pytest.raises(Refused) as refused:
        check(claims)
    assert sentence in refused.value.sentence
    assert why in refused.value.why


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"iss": "https://login.example.org"}, NOT_PROVEN),
        ({"aud": "other"}, NOT_PROVEN),
        ({"exp": NOW - 3600}, OTHER_TIME),
        ({"iat": NOW + 7200, "exp": NOW + 9000}, OTHER_TIME),
        ({"nonce": "of another sign-in"}, OTHER_SIGN_IN),
    ],
)
def test_token_for_others_signs_nobody_in(own, lou, caplog, changes, sentence):  # noqa: F811
    assert_refused(own.come(**changes), own, caplog, sentence)


def test_clocks_may_differ_by_a_little(own, lou):  # noqa: F811
    now = int(time.time())
    for changes in ({"iat": now + 40}, {"iat": now - 400, "exp": now - 40}):
        assert own.come(**changes).wsgi_request.user == lou


def test_audience_among_others_is_taken_if_this_site_asked(own, lou):  # noqa: F811
    assert own.come(aud=["other", CLIENT], azp=CLIENT).wsgi_request.user == lou


# --- Which sign-in it is of -------------------------------------------------------------------


def test_answer_is_taken_once(own, lou, caplog):  # noqa: F811
    by = Client()
    assert own.come(by).status_code == 302
    by.post("/admin/logout/")
    assert_refused(own.back(by), own, caplog, OTHER_SIGN_IN)
    assert calls(own, "token") == 1


def test_answer_of_another_browser_is_refused_without_a_call(own, lou, caplog):  # noqa: F811
    own.begin(Client())
    assert_refused(own.back(Client()), own, caplog, OTHER_SIGN_IN)
    other = Client()
    other.get("/admin/oidc/")
    assert_refused(own.back(other), own, caplog, OTHER_SIGN_IN)
    assert calls(own, "token") == 0


def test_sign_in_is_begun_for_ten_minutes(own, lou, caplog, monkeypatch):  # noqa: F811
    by = Client()
    own.begin(by)
    later = time.time() + 601
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert_refused(own.back(by), own, caplog, OTHER_SIGN_IN)


def test_answer_of_another_issuer_is_refused(own, lou, caplog):  # noqa: F811
    by = Client()
    own.begin(by)
    refused = own.back(by, iss="https://evil.example")
    assert_refused(refused, own, caplog, "cannot be used")
    provider.forget()
    own.document["authorization_response_iss_parameter_supported"] = True
    assert_refused(own.come(), own, caplog, "cannot be used")
    assert calls(own, "token") == 0


def test_made_up_answers_are_counted_by_network(own, lou, settings):  # noqa: F811
    settings.LOGIN_RATE_PER_ACCOUNT = (2, 3600)
    own.make = unsigned
    assert [own.come().status_code for _ in range(3)] == [403, 403, 429]
    assert calls(own, "token") == 2
    own.make = sign
    by = Client(REMOTE_ADDR="198.51.100.7")
    assert [own.come(by).status_code for _ in range(3)] == [302] * 3


def test_code_is_proven_by_the_browsers_own_key(own, lou):  # noqa: F811
    own.come()
    [sent] = [given["data"].decode() for asked, given in own.asked if asked == "token"]
    verifier = dict(pair.split("=") for pair in sent.split("&"))["code_verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert own.query["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert own.query["code_challenge_method"] == "S256"
    assert len(verifier) >= 43
