"""Each kind of write on each table that readers see drops kept pages; no other write does."""

import re
from datetime import timedelta

import pytest
from conftest import on
from django.contrib.auth import get_user_model
from django.contrib.auth.models import update_last_login
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from inputs import every

from blog.accounts.models import Attempt
from blog.pages.generation import shared
from blog.pages.invalidation import changed, shown_tables, site_changed, tables_written
from blog.posts.models import (
    FeedIdentity,
    Forward,
    Image,
    OldAddress,
    OldTagSlug,
    Post,
    Profile,
    Recording,
    Tag,
)
from blog.site.models import SiteVersion
from blog.web.cache_control import FOR_ALL
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db

User = get_user_model()
SHOWN = [SiteVersion, Post, Post.tags.through, Tag, OldTagSlug, OldAddress, Image, Recording]
SHOWN += [ThreadPage, User, FeedIdentity, Profile, Forward]
# Pages read these as well, but what is shown of them changes only with one of the above.
BY_WAY_OF = {
    "comments_comment": "its thread's page is written with it",
    "comments_threadline": "lines move when a thread's page is written",
}


@pytest.fixture
def essay(write, say):
    """An essay with a row in each table that readers see."""
    post = write(published_at=on(2026, 3, 14))
    post.tags.add(Tag.objects.create(name="Margins", slug="margins"))
    OldTagSlug.objects.create(slug="marges", tag=post.tags.get())
    OldAddress.objects.create(path="?p=7", post=post)
    Forward.objects.create(path="tag/marges", to="/tags/margins/")
    Image.objects.create(file="a.png", width=1, height=1, uploaded_by=post.author)
    SiteVersion.objects.create(title="Low water")
    Profile.objects.create(user=post.author, bio="Margins.")
    Recording.objects.create(file="a.mp3", title="Rain", bytes=1)
    FeedIdentity.objects.get_or_create(name="essays")
    say(post)
    return post


def falls(write):
    """Whether pages fall once this write is committed; it is taken back."""
    connection.run_on_commit.clear()
    with transaction.atomic():
        write()
        found = any(each in (changed, site_changed) for _, each, _ in connection.run_on_commit)
        transaction.set_rollback(True)
    return found


def run(sql, *given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def column_of(model):
    """Return a field that an update can set to itself, and that pages show."""
    return next(
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name != "last_login"
    )


WRITES = {
    "save": lambda model, row: row.save(),
    "update": lambda model, row: model.objects.update(**{column_of(model): F(column_of(model))}),
    "bulk_update": lambda model, row: model.objects.bulk_update([row], [column_of(model)]),
    "bulk_create": lambda model, row: model.objects.bulk_create([row], ignore_conflicts=True),
    "delete": lambda model, row: model.objects.filter(pk=row.pk)._raw_delete("default"),
    "raw update": lambda model, row: run(
        f"update {model._meta.db_table}\nset id = id where id = %s", row.pk
    ),
    "raw delete": lambda model, row: run(f"DELETE  FROM {model._meta.db_table} WHERE id = %s", -1),
    "raw insert": lambda model, row: run(
        f"INSERT INTO {model._meta.db_table} SELECT * FROM {model._meta.db_table} WHERE id = %s", -1
    ),
    "after WITH": lambda model, row: run(
        f"WITH one AS (SELECT 1) UPDATE {model._meta.db_table} SET id = id WHERE id = %s", row.pk
    ),
    "executemany": lambda model, row: connection.cursor().executemany(
        f"DELETE FROM {model._meta.db_table} WHERE id = %s", [[-1], [-2]]
    ),
}


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model._meta.db_table)
@every("kind", WRITES)  # each is taken back
def test_each_write_makes_pages_fall(essay, model, kind):
    row = model.objects.first()
    assert falls(lambda: WRITES[kind](model, row))


def test_each_declared_table_is_tried_here():
    assert {model._meta.db_table for model in SHOWN} == shown_tables().keys()


def test_tags_that_are_set_make_pages_fall(essay):
    assert falls(lambda: essay.tags.set([]))


def test_signing_in_leaves_pages(essay):
    assert not falls(lambda: update_last_login(None, essay.author))


def test_name_changed_with_a_sign_in_invalidates_pages(essay):
    fields = ["last_login", "first_name"]
    assert falls(lambda: essay.author.save(update_fields=fields))


def test_a_comment_that_waits_leaves_pages(essay, say):
    assert not falls(lambda: say(essay, status=Comment.Status.PENDING))


def test_a_failed_sign_in_leaves_pages():
    assert not falls(lambda: Attempt.objects.filter(pk=-1).delete())


@pytest.mark.django_db(transaction=True)
def test_pages_fall_after_the_commit(author):
    before = shared().generation
    with transaction.atomic():
        User.objects.update(first_name="Ines")
        assert shared().generation == before
    assert shared().generation != before


@pytest.mark.django_db(transaction=True)
def test_pages_stay_when_a_write_is_rolled_back(author):
    before = shared().generation
    with transaction.atomic():
        User.objects.update(first_name="Ines")
        transaction.set_rollback(True)
    assert shared().generation == before


# --- What is declared -------------------------------------------------------------------------

PAGES = (
    "/ /page/1/ /archive/ /feeds/ /2026/ /2026/03/ /tags/ /tags/margins/ /sitemap.xml /about/ "
    "/feed.xml /atom.xml /feed.json /tags/margins/feed.xml /tags/margins/atom.xml "
    "/tags/margins/feed.json /comments/feed.xml /comments/atom.xml /2026/03/on-margins/ "
    "/2026/03/on-margins/comments/feed.xml /2026/03/on-margins/comments/atom.xml /?p=7 /nowhere/"
).split()


@pytest.mark.parametrize("path", PAGES)
def test_each_table_a_kept_page_reads_is_declared(client, essay, write, path):
    write("About", kind=Post.Kind.PAGE, published_at=timezone.now() - timedelta(days=1))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(path)
    assert answer.headers["Cache-Control"] == FOR_ALL
    read = {
        table
        for query in queries
        for table in re.findall(r'\b(?:FROM|JOIN) "?([a-z]\w+)', query["sql"])
    }
    assert read - shown_tables().keys() <= BY_WAY_OF.keys()


# --- Which tables a statement writes to -------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ('INSERT INTO "a" ("b") VALUES (%s) ON CONFLICT DO UPDATE SET "b" = %s', {"a"}),
        ("insert or replace into a(b) values (1)", {"a"}),
        ("REPLACE INTO a VALUES (1)", {"a"}),
        ("UPDATE OR IGNORE a SET b = 1", {"a"}),
        ('UPDATE ONLY "public"."a" SET b = 1', {"a"}),
        ("DELETE\n  FROM `a`", {"a"}),
        ('TRUNCATE "a", "b"; ', {"a", "b"}),
        ("MERGE INTO a USING b ON a.c = b.c WHEN MATCHED THEN DELETE", {"a"}),
        ("/* by hand */ DELETE FROM a", {"a"}),
        ("WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone", {"a", "b"}),
        ("UPDATE a SET b = 1; UPDATE c SET b = 1", {"a", "c"}),
        ('SELECT * FROM "a" FOR UPDATE OF "a"', set()),
        ("\n  select deleted from a where update_of = 1", set()),
        ("SAVEPOINT update_a", set()),
        ("ROLLBACK TO SAVEPOINT update_a", set()),
        (f"INSERT INTO a VALUES {', '.join(['(%s)'] * 2000)}", {"a"}),
    ],
)
def test_tables_written_by_a_statement(sql, tables):
    assert tables_written(sql) == tables
