"""Where there are no passkeys: at addresses, without https, and at a host the site had before."""

import pytest
from authenticator import (
    ADD,
    LOGIN,
    PASSKEYS,
    PASSWORD,
    STEP,
    Authenticator,
    add,
    alone,
    half_way,
    holder,
    is_in,
    options,
    signed_in,
    visitor,
)
from django.contrib.auth import get_user_model

from blog.accounts.models import Passkey, RecoveryCode
from blog.accounts.where import host, origin, why_none
from blog.ops.doctor.here import passkeys

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return get_user_model().objects.create_superuser("owner", "", PASSWORD)


@pytest.fixture
def moved(owner, settings):
    """A site that was at localhost when the owner's passkey was made."""
    settings.SITE_URL = "http://localhost:8000"
    device = holder(owner)
    settings.SITE_URL = "https://new.example"
    return device


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "https://192.0.2.7",
        "https://[2001:db8::1]:8443",
        "http://[::1]",
        "https://0x7f.1",
        "https://2130706433",
        "https://127.1",
        "https://192.0.2.7.",
    ],
)
def test_addresses_have_none(settings, url):
    settings.SITE_URL = url
    assert why_none().startswith("Browsers keep passkeys for a name and not for an address")


@pytest.mark.parametrize("url", ["http://blog.example.org", "http://blog", "http://localhost.lan"])
def test_names_without_https_have_none(settings, url):
    settings.SITE_URL = url
    assert "https" in why_none()
    assert url in why_none()


@pytest.mark.parametrize(
    ("url", "at"),
    [
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://blog.localhost", "http://blog.localhost"),
        ("https://blog.example.org:443", "https://blog.example.org"),
        ("https://Blog.Example.org:8443", "https://blog.example.org:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://1.example", "https://1.example"),
    ],
)
def test_origin_is_spelt_as_browsers_do(settings, url, at):
    settings.SITE_URL = url
    assert why_none() == ""
    assert origin() == at
    assert host() in at


def test_pages_say_why_there_are_none(owner, settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    me = signed_in(owner)
    for path in (PASSKEYS, ADD):
        assert "not for an address such as 127.0.0.1" in (page := me.get(path).text)
        assert "data-passkey" not in page
    assert "not for an address" in options(me, "add", password=PASSWORD).json()["error"]
    assert "data-passkey" not in visitor().get(LOGIN).text


def test_site_that_moved_keeps_the_second_step(moved, owner):
    me = half_way()
    assert not is_in(me)
    page = me.get(STEP).text
    assert "Your passkeys belong to localhost" in page
    assert "data-passkey" not in page
    code = RecoveryCode.objects.renew(owner)[0]
    assert me.post(STEP, {"code": code}).status_code == 302
    assert "It belongs to localhost" in me.get(PASSKEYS).text


def test_passkey_of_the_old_host_is_refused(moved, settings):
    me = visitor()
    page = alone(me, moved, origin="https://new.example")
    assert "not known here" in page.text
    assert not is_in(me)


def test_old_passkey_is_no_step_that_is_required(moved, owner, settings):
    settings.STAFF_SECOND_STEP = "required"
    code = RecoveryCode.objects.renew(owner)[0]
    (me := half_way()).post(STEP, {"code": code})
    me.get(ADD)
    add(me, Authenticator(), origin="https://new.example")
    new = Passkey.objects.get(host="new.example")
    me.post(f"{PASSKEYS}{new.pk}/remove/", {"password": PASSWORD})
    assert Passkey.objects.filter(pk=new.pk).exists()
    old = Passkey.objects.get(host="localhost")
    me.post(f"{PASSKEYS}{old.pk}/remove/", {"password": PASSWORD})
    assert not Passkey.objects.filter(pk=old.pk).exists()


def test_doctor_says_which_belong_elsewhere(moved, settings):
    (found,) = passkeys()
    assert found.level == "look"
    assert found.said == "1 passkey belongs to an address that the site had before."
    assert "let_in NAME --without-second-step" in str(found.todo)
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert "not for an address" in next(passkeys()).said
    settings.SITE_URL = "http://localhost:8000"
    assert next(passkeys())[1:3] == ("ok", "1 passkey belongs to localhost.")


def test_doctor_says_nothing_without_passkeys(db):
    assert list(passkeys()) == []


# --- Beside a provider of OpenID Connect --------------------------------------------------------


def test_passkeys_of_others_than_owners_wait_for_the_provider(settings):
    settings.SITE_URL = "http://localhost:8000"
    writer = get_user_model().objects.create_user("writer", password=PASSWORD, is_staff=True)
    device = holder(writer)
    assert alone(visitor(), device).status_code == 302
    settings.OIDC_ISSUER, settings.OIDC_PASSWORDS = "https://id.example", "owners"
    assert "Only owners sign in without" in alone(visitor(), device).text


def test_owners_come_in_by_passkey_without_the_provider(settings):
    settings.SITE_URL = "http://localhost:8000"
    settings.OIDC_ISSUER, settings.OIDC_PASSWORDS = "https://id.example", "owners"
    owner = get_user_model().objects.create_superuser("owner", "", PASSWORD)
    assert alone(visitor(), holder(owner)).status_code == 302
