"""Sign-in attempts are limited and logged by account and network; the owner can always get in."""

import time
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import get_hasher, make_password
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from blog import settings as site_settings
from blog.accounts import devices, models
from blog.accounts.models import Attempt
from blog.jobs.tasks import run_command

LOGIN = "/admin/login/"
PASSWORD = "a margin, wide enough"
LIMIT = 3  # failures of an account in an hour, as most tests here set it

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db, settings):
    settings.LOGIN_RATE_PER_ACCOUNT = (LIMIT, 3600)
    return get_user_model().objects.create_superuser("owner", "", PASSWORD)


def sign_in(by=None, name="owner", password=PASSWORD, address="198.51.100.1", **more):
    by = by or Client()
    return by.post(LOGIN, {"username": name, "password": password, **more}, REMOTE_ADDR=address)


def outcomes():
    return list(Attempt.objects.order_by("pk").values_list("name", "network", "outcome"))


# --- How often --------------------------------------------------------------------------------


def test_account_is_limited_to_ten_failures_an_hour():
    assert site_settings.LOGIN_RATE_PER_ACCOUNT == (10, 3600)


def test_limited_account_does_not_check_the_password(owner):
    for _ in range(LIMIT):
        assert sign_in(password="wrong").status_code == 200
    refused = sign_in()
    assert refused.status_code == 429
    assert 3500 < int(refused["Retry-After"]) <= 3600
    assert "Wait 60 minutes, then try again." in refused.text
    assert not refused.wsgi_request.user.is_authenticated


def test_failures_count_across_addresses(owner):
    for number in range(LIMIT):
        assert sign_in(password="wrong", address=f"203.0.{number}.9").status_code == 200
    assert sign_in(address="192.0.2.1").status_code == 429


def test_one_network_cannot_try_many_accounts(owner, settings):
    settings.LOGIN_RATE_PER_NETWORK = (4, 3600)
    for number in range(4):
        assert sign_in(name=f"guess{number}", address=f"203.0.113.{number}").status_code == 200
    assert sign_in(address="203.0.113.200").status_code == 429
    assert sign_in(address="203.0.114.1").status_code == 302


def test_refused_attempt_does_not_extend_the_wait(owner, settings):
    settings.LOGIN_RATE_PER_ACCOUNT = (2, 3600)
    for _ in range(6):
        sign_in(password="wrong")
    assert [outcome for *_, outcome in outcomes()] == ["failed"] * 2 + ["slowed"] * 4


def test_limit_ends_after_its_time(owner, settings):
    settings.LOGIN_RATE_PER_ACCOUNT = (2, 3600)
    for _ in range(3):
        sign_in(password="wrong")
    Attempt.objects.update(at=timezone.now() - timedelta(hours=1, seconds=1))
    assert sign_in().status_code == 302


def test_names_that_look_the_same_are_counted_as_one(owner, settings):
    settings.LOGIN_RATE_PER_ACCOUNT = (1, 3600)
    sign_in(name="ｏｗｎｅｒ", password="wrong")  # NFKC makes it "owner", as Django does
    assert sign_in().status_code == 429


# --- The owner stays in -----------------------------------------------------------------------


def flood():
    for number in range(LIMIT + 1):
        sign_in(password="wrong", address=f"203.0.{number}.9")
    assert sign_in(address="192.0.2.1").status_code == 429


def test_strangers_cannot_lock_out_a_known_browser(owner):
    mine = Client()
    sign_in(mine)
    mine.post("/admin/logout/")
    flood()
    assert sign_in(mine, address="192.0.2.77").status_code == 302


def test_strangers_cannot_lock_out_the_usual_network(owner):
    sign_in(address="198.51.100.1")
    flood()
    assert sign_in(address="198.51.100.200").status_code == 302


def test_a_known_browser_may_not_guess_either(owner):
    mine = Client()
    sign_in(mine)
    for number in range(LIMIT):
        assert sign_in(mine, password="wrong", address=f"203.0.{number}.9").status_code == 200
    assert sign_in(mine).status_code == 429


def test_browser_is_known_per_account(owner):
    get_user_model().objects.create_user("guest", "", PASSWORD, is_staff=True)
    mine = Client()
    sign_in(mine, name="guest", address="192.0.2.1")
    flood()
    assert sign_in(mine, address="192.0.2.2").status_code == 429


def test_a_forged_cookie_makes_no_browser_known(owner):
    mine = Client()
    mine.cookies[devices.COOKIE] = "forged:value:here"
    flood()
    assert sign_in(mine, address="192.0.2.2").status_code == 429


def test_the_cookie_goes_to_the_admin_alone(owner):
    cookie = sign_in().cookies[devices.COOKIE]
    assert (cookie["path"], cookie["httponly"]) == ("/admin/", True)


def test_sign_in_link_from_a_command_works(owner, capsys):
    flood()
    call_command("let_in", "owner")
    link = capsys.readouterr().out.strip().removeprefix(site_settings.SITE_URL)
    mine = Client()
    assert mine.get(link)["Location"] == LOGIN
    assert sign_in(mine, password="wrong", address="192.0.2.2").status_code == 200
    assert sign_in(mine, address="192.0.2.2").status_code == 302


def test_such_a_link_runs_out(owner, monkeypatch):
    token = devices.make_link_token("owner")
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 601)
    response = Client().get(f"/admin/let-in/{token}/", follow=True)
    assert "This link has run out." in response.text
    assert devices.COOKIE not in response.client.cookies


def test_sign_in_link_needs_an_account():
    with pytest.raises(CommandError, match="No account is called nobody"):
        call_command("let_in", "nobody")


# --- What is written down ---------------------------------------------------------------------


def test_attempts_are_logged_with_network_and_outcome(owner):
    sign_in(password="wrong", address="203.0.113.5")
    sign_in(address="2001:db8::1:2:3:4")
    assert outcomes() == [
        ("owner", "203.0.113.0/24", "failed"),
        ("owner", "2001:db8::/64", "succeeded"),
    ]


def test_no_password_is_logged_even_as_a_name(owner):
    sign_in(password="hunter2hunter2")
    sign_in(name="hunter2hunter2", password="x")
    rows = str(list(Attempt.objects.values()))
    assert "hunter2" not in rows
    assert PASSWORD not in rows


def test_superusers_see_them_and_can_change_none(owner, client, author):
    sign_in(password="wrong", address="203.0.113.5")
    client.force_login(owner)
    page = client.get("/admin/accounts/attempt/")
    assert "203.0.113.0/24" in page.text
    assert "wrong name or password" in page.text
    assert client.get("/admin/accounts/attempt/add/").status_code == 403
    client.force_login(author)
    assert client.get("/admin/accounts/attempt/").status_code == 403


def test_attempts_are_deleted_after_thirty_days(owner, capsys):
    sign_in(password="wrong")
    Attempt.objects.update(at=timezone.now() - timedelta(days=31))
    sign_in(password="wrong")
    call_command("forget_sign_ins")
    assert capsys.readouterr().out == "1 sign-in is forgotten.\n"
    assert Attempt.objects.count() == 1
    assert "forget_sign_ins" in site_settings.SCHEDULE


def test_refused_sign_ins_of_one_network_are_bounded(owner, settings, monkeypatch):
    monkeypatch.setattr(models, "MOST_REFUSED", 3)
    settings.LOGIN_RATE_PER_NETWORK = (2, 3600)
    sign_in(password="wrong", address="203.0.113.1")
    assert [sign_in(address="198.51.100.1", name=str(n)).status_code for n in range(8)][2:] == [
        429
    ] * 6
    seen = Attempt.objects.values_list("network", "outcome")
    assert Counter(seen) == {
        ("203.0.113.0/24", "failed"): 1,
        ("198.51.100.0/24", "failed"): 2,
        ("198.51.100.0/24", "slowed"): 3,
    }


def test_kept_failed_attempts_are_bounded(owner, monkeypatch):
    monkeypatch.setattr(models, "MOST_KEPT", 5)
    monkeypatch.setattr(models, "PRUNED_EVERY", 1)
    sign_in()
    for number in range(9):
        sign_in(name=f"nobody {number}", address=f"203.0.{number}.1")
    assert Counter(Attempt.objects.values_list("outcome", flat=True)) == {
        "failed": 5,
        "succeeded": 1,
    }
    monkeypatch.setattr(models, "MOST_KEPT", 2)
    call_command("forget_sign_ins", stdout=StringIO())
    assert Attempt.objects.count() == 3


# --- Sessions ---------------------------------------------------------------------------------


def test_failing_writes_no_session(owner):
    for name in ("owner", "nobody", ""):
        sign_in(name=name, password="wrong")
    assert not Session.objects.exists()


def test_sessions_that_are_over_are_cleared_daily(owner):
    sign_in()
    sign_in()
    old = Session.objects.first()
    Session.objects.filter(pk=old.pk).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert site_settings.SCHEDULE["clearsessions"] == timedelta(days=1)
    run_command.call("clearsessions")
    assert Session.objects.count() == 1


def test_sign_in_starts_a_new_session(owner):
    mine = Client()
    session = mine.session
    session["planted"] = True
    session.save()
    mine.cookies["postil_session"] = planted = session.session_key
    sign_in(mine)
    assert mine.cookies["postil_session"].value != planted
    thief = Client()
    thief.cookies["postil_session"] = planted
    assert thief.get("/admin/").status_code == 302


def test_a_new_password_ends_every_other_session(owner):
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        sign_in(browser)
        assert browser.get("/admin/").status_code == 200
    new = "another margin, as wide"
    words = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/admin/password_change/", words).status_code == 302
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_signing_out_ends_the_session_on_the_server(owner):
    mine = Client()
    sign_in(mine)
    mine.post("/admin/logout/")
    assert not Session.objects.filter(session_data__contains="_auth").exists()
    assert mine.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(owner, onward):
    assert sign_in(next=onward)["Location"] == "/admin/"


# --- Passwords --------------------------------------------------------------------------------


def test_passwords_use_argon2id_with_little_memory(settings):
    settings.PASSWORD_HASHERS = site_settings.PASSWORD_HASHERS
    kept = make_password(PASSWORD)
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert get_hasher("argon2").verify(PASSWORD, kept)


def test_older_hash_is_renewed_at_sign_in(settings, owner):
    owner.password = make_password(PASSWORD, hasher="md5")
    settings.PASSWORD_HASHERS = site_settings.PASSWORD_HASHERS
    owner.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    owner.save()
    assert sign_in().status_code == 302
    owner.refresh_from_db()
    assert owner.password.startswith("argon2$argon2id$")
