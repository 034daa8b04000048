"""How the words of a query match texts, and that any text is a query."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from inputs import SIGNS

from blog.posts.models import SearchEntry
from blog.posts.search import clean_query, find

pytestmark = pytest.mark.django_db


def titles(query):
    """Return the titles of what is found, best first."""
    return [entry.title for entry in find(clean_query(query))]


# --- How words match --------------------------------------------------------------------------


def test_every_word_has_to_be_there(write):
    write("Lanterns", body="At dusk.")
    assert titles("lanterns dusk") == ["Lanterns"]
    assert titles("lanterns noon") == []


def test_capitals_make_no_difference(write):
    write("LANTERNS")
    assert titles("lanterns") == titles("Lanterns") == ["LANTERNS"]


def test_words_are_found_by_their_stem(write):
    write("One", body="She was walking past many lanterns.")
    assert titles("walks lantern") == ["One"]


def test_words_in_quotes_are_a_phrase(write):
    write("One", body="Narrow gates and wide roads.")
    assert titles('"wide roads"') == ["One"]
    assert titles('"wide gates"') == []
    assert titles("wide gates") == ["One"]


def test_a_quote_that_never_closes_quotes_nothing(write):
    write("One", body="Narrow gates and wide roads.")
    assert titles('"wide gates') == ["One"]


def test_the_last_word_is_found_by_its_beginning(write):
    write("One", body="Narrow gates and wide roads.")
    assert titles("narrow roa") == ["One"]
    assert titles("nar roads") == []


def test_word_with_punctuation_is_found_as_typed(write):
    write("One", body="Version 3.14 of well-known example.org, and a pen/paper C++ or @ines.")
    for query in ("3.14", "well-known", "example.org", "pen/paper", "C++", "@ines", "(known)"):
        assert titles(query) == ["One"], query


def test_parts_of_a_word_with_punctuation_are_found(write):
    write("One", body="Version 3.14 of well-known example.org, pen/paper, `<del>` and -7.")
    for query in ("version 14", "known", "example org", "paper", "org example", "del", "7"):
        assert titles(query) == ["One"], query


def test_accents_make_no_difference(write):
    write("Café society", body="Naïve, she ate a crème brûlée.")
    for query in ("cafe", "café", "cafe\u0301", "naive", "cre\u0300me brule", '"crème brulee"'):
        assert titles(query) == ["Café society"], query


def test_other_scripts_are_found(write):
    write("О чтении", body="Медленное чтение. 读书 Ανάγνωση قراءة")
    for query in ("чтение", "ЧТЕНИЕ", "медлен", "读书", "ανάγνωση", "قراءة"):
        assert titles(query) == ["О чтении"], query


# --- Any text is a query ----------------------------------------------------------------------

ODD = [
    '"', '""', '"""', '"a', 'a"b', '"a" "', "*", "a*", "* a", "NEAR(", "NEAR(a b, 2)", "AND",
    "a AND", "NOT", "OR OR", "a OR b", "{title}: a", "title:a", ":", "a:*", "^a", "-x", "- x",
    "+", "(", ")", "(a", "a & | ! b", "a <-> b", "!a", "'", "''", "a'b", "\\", "a\\'b", "%", "%s",
    "%%", "{public}", "_", "a_b", "_ _", "a _", "\x00", "a\x00b", "\x02a\x03", "\n\r\t", "🙂",
    "a🙂b", "🙂 a", "½", "²", "١٢", "e\u0301", "हिन्दी", "\u202ea", "\ufeff", "\ufffe", "the",
    '"to be or not to be"', "x" * 10_000, "word " * 2_000, '"' * 10_000, "é" * 10_000,
    " ".join("abcdefghijklmnopqrstuvwxyz"), "'; DROP TABLE posts_post; --",
    "1) UNION SELECT password FROM auth_user --",
]  # fmt: skip


def test_an_odd_query_never_fails(client, write):
    write("A title", body="Some words, x, a and b.")
    client.raise_request_exception = False  # so that each that fails is named
    answers = {query: client.get("/search/", {"q": query}).status_code for query in ODD}
    assert {query: status for query, status in answers.items() if status != 200} == {}


@given(query=strategies.text(SIGNS) | strategies.text(alphabet="ab \"'*:()&|!<->_\\\x00%^{}+"))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_fails(write, query):
    if not SearchEntry.objects.exists():
        write("A title", body="Some words, a and b.")
    find(query)
    find(clean_query(query))


@pytest.mark.parametrize("query", ["%", "_", "*", "-", '"', "🙂"])
def test_a_query_without_words_finds_nothing(write, query):
    write("100 % of a_b", body="- * 🙂")
    assert titles(query) == []


def test_a_long_query_is_cut_and_not_refused(client, write):
    write("Word", body="word")
    assert "Word</a>" in client.get("/search/", {"q": "word " * 2_000}).text
