"""Spam filters that learned the same few comments."""

import pytest

from comments.models.filter_counts import FilterToken, learn
from comments.text.spam import (
    FEWEST,
    features,
    increments_of,
)

SPAM, HAM = "Cheap watches at https://watches.example now", "I read this twice, thank you"


def taught(spam=FEWEST, ham=FEWEST):
    """Return counts after this many comments of each kind, each with a word of its own."""
    counts = {}
    for number in range(spam + ham):
        text = f"{SPAM if number < spam else HAM} no{number}x"
        for token, times in increments_of(features(text, "Lou")).items():
            before = counts.get(token, (0, 0))
            mine = (times, 0) if number < spam else (0, times)
            counts[token] = (before[0] + mine[0], before[1] + mine[1])
    return counts


@pytest.fixture
def teach(write, say):
    """Store and learn this many comments of each kind."""
    post = write()

    def teach(spam=FEWEST, ham=FEWEST):
        made = [say(post, f"{SPAM} no{n}x", status="spam", refresh=False) for n in range(spam)]
        made += [say(post, f"{HAM} no{n}y", refresh=False) for n in range(ham)]
        for comment in made:
            learn(comment)
        return made

    return teach


def table():
    return set(FilterToken.objects.values_list("key", "spam", "ham"))
