"""The front page: what is published, newest first, twenty to a page."""

from datetime import timedelta

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


def test_an_empty_site_says_so(client):
    assert "No essays yet" in client.get("/").text


def test_index_shows_title_standfirst_date_and_count(client, write, say):
    post = write("On margins", standfirst="Why they are wide.")
    say(post)
    text = client.get("/").text
    assert "On margins" in text
    assert "Why they are wide." in text
    assert "1 comment<" in text
    assert f"{post.published_at:%Y-%m-%d}" in text


def test_drafts_scheduled_withdrawn_and_pages_are_not_listed(client, write):
    write("A draft", published_at=None)
    write("To come", published_at=timezone.now() + timedelta(days=1))
    write("A page", kind="page", slug="a-page")
    write("Taken back").withdraw()
    text = client.get("/").text
    for title in ("A draft", "To come", "A page", "Taken back"):
        assert title not in text


def test_a_scheduled_essay_appears_at_its_time(client, write, monkeypatch):
    due = timezone.now() + timedelta(days=1)
    write("To come", published_at=due)
    assert "To come" not in client.get("/").text
    monkeypatch.setattr(timezone, "now", lambda: due)
    assert "To come" in client.get("/").text


def test_twenty_first_essay_is_on_page_two(client, write):
    now = timezone.now()
    for number in range(21):
        write(f"Essay no. {number:02d}", published_at=now - timedelta(days=number))
    first, second = client.get("/").text, client.get("/page/2/").text
    assert "Essay no. 19" in first
    assert "Essay no. 20" not in first
    assert "Essay no. 20" in second
    assert 'href="/page/2/"' in first
    assert 'rel="prev" href="/"' in second


def test_page_one_has_no_address_of_its_own(client):
    response = client.get("/page/1/")
    assert response.status_code == 301
    assert response["Location"] == "/"


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "999999999999999999999"])
def test_page_number_out_of_range_is_404(client, write, number):
    write()
    assert client.get(f"/page/{number}/").status_code == 404


def test_index_costs_two_queries(client, write, say, django_assert_num_queries):
    for number in range(25):
        say(write(f"Essay {number}"), refresh=False)
    with django_assert_num_queries(2):
        # 1. how many essays there are, for the pages; 2. the essays of this page
        client.get("/")
