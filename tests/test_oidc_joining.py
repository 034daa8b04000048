"""Which account somebody gets who signs in at a provider, in which groups, and where they land."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from oidc_tokens import BEGIN, ISSUER, own  # noqa: F401 - a fixture

from blog.accounts.models import Invitation
from blog.accounts.oidc.models import Identity

pytestmark = pytest.mark.django_db

ADDRESS = "lou@example.org"


@pytest.fixture
def come(own):  # noqa: F811
    """Sign in as somebody whom the provider says this of; return the last answer."""

    def come(subject="lou", **claims):
        return own.come(**{"sub": subject, "name": "Lou"} | claims)

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


# --- Joined ------------------------------------------------------------------------------------


def test_joined_account_follows_the_subject_alone(come):
    user = account()
    come()
    other = account("max", "max@example.org")
    assert who(come(email="max@example.org", email_verified=False)) == user
    user.refresh_from_db()
    assert user.email == ADDRESS
    assert not other.identities.exists()


def test_recycled_address_does_not_reach_the_account(come):
    account()
    come()
    refused = come("somebody-new")
    assert refused.status_code == 403
    assert "belongs to somebody else at Example Org" in refused.text
    assert Identity.objects.count() == 1


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_unverified_address_joins_nothing(come, verified):
    account()
    refused = come(email_verified=verified)
    assert refused.status_code == 403
    assert "does not say that your e-mail address was verified" in refused.text
    assert not Identity.objects.exists()


def test_two_accounts_of_one_address_are_refused(come):
    account()
    account("other", "LOU@example.org")
    assert "Several accounts here have the address" in come().text


@pytest.mark.parametrize(
    "other", ["lou+x@example.org", "\u212aou@example.org", "\uff4cou@example.org"]
)
def test_addresses_that_look_alike_are_others(come, other):
    account("kou", "kou@example.org")
    account()
    assert come(email=other).status_code == 403


@pytest.mark.parametrize("taken", [{"is_active": False}, {"is_staff": False}])
def test_closed_account_stays_closed(come, taken):
    user = account()
    come()
    for again in (False, True):
        if again:
            Identity.objects.all().delete()
        get_user_model().objects.filter(pk=user.pk).update(**taken)
        assert "Your account here is closed." in come().text


def test_typed_address_is_joined_after_it_is_proven(come):
    user = account()
    invited = Invitation.objects.create()
    invited.use(user)
    assert "was typed and never verified" in come().text
    Invitation.objects.typed_by(user).update(email=user.email)
    assert who(come()) == user


# --- Invited -----------------------------------------------------------------------------------


def test_invitation_of_another_address_is_of_no_use(come):
    invited = invite("max@example.org")
    by_link = come(begin=f"{BEGIN}?invitation={invited.pk}-{invited.proof}")
    assert by_link.status_code == 410
    assert "is for another address" in by_link.text


def test_invitation_without_an_address_works_by_its_link(come):
    invited = invite("")
    user = who(come(begin=f"{BEGIN}?invitation={invited.pk}-{invited.proof}"))
    assert groups_of(user) == ["Authors"]


def test_revoked_invitation_lets_nobody_in(come):
    invite().revoke()
    assert come().status_code == 403


@pytest.mark.parametrize("wanted", ["admin", "Louisa", "лоу", "a b", "", "x" * 120])
def test_sign_in_name_is_never_somebody_elses(come, wanted):
    account(email="")
    invite()
    name = who(come(preferred_username=wanted)).username
    assert name.lower() not in ("admin", "louisa")
    assert name.isascii()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Lou \u202eB\0arba\n ", "Lou Barba"),
        ("نی\u200cلا", "نی\u200cلا"),
        (["Lou"], ""),
        ("x" * 300, "x" * 150),
    ],
)
def test_name_is_kept_as_readers_may_see_it(come, name, kept):
    invite()
    assert who(come(name=name)).first_name == kept


# --- Roles by claim ----------------------------------------------------------------------------

RULES = [("Owners", "groups", "admins"), ("Editors", "realm.roles", "edit")]


@pytest.fixture
def rules(settings):
    settings.OIDC_ROLES = RULES


@pytest.mark.usefixtures("rules")
def test_claim_gives_an_account_and_its_groups(come):
    user = who(come(groups=["staff", "admins"], realm={"roles": ["edit"]}))
    assert groups_of(user) == ["Editors", "Owners"]


@pytest.mark.usefixtures("rules")
def test_last_role_removed_there_ends_the_way_in(come):
    account("owner", "", "Owners")
    user = who(come(groups=["admins"]))
    refused = come(groups=[])
    assert refused.status_code == 403
    assert "Nothing that you may do here is left" in refused.text
    assert groups_of(user) == []


@pytest.mark.usefixtures("rules")
def test_group_given_by_an_owner_stays(come):
    user = account(group="Authors")
    come(groups=["admins"])
    account("owner", "", "Owners")
    come()
    assert groups_of(user) == ["Authors"]


@pytest.mark.usefixtures("rules")
def test_last_owner_is_never_locked_out(come, caplog):
    get_user_model().objects.all().delete()
    user = who(come(groups=["admins"]))
    answer = come()
    assert who(answer) == user
    assert groups_of(user) == ["Owners"]
    assert "stays in Owners, as the site's last owner" in caplog.text


# --- The second step ---------------------------------------------------------------------------


def test_required_second_step_is_asked_all_the_same(come, settings):
    settings.STAFF_SECOND_STEP = "required"
    account()
    answer = come()
    assert answer["Location"] == "/admin/second-step/set-up/"
    assert not who(answer).is_authenticated


@pytest.mark.parametrize(("amr", "enough"), [(["pwd", "mfa"], True), (["pwd"], False)])
def test_provider_stands_for_it_only_by_a_named_claim(come, settings, amr, enough):
    settings.STAFF_SECOND_STEP = "required"
    settings.OIDC_SECOND_STEP_BY = [("amr", "mfa")]
    account()
    answer = come(amr=amr)
    assert who(answer).is_authenticated is enough
    if enough:
        assert answer.client.get("/admin/").status_code == 200


def test_second_step_of_the_account_is_asked_and_then_lets_in(come, own):  # noqa: F811
    own.document["end_session_endpoint"] = f"{ISSUER}/out"
    device = TOTPDevice.objects.create(user=account(), name="app")
    answer = come()
    assert answer["Location"] == "/admin/second-step/"
    shown = TOTP(device.bin_key, device.step, device.t0, device.digits)
    arrived = answer.client.post("/admin/second-step/", {"code": f"{shown.token():06}"})
    assert arrived["Location"] == "/admin/"
    left = answer.client.post("/admin/logout/")
    assert left["Refresh"].startswith(f"0; url={ISSUER}/out?id_token_hint=")


def test_class_that_stands_for_it_is_asked_for(come, own, settings):  # noqa: F811
    settings.OIDC_SECOND_STEP_BY = [("acr", "gold"), ("amr", "mfa")]
    come()
    assert own.query["acr_values"] == "gold"


# --- There and back ----------------------------------------------------------------------------


def test_only_a_path_of_this_site_is_led_to(come):
    account()
    there = come(begin=f"{BEGIN}?next=/admin/posts/post/")
    assert there["Location"] == "/admin/posts/post/"
    for wrong in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:a()"):
        assert come(begin=f"{BEGIN}?next={wrong}")["Location"] == "/admin/"


def test_password_session_signs_out_here_alone(client):
    client.force_login(account())
    assert "Refresh" not in client.post("/admin/logout/").headers
