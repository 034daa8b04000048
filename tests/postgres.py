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

# Where Debian keeps the server's programs, which are on nobody's PATH; the newest first.
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: p.parts[-2])[::-1]
# Nothing here outlives a power cut, so nothing waits for the disk.
IN_A_HURRY = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


def find_initdb():
    """Return where `initdb` is, or None where no PostgreSQL server is installed."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, DEBIAN)])
    return shutil.which("initdb", path=path)


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
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no user to run it as.")


@contextmanager
def cluster():
    """Start an empty cluster and give the DATABASE_URL of its database; stop and remove it after.

    Ask `find_initdb()` first whether there is anything to start.
    """
    programs = Path(find_initdb()).resolve().parent
    someone = unprivileged()
    # Not pytest's own folder: the server's user may not enter that, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="postil-pg-"))
    if someone:
        os.chown(folder, someone["user"], someone["group"])

    def run(program, *arguments):
        with open(folder / "log", "a") as log:
            command = [programs / program, *arguments]
            said = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "cwd": folder}
            done = subprocess.run(command, **said, **someone, check=False)
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{(folder / 'log').read_text()}")

    data = folder / "data"
    try:
        # A locale every system has, and letters beyond ASCII are letters in it.
        how = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--username=postgres"]
        run("initdb", "--pgdata", data, "--no-sync", *how)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} {IN_A_HURRY}"
        run("pg_ctl", "start", "--wait", "--pgdata", data, "--options", options)
        try:
            yield f"postgres://postgres@/{folder}/postgres"
        finally:
            run("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate")
    finally:
        shutil.rmtree(folder)
