"""Readers get mail in the site's language, and staff in the one they have the admin in."""

import pytest
from django.core import mail
from mail_helpers import run_due_jobs
from test_mail_moderators import arrive, person, post  # noqa: F401 - fixtures

from blog.accounts import letters
from blog.lib import languages
from blog.posts.models import Profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_set_up")]


@pytest.fixture
def site_in(monkeypatch):
    def site_in(language):
        monkeypatch.setattr(languages, "source", [lambda: language])

    return site_in


def html_of(message):
    return message.alternatives[0].content


def test_moderator_gets_mail_in_their_own_language(arrive, person):  # noqa: F811
    person("ann", "at-once")
    Profile.objects.create(user=person("ben", "at-once"), language="de")
    arrive()
    said = {message.to[0]: message for message in mail.outbox}
    english, german = said["ann@example.org"], said["ben@example.org"]
    assert english.extra_headers["Content-Language"] == "en"
    assert german.extra_headers["Content-Language"] == "de"
    assert english.subject.startswith("New comment")
    assert not german.subject.startswith("New")
    assert '<html lang="de">' in html_of(german)


def test_mail_in_arabic_is_mirrored_within_its_body_too(person, site_in):  # noqa: F811
    site_in("ar")
    written = html_of(letters.new_password(person("ann")))
    assert '<html lang="ar" dir="rtl">' in written
    body = written.partition("<body")[2]
    assert 'lang="ar" dir="rtl"' in body
    assert "border-right:" in body
    assert "border-left:" not in body


def test_new_password_comes_in_their_own_language(person, site_in):  # noqa: F811
    site_in("fr")
    user = person("ann")
    assert letters.new_password(user).extra_headers["Content-Language"] == "fr"
    Profile.objects.create(user=user, language="he")
    assert letters.new_password(user).extra_headers["Content-Language"] == "he"


def test_a_language_that_is_gone_is_the_sites(arrive, person):  # noqa: F811
    Profile.objects.create(user=person("ben", "at-once"), language="tlh")
    arrive()
    run_due_jobs()
    assert mail.outbox[0].extra_headers["Content-Language"] == "en"
