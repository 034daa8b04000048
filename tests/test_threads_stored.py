"""Threads are stored as rendered, kept up to date, and cost the same at any length."""

import math
import os
import re
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import prepared
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from thread_reading import stored
from warm import run

from comments.models import Comment, ThreadPage
from comments.rendering import thread

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.django_db


# --- What is stored ---------------------------------------------------------------------------


def test_an_edited_comment_is_shown_as_edited(client, write, say):
    post = write()
    said = say(post)
    said.body = "I no longer agree."
    said.save()
    assert "I no longer agree." in client.get(post.get_absolute_url()).text


@pytest.mark.parametrize("change", ["LANGUAGE_CODE", "TIME_ZONE", "template"])
def test_threads_rendered_another_way_are_stale_until_refreshed(
    write, say, settings, monkeypatch, change
):
    post = write()
    say(post)
    assert not ThreadPage.objects.stale().exists()
    if change == "template":
        monkeypatch.setattr("comments.models.thread_page.rendering", lambda: "another")
    else:
        setattr(settings, change, {"LANGUAGE_CODE": "de", "TIME_ZONE": "Asia/Tokyo"}[change])
    assert ThreadPage.objects.stale().count() == 1
    assert ThreadPage.objects.refresh_stale(until=math.inf)
    assert not ThreadPage.objects.stale().exists()


def test_refreshing_what_is_stale_mends_every_essay(client, write, say):
    posts = [write(title) for title in ("One", "Two")]
    for post in posts:
        say(post, f"About {post}.")
    ThreadPage.objects.update(html="Old.", rendering="old")
    ThreadPage.objects.refresh_stale(until=math.inf)
    for post in posts:
        assert f"About {post}." in client.get(post.get_absolute_url()).text


def test_a_template_is_part_of_how_threads_are_rendered(monkeypatch):
    before = thread.rendering()
    template = thread.get_template("comments/_mentions.html").template
    changed = type("T", (), {"template": type("S", (), {"source": template.source + " "})})
    monkeypatch.setattr(thread, "get_template", lambda name: changed)
    assert thread.rendering() != before


# --- Cost -------------------------------------------------------------------------------------


@pytest.fixture
def long_thread(write):
    post = write()
    Comment.objects.bulk_create(
        Comment(
            post=post,
            name="Lou",
            body="On.",
            body_html="<p>On.</p>",
            status="approved",
            created_at=timezone.now() - timedelta(hours=500 - number),
        )
        for number in range(500)
    )
    ThreadPage.objects.refresh(post)
    return post


def written_pages(queries):
    return [
        query["sql"]
        for query in queries
        if re.match('UPDATE "comments_threadpage" SET "html"', query["sql"])
    ]


def test_new_comment_renders_only_the_last_page(long_thread, say):
    assert ThreadPage.objects.count() == 10
    before = stored(long_thread)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        say(long_thread)
    assert len(written_pages(queries)) == 1
    assert {n for n, html in stored(long_thread).items() if before.get(n) != html} == {11}


def test_long_thread_costs_no_more_queries(client, write, say, long_thread):
    """Of 500 comments; tests/benchmarks/pages.py has 10,000."""
    short = write("Short")
    shown = say(short), Comment.objects.filter(post=long_thread).last()

    def cost(path, status=200):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == status
        return len(queries)

    # The post, the ones before and after, its tags, and the page of the thread.
    essays = short.get_absolute_url(), long_thread.get_absolute_url()
    assert [cost(essay) for essay in essays] == [4, 4]
    # The post, and the page.
    assert cost(f"{essays[1]}comments/10/") == 2
    # The comment, and its page.
    assert [cost(f"/comments/{comment.pk}/", 302) for comment in shown] == [2, 2]
    # The same, and what the page itself asks: on the essay the one before and after, and the tags.
    assert [cost(f"/comments/{comment.pk}/reply/") for comment in shown] == [5, 3]


# --- Two at once ------------------------------------------------------------------------------

TWO_AT_ONCE = """
import threading, django; django.setup()
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from blog.posts.models import Post
from comments.models import Comment, ThreadPage
post = Post.objects.create(title="x", author=User.objects.create(), published_at=timezone.now())
held = [Comment(post=post, body=f"No. {n}.") for n in range(12)]
for comment in held:
    comment.save()
go = threading.Barrier(4)
def approve(mine):
    go.wait()
    for comment in mine:
        comment.status = "approved"
        comment.save()
    connection.close()
working = [threading.Thread(target=approve, args=[held[n::4]]) for n in range(4)]
for thread in working: thread.start()
for thread in working: thread.join()
stored = lambda: list(ThreadPage.objects.values_list("number", "html"))
kept = stored()
ThreadPage.objects.refresh(post)
print(kept == stored(), Post.objects.get().comment_count)
"""


def test_moderators_who_approve_at_once_lose_nothing(tmp_path):
    """On a real file, because SQLite in memory cannot have two writers."""
    shutil.copy(prepared.database(), tmp_path)
    mine = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "", "PYTHONPATH": str(ROOT)}
    done = run(
        [sys.executable, "-c", TWO_AT_ONCE],
        env=os.environ | mine | {"DJANGO_SETTINGS_MODULE": "blog.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.stdout == "True 12\n"
