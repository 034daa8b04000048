"""Any text is a query: none fails, and none takes long."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from inputs import SIGNS
from quick import within
from trials import in_full

from blog.posts.models import SearchEntry
from blog.posts.search import clean_query, find

pytestmark = pytest.mark.django_db
SECONDS = 0.05

ALONE = [
    *'"-“”«»*|&!:()<>~^=_%\'\\', "tag:", "year:", "-tag:", "-year:", 'tag:""', 'year:"2024"', '-"',
    "tag:x", "-tag:x", "year:2024", "-year:2024", "year:0", "year:1", "year:9999", "year:99999",
    "year:٢٠٢٤", "-year:1 -year:2 -year:3 -year:4 -year:5 a", "year:1 year:2",
    "-a", "--a", "- a", "-", "a -a", 'a -"a b"', '"a" -"', "tag:a tag:b year:1 -c",
]  # fmt: skip
LONG = [
    "x" * 10_000,
    "数" * 10_000,
    "数 " * 5_000,
    '"a b" ' * 2_000,
    "-a " * 3_000,
    "e\u0301" * 5_000,
]
LONG += ["tag:a " * 2_000, "year:2024 " * 1_000, "".join(map(chr, range(32))), "\x7f\x80\x9f" * 99]


@pytest.fixture
def site(write, say):
    """A small site whose texts have much of what is looked for."""
    post = write("A b c", body="a b c x 数据库 " * 50)
    SearchEntry.objects.bulk_create(
        SearchEntry(kind="comment", key=n, post=post, title="x", text=f"a b 数数数 e é {n}")
        for n in range(1, 301)
    )
    find("x")


def slow_or_wrong(client, query):
    """Return what is wrong with a query's answer, or None."""
    response = client.get("/search/", {"q": query})
    if response.status_code != 200:
        return response.status_code
    try:
        within(SECONDS, lambda: list(find(clean_query(query))))
    except AssertionError as slow:
        return str(slow)
    return None


@pytest.mark.usefixtures("site")
def test_each_operator_alone_and_long_queries_are_answered(client):
    client.raise_request_exception = False  # so that each that fails is named
    answers = {query[:30]: slow_or_wrong(client, query) for query in [*ALONE, *LONG]}
    assert {query: wrong for query, wrong in answers.items() if wrong} == {}


@given(
    query=strategies.text(SIGNS)
    | strategies.text(alphabet="ab数é \"'*:-()&|!<~^=_\\\x00%tagyer0129")
)
@settings(
    max_examples=in_full(500, 25), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_query_fails_whatever_is_typed(client, write, query):
    if not SearchEntry.objects.exists():
        write("A title", body="Some words, a and b.")
    assert client.get("/search/", {"q": query}).status_code == 200


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("narrowed", ["kind=draft", "kind=", "year=x", "year=0000", "year=٢٠٢٤"])
def test_what_narrows_nothing_is_left_out(client, narrowed):
    assert len(client.get(f"/search/?q=a&{narrowed}").context["found"]) == 200
