"""Inviting people: by mail or by a link, once, for a week, telling nobody who has an account."""

import logging
import re
import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail as outbox
from django.db import connections
from django.test import Client
from django.utils import timezone

from blog.accounts import inviting
from blog.accounts.invitation import MOST_TO_ONE, MOST_TRIES
from blog.accounts.models import Invitation
from blog.accounts.tasks import mail_invitation
from blog.jobs.models import Job
from blog.lib.logs import JsonFormatter, TextFormatter
from blog.ops.request_log import shown

pytestmark = pytest.mark.django_db

PAGE = "/admin/accounts/invitation/"
User = get_user_model()


def _payload(**changes):
    given = {"name": "Nora Bell", "username": "nora", "email": ""}
    return given | {"password1": "a margin, wide", "password2": "a margin, wide"} | changes


@pytest.fixture
def owner(admin_user):
    admin_user.first_name = "Ines"
    admin_user.save()
    return admin_user


@pytest.fixture
def desk(owner):
    client = Client()
    client.force_login(owner)
    return client


def group(name):
    return Group.objects.get(name=name)


def invite(by=None, groups=("Authors",), **given):
    invited = Invitation.objects.create(by=by, **given)
    invited.groups.set(group(name) for name in groups)
    return invited


def path_of(invited):
    return invited.link.removeprefix("http://testserver")


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "http://testserver"


@pytest.fixture
def mail_on(settings):
    settings.MAIL_IS_SET_UP = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


# --- Making one -----------------------------------------------------------------------------------


def test_without_mail_a_link_is_made_and_the_page_says_so(desk, settings):
    settings.MAIL_IS_SET_UP = False
    page = desk.get(PAGE).text
    assert "This site sends no mail yet" in page
    assert 'name="email"' not in page
    page = desk.post(PAGE, {"groups": [group("Authors").pk]}, follow=True).text
    assert Invitation.objects.get().link in page


@pytest.mark.usefixtures("mail_on")
def test_mail_names_site_inviter_role_and_link(desk):
    desk.post(PAGE, {"groups": [group("Editors").pk], "email": "nora@example.org"})
    invited = Invitation.objects.get()
    mail_invitation.call(invited.pk)
    mail_invitation.call(invited.pk)  # a job may run twice
    (letter,) = outbox.outbox
    assert letter.to == ["nora@example.org"]
    assert letter.subject == "You are invited to Postil"
    for said in ("Ines invites you to Postil", "You come as: Editor.", invited.link):
        assert said in letter.body
    invited.refresh_from_db()
    assert invited.mailed_at


@pytest.mark.usefixtures("mail_on")
def test_nothing_stored_opens_it(desk):
    desk.post(PAGE, {"groups": [group("Editors").pk], "email": "nora@example.org"})
    invited = Invitation.objects.get()
    stored = [str(Job.objects.values()), str(Invitation.objects.values())]
    assert not any(invited.proof in said for said in stored)


def test_each_gives_only_what_its_maker_may(owner):
    manager = User.objects.create_user("manager", is_staff=True)
    manager.user_permissions.set(
        group("Owners").permissions.filter(content_type__app_label__in=["auth", "comments"])
    )
    client = Client()
    client.force_login(manager)
    page = client.get(PAGE).text
    assert "<b>Moderator</b>" in page
    assert "<b>Owner</b>" not in page
    client.post(PAGE, {"groups": [group("Owners").pk]})
    assert not Invitation.objects.exists()
    hidden = invite(owner, ("Owners",))
    assert hidden.link not in client.get(PAGE).text
    client.post(PAGE, {"revoke": hidden.pk})
    assert Invitation.objects.open().exists()


def test_those_who_may_add_nobody_see_none(desk, owner):
    for name in ("Editors", "Authors", "Moderators"):
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(group(name))
        client = Client()
        client.force_login(user)
        assert client.get(PAGE).status_code == 403, name
        assert client.post(PAGE, {"groups": [group(name).pk]}).status_code == 403, name


@pytest.mark.usefixtures("mail_on")
def test_mails_are_throttled(desk, monkeypatch):
    given = {"groups": [group("Authors").pk], "email": "nora@example.org"}
    for _time in range(MOST_TO_ONE):
        desk.post(PAGE, given)
    assert "invited several times today" in desk.post(PAGE, given).text
    assert Invitation.objects.count() == MOST_TO_ONE
    page = desk.post(PAGE, {"mail": Invitation.objects.first().pk}, follow=True).text
    assert "Wait ten minutes" in page
    monkeypatch.setattr(inviting, "MOST_MAILS", MOST_TO_ONE)
    assert "Many invitations" in desk.post(PAGE, given | {"email": "otto@example.org"}).text
    monkeypatch.setattr(inviting, "MOST_OPEN", MOST_TO_ONE)
    assert "wait already" in desk.post(PAGE, given | {"email": ""}).text


# --- Accepting it ---------------------------------------------------------------------------------


def test_invited_person_chooses_name_and_password_and_is_in(owner):
    invited, client = invite(owner, email="nora@example.org"), Client()
    page = client.get(path_of(invited))
    assert "Ines invites you to Postil" in page.text
    assert "Write and publish essays of one’s own" in page.text
    assert client.post(path_of(invited), _payload())["Location"] == "/admin/"
    nora = User.objects.get(username="nora")
    assert (nora.get_full_name(), nora.email) == ("Nora Bell", "nora@example.org")
    assert (nora.is_staff, nora.is_superuser) == (True, False)
    assert [*nora.groups.values_list("name", flat=True)] == ["Authors"]
    assert nora.check_password("a margin, wide")
    assert client.get("/admin/posts/post/add/").status_code == 200


def test_second_step_comes_first_where_it_is_required(owner, settings):
    settings.STAFF_SECOND_STEP = "required"
    client = Client()
    answer = client.post(path_of(invite(owner)), _payload())
    assert answer["Location"] == "/admin/second-step/set-up/"
    assert client.get("/admin/").status_code == 302
    assert client.get(answer["Location"]).status_code == 200


def test_it_works_once(owner):
    invited = invite(owner)
    Client().post(path_of(invited), _payload())
    for method in ("get", "post"):
        page = getattr(Client(), method)(path_of(invited), _payload(username="otto"))
        assert page.status_code == 410
        assert "accepted already" in page.text
        assert "/admin/forgot/" in page.text
    assert not User.objects.filter(username="otto").exists()


def test_closed_ones_say_what_to_do(owner):
    now = timezone.now()
    for changes, said in (
        ({"expires_at": now - timedelta(seconds=1)}, "This invitation worked until"),
        ({"revoked_at": now}, "This invitation was taken back."),
        ({"tries": MOST_TRIES}, "closed after too many"),
    ):
        invited = invite(owner)
        invited.record(**changes)
        for method in ("get", "post"):
            page = getattr(Client(), method)(path_of(invited), _payload())
            assert page.status_code == 410
            assert said in page.text
            assert "ask Ines for another one" in page.text
    assert User.objects.count() == 1


def test_revoked_by_button(desk, owner):
    invited = invite(owner)
    desk.post(PAGE, {"revoke": invited.pk})
    assert Client().get(path_of(invited)).status_code == 410


def test_it_gives_no_more_than_its_maker_may_by_then(owner):
    other = User.objects.create_user("otto", is_staff=True)
    other.groups.add(group("Owners"))
    invited = invite(other, ("Owners",))
    assert Client().get(path_of(invited)).status_code == 200
    other.groups.set([group("Editors")])
    for method in ("get", "post"):
        page = getattr(Client(), method)(path_of(invited), _payload())
        assert page.status_code == 410
        assert "taken back" in page.text
    other.groups.set([group("Owners")])
    other.delete()
    assert Client().get(path_of(invited)).status_code == 404


def test_somebody_signed_in_uses_nothing_up(desk, owner):
    invited = invite(owner)
    page = desk.get(path_of(invited))
    assert "You are signed in as admin already." in page.text
    assert desk.post(path_of(invited), _payload()).status_code == 409
    assert Invitation.objects.get().is_open


@pytest.mark.parametrize("token", ["x", "1-", "0-x", "9" * 30 + "-x", "١-x", "1-ﬀ", "%00", "1-%F0"])
def test_made_up_links_are_answered_alike(owner, token):
    Invitation.objects.filter(pk=1).delete()
    page = Client().get(f"/admin/invitation/{token}/")
    assert page.status_code in (400, 404)


def test_proof_of_another_invitation_opens_nothing(owner):
    one, other = invite(owner), invite(owner)
    assert Client().get(f"/admin/invitation/{one.pk}-{other.proof}/").status_code == 404
    one.record(seed="another")
    assert Client().get(path_of(one)).status_code == 404


def test_pages_are_stored_nowhere_and_told_nobody(owner):
    invited = invite(owner)
    for answer in (Client().get(path_of(invited)), Client().get("/admin/invitation/x/")):
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex"


def test_taken_names_and_reserved_ones_are_refused_alike(owner):
    invited = invite(owner)
    for name in ("admin", "ADMIN", "root", "Moderator"):
        page = Client().post(path_of(invited), _payload(username=name))
        assert page.context["form"].errors == {
            "username": ["This sign-in name cannot be had. Choose another one."]
        }
    invited.refresh_from_db()
    assert invited.tries == 4
    assert invited.is_open


def test_hostile_fields_make_no_account(owner):
    invited = invite(owner)
    for changes in (
        {"password1": "short", "password2": "short"},
        {"password2": "another one, wide"},
        {"password1": "nora bell", "password2": "nora bell"},
        {"name": ""},
        {"name": "\u202e"},
        {"name": "x" * 151},
        {"username": "a b"},
        {"username": "x" * 151},
        {"username": "nora\r\nBcc: x@example.org"},
        {"email": "nora@example.org\nBcc: x@example.org"},
        {"email": "x" * 300 + "@example.org"},
    ):
        page = Client().post(path_of(invited), _payload(**changes))
        assert page.status_code == 200, changes
        assert page.context["form"].errors, changes
    assert User.objects.count() == 1


def test_nobody_gives_themselves_more(owner):
    more = {"is_superuser": "on", "groups": [group("Owners").pk], "is_active": "on"}
    Client().post(path_of(invite(owner)), _payload(**more))
    nora = User.objects.get(username="nora")
    assert not nora.is_superuser
    assert [*nora.groups.values_list("name", flat=True)] == ["Authors"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_account():
    path, both, codes = path_of(invite()), threading.Barrier(2, timeout=20), []

    def accept(name):
        try:
            client = Client()
            client.get(path)
            both.wait()
            codes.append(client.post(path, _payload(username=name)).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept, args=[name]) for name in ("nora", "otto")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(codes) == [302, 410]
    assert User.objects.count() == 1


def test_link_is_in_no_log(owner):
    path = path_of(invite(owner))
    assert re.fullmatch(r"/admin/invitation/\d+-[0-9a-f]{40}/", path)
    assert shown(path) == "/admin/invitation/..."
    record = logging.makeLogRecord({"msg": "%s: %s", "args": ("Internal Server Error", path)})
    for formatter in (TextFormatter(), JsonFormatter()):
        assert "/admin/invitation/.../" in formatter.format(record)
