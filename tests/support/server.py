"""A real `manage.py serve` in its own folder, for tests over HTTP."""

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import weakref
from types import SimpleNamespace
from urllib.parse import urlencode

import postgres
import pytest
from warm import MANAGE, Process

# Only there so that a site that never comes up fails its tests and does not hang them.
PATIENCE = 180
# Of the user `admin` on sites that `prepared` makes.
PASSWORD = "margin-notes-are-quiet"
SET_PASSWORD = f"""
admin = User.objects.get(username="admin")
admin.set_password({PASSWORD!r})
admin.save()
"""

# Below the ports that systems use for outgoing connections, so that none of those takes the port
# before a server listens there.
PORTS = range(20_000, 32_000)


def free_port():
    """Return a port that nobody listens on, by a chance that no test seeds."""
    for _attempt in range(100):
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"nothing is free among {PORTS}")


# Runs what it is given, line by line, each as a shell of its own would, and prints the result.
EACH_LINE = """
import contextlib, io, json, sys, traceback
from django.db import connections
for line in sys.stdin:
    said, failed = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), dict(globals()))
    except BaseException:
        failed = traceback.format_exc()
    connections.close_all()
    print(json.dumps([said.getvalue().strip(), failed]), flush=True)
"""


class Shell:
    """A `manage.py shell` that stays: to start one takes longer than what most are asked for."""

    def __init__(self, site):
        self.environment = site.environment()
        command = site.command("shell", "--verbosity=0", "-c", EACH_LINE)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = Process(**command, **pipes)
        # When nobody has the site any more, at the latest at the end of the run.
        self.close = weakref.finalize(self, end, self.process)

    def run(self, code):
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        said, failed = json.loads(self.process.stdout.readline())
        assert not failed, failed
        return said


def end(process):
    process.communicate(timeout=PATIENCE)


class Site:
    """A folder of data, and the server that runs on it just now."""

    patience = PATIENCE
    server = _shell = None

    def __init__(self, folder, **settings):
        self.settings = settings
        self.data, self.port = folder / "data", free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"

    def environment(self):
        """Return the environment variables of this site's commands."""
        mine = {"DATA_DIR": str(self.data), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        mine["DJANGO_SETTINGS_MODULE"] = "blog.settings"
        # Empty means the default, whatever a developer's own .env says.
        unset = dict.fromkeys(["DATABASE_URL", "DEBUG", "SECRET_KEY", "SITE_URL"], "")
        return unset | mine | self.settings

    def command(self, *arguments):
        return {
            "args": [sys.executable, MANAGE, *arguments],
            "env": os.environ | self.environment(),
        }

    def shell(self, code):
        """Run this in a shell of the site's; return what it prints."""
        if self._shell is None or self._shell.environment != self.environment():
            self._shell = Shell(self)
        return self._shell.run(code)

    def close_shell(self):
        """End the shell that stays, which has files of the site open."""
        if self._shell:
            self._shell.close()
            self._shell = None

    def start(self, *arguments):
        """Start it, wait until it answers, and return what it said at its start."""
        with self.log.open("w") as log:
            self.server = Process(
                **self.command("serve", *arguments),
                stdout=log,
                stderr=log,
                process_group=0,  # of its own, so that `kill` ends its workers too
            )
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline and self.server.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self.log.read_text()
            time.sleep(0.02)
        if self.server.poll() is None:
            self.kill()
        pytest.fail(f"The server did not come up:\n{self.log.read_text()}")

    def runs(self):
        return self.server is not None and self.server.poll() is None

    def stop(self, how):
        """Send it a signal; return its exit code, the seconds it took, and all it said."""
        began = time.monotonic()
        self.server.send_signal(how)
        code = self.server.wait(PATIENCE)
        took = time.monotonic() - began
        return SimpleNamespace(code=code, took=took, said=self.log.read_text())

    def kill(self):
        """End the server and its workers at once, in the middle of whatever they do."""
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait(PATIENCE)

    def ask(self, method, path, given=None):
        """Return status, `Location` and text of the answer to a request, or to a form."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if given else {}
        with contextlib.closing(line):
            line.request(method, path, urlencode(given) if given else None, kind)
            response = line.getresponse()
            return response.status, response.headers["Location"], response.read().decode()

    def rows(self, question):
        """Return what an SQL query finds: to ask again and again, at no process's start each."""
        with contextlib.closing(self.database()) as database:
            return database.execute(question).fetchall()

    def database(self):
        if url := self.settings.get("DATABASE_URL"):
            return postgres.connect(url)
        return sqlite3.connect(self.data / "postil.sqlite3", timeout=PATIENCE)

    def kept(self):
        """Return what must be the same after another start."""
        with contextlib.closing(self.database()) as database:
            return {
                "secret": (self.data / "secret_key").read_text(),
                "users": database.execute("SELECT username, password FROM auth_user").fetchall(),
                "posts": database.execute("SELECT id, path FROM posts_post").fetchall(),
                "comments": database.execute("SELECT id, body FROM comments_comment").fetchall(),
                "search": database.execute("SELECT count(*) FROM posts_words").fetchall(),
            }
