"""A mail server that is down, slow or refusing holds up nobody; the mail goes out later."""

from datetime import timedelta

import pytest
from conftest import on
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.utils import timezone
from mail_helpers import run_due_jobs
from server import free_port
from smtp_server import mail_server
from test_privacy import run

from blog.jobs.models import ATTEMPTS, Job
from comments import tasks
from comments.models import Comment, Mail, MailChoice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_set_up")]


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def ann():
    ann = get_user_model().objects.create_superuser("ann", "ann@example.org")
    MailChoice.objects.create(user=ann, when="at-once")
    return ann


@pytest.fixture
def staff(ann):
    """The admin, as Ann sees it; readers use another browser."""
    client = Client()
    client.force_login(ann)
    return client


@pytest.fixture
def server(settings):
    """A mail server that takes everything, until its `mode` is changed."""
    with mail_server() as server:
        use(settings, server.port)
        yield server


def use(settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 0.5
    mail.DNS_NAME._fqdn = "localhost"  # asking the network for it is not what is tested


def try_once():
    """Run the jobs that are due, with any result."""
    now = timezone.now()
    while job := Job.objects.claim("test", now):
        job.perform(lambda: now)


FAILURES = {
    "busy": "the mail server answers “421 Come back later”",
    "full": "the mail server answers “452 The mailbox is full”",
    "silent": "the mail server does not answer in time",
    "hangs up": "the mail server closes the connection",
}


def test_a_mail_arrives_as_it_was_meant(server, ann, send, post):
    send(body="Grüße, “Lou”.\n.\nA line with a dot above.", name="Lou Ünal")
    run_due_jobs()
    (to, message), *rest = server.messages
    assert (to, rest) == ("ann@example.org", [])
    assert message["Subject"] == "New comment on “On margins”"
    assert message["From"] == "Postil <noreply@127.0.0.1>"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "> Grüße, “Lou”.\n> .\n" in text.get_content().replace("\r\n", "\n")
    assert "Lou Ünal" in html.get_content()
    row = Mail.objects.get()
    assert row.sent_at
    assert (row.failed_at, row.error) == (None, "")


@pytest.mark.parametrize("mode", FAILURES)
def test_posting_works_without_mail_server_and_mail_follows(server, ann, staff, send, mode):
    server.mode = mode
    assert send().status_code == 303
    try_once()
    assert Mail.objects.get().error == FAILURES[mode]
    assert Mail.objects.get().sent_at is None
    assert f"1 mail waits: {FAILURES[mode]} since " in staff.get("/admin/").text
    taken, server.mode = len(server.taken), "ok"
    run_due_jobs(timezone.now() + timedelta(minutes=2))
    assert Mail.objects.get().sent_at
    assert len(server.taken) == taken + 1
    assert "mail waits" not in staff.get("/admin/").text
    assert Comment.objects.get().approve()


def test_unanswered_mail_is_sent_again_with_its_id(server, ann, send):
    """Nobody can know whether a server that hangs up kept it; clients know it by its name."""
    server.mode = "hangs up"
    send()
    try_once()
    server.mode = "ok"
    run_due_jobs(timezone.now() + timedelta(minutes=2))
    first, second = [message["Message-ID"] for _to, message in server.messages]
    assert first == second


def test_a_server_that_is_down_is_met_again(settings, ann, send, staff):
    use(settings, free_port())
    send()
    try_once()
    page = staff.get("/admin/comments/comment/").text
    assert "1 mail waits: the mail server refuses the connection since " in page
    with mail_server(port=settings.EMAIL_PORT) as server:
        run_due_jobs(timezone.now() + timedelta(minutes=2))
        assert len(server.taken) == 1


def test_posting_and_moderating_do_not_contact_the_server(server, ann, send):
    send(email="lou@example.org", notify="on")
    Comment.objects.get().approve(by=ann)
    assert server.calls == 0
    assert Job.objects.exclude(task_path=tasks.learn_from.module_path).count() == 2
    run_due_jobs()
    assert server.calls > 0


def test_unknown_mailbox_is_not_tried_again(server, ann, send):
    server.mode = "nobody"
    send()
    run_due_jobs()
    row = Mail.objects.get()
    assert row.dropped_at
    assert row.error == "the mail server answers “550 5.1.1 Nobody here by that name”"


@pytest.mark.parametrize("path", [tasks.send_mail.module_path, "comments.tasks.send"])
def test_failed_mail_is_retried_daily_for_five_days(settings, server, ann, send, path):
    server.mode = "busy"
    send()
    now = timezone.now()
    for hours in range(ATTEMPTS):
        later = now + timedelta(hours=24 * hours)
        while job := Job.objects.claim("test", later):
            job.perform(lambda later=later: later)
    assert Job.objects.filter(status="FAILED").update(task_path=path) == 1
    Mail.objects.update(created_at=now - timedelta(days=6))
    assert "0 mails are tried again." in run("tend_mail")
    Mail.objects.update(created_at=now - timedelta(days=4))
    assert "1 mail is tried again." in run("tend_mail")
    server.mode = "ok"
    run_due_jobs(on(2090))
    assert len(server.taken) == 1


def test_no_address_is_in_the_log_or_jobs(server, ann, send, caplog):
    server.mode = "full"
    send()
    try_once()
    assert "ann@" not in caplog.text
    assert not [job for job in Job.objects.all() if "ann@" in job.traceback]


def test_the_admin_says_when_no_worker_runs(server, ann, send, staff):
    send()
    assert "mail waits" not in staff.get("/admin/").text
    tasks.announce.func(Comment.objects.get().pk)
    Mail.objects.update(due_at=timezone.now() - timedelta(minutes=11))
    assert "1 mail waits: no worker takes them since " in staff.get("/admin/").text


def test_only_superusers_see_how_mail_fares(server, ann, author, client):
    client.force_login(author)
    assert client.get("/admin/comments/mail/").status_code == 403
    client.force_login(ann)
    assert client.get("/admin/comments/mail/").status_code == 200
