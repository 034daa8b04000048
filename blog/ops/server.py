"""The web server of `manage.py serve`: granian, on a socket that stays open across restarts.

The parent process keeps the socket open and its children share it, so a client that connects while
they are replaced waits a moment and is not refused.

SIGHUP replaces the whole program with the present code, settings and migrations. The process keeps
its number and its socket; the old children answer until the new ones do, and then finish their
requests. Under systemd the socket may also be passed in (systemd.socket, LISTEN_FDS), so that even
a stop and a start refuse nobody.
"""

import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from granian._granian import SocketHolder
from granian._internal import load_target
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import mp

from blog.ops.connections import has_connections
from blog.ops.health import ALIVE
from blog.ops.pool import READ, WRITE, Pool
from blog.ops.streams import Line, Streams
from blog.settings import started_with
from blog.web.cache_control import PRIVATE
from blog.web.limits import BUSY, RECEIVED, Receiver, content_length, has_body, sender

# Connections that may wait to be accepted.
BACKLOG = 1024
# Seconds in which a process that has to stop may finish its requests.
FINISH = 10
# Seconds before a process that died is replaced, so that one that cannot start costs little.
RESPITE = 0.5
# Threads that answer from memory, and threads that may give words back when the threads that run
# Django are all busy.
FRONT, GIVING_BACK = 2, 2
# Seconds after which a computing thread hands over the interpreter (Python's default is 0.005).
SWITCH = 0.001
# Methods of requests that change nothing.
READING = frozenset(["GET", "HEAD", "OPTIONS", "TRACE"])
# The signal for a process to close its connections, and the seconds until it has to end.
LEAVE, PART = signal.SIGUSR1, 1
# Megabytes a process may take besides its pages before it is replaced; it takes some 60.
LARGEST = 400
# What a request's head may take, and how large it may be. Cookies and long queries stay under
# 16 KiB; the server itself takes no more than 100 headers.
HEADER_SECONDS, HEADER_BYTES = 10, 65_536
# Where systemd puts the first socket it hands over (sd_listen_fds(3)).
FIRST_HANDED_OVER = 3
# Environment variables that pass socket and children on when the program is replaced.
SOCKET, FORMER = "POSTIL_SOCKET", "POSTIL_FORMER"


class Replaced(Exception):
    """SIGHUP asked for the program to be replaced."""


def cores() -> int:
    """Return how many cores this process may use, or, as on macOS, how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_for(cores: int) -> int:
    """Return how many processes serve pages: one for each two cores, four at most.

    One answers some 20,000 pages a second from memory on one core; the other cores are for the
    worker beside it and for the database. Each process more takes some 40 MiB.
    """
    return max(1, min(4, cores // 2))


def listening_socket(host: str, port: int) -> socket.socket:
    """Return the socket to listen on: the one this program had, was handed, or a new one.

    Raises CommandError with what to do when something else listens there.
    """
    if handed := os.environ.pop(SOCKET, ""):
        return socket.socket(fileno=int(handed))
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS"):
        return socket.socket(fileno=FIRST_HANDED_OVER)
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CommandError(
            _("Cannot listen on %(host)s, port %(port)d: %(why)s. Try another: PORT=8001")
            % {"host": host, "port": port, "why": error.strerror}
        ) from error
    return listener


class Calls:
    """Wakes the parent process: an Event that is safe to set in a signal handler.

    The lock in threading.Event may be held by the code that the signal interrupts. Then both wait
    for each other and the server never stops; this happened once. Also, a signal right before
    waiting for a lock is handled only after it. So this waits for a pipe, into which Python writes
    for each signal (signal.set_wakeup_fd).
    """

    def __init__(self) -> None:
        self.heard, self.made = os.pipe()
        os.set_blocking(self.made, False)
        signal.set_wakeup_fd(self.made, warn_on_full_buffer=False)

    def set(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full of calls that will be heard
            os.write(self.made, b".")

    def wait(self) -> None:
        os.read(self.heard, 4096)

    def clear(self) -> None:
        """Do nothing: each call is heard, and one that comes meanwhile is not lost."""


class Server(mp.MPServer):
    """Granian on a given socket; SIGHUP makes `serve` raise Replaced, and its children go on."""

    def __init__(self, listener: socket.socket, *, workers: int, threads: int) -> None:
        # Forked, so that the children share what their parent has imported, and the socket.
        multiprocessing.set_start_method("fork", force=True)
        address, port = listener.getsockname()[:2]
        super().__init__(
            ":".join(settings.WSGI_APPLICATION.rsplit(".", 1)),
            address=address,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=FRONT + GIVING_BACK + Receiver(settings.BODY_WAITS).threads,
            # Browsers speak HTTP/2 only over TLS, which a proxy does; without it, it is one more
            # way to ask much of us.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(
                header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES
            ),
            websockets=False,
            log_level="warning",
            respawn_failed_workers=True,
            workers_kill_timeout=FINISH,
        )
        self.listener, self.parent, self.threads = listener, os.getpid(), threads
        self.main_loop_interrupt = Calls()
        self.at_terminal = os.isatty(0)
        # Children handle it once they answer; before, they have no connections.
        signal.signal(LEAVE, signal.SIG_IGN)
        self.ready, self.tell_ready = os.pipe()

    def _init_shared_socket(self) -> None:
        self.listener.listen(BACKLOG)
        self.listener.setblocking(False)
        # What granian does on systems where several processes cannot each listen on one port.
        # Here too, because a process that stops would take its queue of connections with it.
        self._sfd = self.listener.fileno()
        self._shd = SocketHolder(self._sfd, False, BACKLOG)
        self._ssp = self._sso = None
        # Set here, because granian warns of queues that are lost, which this socket's is not.
        self.workers_rss = (settings.PAGE_CACHE_MB + LARGEST) * 2**20

    def run(self) -> None:
        """Serve until a signal stops it; raises Replaced after SIGHUP."""
        # Past MPServer's own, which warns of many threads; most of ours wait for bodies, if at all.
        super(mp.MPServer, self).serve(target_loader=self.load, wrap_loader=False)

    def load(self) -> Any:
        """Return the application, in a child that ends when its parent is gone."""
        # Not its parent's handlers, which would do nothing here; granian's own come later.
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=end_with, args=[self.parent], daemon=True).start()
        application = load_target(self.target)
        # So that answers from memory wait only a little for a computing thread.
        sys.setswitchinterval(SWITCH)
        leaving = Leaving(application, self.listener)
        signal.signal(LEAVE, leaving.leave)
        pool, look = Pool(self.threads), getattr(application, "look", lambda request: None)
        if renew_by := getattr(application, "renew_by", None):
            renew_by(lambda renew: pool.submit(READ, lambda is_late: renew()))
        # What granian makes of a WSGI application, a function in this child alone.
        mp._wsgi_call_wrap = partial(
            dispatched, look, pool, Receiver(settings.BODY_WAITS), leaving, mp._wsgi_call_wrap
        )
        os.write(self.tell_ready, b".")
        return leaving

    def shutdown(self, *how: Any) -> None:
        if not self.at_terminal:  # where a person waits for it
            ask_to_leave([child.inner.pid for child in self.wrks], self.listener)
        super().shutdown(*how)

    def _spawn_workers(self, *how: Any) -> None:
        super()._spawn_workers(*how)
        if former := os.environ.pop(FORMER, ""):
            numbers = [int(number) for number in former.split(",")]
            threading.Thread(target=self.relieve, args=[numbers], daemon=True).start()

    def _respawn_workers(self, *how: Any, **named: Any) -> None:
        time.sleep(RESPITE)
        super()._respawn_workers(*how, **named)
        # Granian ends them all when one dies again soon, as where memory is short.
        self.respawned_wrks.clear()

    def relieve(self, former: list[int]) -> None:
        """Wait until every new child is ready, then let the former ones finish and end them."""
        for _child in range(self.workers):
            os.read(self.ready, 1)
        ask_to_leave(former, self.listener)
        for number in former:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGTERM)
        deadline = time.monotonic() + FINISH
        for number in former:
            with contextlib.suppress(ChildProcessError):
                while not os.waitpid(number, os.WNOHANG)[0]:
                    if time.monotonic() > deadline:
                        os.kill(number, signal.SIGKILL)
                    time.sleep(0.05)

    def _reload(self, *how: Any) -> None:
        self.reload_signal = False
        if self.at_terminal and not os.isatty(0):
            # The terminal was closed, which says the same: nobody is there to stop it later.
            self.signal_handler_interrupt()
            return
        # A program that cannot start must not replace the one that runs.
        check = [sys.executable, sys.argv[0], "check"]
        if subprocess.run(check, env=started_with, check=False).returncode:  # noqa: S603
            sys.stderr.write(_("Nothing was replaced: the new program does not start.") + "\n")
        else:
            raise Replaced

    def replace(self) -> None:
        """Become the program as it is now, with this socket; this does not return."""
        # One that comes before the new program listens for it would end the program.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self.listener.set_inheritable(True)
        mine = {
            SOCKET: str(self.listener.fileno()),
            FORMER: ",".join(str(child.inner.pid) for child in self.wrks),
        }
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], started_with | mine)  # noqa: S606


def dispatched(
    look: Any,
    pool: Pool,
    receive: Receiver,
    leaving: "Leaving",
    wrap: Any,
    application: Any,
    *how: Any,
) -> Any:
    """Return the function that granian calls for each request; it waits only for bodies.

    Pages in memory are answered here, without WSGI, because granian would make an environment of a
    hundred entries first; this saves an eighth of the processor time. Everything else is done by
    the threads of `pool`. Bodies are read here, because granian closes those that are not read
    before this returns.
    """
    by_wsgi = wrap(application, *how)
    behind = Behind(pool, by_wsgi)

    def answer(line: Any, request: Any) -> None:
        if not leaving.has_begun and (found := look(request)) is not None:
            status, headers, body = found
            line.response_bytes(int(status[:3]), headers, body)
            return
        if request["PATH_INFO"] == ALIVE:
            by_wsgi(line, request)
            return
        kind, size = READ, 0
        if request["REQUEST_METHOD"] not in READING or has_body(request):
            kind, size = WRITE, content_length(request)
            request[RECEIVED] = receive(request)
            if request[RECEIVED]:
                by_wsgi(line, request)
                return
        behind.answer(line, request, kind, size)

    return answer


class Behind:
    """Has requests answered by the threads of `pool`, or answers 503 here if it is full."""

    def __init__(self, pool: Pool, by_wsgi: Any) -> None:
        self.pool, self.by_wsgi = pool, by_wsgi
        self.giving_back, self.streams = threading.Semaphore(GIVING_BACK), Streams()

    def answer(self, line: Any, request: Any, kind: str, size: int) -> None:
        work = partial(self.finish, line, request)
        if self.pool.submit(kind, work, size, sender(request)):
            return
        # Giving words back takes time and one of the threads that readers may need.
        if self.giving_back.acquire(blocking=False):
            try:
                self.finish(line, request, True)
            finally:
                self.giving_back.release()
        else:
            request[RECEIVED] = HTTPStatus.SERVICE_UNAVAILABLE
            self.by_wsgi(line, request)

    def finish(self, line: Any, request: Any, is_late: bool) -> None:
        if is_late:
            request[BUSY] = True
        try:
            self.by_wsgi(Line(line, self.streams, sender(request)), request)
        except Exception:
            line.response_bytes(500, [("Cache-Control", PRIVATE)], b"")
            raise


class Leaving:
    """The application of a process, which after `leave` closes its connections.

    It then accepts no new connection, and closes each open one with its next answer. Granian itself
    would close waiting connections at once when it ends, and requests under way would fail.
    """

    def __init__(self, application: Any, listener: socket.socket) -> None:
        self.application, self.listener, self.has_begun = application, listener, False

    def leave(self, *_signal: Any) -> None:
        self.has_begun = True
        # Replaces the socket in this process by one that gets no connections. In other processes it
        # stays open, with its queue.
        nobody = socket.create_server(("127.0.0.1", 0), backlog=0)
        nobody.setblocking(False)
        shared = os.fstat(self.listener.fileno()).st_ino
        for number in map(int, os.listdir("/proc/self/fd")):
            with contextlib.suppress(OSError):  # the folder's own is closed by now
                if os.fstat(number).st_ino == shared:
                    os.dup2(nobody.fileno(), number)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if not self.has_begun:
            return self.application(environ, start_response)

        def start_last(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *error)

        return self.application(environ, start_last)


def ask_to_leave(children: list[int], listener: socket.socket) -> None:
    """Have these children close their connections, and wait for that, PART seconds at most."""
    for number in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, LEAVE)
    deadline = time.monotonic() + PART
    while time.monotonic() < deadline and any(has_connections(n, listener) for n in children):
        time.sleep(0.02)


def end_with(parent: int) -> None:
    """End this process by SIGTERM once `parent` is not its parent any more."""
    while os.getppid() == parent:
        time.sleep(1)
    for _second in range(FINISH):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    os._exit(1)
