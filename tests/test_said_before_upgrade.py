"""Comments stored before an upgrade are recognised after it; the migration is reversible."""

import importlib
import random
import time

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from trials import in_full

from comments.models import Comment

pytestmark = pytest.mark.django_db

MIGRATION = importlib.import_module("comments.migrations.0023_said_before")
WORDS = "The margin is the only part of the page that answers back to its author."
COMMENTS = in_full(100_000, 2_000)
COLUMNS = ("pk", "words", "campaign", "fingerprint")


@pytest.fixture(autouse=True)
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None


@pytest.fixture
def post(write):
    return write()


def columns():
    return list(Comment.objects.order_by("pk").values_list(*COLUMNS))


def go(rule):
    MIGRATION.rewrite(apps.get_model("comments", "Comment"), connection, rule)


def as_it_was():
    go(MIGRATION.before)
    return columns()


def test_an_upgraded_comment_is_recognised_when_sent_again(client, send, say, post):
    answered = say(post, "What do you think?")
    several = [{"email": "lou@example.org"}, {"parent": answered.pk}, {"body": "Quite so!"}]
    for given in several:
        send(by=Client(), **given)
    Comment.objects.update(browser="")  # which was not known before
    after = columns()
    assert as_it_was() != after
    go(MIGRATION.now)
    assert columns() == after
    for given in several:
        assert send(by=Client(), **given).status_code == 409


def test_the_way_back_gives_what_was_there(send, say, post):
    send(body="> " + WORDS + "\n\nIndeed it is, as I have always said to everyone.")
    say(post, WORDS * 50)
    old = as_it_was()
    assert old[1][1] == MIGRATION.normalise(WORDS * 50)
    go(MIGRATION.now)
    assert columns() != old
    assert as_it_was() == old


def test_first_of_two_equal_comments_keeps_its_fingerprint(send, author, monkeypatch):
    monkeypatch.setattr(MIGRATION, "BATCH", 2)
    for number in range(5):
        send(by=Client(), email=f"lou{number}@example.org")
    Comment.objects.update(author=author)
    kept = [fingerprint is not None for *_rest, fingerprint in (go(MIGRATION.now), columns())[1]]
    assert kept == [True, False, False, False, False]
    assert Comment.objects.count() == 5


def test_comment_without_fingerprint_stays_without(say, post):
    say(post, WORDS)
    go(MIGRATION.now)
    assert Comment.objects.get().fingerprint is None


def test_comment_that_only_quotes_leaves_the_campaign(say, post, monkeypatch):
    monkeypatch.setattr(MIGRATION, "BATCH", 2)
    first = say(post, WORDS)
    near = say(post, WORDS.replace("only", "one"), look_alike=first, likeness=97)
    quotes = say(post, f"> {WORDS}\n\nThat is what I have always thought about it.")
    nearer = say(post, WORDS + " Yes", look_alike=near, likeness=90)
    Comment.objects.filter(pk=quotes.pk).update(look_alike=first, likeness=70)
    campaigns = {pk: campaign for pk, _words, campaign, _said in as_it_was()}
    assert len(set(campaigns.values())) == 1
    go(MIGRATION.now)
    campaigns = {pk: campaign for pk, _words, campaign, _said in columns()}
    assert campaigns[first.pk] == campaigns[near.pk] == campaigns[nearer.pk] != ""
    assert campaigns[quotes.pk] != campaigns[first.pk]


@pytest.mark.long
def test_a_hundred_thousand_comments_take_a_minute(post, shared):
    chance = random.Random(1)
    words = (WORDS + " I never knew how wide such a thing can be when nobody looks.").split()
    rows = (
        Comment(
            post=post,
            name=f"N{number}",
            network="192.0.2.0/24",
            body=" ".join(chance.choices(words, k=40)),
            fingerprint=f"{number:064}",
        )
        for number in range(COMMENTS)
    )
    Comment.objects.bulk_create(rows, batch_size=500)
    for rule in (MIGRATION.now, MIGRATION.before):
        start = time.monotonic(), time.process_time()
        go(rule)
        taken = time.monotonic() - start[0], time.process_time() - start[1]
        print(f"\n{rule.__name__}: {taken[0]:.0f} s, {taken[1]:.0f} s of a processor")
        assert taken[1] < 60 * COMMENTS / 100_000
