"""A database or a backup of an earlier version works with this one.

tests/releases holds one of each version: a database, and a backup of it. That of 0.1.0 is the demo
with a moderator, decisions, a rule, a mail, a pingback, an old address and a draft.
"""

import contextlib
import gzip
import json
import re
import shutil
import signal
import sqlite3
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import prepared
import pytest
from backups import manifest_of, output_of, site_in, tables_in
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from feeds import known_to_readers, move
from server import Site, free_port
from test_new_database import schema_of
from trials import FULL

from blog.jobs.models import Job
from blog.lib.feed_ids import part_of, site_of_old_ids
from blog.management.commands import serve
from blog.management.commands.serve import Command
from blog.posts.models import OldAddress, Post
from blog.posts.search import find
from blog.transfer import restore
from blog.transfer.tables import applied_migrations, pending_migrations
from comments.models import BlockRule, Comment, Mail, ModerationEvent, ThreadPage

# What is made once for all is made in one process.
pytestmark = pytest.mark.xdist_group("upgrades")

RELEASES = Path(__file__).parent / "releases"
DATABASES = sorted(RELEASES.glob("*.sqlite3.gz"))


def unpacked(release, folder):
    folder.mkdir(exist_ok=True)
    with gzip.open(release) as packed, (folder / "postil.sqlite3").open("wb") as file:
        shutil.copyfileobj(packed, file)


# The tasks of the version before the modules moved, and what each is called with.
TASKS = {
    "blog.edge.purge": [],
    "blog.jobs.tasks.run_command": ["forget_addresses"],
    "comments.linkbacks.verify.verify": [1],
    "comments.sending.send_notice": [1, 1],
    "comments.sending.tell_linked_pages": [1],
    "comments.tasks.announce": [1],
    "comments.tasks.learn_from": [[1, 2]],
    "comments.tasks.refresh_threads": [[1]],
    "comments.tasks.send": [1],
    "comments.tasks.tell_readers": [[1]],
}


def add_jobs_of_an_earlier_release():
    row = (
        "INSERT INTO django_tasks_database_dbtaskresult SELECT %s, %s, priority, %s, queue_name,"
        " backend_name, run_after, enqueued_at, NULL, NULL, NULL, '', '', '[]', 'READY'"
        " FROM django_tasks_database_dbtaskresult LIMIT 1"
    )
    with connection.cursor() as cursor:
        for path, given in TASKS.items():
            asked = json.dumps({"args": given, "kwargs": {}})
            cursor.execute(row, [uuid.uuid4().hex, asked, path])


@pytest.fixture(scope="module", params=DATABASES, ids=lambda path: path.name)
def first_start(request, tmp_path_factory, django_db_blocker):
    """A site of an earlier release, with jobs that wait, and what its first start said."""
    site = Site(tmp_path_factory.mktemp("upgraded"), SITE_URL=settings.SITE_URL)
    site.release = request.param
    kept = site.data / "backups"
    kept.mkdir(parents=True)
    for year in (2021, 2022, 2023):
        (kept / f"before-upgrade-{year}-01-01T00-00-00Z.zip").write_text("older")
    unpacked(request.param, site.data)
    with django_db_blocker.unblock(), site_in(site.data):
        add_jobs_of_an_earlier_release()
    prepared.collected(site)
    site.said = site.start("--no-worker")
    site.stop(signal.SIGTERM)
    return site


@pytest.fixture(scope="module")
def upgraded(first_start):
    return first_start.data / "postil.sqlite3"


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    """A database of an older schema."""
    folder = tmp_path_factory.mktemp("older")
    unpacked(RELEASES / "0.1.0.sqlite3.gz", folder)
    return folder / "postil.sqlite3"


@pytest.fixture
def here(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), site_in(tmp_path / "here") as folder:
        yield folder


def check_everything_is_there():
    assert pending_migrations() == []
    assert Post.objects.count() == 9
    assert Comment.objects.count() == 35
    assert OldAddress.objects.get(path="?p=12").post.slug == "room-in-the-margin"
    decisions = ModerationEvent.objects.order_by("pk").values_list("action", "by__username")
    assert list(decisions) == [("spam", "mod"), ("approve", "mod"), ("edit", "mod")]
    assert BlockRule.objects.get().pattern == "casino"
    assert Mail.objects.get().sent_at
    assert get_user_model().objects.get(username="mod").check_password("a password kept as a hash")
    assert find("margin")
    for post in Post.objects.all():
        post.save()
    for comment in Comment.objects.all():
        comment.save()


@pytest.fixture
def _real_hashes(settings):
    # That of the samples, beside the quick one of the tests.
    slow = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, slow]


@pytest.mark.usefixtures("_real_hashes")
def test_a_database_of_an_earlier_release_is_upgraded(here, upgraded):
    shutil.copy(upgraded, here)
    check_everything_is_there()


def test_jobs_of_an_earlier_release_run(here, upgraded):
    shutil.copy(upgraded, here)
    now = timezone.now()
    while job := Job.objects.claim("plough", now):
        job.perform(lambda: now)
    assert {job.task_path: job.traceback for job in Job.objects.exclude(status="SUCCESSFUL")} == {}
    assert Job.objects.count() >= len(TASKS)


def test_threads_of_an_earlier_release_can_be_read(here, upgraded):
    shutil.copy(upgraded, here)
    post = Post.objects.get(slug="room-in-the-margin")
    assert post.thread_stale
    before = {number: page.html for number, page in ThreadPage.objects.shown(post, 1).items()}
    assert before[1].count("<article") == post.comment_count + before[1].count(" removed")
    ThreadPage.objects.refresh_stale()
    post.refresh_from_db()
    assert not post.thread_stale
    assert {
        number: page.html for number, page in ThreadPage.objects.shown(post, 1).items()
    } == before


def ids_of_old_feeds(path):
    """Return the ids that version 0.1.0 gave to feeds, and to what is in them."""
    site = settings.SITE_URL
    host = urlsplit(site).hostname
    with contextlib.closing(sqlite3.connect(path)) as database:
        posts = database.execute("SELECT id, created_at FROM posts_post").fetchall()
        comments = database.execute("SELECT id, created_at FROM comments_comment").fetchall()
        tags = database.execute("SELECT slug FROM posts_tag").fetchall()
    entries = {f"tag:{host},{at[:10]}:{number}" for number, at in posts}
    feeds = {f"{entry}:comments" for entry in entries}
    feeds |= {f"{site}/", f"{site}/comments/atom.xml", *(f"{site}/tags/{tag}/" for (tag,) in tags)}
    return feeds, entries | {f"tag:{host},{at[:10]}:comment-{number}" for number, at in comments}


def test_readers_see_nothing_as_new_after_an_upgrade_and_a_move(here, upgraded, settings):
    shutil.copy(upgraded, here)
    feeds, entries = ids_of_old_feeds(upgraded)
    known = known_to_readers()
    of_author = part_of(f"{settings.SITE_URL}/", f"author-{Post.objects.first().author_id}")
    assert known[0] - {of_author} <= feeds
    assert known[1] <= entries
    assert len(known[1]) > 25
    move(settings)
    assert known_to_readers() == known


def test_upgraded_database_has_the_tables_of_a_new_one(upgraded):
    earlier = re.compile("posts_search(_|$)")  # the index that stays until all texts were read
    there = {key: made for key, made in schema_of(upgraded).items() if not earlier.match(key[1])}
    assert there == schema_of(prepared.database())


def rows_of(path, tables):
    """Return the rows of these tables, whatever the order of rows and columns is."""
    found = {}
    with contextlib.closing(sqlite3.connect(path)) as database:
        for table in tables:
            said = database.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in said.description]
            found[table] = sorted(repr(sorted(zip(names, row, strict=True))) for row in said)
    return found


@pytest.fixture
def migrated_before(first_start, tmp_path, monkeypatch):
    """Have a restore find migrated what it has loaded, which takes ten seconds.

    It is what the first start was given, and that has migrated it. In full all is done again.
    """
    backup = RELEASES / first_start.release.name.replace(".sqlite3.gz", ".zip")

    def migrate(command, **how):
        tables = [name.split("/")[1].split(".")[0] for name in tables_in(backup)]
        unpacked(first_start.release, tmp_path)
        loaded = Path(connection.settings_dict["NAME"])
        assert rows_of(loaded, tables) == rows_of(tmp_path / "postil.sqlite3", tables)
        assert [[*key] for key in applied_migrations()] == manifest_of(backup)["migrations"]
        assert site_of_old_ids() == manifest_of(backup)["site"]  # of which migrations make ids
        with contextlib.closing(sqlite3.connect(first_start.data / "postil.sqlite3")) as ready:
            ready.backup(connection.connection)
        call_command(command, **how)

    if not FULL:
        monkeypatch.setattr(restore, "call_command", migrate)
    return backup


@pytest.mark.long
@pytest.mark.usefixtures("_real_hashes")
def test_backup_of_an_earlier_release_is_upgraded(here, migrated_before, settings):
    release = migrated_before
    site = urlsplit(manifest_of(release)["site"]).hostname
    settings.SITE_URL = "https://new.example.net"
    assert "of 2026-" in output_of("restore", release)
    ids = [*Post.objects.values_list("feed_id", flat=True)]
    ids += Comment.objects.values_list("feed_id", flat=True)
    # As readers know them from the address the backup is of.
    assert {id_.partition(",")[0] for id_ in ids} == {f"tag:{site}"}
    check_everything_is_there()


@pytest.mark.long("the backup of an earlier release is of an older schema too")
def test_backup_of_an_older_schema_is_migrated(here, older, tmp_path):
    shutil.copy(older, here)
    call_command("migrate", "comments", "0009", verbosity=0)
    output_of("backup", tmp_path / "kept")
    (older,) = (tmp_path / "kept").iterdir()
    assert ["comments", "0010_linked_pages"] not in manifest_of(older)["migrations"]
    assert "tables/comments_linkedpage.jsonl" not in tables_in(older)
    # With a table of another shape than now: what was added since is filled in by its migration.
    output_of("restore", older, overwrite=True)
    assert ("comments", "0010_linked_pages") in applied_migrations()
    assert pending_migrations() == []
    assert Comment.objects.count() == 35
    assert Post.objects.filter(linkbacks__isnull=False).count() == 0


def test_a_backup_needs_no_code_of_its_schema(here, older, tmp_path):
    """So `serve` can make one before it migrates: the models of now have columns to come."""
    shutil.copy(older, here)
    assert "rows" in output_of("backup", tmp_path / "kept")


def test_every_migration_can_run_inside_a_restore():
    """On PostgreSQL all of a restore is one transaction."""
    found = MigrationLoader(None).disk_migrations
    assert {key for key, migration in found.items() if not migration.atomic} == set()
    assert {app.label for app in apps.get_app_configs()} >= {key[0] for key in found}


# --- What `serve` does first ----------------------------------------------------------------


def test_serve_makes_a_backup_only_before_migrating(first_start):
    *older, newest = sorted((first_start.data / "backups").iterdir())
    assert f"Backing up before the upgrade … {newest} … done" in first_start.said
    assert [path.name[15:19] for path in older] == ["2022", "2023"]
    assert ["posts", "0006_images"] not in manifest_of(newest)["migrations"]
    with contextlib.closing(sqlite3.connect(first_start.data / "postil.sqlite3")) as database:
        (count,) = database.execute("SELECT count(*) FROM comments_comment").fetchone()
        assert count == 35
        database.execute("SELECT * FROM posts_image")  # which 0006 made


def test_serve_keeps_none_where_it_migrates_nothing(here, upgraded, older):
    command = Command()
    command.keep_before_upgrade(pending_migrations(), no_backup=False)  # a new site
    connection.close()
    shutil.copy(upgraded, here)
    command.keep_before_upgrade(pending_migrations(), no_backup=False)
    connection.close()
    shutil.copy(older, here)
    command.keep_before_upgrade(pending_migrations(), no_backup=True)
    assert not (here / "backups").exists()


def test_serve_refuses_a_database_of_a_newer_version(here, upgraded):
    shutil.copy(upgraded, here)
    MigrationRecorder(connection).record_applied("comments", "0999_marginalia")
    with pytest.raises(CommandError) as refused:
        call_command("serve", port=free_port())
    assert str(refused.value) == (
        "A newer Postil made this database (comments.0999_marginalia). Start that one, or go back "
        "to a backup: docs/upgrade.md, Downgrade."
    )
    assert output_of("backup") == (
        "A newer Postil made this database (comments.0999_marginalia): back it up with that."
    )


def test_serve_does_not_migrate_without_a_backup(here, older, capfd, monkeypatch):
    monkeypatch.setattr(serve, "Server", lambda *_, **__: pytest.fail("it serves"))
    shutil.copy(older, here)
    (here / "backups").write_text("a file in the way")
    was = signal.getsignal(signal.SIGHUP)
    with pytest.raises(SystemExit) as ended:
        call_command("serve", port=free_port())
    signal.signal(signal.SIGHUP, was)
    assert ended.value.code == 1
    said = capfd.readouterr().err
    assert "backups cannot be used for backups: " in said
    assert "Nothing was changed. --no-backup upgrades without one." in said
    assert "Traceback" not in said
    assert ("posts", "0006_images") in pending_migrations()
