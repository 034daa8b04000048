"""Sites and archives for tests of backups: with their own databases, without a server."""

import contextlib
import io
import json
import shutil
import sqlite3
import zipfile
from contextlib import contextmanager

import prepared
import pytest
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings
from django.utils import timezone

from blog.accounts.models import Passkey
from blog.posts.models import Image, Post
from blog.transfer import archive, databases, restore
from comments.models import DraftNote


@contextmanager
def site_in(folder, *, migrated=False):
    """Work on a site whose data is in this folder, on SQLite, until the block ends.

    One that is `migrated` is new and has its tables.
    """
    folder.mkdir(exist_ok=True)
    if migrated:
        shutil.copy(prepared.database(), folder)
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"}
    here = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}
    with (
        override_settings(DATA_DIR=folder, MEDIA_ROOT=folder / "media", THEME_DIR=folder / "theme"),
        databases.standing_in(NAME=str(folder / "postil.sqlite3"), **here),
    ):
        yield folder


def output_of(command, *arguments, **options):
    """Run a command; return what it says, or the sentence it is refused with."""
    out = io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=out, **options)
    except CommandError as error:
        return str(error)
    return out.getvalue()


def manifest_of(path):
    with zipfile.ZipFile(path) as made:
        return json.loads(made.read("manifest.json"))


def tables_in(path):
    """Return the rows and the sum of each table in a backup."""
    members = manifest_of(path)["members"]
    return {name: said for name, said in members.items() if name.startswith("tables/")}


def remade(path, to, change, lies=None):
    """Copy an archive with the changes a test makes, and valid checksums.

    `change` gets the members as a dict of names and bytes, and the manifest. Checksums are computed
    afterwards, so only what the test changed is wrong. `lies` replaces entries of the manifest.
    """
    with zipfile.ZipFile(path) as old:
        members = {info.filename: old.read(info) for info in old.infolist()}
    about = json.loads(members.pop("manifest.json"))
    change(members, about)
    known = about.pop("members")
    writer = archive.Writer(to, archive.Manifest(**about))
    with writer:
        for name, content in members.items():
            said = writer.add(name, [content])
            if name.startswith("tables/"):
                said["rows"] = content.count(b"\n") - 1
        for name in set(known) - set(members):
            writer.manifest.members[name] = known[name]
        for name, lie in (lies or {}).items():
            writer.manifest.members[name] |= lie
    return to


SECRETS = {
    "SECRET_KEY": "not-for-anyone",
    "EMAIL_URL": "smtp+tls://lou:hush@mail.example.org:587",
    "SITE_TITLE": 'Marlow’s "margin" \\ notes',
}


def with_the_demo(folder):
    """Make a site with the demo in this folder: one that was made once in a run."""
    shutil.copytree(prepared.once("with-the-demo", load_the_demo), folder)


def load_the_demo(folder):
    with site_in(folder, migrated=True):
        call_command("demo", verbosity=0)


@pytest.fixture(scope="module")
def made(django_db_blocker):
    """The backup of a site with the demo, a picture and a session."""
    with django_db_blocker.unblock():
        (path,) = prepared.once("backed-up", back_up).joinpath("kept").iterdir()
    return path


def back_up(folder):
    """Make a site in this folder, and the backup of it."""
    folder.mkdir()
    with_the_demo(folder / "site")
    with site_in(folder / "site"), pytest.MonkeyPatch.context() as patch:
        note = DraftNote(post=Post.objects.first(), name="Lou", body="Twice?", passage="words")
        note.save()
        note.answer("Once.", note.post.author)
        key = {"name": "Phone", "host": "localhost", "credential_id": "AAAA", "key": "AA"}
        Passkey.objects.create(user=note.post.author, sign_count=7, **key)
        Image.objects.all().delete()  # a restore adds a job for pictures, which one test is about
        Session.objects.create(session_key="k" * 32, session_data="x", expire_date=timezone.now())
        default_storage.save("2026/harbour.png", ContentFile(b"\x89PNG \x00 a harbour"))
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        call_command("backup", folder / "kept", verbosity=0)


@pytest.fixture
def empty_site(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), site_in(tmp_path / "here") as folder:
        yield folder


@pytest.fixture(scope="module")
def restored_once(made, django_db_blocker):
    """The folder of a site restored from it."""

    def restore_in(folder):
        with site_in(folder), tables_are_there():
            output_of("restore", made)

    with django_db_blocker.unblock():
        return prepared.once("restored", restore_in)


@pytest.fixture
def restored(restored_once, tmp_path, django_db_blocker):
    """A site restored from it, for this test alone."""
    shutil.copytree(restored_once, tmp_path / "here")
    with django_db_blocker.unblock(), site_in(tmp_path / "here") as folder:
        yield folder


@contextmanager
def tables_are_there():
    """Have a restore find the tables of the newest schema, which take seconds to make.

    test_upgrades restores a backup that has to be migrated, and from nothing.
    """

    def copy(migrations):
        assert {(app, name) for app, name in migrations} == {*MigrationLoader(None).disk_migrations}
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(prepared.database())) as ready:
            ready.backup(connection.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restore, "migrate_to", copy)
        yield


@pytest.fixture
def migrated():
    with tables_are_there():
        yield
