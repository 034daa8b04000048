"""Each listing is read by an index, in order, whatever the size of the site (SQLite's plans).

Without ANALYZE SQLite chooses its plan by the indexes alone, so a few rows show what it does with
a million. Some tables are read whole on purpose, and are small: tags, block rules, groups.
"""

import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.posts.models import Tag

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans"),
]

LARGE = (
    "posts_post|comments_comment|comments_threadpage|comments_threadline|posts_searchentry"
    "|comments_moderationevent"
)
# Read from end to end, which is right only by an index that has what is wanted in order.
WHOLE = re.compile(rf"SCAN (?:{LARGE})(?! USING)")
UNORDERED = re.compile(rf"SCAN (?:{LARGE}) USING")
# Sorted as a whole: of what the page lists, not of the few tags it names.
SORTED = re.compile("USE TEMP B-TREE FOR ORDER BY")
LISTED = re.compile(r'[^(]* FROM "(?:posts_post|comments_comment)"')


def plans(client, path):
    """Return each query of a page on a large table, with how SQLite goes about it."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    assert response.status_code == 200, path
    asked = [each["sql"] for each in captured if each["sql"].lstrip().startswith("SELECT")]
    found = []
    with connection.cursor() as cursor:
        for sql in asked:
            if re.search(LARGE, sql):
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                found.append((sql, "\n".join(row[3] for row in cursor.fetchall())))
    assert found, f"{path} asks nothing of them"
    return found


def assert_reads_by_index(client, path):
    for sql, plan in plans(client, path):
        said = f"{path}\n{sql}\n{plan}"
        assert not WHOLE.search(plan), said
        assert not UNORDERED.search(plan) or "ORDER BY" in sql or "LIMIT" in sql, said
        assert not SORTED.search(plan) or not LISTED.match(sql), said


@pytest.fixture
def site(write, say, settings):
    tag = Tag.objects.create(name="Margins", slug="margins")
    posts = [write(f"Essay {number}") for number in range(3)]
    for post in posts:
        post.tags.add(tag)
        say(post, "I agree, and would say so at greater length.")
    return posts


@pytest.mark.parametrize(
    "path",
    "/ /archive/ /tags/margins/ /feed.xml /atom.xml /feed.json /tags/margins/feed.xml "
    "/comments/feed.xml /comments/atom.xml /sitemap.xml".split(),
)
def test_a_listing_is_read_by_an_index(client, site, path):
    assert_reads_by_index(client, path)


@pytest.mark.parametrize("below", ["", "comments/feed.xml"])
def test_essay_and_comments_are_read_by_index(client, site, below):
    assert_reads_by_index(client, site[0].get_absolute_url() + below)


@pytest.mark.parametrize("query", ["", "?status=spam", "?status=approved", "?status=all"])
def test_the_queue_is_read_by_an_index(client, site, query):
    client.force_login(get_user_model().objects.create_superuser("mo"))
    assert_reads_by_index(client, f"/admin/comments/comment/{query}")
