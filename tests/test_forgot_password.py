"""A new password by mail: once, for three hours, throttled, telling nobody who has an account."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.accounts import letters, models
from blog.accounts.models import Attempt
from blog.accounts.tasks import mail_new_passwords
from blog.jobs.models import Job
from blog.ops.request_log import shown

pytestmark = pytest.mark.django_db

FORGOT, LOGIN = "/admin/forgot/", "/admin/login/"
OLD, NEW = "a margin, wide enough", "another margin, wider"
CHOSEN = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture(autouse=True)
def _mail(settings):
    settings.MAIL_IS_SET_UP = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "http://testserver"


@pytest.fixture
def nora(db):
    user = get_user_model().objects.create_user("nora", "nora@example.org", OLD)
    user.is_staff = True
    user.save()
    return user


def ask(who="nora", address="198.51.100.1"):
    return Client().post(FORGOT, {"who": who}, REMOTE_ADDR=address)


def work():
    """Do the jobs that wait."""
    for job in Job.objects.filter(status="READY").order_by("enqueued_at"):
        mail_new_passwords.call(*job.args_kwargs["args"])
    Job.objects.all().delete()


def link_in(letter):
    return re.search(r"http://testserver(/admin/new-password/\S+)", letter.body)[1]


@pytest.fixture
def link(nora):
    ask()
    work()
    return link_in(outbox.outbox[-1])


def test_sign_in_page_leads_to_it(client):
    assert f'href="{FORGOT}"' in client.get(LOGIN).text
    assert "Mail me a link" in client.get(FORGOT).text


def test_asked_by_name_or_address_mail_comes(nora):
    for who in ("nora", "nora@example.org", "NORA@Example.org"):
        ask(who)
    work()
    assert [letter.to for letter in outbox.outbox] == [["nora@example.org"]] * 3
    assert "the account nora at testserver" in outbox.outbox[0].body
    assert outbox.outbox[0].subject == "A new password for Postil"


def test_it_sets_a_password_and_ends_sessions(nora, link):
    elsewhere = Client()
    elsewhere.post(LOGIN, {"username": "nora", "password": OLD})
    assert elsewhere.get("/admin/").status_code == 200
    link = link_of_now(nora)  # signing in made the first one void
    me = Client()
    assert "nora" in me.get(link).text
    answer = me.post(link, CHOSEN)
    assert answer["Location"] == LOGIN
    assert "Your new password is set" in me.get(LOGIN).text
    assert elsewhere.get("/admin/").status_code == 302
    assert me.get("/admin/").status_code == 302  # the link itself signs nobody in
    assert me.post(LOGIN, {"username": "nora", "password": NEW})["Location"] == "/admin/"


def link_of_now(user):
    user.refresh_from_db()
    return link_in(letters.new_password(user))


def test_second_step_is_still_asked(nora, link):
    device = TOTPDevice.objects.create(user=nora, name="app", confirmed=True)
    me = Client()
    me.post(link, CHOSEN)
    answer = me.post(LOGIN, {"username": "nora", "password": NEW})
    assert answer["Location"] == "/admin/second-step/"
    assert me.get("/admin/").status_code == 302
    assert TOTPDevice.objects.filter(pk=device.pk).exists()


def test_it_works_once(link):
    Client().post(link, CHOSEN)
    for method in ("get", "post"):
        page = getattr(Client(), method)(link, CHOSEN)
        assert page.status_code == 410
        assert "Ask for another link" in page.text


def test_it_runs_out(nora, link, monkeypatch):
    now = datetime.now()  # noqa: DTZ005 - as Django counts
    for hours, status in ((2.9, 200), (3.1, 410)):
        then = now + timedelta(hours=hours)
        monkeypatch.setattr(letters.NewPasswordTokens, "_now", lambda self, then=then: then)
        assert Client().get(link).status_code == status


def test_changes_of_the_account_make_it_void(nora):
    for changes in ({"email": "new@example.org"}, {"is_active": False}, {"is_staff": False}):
        link = link_of_now(nora)
        assert Client().get(link).status_code == 200
        get_user_model().objects.filter(pk=nora.pk).update(**changes)
        assert Client().get(link).status_code == 410, changes
        get_user_model().objects.filter(pk=nora.pk).update(is_active=True, is_staff=True)


def test_made_up_links_are_answered_alike(nora, link):
    token = link.split("/")[-2]
    number, _dot, proof = token.partition(".")
    for wrong in ("x", "x.y", f"{number}.x", f"9{number}.{proof}", f"٣.{proof}", "9" * 30 + ".x"):
        page = Client().get(f"/admin/new-password/{wrong}/")
        assert page.status_code == 410, wrong
        assert "This link has run out." in page.text


def test_weak_passwords_are_refused(link, nora):
    for one, other in (("nora", "nora"), ("12345678", "12345678"), (NEW, OLD), ("", "")):
        page = Client().post(link, {"new_password1": one, "new_password2": other})
        assert page.context["form"].errors, one
    nora.refresh_from_db()
    assert nora.check_password(OLD)


# --- Telling nothing ------------------------------------------------------------------------------


def test_answer_is_the_same_for_every_address(nora):
    get_user_model().objects.create_user("reader", "reader@example.org", OLD)  # not staff
    strangers = ("nobody", "nobody@example.org", "reader", "x" * 254, "'; --", "%", "*")
    answers, costs = set(), set()
    for number, who in enumerate(("nora", "nora@example.org", *strangers)):
        client = Client()
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(FORGOT, {"who": who}, REMOTE_ADDR=f"198.51.{number}.1")
        answers.add((answer.status_code, answer.text))
        costs.add(len([query for query in asked if "INSERT" in query["sql"]]))
    assert len(answers) == 1
    assert costs == {2}  # the attempt and a job, in each case
    work()
    assert [letter.to for letter in outbox.outbox] == [["nora@example.org"]] * 2


def test_what_is_kept_of_strangers_names_nobody(nora):
    ask("secret@example.org")
    assert "secret" not in str([*Attempt.objects.values(), *Job.objects.values()])


def test_link_is_stored_and_logged_nowhere(nora):
    ask()
    proof = str(Job.objects.values())
    work()
    link = link_in(outbox.outbox[0])
    assert link.split(".")[-1].strip("/") not in proof
    assert shown(link) == "/admin/new-password/..."
    page = Client().get(link)
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


# --- How often ------------------------------------------------------------------------------------


def test_a_network_may_ask_ten_times_an_hour(nora):
    for number in range(models.ASKED_PER_NETWORK[0]):
        assert ask(f"guess{number}").status_code == 200
    for who in ("nora", "nobody"):
        refused = ask(who)
        assert refused.status_code == 429
        assert 3500 < int(refused["Retry-After"]) <= 3600
        assert "Too many new passwords" in refused.text
    assert ask(address="203.0.113.1").status_code == 200
    Attempt.objects.update(at=timezone.now() - timedelta(hours=2))
    assert ask().status_code == 200


def test_an_account_gets_three_mails_an_hour_however_often_it_is_asked_for(nora):
    for number in range(8):
        assert ask(address=f"203.0.{number}.1").status_code == 200
        work()
    assert len(outbox.outbox) == 3
    # Those that were not mailed do not keep its owner waiting for longer.
    Attempt.objects.filter(outcome=Attempt.Outcome.MAILED).update(
        at=timezone.now() - timedelta(hours=2)
    )
    ask(address="192.0.2.1")
    work()
    assert len(outbox.outbox) == 4


def test_a_job_that_runs_twice_mails_once(nora):
    ask()
    (job,) = Job.objects.all()
    for _time in range(2):
        mail_new_passwords.call(*job.args_kwargs["args"])
    assert len(outbox.outbox) == 1


def test_asking_uses_up_no_sign_ins(nora, settings):
    settings.LOGIN_RATE_PER_ACCOUNT = (2, 3600)
    for _time in range(4):
        ask()
    answer = Client().post(LOGIN, {"username": "nora", "password": OLD}, REMOTE_ADDR="198.51.100.1")
    assert answer.status_code == 302


def test_a_true_link_gets_round_strangers_failures(nora, settings):
    settings.LOGIN_RATE_PER_ACCOUNT = (1, 3600)
    Client().post(LOGIN, {"username": "nora", "password": "wrong"}, REMOTE_ADDR="192.0.2.9")
    me = Client()
    me.post(link_of_now(nora), CHOSEN)
    assert me.post(LOGIN, {"username": "nora", "password": NEW}).status_code == 302


def test_without_mail_the_page_says_who_helps(client, nora, settings):
    settings.MAIL_IS_SET_UP = False
    assert "This site sends no mail." in client.get(FORGOT).text
    assert "Ask an owner" in client.post(FORGOT, {"who": "nora"}).text
    assert not Job.objects.exists()
