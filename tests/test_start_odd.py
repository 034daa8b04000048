"""A start that is cut off, or meets a database it may not use: nothing is lost, and it is said."""

import re
import subprocess
from contextlib import closing, contextmanager

import postgres
import prepared
import pytest
from backups import made, migrated, restored, restored_once, site_in
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor
from server import Site

from blog import program
from blog.management import preparing
from blog.management.commands.upgrade import Command
from blog.posts.models import Post
from blog.transfer.new_database import make_tables
from blog.transfer.restore import restore
from blog.transfer.tables import pending_migrations

__all__ = ["made", "migrated", "restored", "restored_once"]  # fixtures


@pytest.fixture
def here(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), site_in(tmp_path / "here") as folder:
        yield folder


@pytest.fixture
def cut_off(here):
    """A database whose first start was killed before a table of ours was there."""
    executor = MigrationExecutor(connection)
    executor.migrate([("contenttypes", "0002_remove_content_type_name")])
    return here


def test_nothing_is_backed_up_before_there_was_a_site(cut_off):
    Command().keep_before_upgrade(pending_migrations(), no_backup=False)
    assert not (cut_off / "backups").exists()


def test_tables_of_another_program_are_left_alone(here):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE posts_post (words text)")
    with pytest.raises(ImproperlyConfigured, match="a table posts_post of another program"):
        make_tables()


def test_permissions_that_a_start_did_not_come_to_are_made_by_the_next(
    tmp_path, django_db_blocker, capsys
):
    names = ["add_invitation", "view_job"]
    with django_db_blocker.unblock(), site_in(tmp_path / "here", migrated=True):
        Permission.objects.filter(codename__in=names).delete()
        for _start in range(2):
            Command().bring_up_to_date(no_backup=True)
        assert Permission.objects.filter(codename__in=names).count() == 2
    assert capsys.readouterr().out.count("Preparing the database … done") == 1


@pytest.mark.django_db
def test_demo_and_account_come_together_or_not_at_all(monkeypatch):
    users = get_user_model().objects
    monkeypatch.setattr(preparing, "load_demo", lambda: users.create_user("ines"))
    monkeypatch.setattr(preparing, "create_admin", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Command().begin()
    assert not users.exists()


@pytest.mark.usefixtures("migrated")
def test_restore_has_the_turn_from_the_beginning_to_the_end(made, restored, monkeypatch):
    essays = Post.objects.count()
    Post.objects.all().delete()
    seen = []

    @contextmanager
    def turn(_waits):
        seen.append(Post.objects.count())
        yield
        seen.append(Post.objects.count())

    monkeypatch.setattr("blog.transfer.restore.alone", turn)
    restore(made, overwrite=True)
    assert seen == [0, essays]


def test_looking_at_migrations_waits_for_nobody(here, monkeypatch):
    monkeypatch.setattr("blog.management.commands.migrate.alone", lambda *_: 1 / 0)
    call_command("migrate", plan=True, verbosity=0)
    with pytest.raises(SystemExit):
        call_command("migrate", check_unapplied=True, verbosity=0)


@pytest.mark.parametrize(
    "error", [ProgrammingError("permission denied"), MigrationSchemaMissing("permission denied")]
)
def test_what_the_database_refuses_is_said(monkeypatch, error):
    def refuse(_arguments):
        raise error

    monkeypatch.setattr(program, "execute_from_command_line", refuse)
    with pytest.raises(SystemExit, match="The database cannot be used: permission denied"):
        program.main()


def test_a_command_that_is_interrupted_ends_quietly(monkeypatch):
    def interrupt(_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "execute_from_command_line", interrupt)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 130


# --- Accounts of PostgreSQL that may not do everything -------------------------------------------

IN_THE_TURN = """
import threading, time
from django.db import connection
from blog.transfer.databases import PREPARING, alone

def wait():
    with alone(waits=over.set):
        print("had its turn")

over = threading.Event()
with alone():
    other = threading.Thread(target=wait)
    other.start()
    over.wait()
    time.sleep(0.5)  # longer than each of the account's times
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE objid = %s AND granted", [PREPARING])
        print("held" if cursor.fetchone()[0] else "lost")
other.join()
"""


@pytest.fixture
def account(request):
    """Return the address of a new database for an account that may do there as a test says."""
    url = prepared.new_database()
    name = f"some_{url.rpartition('/')[2].partition('?')[0]}"
    with closing(postgres.connect(url)) as database:
        database.execute(f"CREATE ROLE {name} LOGIN")
        for statement in request.param:
            database.execute(statement.format(name=name))
        database.commit()
    return re.sub(r"//\w+@", f"//{name}@", url)


SHORT = [
    *(
        "ALTER ROLE {name} SET statement_timeout = '0.2s'",
        "ALTER ROLE {name} SET lock_timeout = 200",
    ),
    "ALTER ROLE {name} SET idle_in_transaction_session_timeout = 200",
]
OF_THE_SCHEMA = ["GRANT ALL ON SCHEMA public TO {name}"]


@pytest.mark.server
@pytest.mark.postgresql
@pytest.mark.parametrize("account", [SHORT], indirect=True)
def test_times_that_an_account_may_take_end_no_turn(tmp_path, account):
    site = Site(tmp_path, DATABASE_URL=account)
    assert site.shell(IN_THE_TURN).split("\n") == ["held", "had its turn"]
    site.close_shell()


@pytest.mark.server
@pytest.mark.postgresql
@pytest.mark.parametrize("account", [[]], indirect=True)
def test_account_that_may_make_no_tables_is_said(tmp_path, account):
    site = Site(tmp_path, DATABASE_URL=account)
    caught = {"capture_output": True, "text": True}
    done = subprocess.run(**site.command("upgrade"), **caught)
    assert done.returncode == 1
    assert "permission denied for schema public" in done.stderr
    assert "Traceback" not in done.stderr
    said = subprocess.run(**site.command("doctor"), **caught).stdout
    assert "This account may not make tables in the database." in said


@pytest.mark.server
@pytest.mark.postgresql
@pytest.mark.parametrize("account", [OF_THE_SCHEMA], indirect=True)
def test_account_that_may_make_tables_alone_is_enough(tmp_path, account):
    site = Site(tmp_path, DATABASE_URL=account)
    done = subprocess.run(**site.command("migrate"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Preparing the database … done" in done.stdout
