"""In each of eleven languages an essay and five comments are posted, shown, linked and mailed."""

import re
import unicodedata
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from eleven_scripts import SAMPLES
from inputs import every
from mail_helpers import run_due_jobs
from test_admin_posts import ADD, _payload
from trials import some_of

from blog.posts.models import Post
from comments.models import Comment, Mail, MailChoice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_set_up", "no_rate", "mailed")]
ADDRESS = re.compile(r"https://example\.org/[^\s.!،。）»·…।]+")
MARKS = re.compile(r"^\s*(?:[#>-]+ )|\*\*|\[([^\]]+)\]\([^)]+\)", re.MULTILINE)


@pytest.fixture
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None


@pytest.fixture
def mailed(author):
    """Have Ines be mailed each comment at once."""
    author.email = "ines@example.org"
    author.save()
    author.groups.add(Group.objects.get(name="Moderators"))
    MailChoice.objects.create(user=author, when="at-once")


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def publish(staff, author):
    """Write a language's essay at the desk and publish it."""

    def publish(language):
        sample = SAMPLES[language]
        given = {"title": sample.title, "slug": "", "body": sample.body, "lang": language}
        dates = {"published_at_0": "", "published_at_1": ""}
        staff.post(ADD, _payload(author, act="publish", standfirst="", **given | dates))
        return Post.objects.get(title=sample.title)

    return publish


def words(text):
    """Return letters, marks and digits: quotes become typographic, and lines break elsewhere."""
    return "".join(char for char in text if unicodedata.category(char)[0] in "LMN")


def typed(text):
    return words(MARKS.sub(lambda mark: mark[1] or "", text))


def essay_on(page):
    (body,) = BeautifulSoup(page, "html.parser").select(".e-content")
    for ours in body.select("a.anchor, noscript"):
        ours.decompose()
    return body


@every("language", SAMPLES)
def test_an_essay_is_whole_at_its_address(publish, language):
    sample, post = SAMPLES[language], publish(language)
    assert post.slug == sample.slug
    page = Client().get(quote(f"/{post.path}/"))
    assert page.status_code == 200
    body = essay_on(page.text)
    assert words(body.get_text()) == typed(sample.body)
    assert body.get("lang") == language
    assert [part.name for part in body.find_all(recursive=False)] == [
        "p",
        "h2",
        "p",
        "ul",
        "blockquote",
        "p",
    ]
    assert len(body.select("ul > li")) == 3
    assert body.select("h2")[0].get("id")
    (link,) = body.select("p:last-child a")
    assert link.get("href").startswith("https://example.org/")
    assert post.words > 20
    assert f'"wordCount":{post.words}' in page.text
    assert f'"inLanguage":"{language}"' in page.text


@pytest.mark.long
@every("language", some_of(SAMPLES, 3))
def test_comments_are_shown_as_typed_and_mailed(publish, send, language):
    sample, post = SAMPLES[language], publish(language)
    reader = Client()
    mail.outbox.clear()
    Mail.objects.all().delete()  # so many go out at once in an hour
    for text in sample.comments:
        assert send(by=reader, on=post, body=text, name=sample.name).status_code == 303
    run_due_jobs()
    Comment.objects.filter(post=post).judge("approved")
    page = BeautifulSoup(Client().get(quote(f"/{post.path}/")).text, "html.parser")
    shown = page.select(".comment .said")
    assert [words(comment.get_text()) for comment in shown] == [*map(typed, sample.comments)]
    linked, strong, quoted, listed, mixed = shown
    assert linked.a.get_text() == ADDRESS.search(sample.comments[0])[0]
    assert strong.select("strong")
    assert quoted.select("blockquote + p")
    assert len(listed.select("li")) == 2
    assert "3*4" in mixed.get_text()
    assert {name.get_text().strip() for name in page.select(".comment .name")} == {sample.name}
    (message,) = {message.subject: message for message in mail.outbox}.values()
    assert sample.title in message.subject
