"""People sign in at a real provider of OpenID Connect: joined, invited, refused, signed out."""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from oidc_provider import RealProvider, path_of

from blog.accounts.models import Attempt, Invitation
from blog.accounts.oidc.provider import provider

pytestmark = [pytest.mark.server, pytest.mark.django_db]

BEGIN, ADDRESS = "/admin/oidc/", "lou@example.org"


@pytest.fixture(scope="module")
def there():
    running = RealProvider()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def set_up(settings, there):
    settings.OIDC_ISSUER = there.url
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "margin", "a secret"
    settings.OIDC_NAME = "Example Org"
    provider.forget()


@pytest.fixture
def come(there):
    """Sign in at the provider as somebody who is this there; return the last answer."""

    def come(subject="lou", by=None, begin=BEGIN, **claims):
        there.person(subject, **{"email": ADDRESS, "email_verified": True, "name": "Lou"} | claims)
        by = by or Client()
        begun = by.get(begin)
        assert begun.status_code == 302, begun.text
        return by.get(path_of(there.answer(begun["Location"], sub=subject)))

    return come


def account(name="louisa", email=ADDRESS, group="Authors", **more):
    user = get_user_model().objects.create_user(name, email, "a margin", is_staff=True, **more)
    user.groups.set(Group.objects.filter(name=group))
    return user


def groups_of(user):
    return sorted(user.groups.values_list("name", flat=True))


def who(answer):
    return answer.wsgi_request.user


def invite(email=ADDRESS, group="Authors", **more):
    invited = Invitation.objects.create(email=email, **more)
    invited.groups.set(Group.objects.filter(name=group))
    return invited


RULES = [("Owners", "groups", "admins"), ("Editors", "realm.roles", "edit")]


@pytest.fixture
def rules(settings):
    settings.OIDC_ROLES = RULES


def test_verified_address_joins_the_account(come):
    user = account(email="Lou@Example.ORG")
    answer = come()
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert who(answer) == user
    assert Attempt.objects.get().outcome == "succeeded"


def test_invited_address_gets_an_account(come):
    invited = invite()
    answer = come(preferred_username="lou")
    user = who(answer)
    assert (user.username, user.first_name, user.email) == ("lou", "Lou", ADDRESS)
    assert groups_of(user) == ["Authors"]
    assert not user.has_usable_password()
    invited.refresh_from_db()
    assert invited.used_by == user


def test_stranger_is_refused_and_stored_nowhere(come, caplog):
    before = get_user_model().objects.count()
    refused = come()
    assert refused.status_code == 403
    assert "Ask an owner of this site to invite the address" in refused.text
    assert 'id="login-form"' in refused.text
    assert get_user_model().objects.count() == before
    assert "nobody invited them, and no claim gives a group" in caplog.text


@pytest.mark.usefixtures("rules")
def test_role_removed_there_is_removed_here(come, caplog):
    account("owner", "", "Owners")
    user = who(come(groups=["admins"], realm={"roles": "edit"}))
    with caplog.at_level(logging.INFO):
        assert groups_of(who(come(realm={"roles": "edit"}))) == ["Editors"]
    assert f"account {user.pk} is taken out of Owners" in caplog.text


def test_sign_out_leads_on_to_the_provider(come, there):
    account()
    by = come().client
    left = by.post("/admin/logout/")
    address = left["Refresh"].partition("url=")[2]
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{there.url}/oauth2/end_session?")
    assert asked["post_logout_redirect_uri"] == ["http://127.0.0.1:8000/admin/login/"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert by.get("/admin/").status_code == 302


def test_refusal_at_the_provider_is_said(there):
    by = Client()
    begun = parse_qs(urlsplit(by.get(BEGIN)["Location"]).query)
    said = {"error": "access_denied", "state": begun["state"][0], "iss": there.url}
    refused = by.get(f"{BEGIN}back/", said)
    assert refused.status_code == 403
    assert "The sign-in at Example Org was stopped there" in refused.text
    assert begun["state"][0] not in refused.text


# --- In a browser -----------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_whole_way_in_and_out(there, page, live_server, settings):
    get_user_model().objects.create_superuser("lou", ADDRESS, "a margin")
    there.person("lou", email=ADDRESS, email_verified=True)
    settings.SITE_URL = live_server.url
    page.goto(f"{live_server.url}/admin/posts/tag/")
    page.click("text=Sign in at Example Org")
    assert page.url.startswith(f"{there.url}/oauth2/authorize")
    page.fill("input[name=sub]", "lou")
    page.click("button >> text=Authorize")
    assert page.url == f"{live_server.url}/admin/posts/tag/"
    assert page.locator("#user-tools").is_visible()
    assert not [each for each in page.context.cookies() if each["name"].endswith("oidc")]

    page.click("#logout-form button")
    page.wait_for_url(f"{there.url}/oauth2/end_session?**")
    page.click("button >> nth=0")
    page.wait_for_url(f"{live_server.url}/admin/login/")

    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    page.click("text=Sign in at Example Org")
    assert "Example Org cannot be asked now" in page.inner_text("[role=alert]")
    page.fill("#id_username", "lou")
    page.fill("#id_password", "a margin")
    page.click("text=Log in")
    assert page.url == f"{live_server.url}/admin/"
