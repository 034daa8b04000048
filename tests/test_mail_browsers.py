"""Each browser proves once that it may use an address; typing one proves nothing."""

from datetime import timedelta

import pytest
from django.core import mail, signing
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone
from mail_helpers import links, run_due_jobs
from test_mail_readers import CONFIRM, LOU, REPLY, hours_pass, press, subjects

from comments import tasks
from comments.browser import COOKIE
from comments.models import AddressUse, Comment, Mail, MailAddress, Subscription

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_set_up")]


@pytest.fixture(autouse=True)
def held(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None
    settings.COMMENT_POLICY = "hold-all"


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def ask(send):
    def ask(body, **changes):
        send(body=body, **{"email": LOU, "notify": "on"} | changes)
        run_due_jobs()
        return Comment.objects.get(body=body)

    return ask


@pytest.fixture
def reply_to(say, post):
    def reply_to(comment, **changes):
        comment.approve()
        reply = say(post, f"To {comment.pk}.", name="Ann", parent=comment, **changes)
        tasks.received(reply)
        run_due_jobs()

    return reply_to


@pytest.fixture
def stranger(ask):
    """A comment under a confirmed address, left by a stranger's browser; nothing is mailed yet."""
    ask("The owner's.")
    press("confirm")
    mail.outbox.clear()
    hours_pass(25)
    return ask("A stranger's.", by=Client())


def confirmation():
    return links(mail.outbox[-1].body, "confirm")[0]


def test_stranger_using_an_address_gets_it_no_mail(stranger, reply_to):
    reply_to(stranger)
    assert subjects() == [CONFIRM]
    assert not stranger.subscriptions.get().is_live


def test_waiting_mail_is_not_sent_without_confirmation(stranger, say, post):
    reply = say(post, "Well put.", name="Ann", parent=stranger)
    tasks.post([Mail.objects.put(Mail.Kind.REPLY, LOU, str(reply.pk), comment=reply)])
    run_due_jobs()
    assert REPLY not in subjects()


def test_the_owners_own_wish_goes_on(stranger, reply_to):
    reply_to(Comment.objects.get(body="The owner's."))
    assert REPLY in subjects()


def test_confirming_counts_wherever_the_link_is_opened(ask, reply_to):
    comment = ask("On the laptop.")
    phone = Client()
    phone.post(confirmation())
    assert comment.subscriptions.get().is_live
    assert ask("On the phone.", by=phone).subscriptions.get().is_live is False
    assert ask("On the laptop again.").subscriptions.get().is_live
    reply_to(Comment.objects.get(body="On the laptop again."))
    assert subjects()[-1] == REPLY


def test_a_browser_that_lost_its_cookie_proves_again(client, ask):
    ask("Before.")
    press("confirm")
    del client.cookies[COOKIE]
    hours_pass(25)
    assert not ask("After.").subscriptions.get().is_live
    assert subjects() == [CONFIRM] * 2


def test_forged_key_causes_no_mail(ask, client):
    comment = ask("Mine.")
    press("confirm")
    forged = Client()
    forged.cookies[COOKIE] = signing.dumps([comment.browser], salt="guess")
    assert not ask("Not mine.", by=forged).subscriptions.get().is_live


def test_comments_of_another_browser_have_their_own_button(stranger):
    path = confirmation()
    page = Client().get(path).text
    assert "Confirm it only if you wrote this yourself:" in page
    AddressUse.objects.update(confirmed_at=None)
    page = Client().get(path).text
    assert "Confirm it only if that was you, too:" in page
    other = AddressUse.objects.exclude(browser=stranger.browser).get()
    Client().post(path, {"use": other.pk})
    other.refresh_from_db()
    assert other.confirmed_at
    assert not AddressUse.objects.get(browser=stranger.browser).confirmed_at


@pytest.mark.parametrize("use", ["x", "9" * 30, "-1", "0", ""])
def test_a_button_of_no_browser_confirms_none(ask, use):
    ask("Mine.")
    assert Client().post(confirmation(), {"use": use}).status_code == 200
    assert not AddressUse.objects.confirmed().exists()


def test_older_link_confirms_older_comments(ask, say, post):
    old = say(post, "Of before.", status="pending", email=LOU)
    address = MailAddress.objects.create(email=LOU)
    Subscription.objects.create(address=address, comment=old)
    new = ask("Of today.")
    token = signing.dumps(address.pk, salt="comments.mail.confirm")
    assert Client().get(f"/comments/mail/confirm/{token}/").status_code == 200
    assert not address.uses.filter(browser="").exists(), "looking at it writes nothing"
    Client().post(f"/comments/mail/confirm/{token}/")
    assert old.subscriptions.get().is_live
    assert not new.subscriptions.get().is_live


def test_an_address_makes_a_second_browser_known(ask, settings, send):
    ask("On the laptop.").approve()
    press("confirm")
    phone = Client()
    hours_pass(25)
    ask("On the phone.", by=phone)
    settings.COMMENT_POLICY = "hold-first"
    send(body="Not yet known.", by=phone)
    assert Comment.objects.get(body="Not yet known.").status == "pending"
    press("confirm")
    send(body="And more of them in spring.", by=phone)
    assert Comment.objects.get(body="And more of them in spring.").status == "approved"


def test_refusing_ends_every_browsers_use(stranger, settings, send):
    press("refuse")
    assert not AddressUse.objects.exists()
    assert not Subscription.objects.exists()


def test_a_wish_outlives_the_browsers_key(ask, reply_to):
    comment = ask("Long ago.")
    press("confirm")
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(days=181))
    call_command("forget_addresses", verbosity=0)
    comment.refresh_from_db()
    assert comment.browser == ""
    reply_to(comment)
    assert subjects()[-1] == REPLY


def test_browsers_of_an_address_are_forgotten_with_their_cookie(ask):
    ask("Lately.")
    press("confirm")
    address = MailAddress.objects.get()
    old = timezone.now() - timedelta(days=181)
    AddressUse.objects.update(asked_at=old)
    AddressUse.objects.create(address=address, browser="gone", asked_at=old, confirmed_at=old)
    call_command("tend_mail", verbosity=0)
    assert AddressUse.objects.get().browser == Comment.objects.get().browser


@pytest.mark.django_db(transaction=True)
def test_wishes_confirmed_before_the_upgrade_stay(say, post, reply_to):
    asked, unasked = (say(post, body, status="pending") for body in ("Asked.", "Unanswered."))
    lou = MailAddress.objects.create(email="Lou+blog@example.org", confirmed_at=timezone.now())
    eve = MailAddress.objects.create(email="eve@example.org")
    Subscription.objects.create(address=lou, comment=asked)
    Subscription.objects.create(address=eve, comment=unasked)
    MailAddress.objects.update(mailbox="")
    migration = MigrationExecutor(connection).loader.get_migration(
        "comments", "0020_keep_confirmed_wishes"
    )
    apps = MigrationExecutor(connection).loader.project_state().apps
    for operation in migration.operations:
        operation.code(apps, None)
    assert asked.subscriptions.get().is_live
    assert not unasked.subscriptions.get().is_live
    assert set(MailAddress.objects.values_list("mailbox", flat=True)) == {
        "lou@example.org",
        "eve@example.org",
    }
    assert not Mail.objects.exists()
