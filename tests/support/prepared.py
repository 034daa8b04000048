"""Things that take seconds to make and many tests need: made once in a run, and copied.

A run is one pytest with all its processes. The process that needs a thing first makes it while
the others wait. conftest.py calls `begin` and `end` in the process that starts the run.
"""

import contextlib
import fcntl
import itertools
import json
import os
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import postgres
import pytest
from server import PASSWORD, Site
from warm import run

from blog.accounts.hashers import Argon2

RUN = "POSTIL_TEST_RUN"  # the variable that tells each process where the run keeps its things
numbers = itertools.count()
DATABASE = "data/postil.sqlite3"


def begin():
    os.environ[RUN] = tempfile.mkdtemp(prefix="postil-run-")


def begin_early():
    """Make the database that nearly all tests begin with while the processes collect the tests."""
    making = threading.Thread(target=database)
    making.start()
    return making.join  # to be called before the end


def end():
    run = Path(os.environ.pop(RUN))
    if (run / "cluster").exists():
        postgres.stop(Path((run / "cluster").read_text()))
    shutil.rmtree(run)


def once(name, make):
    """Return the path of this name in the run's folder, which `make(path)` made there once."""
    path = Path(os.environ[RUN]) / name
    with Path(f"{path}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            # Elsewhere first: what failed half-way is not taken for made.
            making = Path(tempfile.mkdtemp(dir=path.parent)) / name
            make(making)
            making.rename(path)
    return path


# --- Sites ------------------------------------------------------------------------------------


def migrated(folder, database="sqlite", **settings):
    """Return a site in `folder` that has its tables and nothing else, on either database."""
    return copy(migrate, folder, database, settings)


def started(folder, database="sqlite", **settings):
    """Return a site as its first start leaves it: tables, static files, the demo, an admin.

    But for the password of `admin`, which is PASSWORD.
    """
    return copy(start_and_stop, folder, database, settings)


def collected(site):
    """Have the static files of a site be there, as after the start before."""
    link_static(once("first_start", first_start), site)


def migrate(site):
    run(**site.command("migrate", "--verbosity=0"), check=True)


def database():
    """Return the path of an SQLite database that has its tables and nothing else."""
    return on_sqlite(migrate) / DATABASE


def begun(folder):
    """Return a site in `folder` after its very first start, in an empty folder, and of that start
    what it said, its address, and what was kept then."""
    ready = once("first_start", first_start)
    site = Site(folder)
    lay_out(ready, site)
    return site, SimpleNamespace(**json.loads((ready / "start.json").read_text()))


def first_start(path):
    path.mkdir()
    site = Site(path)
    said = start(site)
    started = {"said": said, "url": site.url, "kept": site.kept()}
    assert site.stop(signal.SIGTERM).code == 0
    (path / "start.json").write_text(json.dumps(started))


def start_and_stop(site):
    if "DATABASE_URL" in site.settings:
        start(site)
        assert site.stop(signal.SIGTERM).code == 0
    else:
        lay_out(once("first_start", first_start), site)
    set_password(site)


def start(site):
    site.patience *= 5  # many wait for it, and each would begin again what was given up
    return site.start("--no-worker")


def set_password(site):
    """Have `admin` be let in by PASSWORD, without a process for it."""
    hashed = Argon2().encode(PASSWORD, "salt-of-the-tests")
    with contextlib.closing(site.database()) as database:
        database.execute(f"UPDATE auth_user SET password = '{hashed}' WHERE username = 'admin'")
        database.commit()


def copy(make, folder, database, settings):
    """Return a site in `folder` that is as `make(site)` leaves one that is new."""
    site = Site(folder, **settings)
    lay_out(on_sqlite(make), site)
    if database == "postgresql":
        site.settings["DATABASE_URL"] = new_database(like=on_postgresql(make))
    return site


def on_sqlite(make):
    return once(f"{make.__name__}.sqlite", lambda path: make_on_sqlite(make, path))


def on_postgresql(make):
    """Return the name of the database that `make(site)` made."""
    of = once(f"{make.__name__}.postgresql", lambda path: make_on_postgresql(make, path))
    return of.read_text()


def lay_out(ready, site):
    """Copy the data of a site that is ready, but for static files, which nobody writes to."""
    shutil.copytree(ready / "data", site.data, ignore=shutil.ignore_patterns("static"))
    link_static(ready, site)


def link_static(ready, site):
    if (ready / "data/static").exists():
        (site.data / "static").symlink_to(ready / "data/static")
        shutil.copy(ready / "data/static.digest", site.data)


def make_on_sqlite(make, path):
    path.mkdir()
    make(Site(path))


def make_on_postgresql(make, path):
    """Make a site's database on PostgreSQL, and a file that holds its name."""
    like = "template1" if make is migrate else on_postgresql(migrate)
    site = Site(path.parent, DATABASE_URL=new_database(like=like))
    lay_out(on_sqlite(make), site)
    make(site)
    path.write_text(site.settings["DATABASE_URL"].rpartition("/")[2])


# --- PostgreSQL -------------------------------------------------------------------------------


def new_database(like="template1"):
    """Return the address of a new database on the run's own PostgreSQL; skip where none is."""
    pytest.importorskip("psycopg")
    if not postgres.find_initdb():
        pytest.skip("no PostgreSQL server is installed: no initdb on PATH or where Debian has it")
    cluster = once("cluster", lambda path: path.write_text(str(postgres.start())))
    name = f"test_{os.getpid()}_{next(numbers)}"
    return postgres.create_database(Path(cluster.read_text()), name, like)
