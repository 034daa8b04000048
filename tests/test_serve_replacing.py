"""`serve` is restarted under load: by SIGHUP, by stop and start, by killing a process."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing, contextmanager, suppress

import prepared
import pytest
from reading import fetch
from server import MANAGE, PATIENCE
from test_worker import until
from trials import in_full

from blog.ops.connections import has_connections

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A site's folder, with a file of settings, shared by the tests of one server."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "env").write_text("SITE_TITLE=One\n")
    site = prepared.started(folder, ENV_FILE=str(folder / "env"))
    site.file = folder / "env"
    yield site
    if site.runs():
        site.kill()


@pytest.fixture
def site(home):
    """A site that runs, with two processes that serve and one that keeps the worker; it goes on,
    unless the test ends it."""
    if not home.runs():
        home.start("--workers", "2")
    until(lambda: len(children(home.server.pid)) == 3)
    return home


# What systemd does between fork and exec.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.argv[2], sys.argv[2:])
"""


# Seconds between a reader’s requests: in full, with eight of them, one comes every four
# milliseconds.
REST, READERS = in_full((0.03, 8), (0.04, 4))
# Requests after which all is as it was before.
AFTER = in_full(100, 50)


class Load:
    """Several readers, half of them over one connection, until the block ends."""

    def __init__(self, site):
        self.site, self.over, self.failed, self.count = site, threading.Event(), [], 0
        kinds = [self.over_new_connections, self.over_one_connection] * (READERS // 2)
        self.threads = [threading.Thread(target=self.read, args=[kind]) for kind in kinds]

    def read(self, kind):
        again = 0
        while not self.over.wait(REST):
            try:
                kind()
                again = 0
            except (http.client.RemoteDisconnected, ConnectionResetError) as error:
                # Closed before a byte of the answer: a browser asks once more, and no more often.
                again += 1
                if again > 1:
                    self.failed.append(repr(error))
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))

    def over_new_connections(self):
        answer = fetch(self.site.url + "/")
        self.note(answer.status, answer.text)

    def over_one_connection(self):
        line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE)
        with closing(line):
            while not self.over.wait(REST):
                line.request("GET", "/")
                answer = line.getresponse()
                self.note(answer.status, answer.read().decode())
                # A server that stops says so with its last answer (RFC 9112, section 9.6).
                if answer.will_close:
                    return

    def note(self, status, text):
        self.count += 1
        if status != 200 or "</html>" not in text:
            self.failed.append(status)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *failed):
        self.over.set()
        for thread in self.threads:
            thread.join(PATIENCE)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return set(file.read().split())


def title(site):
    return fetch(site.url + "/").text.split("<title>")[1].split("</title>")[0]


@pytest.mark.long
def test_sighup_loads_new_settings_without_failed_requests(site):
    new = "Two" if "One" in title(site) else "One"
    site.file.write_text(f"SITE_TITLE={new}\n")
    before = children(site.server.pid)
    with Load(site) as load:
        site.server.send_signal(signal.SIGHUP)
        until(lambda: new in title(site))
        until(lambda: not before & children(site.server.pid))
        seen = load.count
        until(lambda: load.count > seen + AFTER)
    assert load.failed == []
    assert site.server.poll() is None, "it is the same process"
    assert {title(site) for _ in range(10)} == {title(site)}
    assert site.stop(signal.SIGTERM).code == 0


def test_a_program_that_would_not_start_replaces_nothing(site):
    was, kept = title(site), site.file.read_text()
    site.file.write_text("SITE_TITLE=Three\nTIME_ZONE=Mars\n")
    before = children(site.server.pid)
    site.server.send_signal(signal.SIGHUP)
    until(lambda: "Nothing was replaced" in site.log.read_text())
    site.file.write_text(kept)
    assert "TIME_ZONE must be a time zone" in site.log.read_text()
    assert children(site.server.pid) == before
    assert title(site) == was


def test_dead_process_is_replaced_and_the_socket_stays(site):
    one, *_others = sorted(children(site.server.pid) - keeper(site))
    os.kill(int(one), signal.SIGKILL)
    until(lambda: len(children(site.server.pid)) == 3 and one not in children(site.server.pid))
    assert fetch(site.url + "/").status == 200


def keeper(site):
    """The process that keeps the worker: the only child with a child."""
    return {child for child in children(site.server.pid) if children(child)}


def test_killed_serve_leaves_nothing_running(site):
    left = children(site.server.pid)
    (kept_by,) = until(lambda: keeper(site))
    worker = children(kept_by)
    os.kill(site.server.pid, signal.SIGKILL)
    site.server.wait(PATIENCE)
    until(lambda: not any(is_running(pid) for pid in left | worker))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", site.port))


def is_running(pid):
    with suppress(OSError), open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.long
def test_restart_with_systemd_socket_fails_no_request(tmp_path):
    """By sd_listen_fds(3) the socket is descriptor 3, and LISTEN_PID says for whom."""
    site = prepared.started(tmp_path)
    with socket.create_server(("127.0.0.1", site.port), backlog=128) as listener:

        def start():
            command = site.command("serve")
            command["args"] = [sys.executable, "-c", HAND_OVER, str(listener.fileno())] + [
                str(argument) for argument in command["args"]
            ]
            with site.log.open("a") as log:
                site.server = subprocess.Popen(
                    **command, pass_fds=[listener.fileno()], stdout=log, stderr=log
                )

        start()
        assert fetch(site.url + "/").status == 200
        with Load(site) as load:
            for _ in range(in_full(2, 1)):
                site.stop(signal.SIGTERM)
                start()
                seen = load.count
                until(lambda seen=seen: load.count > seen + AFTER)
        assert load.failed == []
        site.stop(signal.SIGTERM)


# A second thread sends signals at moments that differ by a little, each after the last was heard.
# Half of all runs with threading.Event in its place never end.
CALLED = """
import os, queue, signal, threading

from blog.ops.server import Calls
calls, go, heard = Calls(), queue.SimpleQueue(), []
def hear(*_):
    heard.append(1)
    calls.set()
signal.signal(signal.SIGUSR1, hear)
def call():
    for number in range(20_000):
        go.get()
        for _ in range(number % 60):
            pass
        os.kill(os.getpid(), signal.SIGUSR1)
threading.Thread(target=call).start()
for number in range(20_000):
    go.put(None)
    while len(heard) <= number:
        calls.wait()
        calls.clear()
"""


def test_stop_signals_are_neither_lost_nor_late(tmp_path):
    environment = os.environ | {"DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", f"import django; django.setup()\n{CALLED}"]
    subprocess.run(command, cwd=MANAGE.parent, env=environment, timeout=PATIENCE, check=True)


@contextmanager
def process_with(*sockets):
    """Yield the number of a process that holds these sockets and does nothing."""
    numbers = [each.fileno() for each in sockets]
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=numbers) as process:
        yield process.pid
        process.stdin.close()


def test_only_a_process_with_connections_is_waited_for():
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    accepted, _address = listener.accept()
    with closing(listener), closing(client), closing(accepted):
        with process_with() as number:
            assert not has_connections(number, listener)
        assert not has_connections(number, listener)  # it has ended
        with process_with(listener) as number:
            assert has_connections(number, listener)
        with process_with(accepted) as number:
            assert has_connections(number, listener)
            client.close()
            until(lambda: not has_connections(number, listener))


OPENS_AND_CLOSES = "print(flush=True)\nwhile True: open('/dev/null').close()"


def test_files_that_a_process_closes_meanwhile_are_no_connections():
    command = [sys.executable, "-c", OPENS_AND_CLOSES]
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as listener,
        subprocess.Popen(command, stdout=subprocess.PIPE) as process,
    ):
        process.stdout.readline()
        found = {has_connections(process.pid, listener) for _ in range(60)}
        process.kill()
    assert found == {False}
