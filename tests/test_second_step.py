"""The second step of signing in: a code from an app, or a recovery code, each used once."""

import re
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog import settings as site_settings
from blog.accounts.models import Attempt, RecoveryCode

LOGIN, CODE, SET_UP = "/admin/login/", "/admin/second-step/", "/admin/second-step/set-up/"
TAKE_AWAY = "/admin/second-step/take-away/"
PASSWORD = "a margin, wide enough"

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return get_user_model().objects.create_superuser("owner", "", PASSWORD)


@pytest.fixture
def device(owner):
    return TOTPDevice.objects.create(user=owner, name="app", confirmed=True)


def code_of(device, ago=0):
    return f"{totp(device.bin_key, drift=-ago):06}"


def half_way(by=None, **more):
    by = by or Client()
    given = {"username": "owner", "password": PASSWORD} | more
    return by, by.post(LOGIN, given)


def form_of(page):
    """Return the key a set-up page shows, and the form's hidden value of it."""
    hidden = re.search(r'name="key" value="([^"]+)"', page.text)[1]
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", "")
    return shown, hidden


def app_with(shown):
    """Return the device an app would be that was given the key a page shows."""
    import base64  # noqa: PLC0415

    return TOTPDevice(key=base64.b32decode(shown).hex())


# --- Taking it --------------------------------------------------------------------------------


def test_without_one_the_password_signs_in(owner):
    me, answer = half_way()
    assert answer["Location"] == "/admin/"
    assert me.get("/admin/").status_code == 200


def test_a_password_alone_signs_nobody_in(device):
    me, answer = half_way()
    assert answer["Location"] == CODE
    assert me.get("/admin/").status_code == 302
    assert not me.get(CODE).wsgi_request.user.is_authenticated


def test_code_completes_sign_in_and_redirects(device):
    me, _ = half_way(next="/admin/posts/post/")
    answer = me.post(CODE, {"code": code_of(device)})
    assert answer["Location"] == "/admin/posts/post/"
    assert me.get("/admin/").status_code == 200
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["succeeded"]


def test_a_code_typed_with_a_space_is_fine(device):
    me, _ = half_way()
    code = code_of(device)
    assert me.post(CODE, {"code": f" {code[:3]} {code[3:]}"}).status_code == 302


def test_a_code_works_once(device):
    first, _ = half_way()
    second, _ = half_way()
    code = code_of(device)
    assert first.post(CODE, {"code": code}).status_code == 302
    refused = second.post(CODE, {"code": code})
    assert refused.status_code == 200
    assert "A code works once, for half a minute" in refused.text


@pytest.mark.parametrize("code", ["000000", "", "abc", "1" * 40, "١٢٣٤٥٦"])
def test_a_wrong_code_is_refused(device, code):
    me, _ = half_way()
    assert me.post(CODE, {"code": code}).status_code == 200
    assert me.get("/admin/").status_code == 302


def test_codes_cannot_be_guessed_either(device):
    me, _ = half_way()
    for _try in range(site_settings.LOGIN_RATE_PER_ACCOUNT[0]):
        assert me.post(CODE, {"code": "000000"}).status_code == 200
    refused = me.post(CODE, {"code": code_of(device)})
    assert refused.status_code == 429
    assert "Retry-After" in refused
    assert me.get("/admin/").status_code == 302


def test_second_step_requires_the_first(device):
    assert Client().post(CODE, {"code": code_of(device)})["Location"].startswith(LOGIN)


def test_half_way_in_ends_after_ten_minutes(device, monkeypatch):
    me, _ = half_way()
    now = time.time()
    monkeypatch.setattr("blog.accounts.session.time.time", lambda: now + 601)
    assert me.post(CODE, {"code": code_of(device)})["Location"] == LOGIN


def test_half_way_in_ends_with_a_new_password(device, owner):
    me, _ = half_way()
    owner.set_password("another margin, as wide")
    owner.save()
    assert me.post(CODE, {"code": code_of(device)})["Location"] == LOGIN


def test_each_step_starts_a_new_session(device):
    me, _ = half_way()
    between = me.cookies["postil_session"].value
    me.post(CODE, {"code": code_of(device)})
    assert me.cookies["postil_session"].value != between


def test_owner_gets_mail_if_password_is_known_elsewhere(device):
    half_way()
    half_way()
    me, _ = half_way()
    me.post(CODE, {"code": code_of(device)})
    page = me.get("/admin/").text
    assert "someone typed your right password 2 times and went no further" in page


# --- Setting it up ----------------------------------------------------------------------------


def set_up(by, **changes):
    shown, hidden = form_of(by.get(SET_UP))
    given = {"key": hidden, "code": code_of(app_with(shown)), "password": PASSWORD} | changes
    return by.post(SET_UP, given)


def test_setup_needs_code_and_password(owner):
    me, _ = half_way()
    page = set_up(me)
    codes = re.findall(r"<code>((?:[0-9a-f]{4}-){4}[0-9a-f]{4})</code>", page.text)
    assert len(set(codes)) == 10
    assert "no-store" in page["Cache-Control"]
    assert half_way()[1]["Location"] == CODE


def test_looking_at_the_page_changes_nothing(owner):
    me, _ = half_way()
    me.get(SET_UP)
    assert not TOTPDevice.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"code": "000000"}, {"password": "wrong"}, {"password": ""}, {"key": "forged"}]
)
def test_setup_with_wrong_values_is_refused(owner, changes):
    me, _ = half_way()
    assert set_up(me, **changes).status_code == 200
    assert not TOTPDevice.objects.exists()


def test_wrong_code_keeps_the_old_setup(device, owner):
    me = Client()
    me.force_login(owner)
    assert set_up(me, code="000000").status_code == 200
    assert TOTPDevice.objects.get().key == device.key


def test_password_alone_cannot_replace_the_second_step(device):
    me, _ = half_way()
    assert me.get(SET_UP)["Location"] == CODE


def test_qr_code_is_inline_and_needs_no_style(owner):
    me, _ = half_way()
    page = me.get(SET_UP).text
    picture = re.search(r'class="qr".*?(<svg.*?</svg>)', page, re.DOTALL)[1]
    assert "<path" in picture
    assert not re.search(r"style|script|href|\bon\w+=", picture)


def test_removal_needs_the_password(device, owner):
    me = Client()
    me.force_login(owner)
    assert me.post(TAKE_AWAY, {"password": "wrong"}).status_code == 200
    assert TOTPDevice.objects.exists()
    assert me.post(TAKE_AWAY, {"password": PASSWORD})["Location"] == SET_UP
    assert not TOTPDevice.objects.exists()


def test_keys_are_shown_to_no_superuser(device, owner):
    me = Client()
    me.force_login(owner)
    assert me.get("/admin/otp_totp/totpdevice/").status_code == 404


# --- Recovery codes ---------------------------------------------------------------------------


def test_a_recovery_code_signs_in_once(device, owner):
    code = RecoveryCode.objects.renew(owner)[0]
    me, _ = half_way()
    assert me.post(CODE, {"code": code.upper().replace("-", " ")}).status_code == 302
    again, _ = half_way()
    assert again.post(CODE, {"code": code}).status_code == 200
    assert RecoveryCode.objects.count() == 9


def test_recovery_code_of_another_account_is_refused(device, author):
    code = RecoveryCode.objects.renew(author)[0]
    me, _ = half_way()
    assert me.post(CODE, {"code": code}).status_code == 200


def test_recovery_codes_are_not_kept_as_they_are(owner):
    codes = RecoveryCode.objects.renew(owner)
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_lost_phone_is_solved_by_a_command(device):
    call_command("let_in", "owner", "--without-second-step")
    assert half_way()[1]["Location"] == "/admin/"


# --- Where it is required ---------------------------------------------------------------------


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_STEP = "required"


def test_required_second_step_is_set_up_at_sign_in(owner, required):
    me, answer = half_way(next="/admin/posts/post/")
    assert answer["Location"] == SET_UP
    assert me.get("/admin/").status_code == 302
    shown, hidden = form_of(me.get(SET_UP))
    page = me.post(SET_UP, {"key": hidden, "code": code_of(app_with(shown))})
    assert 'href="/admin/posts/post/"' in page.text
    assert me.get("/admin/").status_code == 200


def test_session_without_second_step_has_to_sign_in_again(owner, settings):
    me, _ = half_way()
    settings.STAFF_SECOND_STEP = "required"
    assert me.get("/admin/").status_code == 302


def test_required_second_step_cannot_be_removed(device, required):
    me, _ = half_way()
    me.post(CODE, {"code": code_of(device)})
    assert me.post(TAKE_AWAY, {"password": PASSWORD})["Location"] == SET_UP
    assert TOTPDevice.objects.exists()
    assert TAKE_AWAY not in me.get(SET_UP).text
