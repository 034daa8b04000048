"""Answers of passkeys that are forged, late, used, copied or broken: each refused in a sentence."""

import json
import logging
import time

import pytest
from authenticator import (
    ADD,
    ALONE,
    ORIGIN,
    PASSKEYS,
    PASSWORD,
    STEP,
    VERIFIED,
    Authenticator,
    alone,
    half_way,
    holder,
    is_in,
    options,
    signed_in,
    step,
    visitor,
)
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.utils import timezone
from fido2 import cbor
from fido2.utils import websafe_encode

from blog.accounts.ceremony import options_to_use
from blog.accounts.models import Attempt, Passkey, UsedChallenge
from blog.accounts.passkey_forms import AloneForm

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _named(settings):
    settings.SITE_URL = ORIGIN


@pytest.fixture
def owner(db):
    return get_user_model().objects.create_superuser("owner", "", PASSWORD)


@pytest.fixture
def device(owner):
    return holder(owner)


def refused(page, words):
    return page.status_code == 200 and words in page.text and "errornote" in page.text


# --- What is signed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        "https://localhost:8000",
        "http://localhost",
        "http://localhost:8001",
        "http://blog.localhost:8000",
        "http://evil.example",
        "",
    ],
)
def test_other_origin_is_refused(device, origin):
    assert refused(
        alone(visitor(), device, origin=origin), "Passkeys work at http://localhost:8000"
    )


@pytest.mark.parametrize(
    "changes", [{"host": "evil.example"}, {"kind": "create"}, {"flags": VERIFIED}]
)
def test_answer_to_another_question_is_refused(device, changes):
    assert refused(alone(me := visitor(), device, **changes), "did not pass")
    assert not is_in(me)


def test_forged_signature_is_refused(device):
    thief = Authenticator()
    thief.id, thief.handle = device.id, device.handle
    assert refused(alone(me := visitor(), thief), "did not pass")
    assert Passkey.objects.get().sign_count == 0
    assert not is_in(me)


def test_answer_names_its_own_person(device):
    device.handle = websafe_encode(bytes(32))
    assert refused(alone(visitor(), device), "not known here")


def test_answer_works_once(device):
    me = visitor()
    sent = {"passkey_token": device.used(options(me, "alone").json())}
    cookie = me.cookies["postil_csrf"].value
    assert me.post(ALONE, sent).status_code == 302
    again = visitor()
    again.cookies["postil_csrf"] = cookie  # which the challenge was made for
    assert refused(again.post(ALONE, sent), "used already")
    assert not is_in(again)


def test_challenge_of_another_browser_is_refused(device):
    asked = options(visitor(), "alone").json()
    page = (me := visitor()).post(ALONE, {"passkey_token": device.used(asked)})
    assert refused(page, "in another window")
    assert not is_in(me)


def test_challenge_of_another_session_is_refused(device):
    asked = options(me := half_way(), "step").json()
    again = half_way()
    again.cookies["postil_csrf"] = me.cookies["postil_csrf"].value
    page = again.post(STEP, {"passkey_token": device.used(asked)})
    assert refused(page, "in another window")


def test_challenge_for_something_else_is_refused(device):
    me = half_way()
    asked = options(me, "alone").json()
    assert refused(me.post(STEP, {"passkey_token": device.used(asked)}), "in another window")


def test_made_up_challenge_is_refused(device):
    for challenge in (b"", b"x" * 56, bytes(200)):
        asked = {"challenge": websafe_encode(challenge), "rpId": "localhost"}
        page = visitor().post(ALONE, {"passkey_token": device.used(asked)})
        assert refused(page, "in another window")


def test_challenge_of_another_account_is_refused(device, author):
    asked = options(signed_in(author), "add", password="").json()
    assert "error" in asked  # who has no password cannot begin
    author.set_password(PASSWORD)
    author.save()
    asked = options(signed_in(author), "add", password=PASSWORD).json()
    me = signed_in(get_user_model().objects.get(username="owner"))
    page = me.post(ADD, {"name": "x", "passkey_token": Authenticator().made(asked)})
    assert refused(page, "as somebody else")


def test_passkey_of_another_account_is_no_second_step(device, author):
    author.set_password(PASSWORD)
    author.save()
    theirs = holder(author)
    assert refused(step(me := half_way(), theirs), "not known here")
    assert not is_in(me)


def test_late_answer_is_refused(device, monkeypatch):
    me = visitor()
    asked = options(me, "alone").json()
    now = time.time()
    monkeypatch.setattr("blog.accounts.ceremony.time.time", lambda: now + 301)
    page = me.post(ALONE, {"passkey_token": device.used(asked)})
    assert refused(page, "More than five minutes")


def test_used_challenges_are_forgotten(device):
    alone(visitor(), device)
    assert UsedChallenge.objects.exists()
    UsedChallenge.objects.forget(timezone.now() + timezone.timedelta(hours=1))
    assert not UsedChallenge.objects.exists()


# --- Copies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [1, 2, 3])
def test_counter_that_does_not_grow_is_refused(device, caplog, back):
    for _use in range(2):
        alone(visitor(), device)
    device.count -= back  # the next use says 2, 1 or 0
    with caplog.at_level(logging.WARNING, "blog.accounts"):
        page = alone(me := visitor(), device)
    assert refused(page, "there may be a copy of it")
    assert not is_in(me)
    assert "its counter did not grow" in caplog.text
    assert Attempt.objects.filter(outcome="copied-key").count() == 1
    assert "its counter did not grow" in LogEntry.objects.first().change_message


def test_passkey_without_a_counter_goes_on(device):
    for _use in range(2):
        device.count = -1
        assert alone(visitor(), device).status_code == 302


def test_forger_cannot_make_a_passkey_look_copied(device):
    alone(visitor(), device)
    thief = Authenticator()
    thief.id, thief.handle, thief.count = device.id, device.handle, -1
    assert refused(alone(visitor(), thief), "did not pass")
    assert not Attempt.objects.filter(outcome="copied-key").exists()


# --- Too many ------------------------------------------------------------------------------------


def test_passkeys_cannot_be_guessed_either(device, settings):
    settings.LOGIN_RATE_PER_ACCOUNT = (3, 3600)
    me = half_way()
    thief = Authenticator()
    thief.id, thief.handle = device.id, device.handle
    for _try in range(3):
        assert step(me, thief).status_code == 200
    slowed = step(me, device)
    assert slowed.status_code == 429
    assert "Retry-After" in slowed
    assert not is_in(me)


def test_unknown_passkeys_count_for_their_network(device, settings):
    settings.LOGIN_RATE_PER_NETWORK = (3, 3600)
    for _try in range(3):
        (stranger := Authenticator()).handle = websafe_encode(bytes(32))
        assert alone(visitor(), stranger).status_code == 200
    assert alone(visitor(), stranger).status_code == 429


# --- Hostile bytes -------------------------------------------------------------------------------


def broken(right):
    """Yield answers that are none, made of a right one."""
    yield from ["", "{", "null", "[]", "7", '"x"', "\0", "{}", "[" * 15_000, "9" * 15_000]
    yield from ["x" * 20_000, '{"a":' * 3_000, "NaN", "\ud7ff", "\u202e{}"]
    for name in ("id", "rawId", "type", "response"):
        for value in (None, 1, [], {}, "", "x", "!!!", "\0", "é", "a" * 9_000, [[]], True):
            yield json.dumps(right | {name: value})
    for name in right["response"]:
        for value in (None, 1, [], {}, "", "x", "!!!", "\0", "é", "AAAA", "a" * 9_000, True):
            if not (name == "userHandle" and value is None):
                yield json.dumps(right | {"response": right["response"] | {name: value}})
    for data in (b"{", b"[]", b"null", b"\xff", b"[" * 5_000, b'{"type": 1}', b"\0"):
        changed = {"clientDataJSON": websafe_encode(data)}
        yield json.dumps(right | {"response": right["response"] | changed})
    client_data = {"type": "webauthn.get", "challenge": "AAAA", "origin": ORIGIN}
    for name in client_data:
        for value in (None, 1, [], {}, "\0", "é", [ORIGIN]):
            changed = websafe_encode(json.dumps(client_data | {name: value}).encode())
            response = right["response"] | {"clientDataJSON": changed}
            yield json.dumps(right | {"response": response})


def test_broken_answers_are_refused(device, rf, monkeypatch):
    # Which is written before an answer is checked, at each of two hundred.
    monkeypatch.setattr("blog.accounts.passkey_forms.begin", lambda *given: Attempt())
    request = rf.post(ALONE)
    request.META["CSRF_COOKIE"] = "x" * 32
    right = json.loads(device.used(options_to_use(request, "alone")))
    for sent in broken(right):
        assert not AloneForm({"passkey_token": sent}, request=request).is_valid(), sent[:80]
    assert AloneForm({"passkey_token": json.dumps(right)}, request=request).is_valid()


@pytest.mark.parametrize("sent", ["", "{", "[" * 15_000, "\0", "x" * 20_000])
def test_broken_answer_gets_a_sentence(device, sent, caplog):
    page = visitor().post(ALONE, {"passkey_token": sent})
    assert page.status_code == 200
    assert "errornote" in page.text
    assert caplog.text == ""


ATTESTATIONS = [
    b"",
    b"\xff",
    b"\x81" * 9_000,  # lists in lists
    b"\xbf" * 100,
    cbor.encode({}),
    cbor.encode([1, 2]),
    cbor.encode({"fmt": "none", "attStmt": {}, "authData": b""}),
    cbor.encode({"fmt": "none", "attStmt": {}, "authData": bytes(37)}),
    cbor.encode({"fmt": 1, "attStmt": 1, "authData": 1}),
    cbor.encode({"fmt": "packed", "attStmt": {"sig": b"x"}, "authData": bytes(55) + b"\xa0"}),
]


@pytest.mark.parametrize("attested", ATTESTATIONS)
def test_broken_new_passkey_gets_a_sentence(owner, attested):
    me = signed_in(owner)
    device = Authenticator()
    right = json.loads(device.made(options(me, "add", password=PASSWORD).json()))
    right["response"]["attestationObject"] = websafe_encode(attested)
    page = me.post(ADD, {"name": "x", "passkey_token": json.dumps(right)})
    assert page.status_code == 200
    assert "errornote" in page.text
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("key_id", [b"x", b"y" * 1100])
def test_new_passkey_has_the_id_that_was_said(owner, key_id):
    me = signed_in(owner)
    asked = options(me, "add", password=PASSWORD).json()
    page = me.post(ADD, {"name": "x", "passkey_token": Authenticator().made(asked, key_id=key_id)})
    assert refused(page, "did not pass")
    assert not Passkey.objects.exists()


def test_options_need_a_purpose_and_a_person(owner):
    assert options(visitor(), "x").status_code == 404
    for purpose in ("step", "confirm", "add"):
        assert "error" in options(visitor(), purpose).json()
    assert signed_in(owner).get(f"{PASSKEYS}99/").status_code == 404
