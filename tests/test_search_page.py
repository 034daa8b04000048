"""The search page: what narrows a search, what is shown around a match, and how browsers learn."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

import pytest
from conftest import on

from blog.posts.models import SearchEntry, Tag
from blog.posts.search import MOST_RESULTS, find

pytestmark = pytest.mark.django_db


def titles(query, **narrowed):
    return [entry.title for entry in find(query, **narrowed)]


@pytest.fixture
def lanterns(write, say):
    """Two essays, a page and a comment about lanterns, of three years."""
    say(write("Old lantern", published_at=on(2021)), "A lantern.", created_at=on(2022))
    new = write("Walking", body="With a lantern.", published_at=on(2023))
    new.tags.add(Tag.objects.create(name="Book binding"))
    write("Colophon", kind="page", slug="colophon", body="A lantern.", published_at=on(2022))
    return new


# --- What narrows it --------------------------------------------------------------------------


@pytest.mark.usefixtures("lanterns")
def test_words_in_titles_come_first_and_comments_last():
    assert titles("lantern") == ["Old lantern", "Walking", "Colophon", "Lou Barba"]
    assert titles("lant") == ["Old lantern", "Walking", "Colophon", "Lou Barba"]


def test_text_that_has_a_word_often_comes_before_newer_ones(write):
    write("Much", body="Tea, tea, more tea and tea.", published_at=on(2020))
    write("Little", body="No tea.", published_at=on(2021))
    assert titles("tea") == ["Much", "Little"]


@pytest.mark.usefixtures("lanterns")
def test_tags_and_years_narrow_a_search():
    for query in ('tag:"book binding"', "tag:book-binding lantern", "lantern year:2023"):
        assert titles(query) == ["Walking"], query
    assert titles("lantern -tag:bookbinding -year:2022") == ["Old lantern"]
    assert titles("lantern year:2022") == ["Colophon", "Lou Barba"]
    assert titles("tag:nothing lantern") == titles("-lantern") == []


def test_search_follows_the_tags_of_an_essay(lanterns):
    tag = Tag.objects.get()
    tag.name = "Knots"
    tag.save()
    assert titles("tag:knots") == ["Walking"]
    tag.posts.clear()
    assert titles("tag:knots") == []
    tag.posts.add(lanterns)
    assert titles("tag:knots") == ["Walking"]
    lanterns.tags.clear()
    assert titles("tag:knots") == []


@pytest.mark.usefixtures("lanterns")
def test_links_narrow_by_kind_and_year(client):
    page = client.get("/search/?q=lantern").text
    links = re.findall(r'<a href="\?(q=lantern[^"]*)"', page)
    assert links == [
        *("q=lantern", "q=lantern&amp;kind=essay", "q=lantern&amp;kind=page"),
        *("q=lantern&amp;kind=comment", "q=lantern", "q=lantern&amp;year=2023"),
        *("q=lantern&amp;year=2022", "q=lantern&amp;year=2021"),
    ]
    found = {
        link: client.get(f"/search/?{link.replace('&amp;', '&')}").text.count("<article")
        for link in links
    }
    assert [*found.values()] == [4, 2, 1, 1, 1, 2, 1]
    narrowed = client.get("/search/?q=lantern&kind=essay&year=2023").text
    assert '<a href="?q=lantern&amp;year=2023">Everything</a>' in narrowed
    assert narrowed.count('aria-current="true"') == 2


def test_more_than_are_shown_are_said_to_be_more(client, write):
    post = write("Walking", published_at=on(2019))
    SearchEntry.objects.bulk_create(
        SearchEntry(kind="comment", key=n, post=post, title="x", text="tea", dated=on(2024))
        for n in range(MOST_RESULTS)
    )
    page = client.get("/search/?q=tea").text
    assert f"these are the best {MOST_RESULTS}, the newest first" in " ".join(page.split())
    assert "&amp;year=2019" in page, "years of what is not shown"
    assert "the newest first" not in client.get("/search/?q=walking").text


# --- Around a match ---------------------------------------------------------------------------


def snippet(query):
    (entry,) = find(query)
    return entry.snippet


def test_heading_is_not_glued_to_its_text(write):
    write("One", body="Before.\n\n## The end of day\n\nA lantern swung.\n\n- one\n- two")
    assert snippet("end") == "The <mark>end</mark> of day · A lantern swung. · one · two"
    assert list(find('"day a lantern"')) == []


def test_words_are_not_cut(write):
    write("One", body=f"{'incomprehensible ' * 60}lantern {'unmistakable ' * 60}")
    shown = snippet("lantern")
    assert shown.startswith("…incomprehensible ")
    assert shown.endswith(" unmistakable…")
    assert "<mark>lantern</mark>" in shown


def test_each_form_of_a_word_is_marked_and_others_are_not(write):
    write("One", body="Walked, walking, CAFÉ e\u0301clair, walnut.")
    assert snippet("walks eclair cafe").count("<mark>") == 4
    assert "<mark>" not in snippet("one")


def test_signs_of_a_run_are_marked_where_they_stand(write):
    write("One", body=f"{'前' * 300}数据库性能{'后' * 300}")
    assert "前<mark>数据库</mark>性能后" in snippet("数据库")
    assert len(re.sub("<.*?>", "", snippet("数据库"))) < 110


def test_snippet_has_the_direction_of_its_words(client, write):
    write("One", body="قرأت كتابا عن lantern قديم.")
    assert (
        '<p dir="auto"><bdi>قرأت كتابا عن <mark>lantern</mark>'
        in client.get("/search/?q=lantern").text
    )


# --- For browsers -----------------------------------------------------------------------------


def test_browsers_are_offered_the_search(client, settings):
    page = client.get("/").text
    kind = "application/opensearchdescription+xml"
    assert f'<link rel="search" type="{kind}" title="Postil" href="/opensearch.xml">' in page
    response = client.get("/opensearch.xml")
    assert response.headers["Content-Type"] == f"{kind}; charset=utf-8"
    described = ElementTree.fromstring(response.text.encode())
    names = "{http://a9.com/-/spec/opensearch/1.1/}"
    url = described.find(f"{names}Url")
    assert url.get("template") == f"{settings.SITE_URL}/search/?q={{searchTerms}}"
    assert 0 < len(described.find(f"{names}ShortName").text) <= 16


def test_places_of_entries_follow_their_dates(write):
    for year in (1000, 2024, 8999):
        write(str(year), body="tea", published_at=datetime(year, 5, 1, tzinfo=UTC))
    places = SearchEntry.objects.order_by("indexed__place").values_list("title", flat=True)
    assert [*places] == ["1000", "2024", "8999"]
