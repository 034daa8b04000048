"""Lengths count what is stored: every character and every byte, on each field of the form."""

import string
from random import Random

import pytest

from comments import forms
from comments.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None


@pytest.fixture
def post(write):
    return write()


def test_length_counts_marks_and_invisible_characters(send, settings):
    settings.COMMENT_LENGTH = 100
    for sign in "\u20dd\u20e0\u0301\u200b\u2060\u00ad\U000e0020":
        response = send(body="w " + "a" + f"{sign}b" * 60)
        assert response.status_code == 400, repr(sign)
        assert "over the limit of 100." in response.text
        assert "b</textarea>" in response.text
    assert not Comment.objects.exists()


def test_line_ends_count_once_as_stored(send, settings):
    settings.COMMENT_LENGTH = 7
    assert send(body="one\r\ntwo").status_code == 303
    assert Comment.objects.get().body == "one\ntwo"
    assert send(body="one\r\n\r\ntwo").status_code == 400


def test_length_counts_bytes_too(send, settings):
    settings.COMMENT_LENGTH = 100
    assert send(body="語" * 100).status_code == 303
    response = send(body="🙂" * 76)
    assert response.status_code == 400
    assert "This is 4 bytes over the limit of 300." in response.text
    assert "🙂</textarea>" in response.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "x" * 201}, "This name is too long. Use at most 200 characters."),
        ({"name": "e\u0301" * 101}, "This name is too long. Use at most 200 characters."),
        ({"name": "🙂" * 151}, "This is 4 bytes over the limit of 600."),
        ({"email": "a" * 250 + "@example.org"}, "This address is too long."),
        ({"email": "a@" + "ü" * 130 + ".org"}, "This address is too long."),
        ({"email": "\u202e" * 2000 + "a@example.org"}, "This address is too long."),
        ({"url": "https://example.org/" + "\u202e" * 9000}, "This web address is too long."),
        ({"url": "https://example.org/" + "x" * 1981}, "This web address is too long."),
        ({"url": "https://example.org/" + "ü" * 1000}, "This web address is too long."),
    ],
)
def test_each_field_has_its_length(client, send, changes, words):
    response = send(body="Kept, every word of it.", **changes)
    assert response.status_code == 400
    assert words in response.text
    assert "Kept, every word of it.</textarea>" in response.text
    assert not Comment.objects.exists()
    send()
    given = {"body": "Kept, every word of it.", "name": "Lou"} | changes
    response = client.post(f"/comments/{Comment.objects.get().pk}/edit/", given)
    assert (response.status_code, words in response.text) == (400, True)
    assert Comment.objects.get().body == "I agree."


def test_derived_text_is_bounded(send, settings):
    """The normalised words and the HTML grow by a factor at most, whatever the characters."""
    settings.COMMENT_LENGTH = 1000
    for number, text in enumerate(("\ufdfa" + "a" * 20, "http://a.b ", "***a***", "a\n")):
        send(body=(text * 1000)[:1000], name=f"Lou {number}")
    assert Comment.objects.count() == 4
    for comment in Comment.objects.all():
        assert len(comment.words) <= 2000
        assert len(comment.body_html) <= 10_000


def test_the_longest_details_fit_into_a_cookie(client, send, post):
    chance = Random(1)
    noise = string.ascii_letters + string.digits + "-_~!$&'()*+,;=:@/"
    given = {
        "name": "".join(chr(chance.randrange(0x20000, 0x2A000)) for _ in range(150)),
        "email": "".join(chance.choices(string.ascii_letters, k=60)) + "@example.org",
        "url": "https://example.org/" + "".join(chance.choices(noise, k=1980)),
        "remember": "on",
    }
    assert send(**given).status_code == 303
    # With its name and attributes it takes no more than 4,096 bytes.
    assert len(client.cookies["postil_me"].OutputString()) < 4096
    assert given["name"] in client.get(post.get_absolute_url()).text


def test_signs_that_stand_for_whole_words_are_bounded(send, settings):
    settings.COMMENT_LENGTH = 1000
    response = send(body="\ufdfa" * 1000)
    assert response.status_code == 400
    assert "Too many characters in this stand for whole words." in response.text
    assert "\ufdfa</textarea>" in response.text


def test_much_too_long_text_is_refused_before_cleaning(send, settings, monkeypatch):
    settings.COMMENT_LENGTH = 100
    send()
    monkeypatch.setattr(forms, "without_unwanted", None)
    response = send(body="w" + "\u0301" * 400)
    assert response.status_code == 400
    assert "This is 301 characters over the limit of 100." in response.text
    assert "\u0301</textarea>" in response.text


def test_rate_limited_text_is_not_cleaned(send, settings, monkeypatch):
    settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    for number in range(5):
        send(body=f"Number {number}.")
    monkeypatch.setattr(forms, "without_unwanted", None)
    response = send(body="Said a second later.")
    assert response.status_code == 429
    assert "Said a second later.</textarea>" in response.text
