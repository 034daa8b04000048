"""The spam filter: its tokens, its scores, what it learns, and what it holds."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from inputs import every
from spam_lessons import HAM, SPAM, table, taught, teach

from comments.models import Comment
from comments.models.filter_counts import FilterToken, Lesson, learn, tokens_of, unlearned
from comments.screening.assess import weigh
from comments.screening.rules import RULES, Submission, screen
from comments.text.spam import (
    ALL,
    EVERY,
    FEWEST,
    HOLD_ABOVE,
    MOST_NAMED,
    MOST_TOKENS,
    describe,
    features,
    key_of,
    score,
)

__all__ = ["teach"]  # fixtures


HOSTILE = st.text(st.characters(), max_size=200) | st.text(
    "a.:/@w#娛\u0301\x00\ud800 \n-", max_size=80
)


# --- Text -------------------------------------------------------------------------------------


def test_words_pairs_and_facts_are_seen():
    tokens = features("Check out WWW.Shop.example.com/x", "Lou Barba", "https://lou.example/")
    assert {"word check", "pair check out", "name lou", "website"} < set(tokens)
    assert {"one link", "link shop.example.com", "link lou.example"} < set(tokens)


def test_case_dress_and_invisible_characters_make_no_difference():
    assert set(features("c\u200bheck  OUT")) == set(features("**Check** out"))


def test_words_of_one_beginning_have_it_in_common():
    both = set(features("Subscribers")) & set(features("subscribe!"))
    assert "stem subsc" in both


def test_signs_of_scripts_without_spaces_are_words():
    assert {"word 娛", "pair 娛 樂"} < set(features("娛樂城"))


def test_a_long_text_is_looked_at_within_bounds():
    text = " ".join(f"word{number}" for number in range(20_000))
    assert len(features(text, text, text)) <= MOST_TOKENS


def test_a_link_after_many_words_is_seen():
    tokens = features("so many words " * 400 + "https://watches.example/")
    assert {"one link", "link watches.example"} < set(tokens)


def test_tokens_come_from_all_parts_of_a_text():
    words = " ".join(f"w{number}" for number in range(190))
    seen = [int(token[6:]) for token in features(words) if token.startswith("word w")]
    assert min(seen) < 20
    assert max(seen) > 170


@given(HOSTILE, HOSTILE, HOSTILE)
def test_tokens_are_few_and_storable(text, name, url):
    tokens = features(text, name, url)
    assert len(tokens) == len(set(tokens)) <= MOST_TOKENS
    for token in tokens:
        assert "\0" not in token
        assert len(token.encode()) < 600
        assert -(2**63) <= key_of(token) < 2**63
        assert describe(token)
    found = score(tokens, taught())
    assert 0 <= found.points <= 100


# --- Scores -----------------------------------------------------------------------------------


@every(("spam", "ham"), [(FEWEST - 1, 500), (500, FEWEST - 1), (0, 0)])
def test_filter_is_silent_below_twenty_of_each_kind(spam, ham):
    assert score(features(SPAM), taught(spam, ham)) is None


def test_filter_separates_what_it_learned():
    counts = taught()
    assert score(features(SPAM), counts).points > HOLD_ABOVE
    assert score(features(HAM), counts).points < 50


def test_words_it_never_met_weigh_nothing():
    found = score(["word unheard", "pair of these"], taught())
    assert (found.points, found.weighed) == (50, [])


def test_much_more_spam_does_not_make_all_spam():
    counts = taught(spam=10 * FEWEST)
    assert score(features(HAM), counts).points < 50


def test_decisive_words_are_named_with_their_side():
    weighed = dict(score(features("Cheap, twice"), taught()).weighed)
    assert weighed["word cheap"] > 0 > weighed["word twice"]


def test_score_is_explained_in_words():
    tokens = ["word cheap", "pair check out", "link shop.example", "name lou", "no link"]
    assert [describe(token) for token in tokens] == [
        "“cheap”",
        "“check out”",
        "a link to shop.example",
        "the name “lou”",
        "no link",
    ]


def test_percent_sign_in_a_word_is_kept():
    assert describe("word 5%s") == "“5%s”"


def test_explanation_is_in_the_current_language():
    with translation.override("de"):
        assert describe("no link")


# --- Learning ---------------------------------------------------------------------------------


def test_a_decision_is_counted_once_for_each_token(write, say):
    learn(say(write(), SPAM, status="spam"))
    kept = {row.key: (row.spam, row.ham) for row in FilterToken.objects.all()}
    tokens = tokens_of(Comment.objects.get())
    assert kept[key_of("pair cheap watches")] == (1, 0)
    assert kept[key_of(EVERY)] == (1, 0)
    assert kept[key_of(ALL)] == (len(tokens), 0)
    assert len(kept) == len(tokens) + 2


def test_learning_twice_changes_nothing(teach):
    made = teach(2, 2)
    before = table()
    for comment in made:
        learn(comment)
    assert table() == before


@pytest.mark.parametrize("status", ["pending", "trash"])
def test_undone_decision_restores_the_table(teach, write, say, status):
    teach(2, 2)
    before = table()
    comment = say(write("Another"), "Something nobody said, cheap", status="spam")
    learn(comment)
    assert table() != before
    comment.status = status
    comment.save()
    learn(comment)
    assert table() == before


def test_the_other_decision_moves_the_counts(write, say):
    post = write()
    comment = say(post, SPAM, status="spam")
    learn(comment)
    comment.status = "approved"
    comment.save()
    learn(comment)
    row = FilterToken.objects.get(key=key_of("word cheap"))
    assert (row.spam, row.ham) == (0, 1)
    assert FilterToken.objects.get(key=key_of(EVERY)).spam == 0


def test_waiting_comments_teach_nothing(write, say):
    learn(say(write(), SPAM, status="pending"))
    assert not Lesson.objects.exists()


def test_an_edited_comment_is_unlearned_as_it_was_learned(teach, write, say):
    teach(1, 1)
    before = table()
    comment = say(write("Another"), "What it said at first", status="spam")
    learn(comment)
    comment.body = "Something else by now"
    comment.save()
    learn(comment)
    assert not FilterToken.objects.filter(key=key_of("word first")).exists()
    comment.status = "trash"
    comment.save()
    learn(comment)
    assert table() == before


def test_an_erased_comment_leaves_nothing_in_the_filter(teach, write, say):
    teach(1, 1)
    before = table()
    comment = say(write("Another"), "What it said at first", name="Someone Else")
    learn(comment)
    comment.erase()
    assert table() == before


def test_a_deleted_comment_leaves_what_it_taught(write, say):
    comment = say(write(), SPAM, status="spam")
    learn(comment)
    comment.delete()
    learn(comment)
    assert FilterToken.objects.get(key=key_of("word cheap")).spam == 1
    assert not Lesson.objects.exists()


def test_mentions_teach_too(write, say):
    given = {"kind": "pingback", "source": "https://blog.example/x", "title": "Splendid offers"}
    learn(say(write(), "…", status="spam", **given))
    keys = {key_of(token) for token in ("word splendid", "link blog.example")}
    assert FilterToken.objects.filter(key__in=keys, spam=1).count() == 2


def test_decisions_not_yet_learned_are_found(write, say):
    post = write()
    learned, changed, taken_back, new, _waiting = (
        say(post, text, status=status)
        for text, status in zip(
            "abcde", ["spam", "spam", "spam", "approved", "pending"], strict=True
        )
    )
    for comment in (learned, changed, taken_back):
        learn(comment)
    Comment.objects.filter(pk=changed.pk).update(status="approved")
    Comment.objects.filter(pk=taken_back.pk).update(status="trash")
    assert set(unlearned(Comment.objects.all())) == {changed, taken_back, new}


# --- Screening --------------------------------------------------------------------------------


def screened(comment):
    sent = Submission(comment=comment, trap="", blocks=[], known=True, staff=False)
    return screen(sent)


def test_scoring_takes_one_query(teach, write, django_assert_num_queries):
    teach()
    comment = Comment(post=write("Another"), body=SPAM)
    with django_assert_num_queries(1):
        weigh(comment)
    assert comment.score > HOLD_ABOVE
    assert len(comment.weighed) == MOST_NAMED


def test_a_comment_like_spam_waits_and_says_why(teach, write, settings):
    settings.COMMENT_SPAM_ABOVE = 100
    teach()
    comment = Comment(post=write("Another"), body=SPAM)
    weigh(comment)
    assert screened(comment) == ("pending", ["filter"])


def test_comment_above_the_threshold_is_spam(teach, write, settings):
    teach()
    comment = Comment(post=write("Another"), body=SPAM)
    weigh(comment)
    settings.COMMENT_SPAM_ABOVE = comment.score
    assert screened(comment) == ("pending", ["filter"])
    settings.COMMENT_SPAM_ABOVE = comment.score - 1
    assert screened(comment) == ("spam", ["filter-sure"])


def test_a_hundred_files_nothing(settings, write):
    settings.COMMENT_SPAM_ABOVE = 100
    assert screened(Comment(post=write(), score=100))[0] == "pending"


def test_ordinary_comment_appears(teach, write):
    teach()
    comment = Comment(post=write("Another"), body=HAM)
    weigh(comment)
    assert screened(comment) == ("approved", [])


def test_without_lessons_it_has_no_say(write):
    comment = Comment(post=write(), body=SPAM)
    weigh(comment)
    assert (comment.score, comment.weighed) == (None, [])
    assert screened(comment) == ("approved", [])


def test_score_never_refuses_a_comment():
    rules = [rule for rule in RULES if rule.name.startswith("filter")]
    assert {rule.outcome for rule in rules} == {"pending", "spam"}
    for points in range(101):
        applied = [
            rule
            for rule in rules
            if rule.applies(Submission(Comment(score=points), "", [], True, False))
        ]
        assert len(applied) == (points > HOLD_ABOVE)
