"""How the settings of a provider are read, and what its commands do."""

import importlib.util
import sys

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from oidc_tokens import ISSUER, own  # noqa: F401 - a fixture

from blog.accounts.leaving import leave
from blog.accounts.oidc import tokens
from blog.accounts.oidc.models import Identity
from blog.accounts.oidc.provider import place_of, provider
from blog.lib import oidc_settings


@pytest.fixture
def read(monkeypatch):
    def read(**given):
        for name, value in given.items():
            monkeypatch.setenv(f"OIDC_{name}", value)
        return oidc_settings.read()

    return read


def test_issuer_needs_the_id_of_a_client(read):
    with pytest.raises(ImproperlyConfigured, match="OIDC_CLIENT_ID must be set too"):
        read(ISSUER=ISSUER)
    assert read(CLIENT_ID="margin")["OIDC_NAME"] == "login.example.org"


def test_without_the_library_the_site_starts_and_says_what_to_install(read, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "joserfc"]:
        monkeypatch.setitem(sys.modules, name, None)
    spec = importlib.util.spec_from_file_location("blog.accounts.oidc.again", tokens.__file__)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    with pytest.raises(ImproperlyConfigured, match="For OIDC_ISSUER joserfc is needed"):
        read(ISSUER=ISSUER, CLIENT_ID="margin")


def test_issuer_is_kept_letter_for_letter(read):
    for issuer in ("https://login.example.org/", "http://localhost:9000", "https://[fd00::1]:8443"):
        assert read(ISSUER=issuer, CLIENT_ID="x")["OIDC_ISSUER"] == issuer


def test_roles_take_claims_and_values_of_any_form(read):
    said = "Owners: groups=/blog/owners, all | My group : https://example.org/role = a=b:c"
    assert read(ROLES=said)["OIDC_ROLES"] == [
        ("Owners", "groups", "/blog/owners, all"),
        ("My group", "https://example.org/role", "a=b:c"),
    ]


def test_scopes_always_have_openid(read):
    assert read(SCOPES="email  groups")["OIDC_SCOPES"] == "openid email groups"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Login.Example.org/x", "login.example.org:443"),
        ("https://bücher.example/", "xn--bcher-kva.example:443"),
        ("http://[::1]:9000/", "[::1]:9000"),
        ("https://a@b.example/", ""),
        ("ftp://a.example/", ""),
        ("https://a.example:x/", ""),
        ("https://[bad/", ""),
    ],
)
def test_places_are_named_as_the_door_names_them(url, place):
    assert place_of(url) == place


# --- Commands ---------------------------------------------------------------------------------


def test_command_prints_what_to_enter_there(capsys, settings):
    settings.SITE_URL = "https://blog.example.org"
    call_command("oidc")
    printed = capsys.readouterr().out
    assert "Redirect address: https://blog.example.org/admin/oidc/back/" in printed
    assert "https://blog.example.org/admin/oidc/signed-out/" in printed


def test_command_says_what_is_wrong_there(own, capsys):  # noqa: F811
    call_command("oidc")
    assert f"{ISSUER} answers, with 1 key." in capsys.readouterr().out
    own.document["issuer"] = f"{ISSUER}/"
    provider.forget()
    with pytest.raises(CommandError, match="OIDC_ISSUER must be just that"):
        call_command("oidc")


@pytest.mark.django_db
def test_account_can_be_joined_again(own, capsys):  # noqa: F811
    user = get_user_model().objects.create_superuser("lou", "lou@example.org")
    own.come(sub="one")
    assert own.come(sub="two").status_code == 403
    call_command("let_in", "lou", join_again=True)
    assert own.come(sub="two").wsgi_request.user == user


@pytest.mark.django_db
def test_leaving_ends_the_way_by_the_provider(own):  # noqa: F811
    make = get_user_model().objects
    make.create_superuser("owner")
    user = make.create_superuser("lou", "lou@example.org")
    own.come()
    leave(user, heir=None)
    assert not Identity.objects.exists()
    assert own.come().status_code == 403
