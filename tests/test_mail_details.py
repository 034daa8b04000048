"""Reply-To, single delivery and valid addresses of mails about comments."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core import mail
from mail_helpers import run_due_jobs
from smtp_server import mail_server
from test_doctor import by_smtp, the  # noqa: F401 - by_smtp is a fixture

from blog.ops.doctor import LOOK, here
from comments import tasks
from comments.models import Mail, MailAddress, MailChoice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_set_up")]


@pytest.fixture
def ines(author):
    """The author, who is mailed at once of comments under the essays."""
    author.user_permissions.add(Permission.objects.get(codename="change_post"))
    author.email = "ines@example.org"
    author.save()
    MailChoice.objects.create(user=author, when="at-once")
    return author


@pytest.fixture
def post(ines, write):
    return write()


@pytest.fixture
def wished(say, post):
    """A comment of the author's, left with a wish to be mailed replies at an address."""

    def wished(email, **changes):
        comment = say(post, "What of quinces?", email=email, browser="hers", **changes)
        address = MailAddress.objects.create(email=email.lower())
        address.subscriptions.create(comment=comment)
        address.use_by("hers").confirm()
        return comment

    return wished


@pytest.fixture
def arrive(say, post):
    def arrive(**changes):
        given = {"status": "approved", "judged_at": None, "name": "Ann"}
        comment = say(post, "Well put.", **given | changes)
        tasks.received(comment)
        run_due_jobs()
        return comment

    return arrive


NEW, REPLY = "New comment on “On margins”", "A reply to you on “On margins”"


def mailed():
    return [(message.to[0], message.subject) for message in mail.outbox]


@pytest.mark.parametrize("email", ["ines@example.org", "Ines@example.org"])
def test_an_author_is_mailed_a_reply_once(arrive, wished, ines, email):
    get_user_model().objects.filter(pk=ines.pk).update(email=email)
    arrive(parent=wished("ines@example.org"))
    assert mailed() == [(email, NEW)]


def test_a_reply_that_waited_is_mailed_once(arrive, wished):
    reply = arrive(parent=wished("ines@example.org"), status="pending")
    reply.approve()
    run_due_jobs()
    assert mailed() == [("ines@example.org", NEW)]


def test_an_account_with_another_address_is_mailed_once(arrive, wished, ines):
    arrive(parent=wished("ines@home.example", author=ines))
    assert mailed() == [("ines@example.org", NEW)]


def test_author_without_notice_gets_the_reply_mail(arrive, wished):
    MailChoice.objects.update(when="never")
    arrive(parent=wished("ines@example.org"))
    assert mailed() == [("ines@example.org", REPLY)]


def test_a_notice_that_never_went_hides_no_reply(wished, say, post):
    parent = wished("ines@example.org")
    reply = say(post, "Well put.", parent=parent, status="pending", judged_at=None)
    tasks.received(reply)
    tasks.announce.func(reply.pk)
    assert Mail.objects.waiting().get().kind == Mail.Kind.MODERATOR
    reply.approve()
    tasks.tell_readers.func([reply.pk])
    run_due_jobs()
    assert mailed() == [("ines@example.org", REPLY)]


def test_other_reader_still_gets_mail(arrive, wished):
    arrive(parent=wished("lou@example.org"))
    assert mailed() == [("ines@example.org", NEW), ("lou@example.org", REPLY)]


def test_a_notice_is_answered_to_the_comments_writer(arrive):
    arrive(email="ann@bücher.example")
    head = mail.outbox[0].message()
    assert head["Reply-To"] == "ann@xn--bcher-kva.example"


@pytest.mark.parametrize("email", ["", '"a b"@example.org', "a@b.org\nBcc: eve@example.org"])
def test_header_holds_only_its_own_address(arrive, email):
    arrive(email=email)
    head = mail.outbox[0].message()
    assert head["Reply-To"] is None
    assert "eve@example.org" not in head.as_string().partition("\n\n")[0]


def test_mail_to_readers_shows_no_addresses(arrive, wished):
    arrive(parent=wished("lou@example.org"), email="ann@example.org")
    to_reader = mail.outbox[1].message()
    assert to_reader["Reply-To"] is None
    assert "ann@example.org" not in to_reader.as_string()


def test_doctor_finds_superusers_without_an_address(by_smtp):  # noqa: F811
    get_user_model().objects.create_superuser("root")
    get_user_model().objects.create_superuser("gone", is_active=False)
    get_user_model().objects.create_superuser("ada", "ada@example.org")
    with mail_server() as server:
        by_smtp.EMAIL_PORT = server.port
        said = the(here.mail, LOOK)
    assert said.startswith("The superuser root has no email address")
    assert "ada" not in said
    assert "gone" not in said


def test_doctor_asks_no_address_without_mail(settings):
    settings.MAIL_IS_SET_UP = False
    get_user_model().objects.create_superuser("root")
    assert not any("root" in finding.said for finding in here.mail())


def test_your_mail_page_links_to_adding_an_address(client):
    root = get_user_model().objects.create_superuser("root")
    other = get_user_model().objects.create_superuser("other")
    client.force_login(root)
    page = client.get("/admin/comments/mailchoice/").text
    for user in (root, other):
        assert f'href="/admin/auth/user/{user.pk}/change/#id_email"' in page
    assert "The superuser other has no email address" in page


def test_your_mail_page_hides_superusers(client, ines):
    get_user_model().objects.create_superuser("root")
    client.force_login(ines)
    assert "root" not in client.get("/admin/comments/mailchoice/").text
