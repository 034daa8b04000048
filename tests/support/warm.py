"""Processes of Python that begin with the libraries imported: alone that takes a second each.

Each process of a run keeps one that has imported what depends on no settings. This one forks what
is asked for, and that is then a child of who asked, as one that `subprocess` starts: with streams,
environment, arguments and a process group of its own. Elsewhere than on Linux, and where a variable
is for Python itself or for the loader, `subprocess` does start it.
"""

import atexit
import ctypes
import functools
import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
LIBRARIES = """
    blog.lib.differences blog.lib.folding blog.markup blog.media.names blog.net.addresses
    blog.program blog.web.stylesheet comments.linkbacks.protocols.source
    comments.linkbacks.protocols.xmlrpc comments.rendering.parts comments.text.fingerprints
    comments.text.lookalikes comments.text.spam

    asyncio brotli cryptography.hazmat.primitives.serialization django.contrib.admin.checks
    django.contrib.messages django.core.files.storage django.core.handlers.wsgi django.core.mail
    django.db.backends.sqlite3.base django.db.models django.forms django.template.loader
    django.test.signals django.urls django.utils.feedgenerator django.views.generic
    django_stubs_ext.patch django_tasks environ fido2.server granian.server h11 lxml.builder
    lxml.html markdown markdown_it multiprocessing nh3 PIL.ExifTags PIL.ImageCms PIL.ImageDraw
    PIL.ImageOps PIL.JpegImagePlugin pillow_heif pygments.lexers rapidfuzz.fuzz segno sqlite3
    tinycss2 whitenoise.base wsgiref.simple_server xml.parsers.expat zstandard
""".split()
# To become the parent of those that lose theirs, and not any more (prctl(2)).
PR_SET_CHILD_SUBREAPER = 36
# What Python or the loader read at a start.
AT_A_START = "PYTHON", "LD_", "LC_", "LANG"
BUT_FOR = "PYTHONPATH", "PYTHONUNBUFFERED"


class Process(subprocess.Popen):
    """As Popen; forked where it can be."""

    # Python does not document it: all of Popen but the one place that starts the program stays.
    def _execute_child(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, *how):
        _startupinfo, _flags, shell, read, _, _, write, _, complain, *others, group = how
        plain = others == [True, None, None, None, -1, False]
        special = executable or preexec_fn or pass_fds or shell or not close_fds
        if special or not plain or not can_be_forked(args, env):
            super()._execute_child(
                args, executable, preexec_fn, close_fds, pass_fds, cwd, env, *how
            )
            return
        asked = {"args": [*map(str, args)], "env": {**(env or os.environ)}, "group": group}
        given = [own if one == -1 else one for own, one in enumerate((read, write, complain))]
        self.pid = forked(asked | {"cwd": str(cwd or Path.cwd())}, given)
        self._child_created = True
        self._close_pipe_fds(*how[3:9])


def run(args, *, timeout=None, check=False, capture_output=False, **how):
    """As subprocess.run."""
    if capture_output:
        how |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with Process(args, **how) as process:
        try:
            said = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(args, process.returncode, *said)
    if check:
        done.check_returncode()
    return done


def can_be_forked(args, env):
    if sys.platform != "linux" or isinstance(args, (str, bytes)) or len(args) < 2:
        return False
    known = args[0] == sys.executable and args[1] in (MANAGE, str(MANAGE), "-c")
    return known and (env is None or for_python(env) == for_python(os.environ))


def for_python(env):
    return {k: v for k, v in env.items() if k.startswith(AT_A_START) and k not in BUT_FOR}


lock = threading.Lock()


def forked(asked, streams):
    """Have one forked that is a child of this process; return its number."""
    with lock:
        waiting, prctl = one_that_waits(), ctypes.CDLL(None).prctl
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            socket.send_fds(waiting, [json.dumps(asked).encode()], streams)
            number = int(waiting.recv(64) or 0)
            assert number
            assert waiting.recv(64) == b"ours"
        finally:
            prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    return number


@functools.cache
def one_that_waits():
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, __file__, str(its.fileno())],
            pass_fds=[its.fileno()],
            stdin=subprocess.PIPE,
            env={k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
            | {"PYTHONPATH": str(MANAGE.parent), "PYTHONUNBUFFERED": "1"},
        )

    def end():
        mine.close()
        process.communicate(timeout=60)

    atexit.register(end)
    return mine


# --- In the process that waits ----------------------------------------------------------------


def wait(asks):
    """Fork whatever is asked for; return in what was forked, and there only."""
    while True:
        message, streams, *_rest = socket.recv_fds(asks, 1 << 20, 3)
        if not message:
            sys.exit()
        asked = json.loads(message)
        gate, opened = os.pipe()
        if not (middle := os.fork()):
            if child := os.fork():
                os.setpgid(child, group(asked, child))
                asks.send(str(child).encode())
                os._exit(0)
            os.close(opened)
            os.read(gate, 1)  # until its parent is the one that asked
            become(asked, streams)
            return
        os.waitpid(middle, 0)
        for number in (gate, opened, *streams):
            os.close(number)
        asks.send(b"ours")


def group(asked, child):
    return os.getpgrp() if asked["group"] < 0 else asked["group"] or child


def become(asked, streams):
    """Be as a process that has just been started with these arguments."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.orig_argv[:] = asked["args"]
    sys.argv[:] = asked["args"][1:]
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(":") if path]
    sys.path[:2] = [str(MANAGE.parent) if sys.argv[0] != "-c" else "", *paths]


def main():
    for name in LIBRARIES:
        import_module(name)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as asks:
        wait(asks)
        asks.detach()
    if sys.argv[0] == "-c":
        code = sys.argv.pop(1)
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
