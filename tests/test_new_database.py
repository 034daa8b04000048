"""The tables of a new database are made at once, and are what migrations make one by one."""

import contextlib
import errno
import fcntl
import re
import signal
import sqlite3
import subprocess
import sys
import threading

import prepared
import pytest
from backups import site_in
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython
from server import Site, free_port
from test_worker import until

from blog import program
from blog.lib.locked import locked
from blog.management.commands import serve
from blog.transfer import new_database
from blog.transfer.databases import alone, standing_in
from blog.transfer.new_database import make_tables, our_apps
from blog.transfer.tables import applied_migrations, pending_migrations

# Operations that leave nothing but tables.
OF_TABLES = {
    *("CreateModel", "DeleteModel", "AddField", "AlterField", "RemoveField", "RenameField"),
    *("AddConstraint", "AlterConstraint", "RemoveConstraint"),
    *("AddIndex", "RemoveIndex", "RenameIndex"),
    *("AlterModelOptions", "AlterUniqueTogether", "AlterModelManagers"),
}


@pytest.fixture
def here(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), site_in(tmp_path / "here") as folder:
        yield folder / "postil.sqlite3"


def schema_of(path):
    """Return what makes each table, index and trigger, with a table's columns in any order."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT type, name, sql FROM sqlite_master WHERE sql <> ''")
        return {(kind, name): sorted(re.split(r"[,()]\s*", sql)) for kind, name, sql in rows}


def groups():
    return sorted(Group.objects.values_list("name", "permissions__codename"))


def tables():
    return {name for name in connection.introspection.table_names() if "_" in name}


@pytest.mark.long("a minute; test_upgrades compares the tables of an upgraded database")
def test_they_are_what_migrations_make_one_by_one(tmp_path, here, django_db_blocker):
    call_command(migrate.Command(), verbosity=0)  # Django's own
    made, wanted = groups(), applied_migrations()
    with site_in(tmp_path / "new", migrated=True):
        assert groups() == made
        assert applied_migrations() == wanted
    assert schema_of(tmp_path / "new/postil.sqlite3") == schema_of(here)


def test_no_operation_is_left_out():
    known = {*OF_TABLES, RunPython.__name__}
    kinds = {
        (f"{app}.{name}", type(operation).__name__)
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        for operation in migration.operations
        if app in our_apps()
    }
    assert len(kinds) > 100
    assert {place for place in kinds if place[1] not in known} == set()


def test_nothing_is_pending_then_and_keys_are_checked_again(here, capsys):
    call_command("migrate")
    assert "Preparing the database … done" in capsys.readouterr().out
    assert pending_migrations() == []
    assert make_tables() is False
    with connection.cursor() as cursor:  # which were not checked meanwhile
        assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_nothing_of_it_stays_after_an_error(here, monkeypatch):
    monkeypatch.setattr(new_database, "_fill", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_tables()
    assert "posts_post" not in tables()
    assert all(app != "posts" for app, _name in applied_migrations())
    monkeypatch.undo()
    assert make_tables() is True
    assert "posts_post" in tables()


def test_one_process_at_a_time_prepares_a_database(transactional_db):
    order = []

    def next_one():
        with alone(waits=lambda: order.append("waits")):
            order.append("second")
        connection.close()

    other = threading.Thread(target=next_one)
    with alone():
        other.start()
        until(lambda: order)
        order.append("first")
    other.join()
    assert order == ["waits", "first", "second"]


def test_database_in_a_folder_that_is_missing_is_said(here, tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "Server", lambda *_, **__: pytest.fail("it serves"))
    monkeypatch.setattr(sys, "argv", ["manage.py", "serve", f"--port={free_port()}"])
    was, gone = signal.getsignal(signal.SIGHUP), tmp_path / "gone/postil.sqlite3"
    with standing_in(NAME=str(gone)), pytest.raises(SystemExit) as ended:
        program.main()
    signal.signal(signal.SIGHUP, was)
    said = "The database cannot be used: unable to open database file."
    assert ended.value.code.startswith(said)


def test_folder_without_locks_is_taken_as_it_is(tmp_path, monkeypatch):
    def without(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", without)
    for place in (tmp_path, tmp_path / "gone"):
        with locked(place):
            pass


@pytest.mark.server
@pytest.mark.postgresql
def test_machines_start_at_once_on_an_empty_database(tmp_path):
    url = prepared.new_database()
    # Two of them share a folder, as copies of a container do.
    machines = [Site(tmp_path / name, DATABASE_URL=url) for name in ("one", "two", "two")]
    machines[0].data.mkdir(parents=True)
    prepared.collected(machines[0])
    (tmp_path / "two").mkdir()
    caught = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    running = [subprocess.Popen(**machine.command("upgrade"), **caught) for machine in machines]
    said = [process.communicate(timeout=300)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert sum("Password" in words for words in said) == 1
    essays = "from blog.posts.models import Post; print(Post.objects.count())"
    assert machines[0].shell(essays).split() == ["9"]
    machines[0].close_shell()


def test_one_app_alone_is_migrated_as_asked(here):
    call_command("migrate", "jobs", verbosity=0)
    assert "jobs_sign" in tables()
    assert "posts_post" not in tables()
    call_command("migrate", plan=True, verbosity=0)
    assert "posts_post" not in tables()
