"""A PostgreSQL of our own, made for a test run and thrown away after it.

It listens on a socket in its own temporary folder, so it needs no port and meets no other server.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

# Nothing here outlives a power cut, so nothing waits for the disk.
IN_A_HURRY = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
# What was committed outlives a killed process, though not a power cut.
OUTLIVES_KILLS = "-c fsync=off"


def find_initdb():
    """Return where `initdb` is, or None where no PostgreSQL server is installed."""
    # Debian keeps the server's programs outside PATH; the newest first.
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parts[-2]))
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, debian[::-1])])
    return shutil.which("initdb", path=path)


def install():
    """Install Debian's server where that is possible without asking anybody."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing PostgreSQL for the tests.", flush=True)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "postgresql"], **quiet)


def unprivileged():
    """Return how subprocess is to run the server, which refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL refuses to run as root, and no other user was found to run it.")


def start(how=IN_A_HURRY):
    """Start an empty cluster and return the folder it is in, which `stop` wants.

    Ask `find_initdb()` first whether there is anything to start.
    """
    # Not pytest's own folder: the server's user may not enter that, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="postil-pg-"))
    if someone := unprivileged():
        os.chown(folder, someone["user"], someone["group"])
    try:
        # A locale every system has, and letters beyond ASCII are letters in it.
        words = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--username=postgres"]
        run(folder, "initdb", "--pgdata", folder / "data", "--no-sync", *words)
        bring_up(folder, how)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder


def bring_up(folder, how):
    """Start the server of a cluster that is there already, after its end or a kill."""
    options = f"-c listen_addresses= -c unix_socket_directories={folder} {how}"
    run(folder, "pg_ctl", "start", "--wait", "--pgdata", folder / "data", "--options", options)


def stop(folder):
    """Stop the cluster in this folder and remove it."""
    try:
        run(folder, "pg_ctl", "stop", "--pgdata", folder / "data", "--mode", "immediate")
    finally:
        shutil.rmtree(folder)


def create_database(folder, name, template="template1"):
    """Make a database like another one, to which nobody is connected; return its DATABASE_URL."""
    server = ["--host", folder, "--username", "postgres"]
    # Copied file by file: a checkpoint costs nothing where nothing waits for the disk.
    run(folder, "createdb", *server, "--template", template, "--strategy", "file_copy", name)
    return address(folder, name)


def address(folder, name="postgres"):
    """Return the DATABASE_URL of a database of that cluster."""
    return f"postgres://postgres@/{folder}/{name}"


def connect(url):
    """Return a connection of psycopg's to the database of such an address."""
    import psycopg  # noqa: PLC0415 - an extra, without which all else here works

    folder, name = url.partition("@/")[2].rsplit("/", 1)
    return psycopg.connect(host=folder, user="postgres", dbname=name)


def run(folder, program, *arguments):
    """Run one of PostgreSQL's programs; raise RuntimeError with its log if it fails."""
    someone = unprivileged()
    with open(folder / "log", "a") as log:
        command = [Path(find_initdb()).resolve().parent / program, *arguments]
        said = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "cwd": folder}
        done = subprocess.run(command, **said, **someone, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{(folder / 'log').read_text()}")


@contextmanager
def cluster():
    """Start an empty cluster and give the DATABASE_URL of its database; stop and remove it after.

    Ask `find_initdb()` first whether there is anything to start.
    """
    folder = start()
    try:
        yield address(folder)
    finally:
        stop(folder)
