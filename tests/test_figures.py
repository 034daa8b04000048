"""Numbers, ages and first letters in sentences, as each language writes them."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from blog.lib.capitals import capitalised
from blog.lib.figures import ago, figure
from blog.posts.desk.presence import in_parts
from blog.posts.desk.saying import number, with_markup


def test_numbers_have_the_signs_of_their_language():
    assert (figure(1234), figure(0.25, 1)) == ("1,234", "0.2")
    with override("de"):
        assert (figure(1234), figure(2.5, 1)) == ("1.234", "2,5")


@pytest.mark.parametrize(
    ("age", "said"),
    [
        ({"seconds": -5}, "0 minutes ago"),
        ({"minutes": 59}, "59 minutes ago"),
        ({"hours": 1}, "1 hour ago"),
        ({"days": 9}, "1 week ago"),
        ({"days": 800}, "2 years ago"),
    ],
)
def test_age_is_said_in_its_largest_unit(age, said):
    assert ago(timedelta(**age)) == said


def test_age_waits_for_two_of_a_unit_where_asked():
    assert ago(timedelta(days=9), least=2) == "9 days ago"
    assert ago(timedelta(minutes=119), least=2) == "119 minutes ago"


def test_small_numbers_are_words_in_english_alone():
    assert (number(2), number(11)) == ("two", "11")
    with override("pl"):
        assert number(2) == "2"


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("en", "iyi", "Iyi"),
        ("tr", "iyi", "İyi"),
        ("tr", "ılık", "Ilık"),
        ("nl", "ijs", "IJs"),
        ("de", "ß", "Ss"),
        ("en", "", ""),
    ],
)
def test_first_letter_is_the_capital_of_its_language(language, words, said):
    with override(language):
        assert capitalised(words) == said


def test_what_is_put_into_a_bold_sentence_is_escaped():
    assert with_markup("<strong>a</strong> %(b)s", b="<i>") == "<strong>a</strong> &lt;i&gt;"


def test_name_like_markup_stays_a_name_beside_the_bold_part():
    parts = in_parts("So: <strong>%(name)s is here</strong> too", "<strong>%")
    assert parts == {"before": "So: ", "strong": "<strong>% is here", "rest": " too"}
