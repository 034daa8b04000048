"""Forked processes: one kept running beside the server, one for what needs much memory once."""

import contextlib
import gc
import os
import signal
import sys
import threading
import time
import traceback

from django.db import connections

# What the process beside, and the one that keeps it, may take to end, in seconds: each a little
# more than what it waits for itself, of which a worker's GRACE is the first.
FOR_WORKER, FOR_KEEPER = 12, 15


def let_go():
    """Close connections, and pools of them: of both, a fork must not have its parent's."""
    connections.close_all()
    for connection in connections.all(initialized_only=True):
        if connection.vendor == "postgresql":
            connection.close_pool()


@contextlib.contextmanager
def beside(work):
    """Keep `work(parent)` running in a forked process while the block runs.

    `parent` is the process id that forks it, for it to stop when `os.getppid()` is another. A
    fork shares the memory of what is imported, which a fresh Python would need again. It is the
    small process between that forks again when `work` dies: it has no threads, the server may.
    Should that one be killed, a thread here forks it again.
    """
    let_go()
    # Frozen, what exists is not touched by the collector, so the processes go on sharing it.
    gc.collect()
    gc.freeze()
    server = os.getpid()
    keepers = [fork(lambda: keep(server, work))]
    over = threading.Event()

    def watch():
        while not over.wait(1):
            if os.waitpid(keepers[-1], os.WNOHANG)[0]:
                keepers.append(fork(lambda: keep(server, work)))

    watcher = threading.Thread(target=watch, name="keeper", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        end(keepers[-1], FOR_KEEPER)


def aside(do):
    """Do it in a process that ends then, and takes with it the memory it needed.

    Exits with 1 if it fails; it has said why.
    """
    let_go()
    if os.waitpid(fork(do), 0)[1]:
        sys.exit(1)


def keep(server, work):
    """Run `work` again and again, until a signal to stop or until the server is gone."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    me, worker = os.getpid(), None
    try:
        while os.getppid() == server:
            worker = worker or fork(lambda: work(me))
            time.sleep(1)
            if os.waitpid(worker, os.WNOHANG)[0]:
                worker = None
    finally:
        if worker:
            end(worker, FOR_WORKER)


def leave(*_signal):
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def fork(do):
    """Run `do()` in a forked process, which ends with it; return its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        code = do() or 0
    except SystemExit as left:
        code = left.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def end(pid, patience):
    """Tell a child to stop and wait for it; after `patience` seconds kill it."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while not os.waitpid(pid, os.WNOHANG)[0]:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
