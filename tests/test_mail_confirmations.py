"""Mails asking for confirmation are limited; those over the limit are sent later."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from mail_helpers import links, run_due_jobs
from test_mail_readers import hours_pass, press

from comments import tasks
from comments.models import Comment, Mail, MailAddress
from comments.models.mail import domain_of, first_turn, mailbox_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_set_up")]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def ask(say, post):
    """Have confirmations written for these addresses, each left by a browser of its own."""

    def ask(*emails, **more):
        for email in emails:
            number = Comment.objects.count()
            comment = say(
                post, f"No. {number}.", status="pending", email=email, browser=email, **more
            )
            address, _new = MailAddress.objects.get_or_create(email=email)
            address.subscriptions.create(comment=comment)
            if made := address.ask(comment):
                tasks.post([made])
        run_due_jobs()

    return ask


def asked():
    return [message.to[0] for message in mail.outbox]


def later(monkeypatch, hours):
    now = timezone.now() + timedelta(hours=hours)
    with monkeypatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: now)
        run_due_jobs(now)


def test_mailbox_is_asked_once_a_day_despite_tags(ask, monkeypatch):
    ask("victim+1@example.org", "Victim+2@example.org", "victim@EXAMPLE.org", "other@example.org")
    assert asked() == ["victim+1@example.org", "other@example.org"]
    assert Mail.objects.waiting().count() == 2
    later(monkeypatch, 23)
    assert len(mail.outbox) == 2
    later(monkeypatch, 25)
    assert asked()[2:] == ["Victim+2@example.org"]
    later(monkeypatch, 50)
    assert asked()[3:] == ["victim@EXAMPLE.org"]
    assert not Mail.objects.waiting().exists()


def test_a_domain_takes_half_of_the_sites_confirmations(ask, settings, monkeypatch):
    settings.CONFIRM_RATE_SITE = (6, 3600)
    ask(*(f"n{number}@host{number}.example.org" for number in range(5)), "lou@example.net")
    assert [domain_of(to) for to in asked()] == ["example.org"] * 3 + ["example.net"]
    later(monkeypatch, 1.1)
    assert len(mail.outbox) == 6


def test_one_network_does_not_delay_others(ask, settings, monkeypatch):
    settings.CONFIRM_RATE_SITE = (8, 3600)
    for number in range(20):
        ask(f"lou@n{number}.example", address=f"198.51.100.{number}")
    # A /24 takes a quarter of what the site sends.
    assert len(mail.outbox) == 2
    ask("ann@honest.example", address="203.0.113.7")
    assert asked()[2:] == ["ann@honest.example"]
    later(monkeypatch, 1.1)
    assert len(mail.outbox) == 5


@pytest.mark.parametrize(
    ("addresses", "count"),
    [
        (["192.0.2.1"] * 3, 2),
        ([f"192.0.2.{n}" for n in range(4)], 3),
        ([f"192.0.{n}.1" for n in range(6)], 5),
        ([f"192.{n}.2.1" for n in range(9)], 8),
        ([f"2001:db8::{n}" for n in range(3)], 2),
        ([f"2001:db8:0:{n}::1" for n in range(4)], 3),
        ([None] * 11, 10),
    ],
)
def test_networks_of_each_size_have_a_share(ask, settings, addresses, count):
    settings.CONFIRM_RATE_SITE = (10, 3600)
    for number, address in enumerate(addresses):
        ask(f"lou@n{number}.example", address=address)
    assert len(mail.outbox) == count


def test_the_site_sends_no_more_than_its_rate(ask, settings, monkeypatch):
    settings.CONFIRM_RATE_SITE = (2, 3600)
    ask(*(f"lou@n{number}.example" for number in range(5)))
    assert asked() == ["lou@n0.example", "lou@n1.example"]
    due = list(Mail.objects.waiting().order_by("pk").values_list("due_at", flat=True))
    ahead = [round((at - timezone.now()) / HOUR) for at in due]
    assert ahead == [1, 1, 2]
    later(monkeypatch, 1.1)
    later(monkeypatch, 2.2)
    assert len(mail.outbox) == 5


def test_no_rate_leaves_only_the_mailboxes(ask, settings):
    sent = {"kind": Mail.Kind.CONFIRM, "sent_at": timezone.now()}
    Mail.objects.bulk_create(Mail(to=f"n{n}@example.org", about=str(n), **sent) for n in range(70))
    ask("late@example.org")
    assert asked() == []
    settings.CONFIRM_RATE_SITE = None
    ask("later@example.org")
    assert asked() == ["later@example.org"]


def test_addresses_changed_by_edits_count_as_new_ones(client, send, settings):
    settings.CONFIRM_RATE_SITE = (10, 3600)  # of which one address has two
    send(email="n0@example.org", notify="on")
    run_due_jobs()
    number = Comment.objects.get().pk
    for turn in range(1, 4):
        given = {"body": "I agree.", "name": "Lou", "email": f"n{turn}@example.org"}
        assert client.post(f"/comments/{number}/edit/", given).status_code == 303
        run_due_jobs()
    assert asked() == ["n0@example.org", "n1@example.org"]
    assert Mail.objects.waiting().count() == 2


def test_two_workers_at_once_keep_to_the_limits(say, post):
    comment = say(post, "No. 1.", status="pending")
    mails = [
        Mail.objects.put(Mail.Kind.CONFIRM, f"lou+{tag}@example.org", "x", comment=comment)
        for tag in "ab"
    ]
    now = timezone.now()
    turns = [Mail.objects.turn(each) for each in reversed(mails)]
    assert turns[0] - now > timedelta(hours=23)
    assert turns[1] - now < timedelta(minutes=1)
    mails[0].fail("the mail server hangs up")
    assert Mail.objects.turn(mails[1]) - now < timedelta(minutes=1), "who fails holds up nobody"


def test_many_browsers_share_the_mail_that_waits(send):
    for number in range(4):
        send(by=Client(), body=f"No. {number}.", email="lou@example.org", notify="on")
        run_due_jobs()
    assert asked() == ["lou@example.org"]
    assert Mail.objects.waiting().count() == 1
    page = Client().get(links(mail.outbox[0].body, "confirm")[0]).text
    assert page.count("Confirm it only if that was you, too:") == 3


def test_a_refusal_spares_the_whole_mailbox(ask, monkeypatch):
    ask("victim+1@example.org", "victim+2@example.org")
    press("refuse")
    later(monkeypatch, 25)
    ask("victim+3@example.org")
    assert len(mail.outbox) == 1
    assert not Mail.objects.waiting().exists()


def test_mail_of_a_deleted_comment_asks_for_the_next(send, monkeypatch):
    send(by=Client(), body="First.", email="lou+1@example.org", notify="on")
    run_due_jobs()
    for number in (1, 2):
        send(by=Client(), body=f"No. {number}.", email="lou@example.org", notify="on")
        run_due_jobs()
    Comment.objects.get(body="No. 1.").trash()
    later(monkeypatch, 25)
    assert asked() == ["lou+1@example.org", "lou@example.org"]
    Comment.objects.get(body="No. 2.").trash()
    hours_pass(25)
    later(monkeypatch, 60)
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("email", "mailbox", "domain"),
    [
        ("Me+Tag@Example.org", "me@example.org", "example.org"),
        ("me@mail.example.org", "me@mail.example.org", "example.org"),
        ("me+a+b@a.b.example.co.uk", "me@a.b.example.co.uk", "example.co.uk"),
        ("+me@example.org", "+me@example.org", "example.org"),
        ("me@localhost", "me@localhost", "localhost"),
    ],
)
def test_mailbox_and_domain_of_an_address(email, mailbox, domain):
    assert (mailbox_of(email), domain_of(email)) == (mailbox, domain)


def test_the_first_turn_keeps_to_every_limit():
    now = timezone.now()
    taken = [now - timedelta(minutes=30), now - timedelta(minutes=10), now + timedelta(minutes=50)]
    assert first_turn(now, [(3, HOUR, taken)]) == now
    assert first_turn(now, [(2, HOUR, taken)]) == now + timedelta(minutes=30)
    assert first_turn(now, [(1, HOUR, taken)]) == now + timedelta(minutes=110)
    day = timedelta(days=1)
    both = [(2, HOUR, taken), (1, day, taken[:1])]
    assert first_turn(now, both) == now - timedelta(minutes=30) + day
