"""An id for each request, and where it is asked for, a line in the log and a count.

Two WSGI layers. `Identified` stands just before Django, where nothing is quick, and gives each
request that comes there its id. `Watched` stands before everything, pages from memory included, and
is only put there when somebody wants lines or counts: without it those pages cost what they did.

A line holds nothing of the person who asks: no address, no query, no cookie, no browser, and of a
path no secret that a mail's link carries.
"""

import json
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import perf_counter, time
from typing import Any

from blog.lib.logs import Work, moment, now_at
from blog.web.forwarding import is_proxy

Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]
# A request's id, method, path, status, bytes, seconds and whether its page came from memory.
Log = Callable[[str, str, str, str, int, float, bool], None]
# A path, a status, and whether the page came from memory.
Count = Callable[[str, str, bool], None]

# What a proxy may call a request: what common ones make (UUIDs, hex, ULIDs, base64url), and
# nothing that means something in a header or a log.
ID = re.compile(r"[A-Za-z0-9_.=-]{8,64}")
# Parts of addresses that are somebody's alone: what links in mails prove themselves by, the page on
# which a mention's sender follows it, what opens a shared draft or lets people into the admin,
# under whatever name, and whatever has an @.
SECRET = re.compile(
    r"^(/comments/mail/\w+/|/webmention/|/draft/|/[^/]+/(?:invitation|new-password|let-in)/).+"
    r"|(?<![^/])[^/]*@[^/]*"
)
# What stands in each of these; most paths have none.
HIDING = (
    *("@", "/comments/mail/", "/webmention/", "/draft/"),
    *("/invitation/", "/new-password/", "/let-in/"),
)
METHODS = frozenset(
    ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"]
)
# Characters of a path that a line keeps.
LONGEST = 300
PLAIN = re.compile(r"[A-Za-z0-9_./~-]*")
STDERR = 2


def id_of(environ: Environ) -> str:
    """Return what a proxy of ours calls this request, or a new id."""
    given = environ.get("HTTP_X_REQUEST_ID")
    if given and ID.fullmatch(given) and is_proxy(environ.get("REMOTE_ADDR", "")):
        return str(given)
    return os.urandom(8).hex()


class Identified:
    """Gives each request an id, for its log lines and its answer, unless it has one by now.

    Where `Watched` gave it one, it only says that the request came through to here.
    """

    def __init__(self, application: App) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if (at := now_at.get()) and at.kind == "request":  # it is watched
            at.was_made = True
            return self.application(environ, start_response)
        name = id_of(environ)

        def start_with_id(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("X-Request-ID", name)], *error)

        before = now_at.set(Work("request", name))
        try:
            return self.application(environ, start_with_id)
        finally:
            now_at.reset(before)


class Watched:
    """Tells `log` and `count` of each request, once its answer is whole."""

    def __init__(self, application: Any, log: Log | None = None, count: Count | None = None):
        self.application, self.log, self.count = application, log, count
        self.renew_by = getattr(application, "renew_by", None)

    def look(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes] | None:
        """Return the answer to a request that can be answered from memory at once."""
        began = perf_counter()
        if not (look := getattr(self.application, "look", None)) or not (found := look(environ)):
            return None
        status, headers, body = found
        name = id_of(environ)
        self.note(environ, name, status, len(body), began, True)
        return status, [*headers, ("X-Request-ID", name)], body

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        began = perf_counter()
        name = id_of(environ)
        at = Work("request", name)
        seen = "500 "

        def start_with_id(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal seen
            seen = status
            return start_response(status, [*headers, ("X-Request-ID", name)], *error)

        before = now_at.set(at)
        size = 0
        try:
            body: Iterable[bytes] = self.application(environ, start_with_id)
            # A list by now, so that this is all of it (limits.py), unless it is streamed.
            size = sum(map(len, body)) if isinstance(body, list) else 0
            return body
        finally:
            now_at.reset(before)
            self.note(environ, name, seen, size, began, not at.was_made)

    def note(
        self, environ: Environ, name: str, status: str, size: int, began: float, kept: bool
    ) -> None:
        # `BelowBasePath` parted them, unless the request was not for this site.
        path = environ.get("PATH_INFO", "")
        if self.count:
            self.count(path, status[:3], kept)
        if self.log:
            took = perf_counter() - began
            self.log(name, environ["REQUEST_METHOD"], path, status[:3], size, took, kept)


def shown(path: str) -> str:
    """Return a path as a log may hold it: no secrets, in ASCII, without spaces, and not endless."""
    path = path[:LONGEST]
    if any(part in path for part in HIDING):
        path = SECRET.sub(lambda found: (found[1] or "") + "...", path)
    if PLAIN.fullmatch(path):
        return path
    # WSGI hands over bytes as Latin-1 (PEP 3333).
    return "".join(
        chr(byte) if 0x21 <= byte < 0x7F and byte not in b"\"'\\" else f"%{byte:02X}"
        for byte in path.encode("latin-1", "replace")
    )


def log_text(
    name: str, method: str, path: str, status: str, size: int, took: float, kept: bool
) -> None:
    """Write `time request id GET /path/ 200 1234 B 0.4 ms memory` to standard error."""
    write(
        f"{moment(time())} request {name} {method if method in METHODS else '?'} {shown(path)} "
        f"{status} {size} B {1000 * took:.2f} ms {'memory' if kept else 'made'}\n"
    )


def log_json(
    name: str, method: str, path: str, status: str, size: int, took: float, kept: bool
) -> None:
    """Write the same as an object in one line."""
    said = {
        "time": moment(time()),
        "level": "info",
        "logger": "request",
        "request": name,
        "method": method if method in METHODS else "?",
        "path": shown(path),
        "status": int(status),
        "bytes": size,
        "ms": round(1000 * took, 2),
        "from": "memory" if kept else "made",
    }
    write(json.dumps(said) + "\n")


def write(line: str) -> None:
    # Not by way of logging, which takes as long as a page from memory. A line is short enough to
    # be written whole beside other writers (PIPE_BUF is 4096), and one that cannot be written
    # fails no request.
    with suppress(OSError):
        os.write(STDERR, line.encode())
