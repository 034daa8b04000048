"""Finds repeated comments: the same, similar, or the same words by others."""

import statistics

import pytest
from benchmarks import duplicates as bench
from hypothesis import given
from hypothesis import strategies as st
from inputs import every
from quick import within

from comments.text.comparing import nearest
from comments.text.duplicates import COURTESY, KEPT, compared, normalise, words_fingerprint
from comments.text.fingerprints import fingerprint, identity

WORDS = "I don't agree with the second part, because margins were wider then."
# Everything a str can hold, lone surrogates too, and what makes trouble more often than chance.
HOSTILE = st.text(st.characters(), max_size=80) | st.text(
    "aé#>=*_~`'\"\\ \n\u200b\u0301!’…-", max_size=40
)
LETTERS = st.text("abcdefghijklmnopqrstuvwxyzäöüéßжщяλω", min_size=1, max_size=9)
SENTENCES = st.lists(LETTERS, min_size=2, max_size=12)


def _print(text=WORDS, name="Lou Barba", email=""):
    return fingerprint(identity(name, email), None, text)


@every(
    "variant",
    [
        WORDS.upper(),
        "  I  don't\tagree\u00a0with\r\nthe second\u2028part, because margins were wider then.\n",
        "I don’t agree with the second part, because margins were wider then.",
        "I don´t agree with the second part, because margins were wider then.",
        "I don't agree with the second part, because margins were wider then…",
        "I do\u200bn't agree with the sec\u00adond part, because margins were \ufeffwider then.",
        "I don't agree with the second part, because margins were wider then!!!",
        "I don't agree with the second part, because margins were wider then",
        "> I **don't** agree with the _second_ `part`, ~~because~~ ***margins*** were wider then.",
        "## I don't agree with *the __second__ part*, because margins were wider then.",
        "Ｉ don't agree with the second part, because margins were wider then．",
    ],
)
def test_same_words_written_differently_have_one_fingerprint(variant):
    assert _print(variant) == _print()


@every(
    ("one", "other"),
    [
        ("I can", "I can't"),
        ("resume", "resumé"),
        ("5 % more", "5 more"),
        ("in C", "in C#"),
        ("in C++", "in C"),
        ("R&D", "R D"),
        ("yes 👍", "yes 👎"),
        ("हिन्दी", "हनद"),
        (":)", ":("),
        ("!!!", "???"),
        ("now here", "nowhere"),
    ],
)
def test_different_words_have_different_fingerprints(one, other):
    assert _print(one) != _print(other)


def test_emoji_that_look_alike_are_equal():
    assert normalise("I ❤\ufe0f it") == normalise("I ❤ it")


def test_composed_and_decomposed_accents_are_the_same():
    assert normalise("Re\u0301sume\u0301") == normalise("résumé") == "résumé"


def test_punctuation_alone_is_kept():
    assert [normalise(text) for text in (" :) ", "! ! !", "…", "“”")] == [":)", "!!!", "...", '""']


def test_invisible_text_is_empty():
    assert normalise(" \u200b\ufeff\u2060\ud800\n") == ""


def test_a_fingerprint_is_64_hexadecimal_digits():
    assert len(_print()) == 64
    assert int(_print(), 16)


def test_email_address_identifies_the_writer():
    given = _print(email="lou@example.org")
    assert given == _print(name="Someone", email=" LOU@Example.org ")
    assert given != _print()
    assert given != _print(email="ines@example.org")


def test_name_identifies_the_writer_without_an_address():
    assert _print(name="lou  barba.") == _print()
    assert _print(name="Ines") != _print()


def test_name_like_an_address_is_not_an_address():
    assert _print(name="lou", email="") != _print(name="", email="lou")


def test_the_same_words_of_anyone_are_one_campaign():
    assert words_fingerprint(WORDS) == words_fingerprint(WORDS.upper()) != ""
    assert words_fingerprint(WORDS) != words_fingerprint(WORDS + " Or so.")


@every("text", ["Congratulations!", "Nice post", "I love your blog :-)", "", ":)"])
def test_courtesy_is_not_a_campaign(text):
    assert words_fingerprint(text) == ""


def test_a_campaign_begins_at_so_many_characters():
    assert words_fingerprint("x" * (COURTESY - 1)) == ""
    assert words_fingerprint("x" * COURTESY) != ""
    assert words_fingerprint("娛" * (COURTESY // 2)) != ""


@every(
    "variant",
    [
        "I dont agre with the secnod part, becuase margins were wider then.",
        "I don't agree with the second part, because then wider were margins.",
        "I don't agree with the second part, because margins were",
        "Hi Michael, I don't agree with the second part, because margins were wider then.",
        WORDS + " https://cheap.example/a/long/address?that=nobody&asked=for&at=all",
        WORDS + " By the way, I sell notebooks with margins of any width.",
        "Buy notebooks with margins of any width from us. " + WORDS,
    ],
)
def test_nearly_the_same_words_of_another_are_found(variant):
    others = [
        (4, normalise("Margins are for notes, and notes are for readers like us.")),
        (7, normalise(WORDS)),
    ]
    key, likeness, _complete = nearest(variant, others)
    assert key == 7
    assert 50 <= likeness <= 100


def test_the_most_alike_is_found_wherever_it_stands():
    texts = [WORDS + " Or so.", WORDS, WORDS.replace("wider", "wide")]
    for turn in range(3):
        others = [(at, normalise(texts[at])) for at in (turn, (turn + 1) % 3, (turn + 2) % 3)]
        assert nearest(WORDS.upper(), others) == (1, 100.0, True)


def test_most_similar_counts_whatever_its_writer():
    others = [(1, normalise(WORDS)), (2, normalise(WORDS[:45] + "of what stood there before"))]
    assert nearest(WORDS, others[1:], own={2}).key == 2
    assert nearest(WORDS, others, own={2}) == (1, 100.0, True)


def test_shared_link_does_not_lower_similarity():
    text = WORDS * 2 + " www.a.example"
    assert nearest(text, [(1, normalise(text))]) == (1, 100.0, True)


def test_other_words_are_not_near():
    others = [(1, normalise("Thanks for creating this theme. It's a great starting point."))]
    assert nearest("Thanks for a great starting point!", others) == (None, None, True)
    assert nearest(WORDS, others) == (None, None, True)
    assert nearest(WORDS, []) == (None, None, True)


@every("text", ["Congratulations!", "Nice post", "Thanks for sharing."])
def test_courtesies_match_only_from_the_same_writer(text):
    others = [(1, normalise(text))]
    assert nearest(text, others) == (None, None, True)
    assert nearest(text, others, own={1}) == (1, 100.0, True)


def test_typo_in_a_repeated_courtesy_is_found():
    assert nearest("Swete!", [(1, "sweet"), (2, "superb")], own={1, 2}) == (
        1,
        pytest.approx(60),
        True,
    )


def test_invisible_text_is_similar_to_nothing():
    assert nearest("\u200b", [(1, ""), (2, "sweet")], own={1, 2}) == (None, None, True)


def test_many_marks_on_one_letter_cost_no_time():
    within(1, normalise, "a" + "\u0301\u0323" * 50_000)


@given(HOSTILE)
def test_normalised_words_are_stable(text):
    assert normalise(normalise(text)) == normalise(text)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_anything_has_a_fingerprint(name, email, text):
    assert len(_print(text, name, email)) == 64
    assert len(words_fingerprint(text)) in (0, 64)
    nearest(text, [(1, normalise(name)), (2, normalise(text))], own={1})


@given(SENTENCES, st.lists(st.sampled_from(" \t\n\r\u00a0\u2003\u3000"), min_size=1, max_size=4))
def test_case_and_space_make_no_difference(words, space):
    wanted = " ".join(words).casefold()
    assert normalise("".join(space).join(words)) == wanted
    assert normalise(" ".join(words).upper()) == wanted


@given(SENTENCES, st.sampled_from("* ** *** _ __ ~~ `".split()))
def test_marks_of_emphasis_around_words_make_no_difference(words, mark):
    dressed = " ".join(f"{mark}{word}{mark}" for word in words)
    assert _print(dressed) == _print(" ".join(words))


@given(SENTENCES, st.sampled_from(["“”", "«»", "„“", "‹›"]))
def test_kinds_of_quotes_make_no_difference(words, marks):
    quoted = " ".join(f'"{word}"' for word in words)
    assert _print(" ".join(f"{marks[0]}{word}{marks[1]}" for word in words)) == _print(quoted)
    assert _print(" ".join(words)) != _print(quoted)


@given(SENTENCES, st.data())
def test_characters_that_show_nothing_make_no_difference(words, data):
    text = " ".join(words)
    at = data.draw(st.integers(0, len(text)))
    for unseen in "\u200b\u200d\u2060\ufeff\u00ad\u202e\ufe0f":
        assert normalise(text[:at] + unseen + text[at:]) == normalise(text)


@pytest.fixture
def messages(shared):
    return bench.read(shared / "data" / "comments" / "made-mistakes-comments.jsonl")


def test_harmless_changes_keep_the_fingerprint(messages):
    assert set(bench.found_by_fingerprint(messages).values()) == {100}


def test_small_changes_of_real_comments_are_similar(messages):
    """Each kind by itself, when the writer is the same: 97 of 100."""
    assert min(bench.held_as_near(messages, by_writer=True).values()) >= 97


def test_strangers_repeats_are_similar_except_courtesies(messages):
    """3 of 100 real comments are too short to be anybody's in particular."""
    shares = bench.held_as_near(messages, by_writer=False).values()
    assert statistics.mean(shares) >= 96


def test_hardly_any_different_real_comments_are_near(messages):
    assert len(bench.false_alarms(messages)) <= len(messages) / 100


def test_a_long_text_is_normalised_as_a_whole():
    for text in ("A margin, wide. " * 500, "娛樂城" * 2000, ". " * 3000 + "Words" + " ." * 3000):
        assert normalise(text) == " ".join(normalise(word) for word in text.split() if word != ".")


@every(
    "quoted",
    [
        "> {}\n\n{}",
        "> > {}\n\n{}",
        ">{}\n>\n> And so on.\n\n{}",
        "> {}\nwhich goes on in this line\n\n{}",
        "   > {}\n- {}",
        "{1}\n\n> {0}",
    ],
)
def test_quoted_lines_do_not_count(quoted):
    answer = "That is what I have always thought about it."
    assert compared(quoted.format(WORDS, answer)) == compared(answer)
    assert words_fingerprint(quoted.format(WORDS, answer)) == words_fingerprint(answer)
    assert nearest(quoted.format(WORDS, answer), [(1, compared(WORDS))]).key is None


def test_quoted_lines_count_where_nothing_else_is():
    assert compared(f"> {WORDS}") == compared(WORDS)
    assert compared(f"> {WORDS}\nSo it is.") == "so it is"
    assert compared("It is 5 > 3.") == "it is 5 3"


def test_copy_of_a_strangers_long_comment_is_found():
    long = " ".join(f"{number} {WORDS}" for number in range(1000))
    assert len(compared(long)) == KEPT
    assert nearest("First. " + long, [(1, compared(long))]).likeness > 99


def test_same_writers_longer_repeat_is_found():
    others = [(1, compared(WORDS))]
    more = f"{WORDS} {'And there is much else to say. ' * 5}"
    assert nearest(more, others, own={1}).key == 1
    assert nearest(more, others).key is None
