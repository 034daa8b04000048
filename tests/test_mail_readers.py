"""Readers who ask are mailed replies: after one confirmation, with a way out in every mail."""

import json
from datetime import timedelta

import pytest
from conftest import later
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone
from mail_helpers import links, run_due_jobs
from test_privacy import run

from blog.jobs.models import Job
from comments import tasks
from comments.mail.notifications import mailable
from comments.models import AddressUse, Comment, Mail, MailAddress, Subscription

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_set_up")]
LOU = "lou@example.org"


@pytest.fixture(autouse=True)
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def ask(send):
    """Post a comment whose writer wants replies; return it."""

    def ask(body="Quince paste.", email=LOU, **changes):
        response = send(body=body, email=email, notify="on", **changes)
        assert response.status_code == 303
        run_due_jobs()
        return Comment.objects.get(body=body, email=email)

    return ask


@pytest.fixture
def asked(ask):
    """A comment whose writer confirmed the address, approved; nothing is mailed yet."""
    comment = ask()
    press("confirm")
    comment.approve()
    Job.objects.all().delete()
    mail.outbox.clear()
    return comment


@pytest.fixture
def answer(say, post):
    """Have a reply arrive that appears at once."""

    def answer(parent, body="Well put.", **changes):
        given = {"name": "Ann", "email": "ann@example.org", "status": "approved"}
        reply = say(post, body, parent=parent, **given | changes)
        tasks.received(reply)
        run_due_jobs()
        return reply

    return answer


def press(what, message=-1, **given):
    path = links(mail.outbox[message].body, what)[0]
    return Client(enforce_csrf_checks=True).post(path, given, follow=True)


def hours_pass(hours):
    """Make all confirmations and mails this much older."""
    gone = timedelta(hours=hours)
    AddressUse.objects.update(asked_at=F("asked_at") - gone)
    Mail.objects.update(sent_at=F("sent_at") - gone)


def subjects():
    return [(message.to[0], message.subject) for message in mail.outbox]


CONFIRM = (LOU, "Do you want replies by mail?")
REPLY = (LOU, "A reply to you on “On margins”")
APPROVED = (LOU, "Your comment on “On margins” is published")


# --- Asking -----------------------------------------------------------------------------------


def test_the_form_offers_it_only_with_mail(client, post, settings):
    words = "Email me if someone replies. Every message has a one-click way out."
    assert words in client.get(post.get_absolute_url()).text
    settings.MAIL_IS_SET_UP = False
    assert words not in client.get(post.get_absolute_url()).text


def test_asking_for_mail_without_address_is_an_error(send):
    response = send(notify="on")
    assert response.status_code == 400
    assert "Add your address, so that replies can reach you." in response.text
    assert 'name="notify" checked' in response.text


@pytest.mark.parametrize("email", ['"a(b"@example.org', '"a,b"@example.org'])
def test_undeliverable_address_is_refused_only_if_mail_is_wanted(send, email):
    response = send(notify="on", email=email)
    assert response.status_code == 400
    assert "No mail can be sent to this address." in response.text
    assert send(email=email).status_code == 303


def test_nobody_is_mailed_before_they_confirm(ask, answer):
    comment = ask()
    comment.approve()
    answer(comment)
    assert subjects() == [CONFIRM]


def test_confirmation_mail_holds_nothing_the_sender_wrote(ask):
    ask("Buy at evil.example now.", name="Evil Example", url="https://evil.example")
    message = mail.outbox[0]
    for text in (message.body, message.alternatives[0].content):
        assert "evil" not in text.lower()


def test_address_gets_at_most_one_confirmation_a_day(ask):
    for number in range(5):
        ask(f"No. {number}.")
    assert subjects() == [CONFIRM]
    hours_pass(23)
    ask("No. 5.")
    assert subjects() == [CONFIRM]
    hours_pass(2)
    ask("No. 6.")
    assert subjects() == [CONFIRM] * 2


def test_following_the_link_confirms_nothing(client, ask):
    ask()
    page = client.get(links(mail.outbox[0].body, "confirm")[0])
    assert page.text.count("<button") == 1
    assert MailAddress.objects.get().confirmed_at is None
    press("confirm")
    assert MailAddress.objects.get().confirmed_at


def test_an_address_is_confirmed_once_for_a_browser(ask, asked, answer, settings):
    settings.COMMENT_POLICY = "hold-all"
    second = ask("More.")
    second.approve()
    run_due_jobs()
    answer(second)
    assert subjects() == [APPROVED, REPLY]


def test_the_link_to_confirm_expires(ask, monkeypatch):
    ask()
    with later(monkeypatch, timedelta(days=8)):
        assert press("confirm").status_code == 410
    assert MailAddress.objects.get().confirmed_at is None


def test_after_this_was_not_me_nothing_ever_comes(ask):
    ask()
    assert MailAddress.objects.get().refused_at is None
    assert "is mailed to lou@example.org from this site again" in press("refuse").text
    hours_pass(40 * 24)
    ask("Again.").approve()
    run_due_jobs()
    run("tend_mail")
    assert press("confirm").status_code == 410
    assert subjects() == [CONFIRM]
    assert not Subscription.objects.exists()


def test_corrected_address_is_asked_and_the_wrong_one_not(client, ask):
    comment = ask(email="luo@example.org")
    given = {"body": comment.body, "name": "Lou", "email": LOU}
    assert client.post(f"/comments/{comment.pk}/edit/", given).status_code == 303
    run_due_jobs()
    assert subjects() == [("luo@example.org", CONFIRM[1]), CONFIRM]
    assert [wish.address.email for wish in Subscription.objects.all()] == [LOU]


def test_spam_asks_for_no_confirmation_until_approved(ask):
    comment = ask(subject="a program was here")
    assert comment.status == "spam"
    assert subjects() == []
    comment.approve()
    run_due_jobs()
    assert subjects() == [CONFIRM]


# --- Replies ----------------------------------------------------------------------------------


def test_a_reply_is_mailed_once_it_can_be_read(asked, answer):
    reply = answer(asked, status="pending")
    assert subjects() == []
    reply.approve()
    run_due_jobs()
    assert subjects() == [REPLY]
    assert "> Well put." in mail.outbox[0].body
    assert "ann@example.org" not in mail.outbox[0].message().as_string()


def test_reply_is_mailed_only_once(asked, answer):
    reply = answer(asked)
    for verb in ("mark_spam", "approve", "trash", "restore"):
        getattr(reply, verb)()
        run_due_jobs()
    Mail.objects.all().delete()
    reply.mark_spam()
    reply.approve()
    run_due_jobs()
    assert subjects() == [REPLY]


def test_deleted_reply_is_not_mailed(asked, say, post):
    reply = say(post, "Well put.", parent=asked, status="approved")
    tasks.received(reply)
    tasks.announce.func(reply.pk)
    assert Mail.objects.waiting().count() == 1
    reply.mark_spam()
    run_due_jobs()
    assert subjects() == []


def test_nobody_is_mailed_their_own_reply(asked, answer):
    answer(asked, browser=asked.browser)
    assert subjects() == []


def test_typing_an_address_hides_no_reply_from_its_owner(asked, answer):
    answer(asked, email=LOU)
    assert subjects() == [REPLY]


def test_a_reply_to_somebody_else_is_not_mailed(asked, answer, say, post):
    answer(say(post, "Another."))
    answer(answer(say(post, "More."), "Deeper."))
    assert subjects() == []


def test_approval_of_a_waiting_comment_is_mailed_once(ask, asked, settings):
    settings.COMMENT_POLICY = "hold-all"
    comment = ask("More.")
    comment.approve()
    comment.mark_spam()
    comment.approve()
    run_due_jobs()
    assert subjects() == [APPROVED]
    settings.COMMENT_POLICY = "publish-all"
    ask("Another thing altogether.")
    assert subjects() == [APPROVED]


# --- The way out ------------------------------------------------------------------------------


def test_mail_to_readers_has_one_click_unsubscribe(asked, answer):
    answer(asked)
    head = mail.outbox[0].message()
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = links(head["List-Unsubscribe"].strip("<>"), "stop")
    assert path == [found.rstrip(">") for found in links(mail.outbox[0].body, "stop")]
    one_click = {"List-Unsubscribe": "One-Click"}
    response = Client(enforce_csrf_checks=True).post(path[0], one_click)
    assert response.status_code == 200
    answer(asked, "Another answer.")
    assert len(mail.outbox) == 1


def test_following_the_way_out_ends_nothing(client, asked, answer):
    answer(asked)
    assert "End replies by mail?" in client.get(links(mail.outbox[0].body, "stop")[0]).text
    answer(asked, "Another answer.")
    assert len(mail.outbox) == 2


def test_mail_can_be_ended_for_one_essay_or_all(ask, asked, answer, write, say):
    other = write("Of drains")
    elsewhere = ask("Gutters.", on=other)
    elsewhere.approve()
    run_due_jobs()
    answer(asked)
    mail.outbox[:] = mail.outbox[-1:]
    press("stop")
    assert [wish.comment for wish in Subscription.objects.all()] == [elsewhere]
    assert "This site mails nothing more to you." in press("stop", everything=1).text
    assert not Subscription.objects.exists()
    mail.outbox.clear()
    hours_pass(25)
    ask("After all.")
    assert subjects() == [CONFIRM], "a later wish is asked about"


def test_unsubscribe_link_never_expires_and_works_twice(asked, answer, monkeypatch):
    answer(asked)
    with later(monkeypatch, timedelta(days=4000)):
        for _ in range(2):
            assert "No more replies by mail" in press("stop").text
    MailAddress.objects.all().delete()
    assert press("stop").status_code == 200


# --- What is kept -----------------------------------------------------------------------------


def test_readers_data_is_printed_and_erased(asked, answer):
    answer(asked)
    held = run("person", "Lou@Example.org")
    assert {"confirmed_at", "wants_replies_to", "sent_at"} <= {
        key for row in json.loads(held) for key in row
    }
    run("person", LOU, "--erase")
    assert json.loads(run("person", LOU)) == []
    assert not Mail.objects.filter(to=LOU).exists()
    assert not MailAddress.objects.exists()


def test_mails_about_an_erased_comment_go_with_it(asked, answer, settings):
    answer(asked)
    settings.MAIL_IS_SET_UP = False
    Comment.objects.get(parent=asked).erase()
    asked.erase()
    assert not Mail.objects.filter(comment__isnull=False).exists()
    assert not Subscription.objects.exists()


def test_mails_are_forgotten_after_thirty_days(asked, answer):
    answer(asked)
    Mail.objects.update(due_at=timezone.now() - timedelta(days=29))
    assert "Forgot 0 mails." in run("tend_mail")
    Mail.objects.update(due_at=timezone.now() - timedelta(days=31))
    assert "Forgot 0 mails." not in run("tend_mail")
    assert not Mail.objects.exists()


def test_unconfirmed_address_is_deleted(ask):
    ask()
    long_ago = timezone.now() - timedelta(days=31)
    MailAddress.objects.update(asked_at=long_ago)
    run("tend_mail")
    assert MailAddress.objects.exists()
    Subscription.objects.update(created_at=long_ago)
    run("tend_mail")
    assert not MailAddress.objects.exists()


@pytest.mark.parametrize(
    "email",
    [
        "a@b.org\nBcc: x@y.org",
        "a b@c.org",
        "a@b.org,c@d.org",
        "<a@b.org>",
        '"a\x01"@b.org',
        "ä@b.org",
    ],
)
def test_address_with_line_breaks_is_refused(email):
    assert not mailable(email)
    assert mailable("anna.o'neil+x@bücher.example")
