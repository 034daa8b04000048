"""Recent comments are kept in memory for comparing, and are never out of date."""

import pytest

from comments.models import Comment
from comments.screening.look_alikes import find_look_alike, newest_on_essay, newest_on_site
from comments.text import recent

pytestmark = pytest.mark.django_db

WORDS = "The margin is the only part of the page that answers back to its author."


@pytest.fixture
def post(write):
    return write()


def look(post, body=WORDS, name="Eve"):
    comment = Comment(post=post, name=name, body=body)
    find_look_alike(comment)
    return comment


def compared_with(post):
    return recent.said_lately(post.pk, newest_on_site, newest_on_essay)


def test_newer_comment_is_found(post, say):
    assert look(post).look_alike is None
    said = say(post, WORDS)
    assert look(post).look_alike == said


def test_look_costs_one_query_or_two_if_found(post, say, django_assert_num_queries):
    for number in range(5):
        say(post, f"Number {number} says something else altogether.")
    look(post)
    with django_assert_num_queries(1):  # what is new on the site
        look(post)
    say(post, WORDS)
    with django_assert_num_queries(2):  # and whether the look-alike still exists
        look(post)


def test_only_the_newest_are_compared(post, say, write, monkeypatch):
    monkeypatch.setattr(recent, "ON_ESSAY", 2)
    monkeypatch.setattr(recent, "ON_SITE", 3)
    say(post, WORDS)
    for number in range(3):
        say(write(f"Essay {number}"), f"Number {number} says something else altogether.")
    assert look(post).look_alike is not None, "under the essay it is among the newest two"
    for number in range(2):
        say(post, f"Under it number {number} speaks of drains and councils.")
    assert look(post).look_alike is None


def test_deleted_comment_is_not_named(post, say):
    said = say(post, WORDS)
    assert look(post).look_alike == said
    Comment.objects.filter(pk=said.pk).delete()
    found = look(post)
    assert (found.look_alike, found.likeness) == (None, None)


def test_erased_words_are_forgotten(post, say):
    said = say(post, WORDS)
    look(post)
    said.erase()
    assert WORDS.lower() not in str(compared_with(post)).lower()


def test_everything_is_read_again_in_time(post, say, monkeypatch):
    said = say(post, WORDS)
    look(post)
    # As another process edits it.
    Comment.objects.filter(pk=said.pk).update(words="altogether other words stand here now")
    assert look(post).look_alike == said
    monkeypatch.setattr(recent, "KEEP_FOR", -1)
    assert look(post).look_alike is None


def test_few_essays_are_kept_at_once(write, say, monkeypatch):
    monkeypatch.setattr(recent, "ESSAYS", 2)
    for number in range(5):
        look(write(f"Essay {number}"))
    assert len(recent._kept) == 3


def test_kept_characters_are_bounded(write, say, monkeypatch):
    monkeypatch.setattr(recent, "CHARACTERS", 4 * len(WORDS))
    essays = [write(f"Essay {number}") for number in range(5)]
    for essay in essays:
        say(essay, WORDS)
        look(essay)
    assert recent.characters_kept() <= 10 * len(WORDS)
    assert essays[-1].pk in recent._kept
    assert essays[0].pk not in recent._kept


def test_similar_comments_form_one_campaign(post, say):
    said = say(post, WORDS, status="pending")
    near = look(post, WORDS.replace("only", "one"))
    near.save()
    assert near.campaign == said.campaign != ""


def test_reply_that_quotes_is_not_a_copy(post, say):
    said = say(post, WORDS, status="pending")
    answer = look(post, f"> {WORDS}\n\nThat is what I have always thought about margins.")
    answer.save()
    assert (answer.look_alike, answer.likeness) == (None, None)
    assert answer.campaign not in ("", said.campaign)


def test_only_those_that_are_kept_count_as_a_writers_own(write, say, monkeypatch):
    monkeypatch.setattr(recent, "ON_SITE", 3)
    monkeypatch.setattr(recent, "ON_ESSAY", 2)
    post, other = write(), write("Another")
    said = [
        say(each, f"Number {n} speaks of drains.", name="Eve")
        for n in range(4)
        for each in (post, other)
    ]
    look(post)
    own = recent.said_by(post.pk, ("name", "eve"), "", said[0].network)
    assert own == {comment.pk for comment in [*said[-3:], said[-4]]}
    assert recent.said_by(post.pk, ("name", "ann"), "", said[0].network) == set()
    say(post, "Number five speaks of drains.", name="Ann")
    look(post)
    assert recent.said_by(post.pk, ("name", "eve"), "", said[0].network) == {
        comment.pk for comment in said[-2:]
    }
