"""Passkeys: added, named, used as second step and as the only one, removed."""

import re

import pytest
from authenticator import (
    ADD,
    ALONE,
    PASSKEYS,
    PASSWORD,
    PRESENT,
    STEP,
    Authenticator,
    add,
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
from django.core.management import call_command
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.accounts.leaving import leave
from blog.accounts.models import Attempt, Passkey, RecoveryCode

SET_UP, TAKE_AWAY = "/admin/second-step/set-up/", "/admin/second-step/take-away/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _named(settings):
    settings.SITE_URL = "http://localhost:8000"


@pytest.fixture
def owner(db):
    return get_user_model().objects.create_superuser("owner", "", PASSWORD)


@pytest.fixture
def device(owner):
    """A device that holds a passkey of the owner's."""
    return holder(owner)


def remove(me, key, **given):
    return me.post(f"{PASSKEYS}{key.pk}/remove/", given)


# --- Adding, naming, removing --------------------------------------------------------------------


def test_first_passkey_brings_recovery_codes(owner):
    page = add(signed_in(owner), Authenticator())
    codes = re.findall(r"<code>((?:[0-9a-f]{4}-){4}[0-9a-f]{4})</code>", page.text)
    assert len(set(codes)) == RecoveryCode.objects.filter(user=owner).count() == 10
    assert "no-store" in page["Cache-Control"]


def test_second_passkey_keeps_the_recovery_codes(device, owner):
    before = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert add(signed_in(owner), Authenticator(), "Key ring")["Location"] == PASSKEYS
    assert set(RecoveryCode.objects.values_list("digest", flat=True)) == before
    assert len(set(Passkey.objects.values_list("handle", flat=True))) == 1


def test_list_says_name_and_dates(device, owner):
    me = signed_in(owner)
    assert "Phone" in (page := me.get(PASSKEYS).text)
    assert "Not used yet." in page
    alone(visitor(), device)
    assert "Last used on" in me.get(PASSKEYS).text


def test_adding_needs_the_password(owner):
    me = signed_in(owner)
    for given, said in [("wrong", "not your password"), ("", "Give your password first")]:
        answer = options(me, "add", password=given)
        assert answer.status_code == 400
        assert said in answer.json()["error"]


def test_account_without_a_password_needs_one(author):
    author.set_unusable_password()
    author.save()
    answer = options(signed_in(author), "add", password="")
    assert "Your account has no password" in answer.json()["error"]


def test_adding_is_confirmed_by_a_passkey_too(device, owner):
    me = signed_in(owner)
    token = device.used(options(me, "confirm").json())
    asked = options(me, "add", password="", passkey_token=token)
    assert asked.json()["excludeCredentials"][0]["id"] == Passkey.objects.get().credential_id


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "x" * 65, "\ufffe", "…"])
def test_passkey_needs_a_name(owner, name):
    page = add(signed_in(owner), Authenticator(), name)
    assert page.status_code == 200
    assert "errorlist" in page.text
    assert not Passkey.objects.exists()


def test_passkey_is_renamed(device, owner):
    me, key = signed_in(owner), Passkey.objects.get()
    me.post(f"{PASSKEYS}{key.pk}/", {"name": "Old phone"})
    assert "Old phone" in me.get(PASSKEYS).text


def test_same_passkey_is_added_once(device, owner):
    assert "here already" in add(signed_in(owner), device).text
    assert Passkey.objects.count() == 1


def test_passkeys_of_an_account_have_a_bound(device, owner, monkeypatch):
    monkeypatch.setattr("blog.accounts.passkey_forms.MOST", 1)
    assert "Remove one first" in add(signed_in(owner), Authenticator()).text


def test_removed_passkey_is_refused(device, owner):
    remove(signed_in(owner), Passkey.objects.get(), password=PASSWORD)
    assert "not known here" in alone(me := visitor(), device).text
    assert not is_in(me)


@pytest.mark.parametrize("given", [{}, {"password": "wrong"}, {"passkey_token": "{}"}])
def test_removal_needs_password_or_passkey(device, owner, given):
    assert remove(signed_in(owner), Passkey.objects.get(), **given).status_code == 200
    assert Passkey.objects.exists()


def test_removal_is_confirmed_by_a_passkey(device, owner):
    me = signed_in(owner)
    token = device.used(options(me, "confirm").json())
    assert remove(me, Passkey.objects.get(), passkey_token=token)["Location"] == PASSKEYS
    assert not RecoveryCode.objects.exists()


def test_removal_of_one_keeps_the_codes(device, owner):
    add(me := signed_in(owner), Authenticator(), "Key ring")
    remove(me, Passkey.objects.first(), password=PASSWORD)
    assert RecoveryCode.objects.count() == 10


def test_passkeys_of_others_are_not_found(device, author):
    me, key = signed_in(author), Passkey.objects.get()
    assert me.get(f"{PASSKEYS}{key.pk}/").status_code == 404
    assert remove(me, key, password=PASSWORD).status_code == 404
    assert "Phone" not in me.get(PASSKEYS).text


def test_changes_stand_in_the_accounts_history(owner):
    add(me := signed_in(owner), Authenticator())
    me.post(f"{PASSKEYS}{Passkey.objects.get().pk}/", {"name": "Pocket"})
    remove(me, Passkey.objects.get(), password=PASSWORD)
    said = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert said == [
        "Passkey “Phone” added.",
        "Passkey “Phone” is called “Pocket” now.",
        "Passkey “Pocket” removed.",
    ]


# --- Signing in ----------------------------------------------------------------------------------


def test_password_alone_signs_nobody_in(device):
    me = half_way()
    assert not is_in(me)
    assert 'data-passkey="/admin/passkey/step/"' in me.get(STEP).text


def test_passkey_is_the_second_step(device):
    me = half_way(next="/admin/posts/post/")
    assert step(me, device)["Location"] == "/admin/posts/post/"
    assert is_in(me)
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["succeeded"]


def test_second_step_needs_no_verified_person(device):
    assert step(me := half_way(), device, flags=PRESENT).status_code == 302
    assert is_in(me)


def test_passkey_is_the_only_step(device):
    me = visitor()
    assert alone(me, device)["Location"] == "/admin/"
    assert is_in(me)
    assert Attempt.objects.get().outcome == "succeeded"


@pytest.mark.parametrize(
    ("onward", "leads_to"),
    [("/admin/posts/post/", "/admin/posts/post/"), ("https://evil.example/", "/admin/")],
)
def test_only_step_leads_on_within_the_site(device, onward, leads_to):
    me = visitor()
    token = device.used(options(me, "alone").json())
    assert me.post(ALONE, {"passkey_token": token, "next": onward})["Location"] == leads_to


def test_each_of_two_passkeys_signs_in(device, owner):
    add(signed_in(owner), other := Authenticator(), "Key ring")
    for each in (device, other):
        assert alone(visitor(), each).status_code == 302
        assert step(half_way(), each).status_code == 302


def test_unverified_person_needs_the_password(device):
    page = alone(me := visitor(), device, flags=PRESENT)
    assert "give your password first" in page.text
    assert not is_in(me)


def test_recovery_code_does_without_the_passkey(device, owner):
    code = RecoveryCode.objects.renew(owner)[0]
    me = half_way()
    assert "One of your recovery codes." in me.get(STEP).text
    assert me.post(STEP, {"code": code}).status_code == 302


def test_lost_passkeys_are_solved_by_a_command(device):
    call_command("let_in", "owner", "--without-second-step")
    assert is_in(half_way())
    assert "not known here" in alone(visitor(), device).text


def test_passkey_ends_what_a_password_began(device, author):
    author.set_password(PASSWORD)
    author.save()
    TOTPDevice.objects.create(user=author, name="app")
    me = half_way("ines")
    alone(me, device)
    assert is_in(me)
    assert me.get(STEP)["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("taken", ["is_active", "is_staff"])
def test_closed_account_is_refused(device, author, taken):
    get_user_model().objects.create_superuser("other", "", PASSWORD)
    get_user_model().objects.filter(username="owner").update(**{taken: False})
    page = alone(me := visitor(), device)
    assert "This account may not sign in here." in page.text
    assert not is_in(me)


def test_who_left_has_no_passkey(device, owner):
    get_user_model().objects.create_superuser("other", "", PASSWORD)
    leave(owner, heir=None)
    assert not Passkey.objects.exists()
    assert "not known here" in alone(visitor(), device).text


def test_sign_in_offers_it_where_there_is_one(owner):
    assert "data-passkey" not in Client().get("/admin/login/").text
    add(signed_in(owner), Authenticator())
    assert 'data-passkey="/admin/passkey/alone/"' in Client().get("/admin/login/").text


# --- Beside an app, and where a second step is required ------------------------------------------


def test_app_can_go_while_a_passkey_stays(device, owner):
    TOTPDevice.objects.create(user=owner, name="app")
    me = signed_in(owner)
    assert "Your passkeys and recovery codes stay." in me.get(TAKE_AWAY).text
    me.post(TAKE_AWAY, {"password": PASSWORD})
    assert not TOTPDevice.objects.exists()
    assert RecoveryCode.objects.count() == 10
    assert not is_in(half_way())


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_STEP = "required"


def test_required_second_step_can_be_a_passkey(owner, required):
    me = half_way(next="/admin/posts/post/")
    assert ADD in me.get(SET_UP).text
    page = me.post(ADD, {"name": "x", "passkey_token": Authenticator().made(asked_to_add(me))})
    assert 'href="/admin/posts/post/"' in page.text
    assert is_in(me)


def asked_to_add(me):
    return options(me, "add").json()


def test_password_alone_adds_no_passkey(device):
    me = half_way()
    assert me.get(ADD)["Location"] == STEP
    assert options(me, "add", password=PASSWORD).status_code == 403


def test_passkey_alone_is_enough_where_required(device, required):
    alone(me := visitor(), device)
    assert is_in(me)


def test_last_required_step_stays(device, owner, required):
    alone(me := visitor(), device)
    key = Passkey.objects.get()
    assert remove(me, key, password=PASSWORD)["Location"] == PASSKEYS
    assert Passkey.objects.exists()
    TOTPDevice.objects.create(user=owner, name="app")
    remove(me, key, password=PASSWORD)
    assert not Passkey.objects.exists()
