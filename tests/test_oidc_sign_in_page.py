"""What the page for signing in offers, who may use a password, and who is signed out from afar."""

import time

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client
from oidc_tokens import CLIENT, ISSUER, OTHER_KEY, own, sign  # noqa: F401

from blog.accounts.devices import make_link_token
from blog.accounts.models import Invitation
from blog.accounts.oidc.tokens import LOGOUT

pytestmark = pytest.mark.django_db

LOGIN, BUTTON, PASSWORD = "/admin/login/", "Sign in at", "a margin, wide enough"


@pytest.fixture
def people(db):
    make = get_user_model().objects
    owner = make.create_superuser("owner", "", PASSWORD)
    author = make.create_user("lou", "lou@example.org", PASSWORD, is_staff=True)
    author.groups.set(Group.objects.filter(name="Authors"))
    return owner, author


def sign_in(name):
    return Client().post(LOGIN, {"username": name, "password": PASSWORD, "next": "/admin/"})


def test_nothing_is_offered_where_nothing_is_set_up(client):
    assert BUTTON not in client.get(LOGIN).text
    for path in ("", "back/", "signed-out/"):
        assert client.get(f"/admin/oidc/{path}").status_code == 404


def test_button_keeps_where_somebody_wanted_to_go(own, client):  # noqa: F811
    page = client.get(f"{LOGIN}?next=/admin/posts/post/%3Fq%3Da%26b").text
    assert 'href="/admin/oidc/?next=%2Fadmin%2Fposts%2Fpost%2F%3Fq%3Da%26b&amp;' in page
    assert "Sign in at Example Org" in " ".join(page.split())


def test_page_brings_no_other_host_and_readers_no_cookie(own, client):  # noqa: F811
    assert ISSUER not in client.get(LOGIN).text
    assert client.get(LOGIN)["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert not Client().get("/").cookies


def test_beginning_stores_nothing_but_a_cookie_of_this_host(own, client, settings):  # noqa: F811
    settings.SESSION_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME = "__Host-postil_session"
    begun = client.get("/admin/oidc/", secure=True)
    [(name, cookie)] = begun.cookies.items()
    assert name == "__Host-oidc"
    assert (cookie["path"], cookie["secure"], cookie["httponly"]) == ("/", True, True)
    assert cookie["samesite"] == "Lax"
    assert begun["Cache-Control"] == "private, no-store"
    assert not Session.objects.exists()
    ended = client.get("/admin/oidc/back/", secure=True).cookies[name]
    assert (ended.value, ended["secure"], ended["path"]) == ("", True, "/")


# --- Passwords for owners alone ---------------------------------------------------------------


def test_passwords_can_be_for_owners_alone(own, people, settings):  # noqa: F811
    assert sign_in("lou").status_code == 302
    settings.OIDC_PASSWORDS = "owners"
    refused = sign_in("lou")
    assert "Only owners sign in without Example Org. Sign in there." in refused.text
    assert not refused.wsgi_request.user.is_authenticated
    assert sign_in("owner").status_code == 302
    assert "For owners: with a password" in Client().get(LOGIN).text


def test_let_in_goes_on_working_for_the_owner(own, people, settings):  # noqa: F811
    settings.OIDC_PASSWORDS = "owners"
    by = Client()
    led = by.get(f"/admin/let-in/{make_link_token('owner')}/")
    assert led["Location"] == LOGIN
    assert 'id="login-form"' in by.get(LOGIN).text


def test_without_a_provider_everybody_has_a_password(people, settings):
    settings.OIDC_PASSWORDS = "owners"
    assert sign_in("lou").status_code == 302


@pytest.mark.parametrize(("group", "by_password"), [("Authors", False), ("Owners", True)])
def test_invitation_leads_to_the_provider(own, settings, client, group, by_password):  # noqa: F811
    settings.OIDC_PASSWORDS = "owners"
    invited = Invitation.objects.create()
    invited.groups.set(Group.objects.filter(name=group))
    path = f"/admin/invitation/{invited.pk}-{invited.proof}/"
    given = {"name": "Max", "username": "max", "password1": PASSWORD, "password2": PASSWORD}
    page = client.get(path).text
    assert f"invitation={invited.pk}-{invited.proof}" in page
    assert ('name="password1"' in page) is by_password
    client.post(path, given)
    assert get_user_model().objects.filter(username="max").exists() is by_password


# --- Signed out by the provider ---------------------------------------------------------------


def logout_token(key=None, **changes):
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 60, "jti": "1", "sub": "lou"}
    claims |= {"events": {LOGOUT: {}}} | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return sign(claims, *([key] if key else []))


def send(token):
    return Client(enforce_csrf_checks=True).post("/admin/oidc/signed-out/", {"logout_token": token})


@pytest.fixture
def signed_in(own, people):  # noqa: F811
    by = Client()
    assert own.come(by, sid="s1").status_code == 302
    return by


def is_in(by):
    return by.get("/admin/").status_code == 200


@pytest.mark.parametrize("by_what", [{}, {"sid": "s1"}, {"sid": "s1", "sub": None}])
def test_provider_ends_the_sessions_begun_by_it(signed_in, by_what):
    local = Client()
    local.force_login(get_user_model().objects.get(username="lou"))
    assert send(logout_token(**by_what)).status_code == 200
    assert not is_in(signed_in)
    assert is_in(local)


@pytest.mark.parametrize("other", [{"sid": "s2"}, {"sub": "max"}])
def test_other_sessions_go_on(signed_in, other):
    assert send(logout_token(**other)).status_code == 200
    assert is_in(signed_in)


@pytest.mark.parametrize(
    "changes",
    [
        {"events": None},
        {"events": {"else": {}}},
        {"events": []},
        {"nonce": "n"},
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"iat": 1, "exp": 2},
        {"sub": None},
        {"key": OTHER_KEY},
    ],
)
def test_forged_sign_out_is_refused(signed_in, changes):
    assert send(logout_token(**changes)).status_code == 400
    assert send("x").status_code == 400
    assert is_in(signed_in)
