"""What an essay's page costs, and the SQL that reads essays for it."""

import random
import re
from datetime import timedelta

import pytest
from conftest import on
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.posts.models import Post, Tag
from blog.posts.reading import neighbours, post_at, tags_of, turns
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db


# --- What it costs ----------------------------------------------------------------------------


@pytest.fixture
def full(write):
    """An essay with everything: neighbours, tags, comments; how many is up to the caller."""

    def full(comments):
        write("Earlier", published_at=on(2026, 3, 1))
        write("Later", published_at=on(2026, 3, 20))
        post = write("One", published_at=on(2026, 3, 9))
        post.tags.add(Tag.objects.create(name="Reading", slug="reading"))
        Comment.objects.bulk_create(
            Comment(
                post=post,
                body=f"Comment {number}.",
                body_html=f"<p>Comment {number}.</p>",
                status=Comment.Status.APPROVED,
                created_at=on(2026, 4) + timedelta(minutes=number),
            )
            for number in range(comments)
        )
        ThreadPage.objects.refresh(post)
        return post

    return full


@pytest.mark.parametrize("comments", [1, 260])
def test_page_costs_four_queries_whatever_its_comments(
    client, full, comments, django_assert_num_queries
):
    post = full(comments)
    with django_assert_num_queries(4):
        # 1. the post and its author; 2. the essays before and after; 3. its tags;
        # 4. this page of the thread, and the mentions
        text = client.get(post.get_absolute_url()).text
    assert "Comment 0." in text
    assert "Comment 50." not in text


def test_a_redirect_costs_two_queries(client, write, django_assert_num_queries):
    post = write("One", published_at=on(2026, 3, 9))
    post.slug = "two"
    post.save()
    with django_assert_num_queries(2):
        # 1. no post at this address; 2. the old address, with its post
        client.get("/2026/03/one/")


def test_readers_pages_render_no_markdown_and_write_nothing(client, full, monkeypatch):
    post = full(3)

    def refuse(*_args):
        raise AssertionError("rendered while a reader waits")

    for name in (
        "blog.markup.render_post",
        "blog.markup.render_comment",
        "blog.posts.models.post.render_post",
        "comments.models.comment.render_comment",
    ):
        monkeypatch.setattr(name, refuse)
    with CaptureQueriesContext(connection) as captured:
        for url in (
            "/", post.get_absolute_url(), "/archive/", "/2026/", "/2026/03/", "/tags/", "/about/",
            "/tags/reading/", "/search/?q=comment", "/feed.xml", "/atom.xml", "/feed.json",
            "/sitemap.xml", "/robots.txt",
        ):  # fmt: skip
            assert client.get(url).status_code == 200, url
    assert captured.captured_queries
    for query in captured.captured_queries:
        assert re.match(r"\s*SELECT\b", query["sql"]), query["sql"]


def test_neighbours_are_the_previous_and_next_published(write):
    """Among drafts, scheduled, withdrawn ones and pages, and some of the same moment."""
    chance = random.Random(7)
    like = {"author": write("About", kind="page").author}
    posts = []
    for number in range(60):
        at = chance.choice([None, *(on(2026, 3, day) for day in range(1, 9)), on(2099)])
        kind = chance.choice([Post.Kind.ESSAY] * 4 + [Post.Kind.PAGE])
        post = Post(title=f"Number {number}", published_at=at, kind=kind, slug=f"n{number}", **like)
        post.path = post.permalink_path()
        if at and chance.random() < 0.2:
            post.withdrawn_at = on(2026, 4)
        posts.append(post)
    Post.objects.bulk_create(posts)
    published = list(Post.objects.published().essays().order_by("published_at", "pk"))
    for before, post, after in zip(
        [None, *published], published, [*published[1:], None], strict=False
    ):
        assert neighbours(post, timezone.now()) == (before, after)


def test_raw_sql_reads_posts_as_django_does(write):
    """The page's own SQL gives what the model's fields say, and the author's names with it."""
    post = write("One", standfirst="Why.", body="*Said.*", published_at=on(2026, 3, 9))
    for name in ("Reading", "Attention", "margins"):
        post.tags.add(Tag.objects.create(name=name, slug=name.lower()))
    found, wanted = post_at("2026/03/one"), Post.objects.get(pk=post.pk)
    for field in Post._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(wanted, field.attname), field.name
    assert found.author == wanted.author
    assert found.byline == wanted.byline
    assert found.author.email == wanted.author.email
    assert tags_of(found) == list(wanted.tags.all())
    assert post_at("2026/03/two") is None


@pytest.mark.parametrize("days", [None, 30])
def test_page_changes_are_due_when_essays_open_or_close(write, settings, days):
    settings.COMMENT_DAYS = days
    now = on(2026, 6, 15)
    assert turns(now) == (None, None)
    for at in (on(2026, 5, 1), on(2026, 5, 20), on(2026, 6, 10), on(2026, 7, 1), None):
        write(f"Of {at}", published_at=at)
    taken_back = write("Taken back", published_at=on(2026, 6, 14))
    taken_back.withdraw()
    past, coming = turns(now)
    assert past == on(2026, 6, 10)
    # Comments of the one of 20 May close 30 days later.
    assert coming == (on(2026, 7, 1) if days is None else on(2026, 5, 20) + timedelta(days=30))
    assert turns(coming)[0] == coming
