"""Search: what it finds, in which order, and what it shows.

`make test-postgres` runs all of this once more on PostgreSQL.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.posts.models import SearchEntry
from blog.posts.search import MOST_RESULTS, clean_query, find
from comments.models import Comment

pytestmark = pytest.mark.django_db


def titles(query):
    """Return the titles of what is found, best first."""
    return [entry.title for entry in find(clean_query(query))]


# --- What is found ----------------------------------------------------------------------------


def test_essay_is_found_by_title_standfirst_and_text(write):
    write("Pilgrims", standfirst="On lanterns.", body="They walked at dusk.")
    for word in ("pilgrims", "lanterns", "dusk"):
        assert titles(word) == ["Pilgrims"]


def test_page_is_found_and_labelled(client, write):
    write("Colophon", kind="page", slug="colophon", body="Set in Literata.")
    text = client.get("/search/?q=literata").text
    assert '<a href="/colophon/">\nColophon</a>' in text
    assert "\nPage\n" in text


def test_approved_comment_is_found_and_linked(client, write, say):
    comment = say(write(), "My aunt kept a heron.")
    text = client.get("/search/?q=heron").text
    assert f'<a href="/comments/{comment.pk}/">\nLou Barba on On margins\n</a>' in text
    assert client.get(f"/comments/{comment.pk}/", follow=True).status_code == 200


def test_essays_that_are_not_public_are_not_found(write):
    write("Draft lantern", published_at=None)
    write("Scheduled lantern", published_at=timezone.now() + timedelta(days=1))
    write("Withdrawn lantern").withdraw()
    assert titles("lantern") == []


def test_comments_on_unpublished_essays_are_not_found(write, say):
    say(write("Draft", published_at=None), "A heron.")
    post = write("Withdrawn")
    say(post, "Another heron.")
    post.withdraw()
    assert titles("heron") == []


@pytest.mark.parametrize("status", ["pending", "spam", "trash"])
def test_unapproved_comment_is_not_found(write, say, status):
    comment = say(write(), "A heron.")
    assert titles("heron") == ["Lou Barba"]
    comment.status = status
    comment.save()
    assert titles("heron") == []


def test_comment_is_found_once_approved(write, say):
    comment = say(write(), "A heron.", status=Comment.Status.PENDING)
    assert titles("heron") == []
    comment.status = Comment.Status.APPROVED
    comment.save()
    assert titles("heron") == ["Lou Barba"]


def test_mentions_are_not_found(write, say):
    say(write(), "A heron.", kind="webmention", source="https://example.org/heron")
    assert titles("heron") == []


def test_essay_is_found_from_publication_to_withdrawal(write):
    post = write("Lanterns", published_at=None)
    post.publish()
    assert titles("lanterns") == ["Lanterns"]
    post.withdraw()
    assert titles("lanterns") == []
    post.publish()
    assert titles("lanterns") == ["Lanterns"]


def test_scheduled_essay_is_found_from_its_time(write, monkeypatch):
    due = timezone.now() + timedelta(days=1)
    write("Lanterns", published_at=due)
    assert titles("lanterns") == []
    monkeypatch.setattr(timezone, "now", lambda: due)
    assert titles("lanterns") == ["Lanterns"]


def test_changed_text_is_found_by_new_words_only(write, say):
    post = write(body="Of lanterns.")
    comment = say(post, "A heron.")
    post.body, comment.body = "Of candles.", "A stork."
    post.save()
    comment.save()
    assert titles("lanterns") == titles("heron") == []
    assert titles("candles") == ["On margins"]
    assert titles("stork") == ["Lou Barba"]


def test_deleted_texts_are_not_found(write, say):
    gone, stays = write("Lanterns"), write("Candles")
    say(gone, "A heron.")
    say(stays, "Another heron.").delete()
    gone.delete()
    assert titles("lanterns") == titles("heron") == []
    assert [entry.title for entry in SearchEntry.objects.all()] == ["Candles"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL generates the column itself")
def test_the_index_stays_in_step_with_the_entries(write, say):
    post, other = write("Lanterns"), write("Candles")
    say(post, "A heron.")
    post.title = "Torches"
    post.save()
    other.delete()
    with connection.cursor() as cursor:
        # Raises where the two differ (sqlite.org/fts5.html, section 6.6).
        cursor.execute("INSERT INTO posts_words(posts_words, rank) VALUES ('integrity-check', 1)")


# --- In which order ---------------------------------------------------------------------------


def test_title_match_ranks_above_text_match(write):
    write("Walking home", body="A lantern, a lantern, and one more lantern.")
    write("The lantern", body="It hung on a nail, and nobody ever thought of lighting it again.")
    write("Walking out", body="Past a lantern.")
    assert titles("lantern")[0] == "The lantern"


def test_hidden_results_take_no_place(write):
    draft = write("Draft", published_at=None)
    SearchEntry.objects.bulk_create(
        SearchEntry(kind="comment", key=-number, post=draft, title="lantern", text="lantern")
        for number in range(1, MOST_RESULTS + 2)
    )
    write("Walking", body="It was long before dusk that they lit the only lantern they had.")
    assert titles("lantern") == ["Walking"]


# --- What is shown ----------------------------------------------------------------------------


def test_the_snippet_shows_the_words_around_a_match(write):
    before, after = "before " * 200, " after" * 200
    write("One", body=f"{before}the lantern swung{after}")
    (entry,) = find("lantern")
    assert "the <mark>lantern</mark> swung" in entry.snippet
    assert len(re.sub("<.*?>", "", entry.snippet).split()) <= 32


def test_the_snippet_escapes_what_the_text_holds(client, write):
    write("One", body='Write `<script>alert("x")</script>` & then a lantern.')
    text = client.get("/search/?q=lantern").text
    assert "<script>" not in text
    assert "&amp; then a <mark>lantern</mark>" in text


def test_a_commenter_cannot_mark_or_mark_up_anything(client, write, say):
    say(write(), "</mark><img src=x onerror=alert(1)> &#2;heron", name="<b>Lou</b>")
    text = client.get("/search/?q=heron").text
    assert "<img" not in text
    assert "<b>" not in text
    assert text.count("<mark>") == text.count("</mark>") == 1


def test_title_match_shows_the_start_of_the_text(write):
    write("Lanterns", body="They walked at dusk.")
    (entry,) = find("lanterns")
    assert "They walked at dusk." in entry.snippet


def test_empty_result_shows_the_query_and_suggestions(client, write):
    write()
    text = client.get("/search/?q=heron").text
    assert "Nothing here has “heron” in it." in text
    assert '<a href="/archive/">Look through the archive</a>' in text


def test_query_without_results_is_shown_escaped(client, db):
    text = client.get("/search/", {"q": "<script>alert('x')</script>"}).text
    assert "“&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;”" in text
    assert "<script>alert" not in text


def test_the_form_keeps_the_query(client, db):
    assert 'value="a &quot;b&quot;"' in client.get("/search/", {"q": 'a "b"'}).text


@pytest.mark.parametrize("address", ["/search/", "/search/?q=", "/search/?q=+%00+"])
def test_without_words_there_is_only_the_form(client, write, address):
    write()
    text = client.get(address).text
    assert 'name="q"' in text
    assert "Nothing here" not in text


def test_results_are_not_for_search_engines(client, db):
    assert '<meta name="robots" content="noindex">' in client.get("/search/").text


def test_search_page_sets_and_varies_by_no_cookie(client, write):
    write()
    response = client.get("/search/?q=margins")
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_search_allows_head_and_refuses_post(client, db):
    assert client.head("/search/?q=x").status_code == 200
    assert client.post("/search/?q=x").status_code == 405


# --- Paging -----------------------------------------------------------------------------------


@pytest.fixture
def many(write):
    """Forty-five entries of one essay, all about lanterns & pens."""
    post = write()
    SearchEntry.objects.bulk_create(
        SearchEntry(
            kind="comment",
            key=number,
            post=post,
            title=f"Reader {number:02d}",
            text="A lantern & a pen.",
            dated=post.published_at,
        )
        for number in range(1, 46)
    )


def test_paging_keeps_the_query(client, many):
    first = client.get("/search/", {"q": "lantern & pen"}).text
    assert first.count("<article") == 20
    assert 'rel="next" href="?q=lantern+%26+pen&page=2"' in first.replace("&amp;", "&")
    assert 'rel="prev"' not in first
    third = client.get("/search/?q=lantern+%26+pen&page=3").text
    assert third.count("<article") == 5
    assert 'rel="prev" href="?q=lantern+%26+pen&page=2"' in third.replace("&amp;", "&")
    assert 'rel="next"' not in third


def test_pages_hold_each_result_once(client, many):
    pages = [client.get(f"/search/?q=lantern&page={number}").text for number in (1, 2, 3)]
    names = re.findall(r"Reader \d\d", "".join(pages))
    assert len(names) == len(set(names)) == 45


@pytest.mark.parametrize(("asked", "articles"), [("0", 5), ("99", 5), ("x", 20), ("", 20)])
def test_page_number_out_of_range_shows_the_nearest(client, many, asked, articles):
    assert client.get(f"/search/?q=lantern&page={asked}").text.count("<article") == articles


# --- What it costs ----------------------------------------------------------------------------


def test_search_costs_four_queries(client, many, django_assert_num_queries):
    find("heron")  # once in a process: whether the index of before is gone
    with django_assert_num_queries(4):
        # 1. the index; 2. common words; 3. the index with the last word as a beginning; 4. the
        # entries of a page.
        # Of several essays one more asks for their ranks.
        client.get("/search/?q=lantern&page=2")
    with django_assert_num_queries(3):
        client.get("/search/?q=heron")


def test_search_uses_the_index(write):
    post = write()
    many = 5_000 if connection.vendor == "postgresql" else 500  # of few, PostgreSQL reads each
    SearchEntry.objects.bulk_create(
        SearchEntry(
            kind="comment", key=n, post=post, title=f"Reader {n}", text=f"word{n:04} and ink"
        )
        for n in range(1, many + 1)
    )
    find("heron")
    with CaptureQueriesContext(connection) as captured:
        assert titles("word0432") == ["Reader 432"]
    explain, expected = "EXPLAIN QUERY PLAN", "posts_words VIRTUAL TABLE INDEX"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What autovacuum does in its time.
            cursor.execute("SELECT gin_clean_pending_list('posts_searchwords_lexemes')")
            cursor.execute("ANALYZE posts_searchwords")
            explain, expected = "EXPLAIN", "Bitmap Index Scan on posts_searchwords_lexemes"
        cursor.execute(f"{explain} {captured[0]['sql']}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert expected in plan, plan
