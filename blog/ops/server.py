"""The web server of `manage.py serve`: granian, on a socket that outlives its processes.

The process that listens never stops listening: its children share the socket, so whoever connects
while they are replaced waits a moment in the queue and is refused by nobody.

SIGHUP replaces the whole program in its place, with the code, the settings and the migrations that
are there now: the process keeps its number and its socket, the children before it go on answering
until the new ones do, and then finish what they began. Under systemd the socket may also be handed
over (systemd.socket, LISTEN_FDS), so that even a stop and a start lose nobody.
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

from blog.ops.health import ALIVE
from blog.ops.pool import READ, WRITE, Pool
from blog.settings import started_with
from blog.web.cache_control import PRIVATE
from blog.web.limits import BUSY, RECEIVED, Receiver, content_length, has_body, sender

# Connections that may wait to be accepted.
BACKLOG = 1024
# Seconds a process may finish its requests in, once told to stop.
FINISH = 10
# Seconds before a process that died is replaced, so that one that cannot start is no burden.
RESPITE = 0.5
# Threads that answer from memory, whatever others of their kind do; and those that may give words
# back at a time where the threads that run Django have no time for them.
FRONT, GIVING_BACK = 2, 2
# Seconds after which a thread that computes lets others have the interpreter (else it is 0.005).
SWITCH = 0.001
# Methods of requests that change nothing.
READING = frozenset(["GET", "HEAD", "OPTIONS", "TRACE"])
# What tells a process to part with its readers, and the seconds it gets until it is told to end.
LEAVE, PART = signal.SIGUSR1, 1
# Megabytes a process may take besides its pages before it is replaced; it takes some 60.
LARGEST = 400
# What a request's head may take, and how large it may be. Cookies and long queries stay under
# 16 KiB; the server itself takes no more than 100 headers.
HEADER_SECONDS, HEADER_BYTES = 10, 65_536
# Where systemd puts the first socket it hands over (sd_listen_fds(3)).
FIRST_HANDED_OVER = 3
# How the program tells itself, across its replacement, which socket and which children it has.
SOCKET, FORMER = "POSTIL_SOCKET", "POSTIL_FORMER"


class Replaced(Exception):
    """The server was asked to make room for the program as it is now."""


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
        raise CommandError(
            _("Cannot listen on %(host)s, port %(port)d: %(why)s. Try another: PORT=8001")
            % {"host": host, "port": port, "why": error.strerror}
        ) from error
    return listener


class Calls:
    """What wakes the process that listens: an Event that a signal may set.

    The lock within Python's own may be held by the very code that the signal interrupts. Then both
    wait for each other, and the server no longer stops: it happened once, a second after a start.
    And a signal that comes right before a wait is heard after it, where the wait is for a lock.
    So this one waits for a pipe, into which Python writes for each signal at once
    (signal.set_wakeup_fd).
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
        # Children hear it once they answer; before, they have nobody to part with.
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
        """Serve until told to stop; raises Replaced when told to make room."""
        # Past MPServer's own, which warns of many threads; most of ours wait for bodies, if at all.
        super(mp.MPServer, self).serve(target_loader=self.load, wrap_loader=False)

    def load(self) -> Any:
        """Return the application, in a child that ends when its parent is gone."""
        # Not its parent's handlers, which would do nothing here; granian's own come later.
        signal.set_wakeup_fd(-1)
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, signal.SIG_DFL)
        threading.Thread(target=end_with, args=[self.parent], daemon=True).start()
        application = load_target(self.target)
        # Whoever answers from memory waits no longer than this for a thread that computes.
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
            ask_to_leave([child.inner.pid for child in self.wrks])
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
        """Once every child of this program is ready, let those before it finish and end."""
        for _child in range(self.workers):
            os.read(self.ready, 1)
        ask_to_leave(former)
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
        # What cannot start must not take the place of what runs.
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
    """Return what granian calls for each request; it waits for nothing but for a body.

    Pages in memory come first, past WSGI: granian makes an environment of a hundred entries for
    that, in which the request's own are a fifth; what is in memory is found by those alone. That
    saves an eighth of its processor time. Everything else is done by the threads of `pool`. Bodies
    are read here, because granian closes those that are not read before this returns.
    """
    by_wsgi = wrap(application, *how)
    behind = Behind(pool, by_wsgi)

    def answer(line: Any, request: Any) -> None:
        if not leaving.is_told and (found := look(request)) is not None:
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
    """Has requests answered by the threads of `pool`, or says here that none has time for them."""

    def __init__(self, pool: Pool, by_wsgi: Any) -> None:
        self.pool, self.by_wsgi = pool, by_wsgi
        self.giving_back = threading.Semaphore(GIVING_BACK)

    def answer(self, line: Any, request: Any, kind: str, size: int) -> None:
        work = partial(self.finish, line, request)
        if self.pool.submit(kind, work, size, sender(request)):
            return
        # To give words back takes a thread that readers may need, and time.
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
            self.by_wsgi(line, request)
        except Exception:
            line.response_bytes(500, [("Cache-Control", PRIVATE)], b"")
            raise


class Leaving:
    """The application of a process that, once told, parts with its readers.

    It takes no new connection, and closes each with its next answer. Granian, when it is told to
    end, closes at once whatever connection waits for a request, and one that it just took; the
    request that is then on its way would fail.
    """

    def __init__(self, application: Any, listener: socket.socket) -> None:
        self.application, self.listener, self.is_told = application, listener, False

    def leave(self, *_signal: Any) -> None:
        self.is_told = True
        # Whoever knows the socket by a number here finds, from now on, one that nobody calls. The
        # socket itself stays as it is in other processes, with all who wait for it.
        nobody = socket.create_server(("127.0.0.1", 0), backlog=0)
        nobody.setblocking(False)
        shared = os.fstat(self.listener.fileno()).st_ino
        for number in map(int, os.listdir("/proc/self/fd")):
            with contextlib.suppress(OSError):  # the folder's own is closed by now
                if os.fstat(number).st_ino == shared:
                    os.dup2(nobody.fileno(), number)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if not self.is_told:
            return self.application(environ, start_response)

        def start_last(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *error)

        return self.application(environ, start_last)


def ask_to_leave(children: list[int]) -> None:
    """Have these part with whoever asks them something, for as long as most ask again."""
    for number in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, LEAVE)
    time.sleep(PART)


def end_with(parent: int) -> None:
    """End this process, as if told to, once its parent is another than this."""
    while os.getppid() == parent:
        time.sleep(1)
    for _second in range(FINISH):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    os._exit(1)
