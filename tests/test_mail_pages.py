"""The pages mails lead to, and the mails themselves, in a real Chromium: no scripts, no cookies."""

from urllib.parse import urlsplit

import pytest
from accessibility import violations
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone
from mail_helpers import links, run_due_jobs
from test_pages_in_chromium import NARROW, WIDE, tab  # noqa: F401 - tab is a fixture
from trials import some_of

from comments import tasks
from comments.mail.links import confirming_link, judging_links, refusing_link, stopping_link
from comments.models import Comment, MailAddress, MailChoice, Subscription

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("mail_set_up"),
]


@pytest.fixture
def ann():
    ann = get_user_model().objects.create_superuser("ann", "ann@example.org")
    MailChoice.objects.create(user=ann, when="at-once")
    return ann


@pytest.fixture
def held(write, say):
    return say(
        write(),
        "A margin is where a book answers back. " * 5,
        status="pending",
        email="lou@example.org",
        url="https://lou.example",
        reasons=["first-comment", "links"],
    )


def path_of(url):
    return urlsplit(url).path


def pages(ann, held, say):
    """Return every page a link of a mail can lead to, by name."""
    judged = say(held.post, "Judged.", status="pending")
    used = dict(judging_links(ann, [judged])[judged.pk])["Spam"]
    judged.approve(by=ann)
    other = say(held.post, "Another word.", status="pending")
    changed = dict(judging_links(ann, [other])[other.pk])["Approve"]
    other.edit(body="Another phrase.", url="https://phrase.example/")
    new = MailAddress.objects.create(email="lou@example.org")
    Subscription.objects.create(address=new, comment=held)
    # Left in another browser, so that the page has a button for each.
    Subscription.objects.create(address=new, comment=judged)
    Comment.objects.filter(pk=judged.pk).update(browser="another")
    new.use_by("another")
    known = MailAddress.objects.create(email="eve@example.org")
    known.use_by("").confirm()
    refused = MailAddress.objects.create(email="no@example.org", refused_at=timezone.now())
    found = {f"to {word}": url for word, url in judging_links(ann, [held])[held.pk]}
    found |= {
        "judged": used,
        "changed": changed,
        "broken": "/comments/mail/judge/x/",
        "to confirm": confirming_link(new.use_by("")),
        "confirmed": confirming_link(known.use_by("")),
        "refused": confirming_link(refused.use_by("")),
        "to refuse": refusing_link(new),
        "is refused": refusing_link(refused),
        "to stop": stopping_link(known, held.post),
    }
    return {name: path_of(url) for name, url in found.items()}


@pytest.mark.long
@pytest.mark.parametrize(("part", "size"), [(0, WIDE), (1, NARROW)], ids=["wide", "narrow"])
def test_axe_finds_nothing_on_the_pages_of_mails(live_server, tab, ann, held, say, part, size):  # noqa: F811
    tab.set_viewport_size(size)
    asked, broken = [], []
    tab.on("request", lambda request: asked.append(request.url))
    for name, path in some_of(pages(ann, held, say).items(), 4, part):
        tab.emulate_media(color_scheme="light")
        tab.goto(live_server.url + path)
        broken += violations(tab, name, {"rules": {"target-size": {"enabled": True}}})
        tab.emulate_media(color_scheme="dark")  # which changes colours and nothing else
        broken += violations(tab, f"{name}, dark", {"runOnly": ["color-contrast"]})
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"], name
    assert broken == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(live_server.url).netloc}
    assert not any(url.endswith(".js") for url in asked)
    assert tab.context.cookies() == []


def test_axe_finds_nothing_on_the_choice_in_the_admin(live_server, tab, ann, client):  # noqa: F811
    client.force_login(ann)
    session = client.cookies["postil_session"].value
    tab.context.add_cookies([{"name": "postil_session", "value": session, "url": live_server.url}])
    tab.goto(f"{live_server.url}/admin/comments/mailchoice/")
    # The links of the stock admin's breadcrumbs are not underlined.
    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag22aa"],
        "rules": {"link-in-text-block": {"enabled": False}},
    }
    assert violations(tab, "choice", options) == []


def test_comment_is_approved_by_mail_without_scripts(live_server, page, ann, held):
    tasks.received(held)
    run_due_jobs()
    path = links(mail.outbox[0].body, "judge")[0]
    page.goto(live_server.url + path)
    assert Comment.objects.get().status == "pending"
    page.click("button")
    assert page.inner_text("h1") == "This comment is judged"
    assert "ann, " in page.inner_text("main")
    assert Comment.objects.get().status == "approved"
    page.reload()
    assert page.is_hidden("button")
    assert page.context.cookies() == []


def test_a_reader_asks_confirms_is_answered_and_leaves(live_server, page, write, say):
    essay = write()
    page.goto(live_server.url + essay.get_absolute_url())
    page.fill("#id_body", "Quince paste.")
    page.fill("#id_name", "Lou")
    page.fill("#id_email", "lou@example.org")
    page.check("text=Email me if someone replies.")
    page.click("text=Post comment")
    run_due_jobs()
    page.goto(live_server.url + links(mail.outbox[-1].body, "confirm")[0])
    page.click("text=Mail me replies")
    assert page.inner_text("h1") == "You get replies by mail"
    comment = Comment.objects.get()
    comment.approve()
    tasks.received(say(essay, "Well put.", parent=comment))
    run_due_jobs()
    assert mail.outbox[-1].subject == "A reply to you on “On margins”"
    page.goto(live_server.url + links(mail.outbox[-1].body, "stop")[0])
    page.click("text=No more about “On margins”")
    assert page.inner_text("h1") == "No more replies by mail"
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_mails_read_well_and_load_nothing(tab, ann, held, size):  # noqa: F811
    address = MailAddress.objects.create(email="lou@example.org", confirmed_at=timezone.now())
    Subscription.objects.create(address=address, comment=held, confirmed_at=timezone.now())
    tasks.received(held)
    run_due_jobs()
    held.approve(by=ann)
    run_due_jobs()
    asked, broken = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.set_viewport_size(size)
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        tab.set_content(message.alternatives[0].content)
        options = {"runOnly": ["wcag2a", "wcag2aa"]}
        broken += violations(tab, message.subject, options)
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert broken == []
    assert asked == []
