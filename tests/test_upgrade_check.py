"""`upgrade --check` says what an upgrade would change, and changes nothing."""

import gzip
import hashlib
import io
import shutil
import subprocess
from pathlib import Path

import environ
import prepared
import pytest
from backups import output_of, site_in
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from server import Site

from blog.jobs.models import Sign
from blog.ops import unread, upgrading
from blog.posts.models import Post
from blog.transfer.databases import looking, standing_in
from blog.transfer.tables import pending_migrations
from comments.models import Comment

RELEASE = Path(__file__).parent / "releases/0.1.0.sqlite3.gz"
KNOWN = ["SITE_TITLE", "COMMENTS_OPEN", "PORT", "DATA_DIR", "SENTRY_DSN"]


def laid_out(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(RELEASE) as packed, (folder / "postil.sqlite3").open("wb") as file:
        shutil.copyfileobj(packed, file)


@pytest.fixture
def older(tmp_path, django_db_blocker):
    """The site of an earlier version."""
    laid_out(tmp_path / "older")
    with django_db_blocker.unblock(), site_in(tmp_path / "older") as folder:
        yield folder


@pytest.fixture
def today(tmp_path, django_db_blocker):
    """A new site of this version."""
    with django_db_blocker.unblock(), site_in(tmp_path / "today", migrated=True) as folder:
        yield folder


def checked(code=0):
    """Return what it says; fail if it ends with another code."""
    out, ended = io.StringIO(), 0
    try:
        call_command("upgrade", check=True, stdout=out, stderr=out)
    except SystemExit as end:
        ended = end.code
    assert ended == code, out.getvalue()
    return out.getvalue()


def sums_in(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.server
def test_check_leaves_every_byte_as_it_is(tmp_path):
    site = Site(tmp_path, SITE_TITEL="Margins")
    laid_out(site.data)
    before = sums_in(site.data)
    done = subprocess.run(**site.command("upgrade", "--check"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "SITE_TITEL in the environment is not a setting. → Did you mean SITE_TITLE?" in (
        done.stdout
    )
    assert done.stderr == ""
    assert sums_in(site.data) == before


def check_that_looking_writes_nothing():
    assert "No migration is pending." in checked()
    with looking(), pytest.raises(Error, match=r"read-?only"):
        Sign.objects.give("worker", timezone.now())


def test_check_could_not_write_if_it_tried(today):
    check_that_looking_writes_nothing()


@pytest.mark.server
@pytest.mark.postgresql
def test_check_could_not_write_to_postgresql_if_it_tried(tmp_path, django_db_blocker):
    url = prepared.migrated(tmp_path, "postgresql").settings["DATABASE_URL"]
    there = environ.Env.db_url_config(url)
    with django_db_blocker.unblock(), standing_in(**there):
        check_that_looking_writes_nothing()


@pytest.mark.server
def test_check_of_no_site_makes_none(tmp_path):
    site = Site(tmp_path)
    done = subprocess.run(**site.command("upgrade", "--check"), capture_output=True, text=True)
    assert done.returncode == 1
    assert "No site was found at " in done.stdout
    assert not site.data.exists()


def test_check_names_pending_migrations_in_words(older):
    said = checked()
    assert "migrations are pending; serve makes a backup before." in said
    assert "0030 whose notes" in said
    assert "0010 linked pages" not in said  # which 0.1.0 had
    assert "The worker will read all texts again for search" in said


def test_check_says_which_migrations_may_take_long(older, monkeypatch):
    monkeypatch.setattr(upgrading, "MANY", 30)
    said = checked()
    assert "comments 0021 every word shows may take long: it goes through up to" in said
    assert "comments 0030 notes on drafts may" not in said  # which makes a table, and reads none


def test_check_of_this_version_has_nothing_to_say(today):
    assert "No migration is pending." in checked()


def test_check_counts_texts_that_will_look_different(today):
    by = get_user_model().objects.create_user("ines")
    for title in ("On margins", "On ink"):
        post = Post(title=title, body="Room.", author=by, published_at=timezone.now())
        post.save()
    comment = Comment(post=post, name="Lou", body="I agree.", status="approved")
    comment.save()
    Post.objects.filter(pk=post.pk).update(body_html="<p>Old</p>", rendered_with=0)
    Comment.objects.filter(pk=comment.pk).update(body_html="<p>Old</p>", rendered_with=0)
    said = checked()
    assert "Essays that will look different: 1 of 1. → How: manage.py render --dry-run" in said
    assert "Comments that will look different: 1 of 1." in said
    assert Post.objects.get(pk=post.pk).body_html == "<p>Old</p>"


def test_check_fails_for_a_newer_database(today):
    MigrationRecorder(connection).record_applied("comments", "0999_marginalia")
    said = checked(code=1)
    assert "A newer Postil made this database (comments.0999_marginalia)." in said
    assert "Nothing was changed" not in said


def test_check_fails_for_what_is_no_database(tmp_path, django_db_blocker):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/postil.sqlite3").write_text("something else" * 100)
    with django_db_blocker.unblock(), site_in(tmp_path / "broken"):
        assert "The database cannot be asked: file is not a database." in checked(code=1)


def test_check_says_which_version_made_the_backup(today, settings):
    settings.BACKUP_TO = str(today / "backups")
    assert "There is none in " in checked()
    output_of("backup", today / "backups")
    assert "was made by Postil 0.1.0." in checked()
    (newest,) = (today / "backups").iterdir()
    newest.write_text("cut")
    assert "cannot be read: File is not a zip file." in checked()


def test_check_says_when_the_backup_has_no_room(older, monkeypatch):
    monkeypatch.setattr(
        upgrading.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 1)
    )
    assert "Make room: without it nothing will be changed." in checked()


def test_upgrade_without_a_backup_changes_nothing(older):
    (older / "backups").write_text("a file in the way")
    with pytest.raises(SystemExit):
        call_command("upgrade")
    assert ("posts", "0006_images") in pending_migrations()


def test_upgrade_refuses_a_newer_database(today):
    MigrationRecorder(connection).record_applied("comments", "0999_marginalia")
    assert output_of("upgrade").startswith("A newer Postil made this database")


# --- Settings that nothing reads --------------------------------------------------------------


def names(in_file=(), **environment):
    found = unread.unread(in_file, environment, KNOWN)
    return [(finding.said.split()[0], finding.todo) for finding in found]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("SITE_TITEL", "SITE_TITLE"), ("COMENTS_OPEN", "COMMENTS_OPEN"), ("site_title", "SITE_TITLE")],
)
def test_misspelled_setting_is_named_wherever_it_is(name, meant):
    assert names(**{name: "x"}) == names([name]) == [(name, f"Did you mean {meant}?")]


def test_variables_of_others_are_no_settings_of_ours():
    others = ["PATH", "HOME", "XDG_DATA_DIRS", "LS_COLORS", "KUBERNETES_PORT", "AWS_REGION"]
    assert names(**dict.fromkeys([*others, *KNOWN], "x")) == []


def test_each_name_in_the_file_is_looked_at():
    assert names(["FOO", "AWS_REGION", "PORT"]) == [("FOO", "Take it out.")]


def test_setting_of_an_earlier_version_says_what_to_do(monkeypatch):
    monkeypatch.setitem(unread.GONE, "NOTES_FOLDER", "Set COMMENT_NOTES.")
    assert names(NOTES_FOLDER="x") == [("NOTES_FOLDER", "Set COMMENT_NOTES.")]
