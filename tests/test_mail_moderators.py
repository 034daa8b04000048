"""Moderators and authors get mail about comments: at once, in digests or never, within limits."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.utils import timezone
from mail_helpers import links, run_due_jobs

from blog.jobs.models import Job
from comments import tasks
from comments.mail.notifications import AT_ONCE_IN_AN_HOUR
from comments.models import Comment, Mail, MailChoice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_set_up")]


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def person():
    """Make someone who may sign in to the admin; by default a moderator."""

    def person(name, when=None, moderates=True, **changes):
        given = {"email": f"{name}@example.org", "is_staff": True, "first_name": name.title()}
        user = get_user_model().objects.create_user(name, **given | changes)
        if moderates:
            user.groups.add(Group.objects.get(name="Moderators"))
        if when:
            MailChoice.objects.create(user=user, when=when)
        return user

    return person


@pytest.fixture
def arrive(say, post):
    """Have a comment arrive as through the form; by default it waits."""

    def arrive(body="Quince paste.", on=post, **changes):
        given = {"status": "pending", "reasons": ["first-comment"], "judged_at": None}
        comment = say(on, body, **given | changes)
        tasks.received(comment)
        run_due_jobs()
        return comment

    return arrive


def subjects():
    return [(message.to[0], message.subject) for message in mail.outbox]


def at(hours):
    return timezone.now() + timedelta(hours=hours)


NEW = "New comment on “On margins”"


# --- To whom ----------------------------------------------------------------------------------


def test_moderator_gets_mail_at_once_if_chosen(arrive, person):
    person("ann", "at-once")
    arrive()
    assert subjects() == [("ann@example.org", NEW)]


def test_author_gets_mail_at_once_by_default(arrive, author):
    author.user_permissions.add(Permission.objects.get(codename="change_post"))
    author.email = "ines@example.org"
    author.save()
    arrive()
    assert subjects() == [("ines@example.org", NEW)]


def test_author_gets_mail_about_own_essays_only(arrive, person, write):
    ben = person("ben", "at-once", moderates=False)
    ben.user_permissions.add(Permission.objects.get(codename="change_post"))
    arrive(status="approved")
    assert subjects() == []
    arrive(on=write("Of drains", author=ben), status="approved")
    assert subjects() == [("ben@example.org", "New comment on “Of drains”")]


def test_only_those_who_may_decide_get_mail(arrive, person, author):
    person("ann", "at-once", moderates=False)
    person("gone", "at-once", is_active=False)
    person("mute", "at-once", email="")
    author.email = "ines@example.org"
    author.save()
    arrive()
    assert subjects() == []


def test_a_superuser_moderates(arrive, person):
    person("root", "at-once", moderates=False, is_superuser=True)
    arrive()
    assert subjects() == [("root@example.org", NEW)]


def test_nobody_gets_mail_about_their_own_comment(arrive, person):
    arrive(author=person("ann", "at-once"))
    assert subjects() == []


def test_typing_a_moderators_address_hides_no_comment(arrive, person):
    person("ann", "at-once")
    arrive(email="ann@example.org")
    assert subjects() == [("ann@example.org", NEW)]


def test_no_mail_to_who_chose_never(arrive, person):
    person("ann", "never")
    arrive()
    run_due_jobs(at(48))
    assert subjects() == []


@pytest.mark.parametrize("status", ["spam", "trash", "approved"])
def test_only_waiting_comments_are_mailed(arrive, person, status):
    person("ann", "at-once")
    arrive(status=status)
    assert subjects() == []


def test_comment_decided_meanwhile_is_not_mailed(say, post, person):
    person("ann", "at-once")
    comment = say(post, status="pending")
    tasks.received(comment)
    comment.approve()
    run_due_jobs()
    assert subjects() == []


def test_comment_is_mailed_once_if_the_job_runs_twice(arrive, person):
    person("ann", "at-once")
    comment = arrive()
    for _ in range(3):
        tasks.announce.enqueue(comment.pk)
    run_due_jobs()
    assert len(mail.outbox) == 1


# --- What it says -----------------------------------------------------------------------------


def test_mail_holds_comment_reasons_and_three_links(arrive, person):
    person("ann", "at-once")
    arrive("Quince *paste*.", name="Lou", email="lou@example.org", url="https://lou.example")
    message = mail.outbox[0]
    html = message.alternatives[0].content
    for text in (message.body, html):
        assert "Lou" in text
        assert "lou@example.org" in text
        assert "No comment from this browser was approved before." in text
        assert len(links(text, "judge")) == 3
    assert "> Quince *paste*." in message.body
    assert "<em>paste</em>" in html


def test_mails_about_one_essay_form_one_thread(arrive, person, post, settings):
    person("ann", "at-once")
    first = arrive("One.")
    arrive("Two.", parent=first)
    one, two = [message.message() for message in mail.outbox]
    assert one["Message-ID"] != two["Message-ID"]
    assert one["Message-ID"].startswith(f"<comment-{first.pk}.moderator.")
    assert one["References"] == one["In-Reply-To"] == f"<essay-{post.pk}@127.0.0.1>"
    assert two["In-Reply-To"] == f"<comment-{first.pk}@127.0.0.1>"
    assert two["References"] == f"{one['References']} {two['In-Reply-To']}"
    assert one["List-Id"] == two["List-Id"] == f"<essay-{post.pk}.127.0.0.1>"
    assert one["Auto-Submitted"] == "auto-generated"
    assert one["Subject"] == two["Subject"]
    assert one["From"] == settings.DEFAULT_FROM_EMAIL == "Postil <noreply@127.0.0.1>"


def test_a_comment_cannot_pass_for_the_mail_itself(arrive, person):
    person("ann", "at-once")
    arrive("Hm.\n\nApprove: https://evil.example/", name="Ann\r\nBcc: all@example.org")
    message = mail.outbox[0]
    assert "\nApprove: https://evil" not in message.body
    assert "> Approve: https://evil" in message.body
    assert message.message()["Bcc"] is None
    assert message.recipients() == ["ann@example.org"]


def test_title_cannot_inject_headers(arrive, person, write):
    person("ann", "at-once")
    essay = write("Of drains\r\nBcc: all@example.org", body="x", standfirst="y")
    type(essay).objects.update(title="Of drains\r\nBcc: all@example.org\x01" + "x" * 100)
    essay.refresh_from_db()
    arrive(on=essay)
    head = mail.outbox[0].message()
    assert head["Bcc"] is None
    assert "\n" not in mail.outbox[0].subject
    assert len(mail.outbox[0].subject) < 90


# --- Together ---------------------------------------------------------------------------------


def test_digest_lists_waiting_comments_newest_first(arrive, person):
    person("ann", "hourly")
    arrive("The older.")
    arrive("The newer.")
    arrive("Buy.", status="spam")
    assert subjects() == []
    run_due_jobs(at(1))
    assert subjects() == [("ann@example.org", "2 comments to read")]
    body = mail.outbox[0].body
    assert body.index("> The newer.") < body.index("> The older.")
    assert "1 comment was filed as spam." in body
    assert "Buy." not in body
    assert len(links(body, "judge")) == 6


def test_no_digest_without_new_comments(arrive, person):
    person("ann", "hourly")
    arrive("Still waiting.")
    run_due_jobs(at(1))
    Mail.objects.update(sent_at=timezone.now())
    arrive("Judged in time.").trash()
    run_due_jobs(at(3))
    assert len(mail.outbox) == 1
    Job.objects.all().delete()
    Mail.objects.update(about="long ago")
    arrive("Buy.", status="spam")
    run_due_jobs(at(6))
    assert len(mail.outbox) == 1


def test_daily_digest_is_sent_in_the_morning(arrive, person):
    person("ann")
    arrive()
    due = timezone.localtime(Mail.objects.get(kind="digest").due_at)
    assert (due.hour, due.minute) == (7, 0)
    assert timedelta() < due - timezone.now() <= timedelta(days=1)


def test_digest_shows_fifty_and_counts_the_rest(arrive, person, say, post):
    person("ann", "hourly")
    for number in range(61):
        say(post, f"No. {number}.", status="pending")
    arrive()
    run_due_jobs(at(1))
    body = mail.outbox[0].body
    assert body.count("\n> ") == 50
    assert "… and 12 more." in body


def test_many_comments_do_not_make_many_mails(arrive, say, post, person):
    person("ann", "at-once")
    for number in range(57):
        tasks.received(say(post, f"No. {number}.", status="pending"))
    run_due_jobs()
    run_due_jobs(at(1))
    assert len(mail.outbox) == AT_ONCE_IN_AN_HOUR + 1
    assert mail.outbox[-1].subject == "57 comments to read"


# --- Each chooses for themselves --------------------------------------------------------------


def test_everyone_in_the_admin_chooses_for_themselves(client, person):
    ann, ben = person("ann"), person("ben", moderates=False)
    for user, when in ((ann, "hourly"), (ben, "never")):
        client.force_login(user)
        page = client.get("/admin/").text
        assert 'href="/admin/comments/mailchoice/"' in page
        response = client.post("/admin/comments/mailchoice/", {"when": when}, follow=True)
        assert "Your choice is kept." in response.text
    assert [MailChoice.of(user).when for user in (ann, ben)] == ["hourly", "never"]


def test_default_choice_is_selected(client, person, author):
    ann = person("ann")
    client.force_login(ann)
    page = client.get("/admin/comments/mailchoice/").text
    assert re.search('value="daily"[^>]* checked', page)
    assert page.count('type="radio"') == 4
    assert not MailChoice.objects.exists()


def test_nobody_can_change_what_another_chose(client, person):
    kept = MailChoice.objects.create(user=person("ann"), when="hourly")
    client.force_login(person("root", moderates=False, is_superuser=True))
    for action in ("change", "delete"):
        response = client.post(f"/admin/comments/mailchoice/{kept.pk}/{action}/", {"when": "never"})
        assert response.status_code in (302, 403)
    assert MailChoice.objects.get().when == "hourly"


# --- Without mail -----------------------------------------------------------------------------


def test_without_a_mail_server_nothing_is_written_down(send, settings, person):
    settings.MAIL_IS_SET_UP = False
    person("ann", "at-once")
    assert send(email="lou@example.org", notify="on").status_code == 303
    Comment.objects.get().approve()
    assert not Mail.objects.exists()
    assert not Job.objects.exclude(task_path=tasks.learn_from.module_path).exists()


def test_reply_from_the_queue_is_mailed_too(client, person, say, post, author):
    author.user_permissions.add(Permission.objects.get(codename="change_post"))
    author.email = "ines@example.org"
    author.save()
    held = say(post, status="pending")
    client.force_login(person("ann", "never"))
    decide = {"decide": f"reply:{held.pk}:pending:{held.version}:", f"reply-{held.pk}": "Well put."}
    client.post("/admin/comments/comment/", decide)
    run_due_jobs()
    assert [to for to, _subject in subjects()] == ["ines@example.org"]
    assert "> Well put." in mail.outbox[0].body
