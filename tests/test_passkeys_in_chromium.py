"""Passkeys in a real Chromium, with the device that its developer tools make up."""

import pytest
from accessibility import violations
from authenticator import ADD, LOGIN, PASSKEYS, PASSWORD, STEP
from django.contrib.auth import get_user_model
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.accounts.models import Attempt, Passkey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Visit:
    """A page of the site in a browser that has a device for passkeys."""

    def __init__(self, context, site):
        self.site, self.page, self.complaints = site, context.new_page(), []
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(error.message))
        self.tools = context.new_cdp_session(self.page)
        self.tools.send("WebAuthn.enable")
        made = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.device = {"authenticatorId": made["authenticatorId"]}

    def open(self, path):
        self.page.goto(self.site + path)
        return self.page

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def give_password(self):
        self.open(LOGIN)
        self.page.fill("#id_username", "owner")
        self.page.fill("#id_password", PASSWORD)
        self.press("Log in")

    def add(self, name, button="Add a passkey"):
        self.open(ADD)
        self.page.fill("#id_name", name)
        if button == "Add a passkey":
            self.page.fill("#id_password", PASSWORD)
        self.press(button)

    def leave(self):
        self.page.context.clear_cookies()

    def says(self, words):
        self.page.get_by_text(words).first.wait_for()

    def keys(self):
        return self.tools.send("WebAuthn.getCredentials", self.device)["credentials"]


@pytest.fixture
def owner(db, live_server, settings):
    settings.SITE_URL = live_server.url
    return get_user_model().objects.create_superuser("owner", "", PASSWORD)


@pytest.fixture
def visit(browser, live_server, owner):
    context = browser.new_context(reduced_motion="reduce")
    yield Visit(context, live_server.url)
    context.close()


def test_passkey_is_added_and_signs_in(visit):
    visit.give_password()
    visit.add("Laptop")
    visit.says("I have kept them. Go on")
    visit.leave()
    visit.open(f"{LOGIN}?next={PASSKEYS}")
    visit.press("Sign in with a passkey")
    visit.says("Last used on")  # on the page it was to lead to
    visit.leave()
    visit.give_password()
    visit.page.wait_for_url(f"**{STEP}")
    visit.press("Sign in with a passkey")
    visit.page.wait_for_url("**/admin/")
    assert Passkey.objects.get().sign_count >= 2
    assert visit.complaints == []


def test_device_holds_one_passkey_of_a_person(visit):
    visit.give_password()
    visit.add("Laptop")
    visit.says("I have kept them. Go on")
    visit.open(PASSKEYS)
    assert violations(visit.page) == []
    visit.add("Again", "Add it, and confirm with a passkey I have")
    visit.says("This device has a passkey of yours already.")
    assert violations(visit.page) == []
    visit.open(f"{PASSKEYS}{Passkey.objects.get().pk}/remove/")
    visit.press("Remove it, and confirm with a passkey")
    visit.says("is removed here")
    visit.leave()
    visit.open(LOGIN)
    assert visit.page.get_by_role("button", name="Sign in with a passkey").count() == 0


def test_copied_and_unverified_passkeys_are_refused(visit):
    visit.give_password()
    visit.add("Laptop")
    visit.says("I have kept them. Go on")
    Passkey.objects.update(sign_count=visit.keys()[0]["signCount"] + 5)
    visit.leave()
    visit.give_password()
    visit.page.wait_for_url(f"**{STEP}")
    assert violations(visit.page) == []
    visit.open(LOGIN)
    visit.press("Sign in with a passkey")
    visit.says("there may be a copy of it")
    assert Attempt.objects.filter(outcome="copied-key").count() == 1
    assert violations(visit.page) == []
    visit.tools.send("WebAuthn.setUserVerified", visit.device | {"isUserVerified": False})
    visit.press("Sign in with a passkey")
    visit.says("No passkey was given")


def test_other_address_says_where_passkeys_work(visit, live_server):
    Passkey.objects.create(
        user=get_user_model().objects.get(), host="localhost", name="x", credential_id="x"
    )
    visit.page.goto(live_server.url.replace("localhost", "127.0.0.1") + LOGIN)
    visit.says(f"Passkeys work at {live_server.url} alone.")
    assert not visit.page.get_by_role("button", name="Sign in with a passkey").is_visible()


def test_without_scripts_codes_do(owner, page, live_server):
    TOTPDevice.objects.create(user=owner, name="app")
    Passkey.objects.create(user=owner, host="localhost", name="x", credential_id="x")
    page.goto(live_server.url + LOGIN)
    page.fill("#id_username", "owner")
    page.fill("#id_password", PASSWORD)
    page.click("#login-form [type=submit]")
    page.get_by_text("Signing in with a passkey needs scripts").wait_for()
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
    assert page.get_by_label("Code").is_visible()
