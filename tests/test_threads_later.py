"""After many decisions at once, threads are rendered when read, and soon by a job."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.jobs.models import Job
from blog.posts.models import Post
from comments.models import Comment, ThreadPage
from comments.models.queries import SHOWN_AT_ONCE
from comments.models.thread_page import ThreadLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided_at_once(write, say):
    """An essay with so many approvals at once that its thread is rendered later."""
    post = write()
    first = say(post, "Before.", status="pending")
    for number in range(2 * SHOWN_AT_ONCE):
        say(post, f"No. {number}", parent=first if number % 2 else None, status="pending")
    Comment.objects.filter(post=post).judge("approved")
    post.refresh_from_db()
    return post


def test_many_decisions_show_before_rendering(client, decided_at_once):
    post = decided_at_once
    assert post.thread_stale
    assert not ThreadPage.objects.exists()
    text = client.get(post.get_absolute_url()).text
    assert "11 comments" in text
    assert text.count('<article id="c') == 11


def test_page_is_equal_before_and_after_the_job(client, decided_at_once):
    post = decided_at_once
    before = client.get(post.get_absolute_url()).text
    for job in iter(lambda: Job.objects.claim("a worker", timezone.now()), None):
        job.perform(timezone.now)
    post.refresh_from_db()
    assert not post.thread_stale
    assert ThreadPage.objects.filter(post=post).exists()
    assert client.get(post.get_absolute_url()).text == before


def test_reading_a_stale_thread_writes_nothing(client, decided_at_once):
    with CaptureQueriesContext(connection) as queries:
        client.get(decided_at_once.get_absolute_url())
    assert not [query for query in queries if not query["sql"].lstrip().startswith("SELECT")]


def test_a_later_page_of_a_stale_thread_is_there(client, decided_at_once, monkeypatch):
    monkeypatch.setattr(ThreadPage, "COMMENTS", 3)
    url = decided_at_once.get_absolute_url()
    assert client.get(f"{url}comments/2/").status_code == 200
    assert client.get(f"{url}comments/5/").status_code == 404
    assert f"{url}comments/2/#comments" in client.get(url).text


def test_next_decision_renders_a_stale_thread(decided_at_once, say):
    say(decided_at_once, "After.")
    page = ThreadPage.objects.get(post=decided_at_once, number=1)
    assert page.html.count('<article id="c') == 12


def test_judging_many_costs_the_same_across_essays(write, say):
    costs = []
    for essays in (1, 8):
        posts = [write(f"{essays} {n}") for n in range(essays)]
        held = [say(posts[n % essays], f"No. {n}", status="pending") for n in range(16)]
        with CaptureQueriesContext(connection) as queries:
            Comment.objects.filter(pk__in=[comment.pk for comment in held]).judge("approved")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 16


def test_permalink_works_before_its_thread_is_rendered(client, write, say):
    post = write()
    removed = say(post, "Gone.")
    say(post, "An answer.", parent=removed)
    removed.trash()
    ThreadLine.objects.all().delete()
    Post.objects.update(thread_stale=True)
    answer = client.get(f"/comments/{removed.pk}/")
    assert answer.headers["Location"] == f"{post.get_absolute_url()}#c{removed.pk}"
