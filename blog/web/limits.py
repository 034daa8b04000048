"""Limits the size and the time of requests, before Django sees them.

The server reads a body when the application asks for it, and a thread waits meanwhile. A read
cannot be ended here; the proxy in front must cut off slow senders, as SECURITY.md says. So under
`serve` bodies are read by threads that do not run Django (ops/server.py), BODY_WAITS at a time, a
quarter of them for one network, and a few large ones and parts of uploads besides. If all of these
are slow, a request gets 503. Answers are handed over whole, so that no thread waits for a slow
reader.
"""

from __future__ import annotations

import io
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from http import HTTPStatus
from ipaddress import ip_network
from time import monotonic
from typing import Any

from django.conf import settings

from blog.web.forwarding import address_of, client_of, is_proxy

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Characters of path and query, as most servers and proxies allow (RFC 9110, section 4.1: 8000).
URL_LIMIT = 8000
# A refused body is read and thrown away, because a client that is still sending when the connection
# closes never sees the answer (RFC 9112, section 9.6). A longer body than this is not read.
DRAIN_BYTES = 50_000_000
AT_ONCE = 65536
# Seconds after which a sender counts as slow, and others no longer wait for it. A body that has
# fully arrived is read in a millisecond.
SLOW = 0.25
# Large bodies that are read at a time, from all senders together and from one network.
LARGE_WAITS, LARGE_EACH = 2, 1
# Parts of uploads, the same: however slow a phone sends a picture, no comment waits for its turn.
PART_WAITS, PART_EACH = 4, 2
# Where parts of files are sent, in the admin (posts/desk/ and transfer/moving/uploading.py).
PARTS_PATHS = "posts/post/upload/", "moving/move/upload/"
# What a session's key looks like (Django's SessionBase); the database is not asked here.
SESSION_KEY = "[a-z0-9]{32}"
# The part of BODY_WAITS that the senders of one network may take.
SHARE = 4
# Where Django's side finds why a request was refused, or that no thread has time for it
# (blog.web.middleware.refuse).
REFUSED, BUSY = "postil.refused", "postil.busy"
# Where a body that was read already stands, with the status it is refused with or None.
RECEIVED = "postil.received"


def within_limits(app: App) -> App:
    """Return the application behind the limits. What is refused still gets a page by `app`."""
    receive = Receiver(settings.BODY_WAITS)
    pages: dict[int, tuple[str, list[tuple[str, str]], list[bytes]]] = {}

    def limited(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        status = environ[RECEIVED] if RECEIVED in environ else receive(environ)
        if status:
            return refuse(environ, start_response, int(status))
        return whole(app(environ, start_response))

    def refuse(environ: Environ, start_response: Callable[..., Any], status: int) -> list[bytes]:
        if status not in pages:
            # The same for everybody, and rendered once: they can come by the hundred.
            plain = {k: v for k, v in environ.items() if k not in ("HTTP_COOKIE", "CONTENT_LENGTH")}
            plain |= {"HTTP_ACCEPT_ENCODING": "", "wsgi.input": io.BytesIO(), REFUSED: status}
            said: list[Any] = []
            body = list(whole(app(plain, lambda *head: said.extend(head))))
            # The server closes the line after it: what else comes on it means nothing.
            answer = (said[0], [*said[1], ("Connection", "close")], body)
            if not said[0].startswith(str(status)):  # sent on to https first
                start_response(*answer[:2])
                return body
            pages[status] = answer
        line, headers, body = pages[status]
        start_response(line, headers)
        return body

    return limited


class Receiver:
    """Reads the bodies of requests, so many at a time, and puts them where Django reads them."""

    def __init__(self, most: int) -> None:
        self.turns = Turns(most, max(1, most // SHARE))
        self.large = Turns(LARGE_WAITS, LARGE_EACH)
        self.parts = Turns(PART_WAITS, PART_EACH)
        # Threads that bodies can keep at a time, by being read or by waiting to be.
        self.threads = self.turns.threads + self.large.threads + self.parts.threads

    def __call__(self, environ: Environ) -> HTTPStatus | None:
        """Return the status a request is refused with, None for a good one."""
        status = refusal(environ)
        length = content_length(environ)
        if not length or (status and length > DRAIN_BYTES):
            return status
        turns = self.turns_for(environ, 0 if status else length)
        if not (turn := turns.take(sender(environ))):
            return status or HTTPStatus.SERVICE_UNAVAILABLE
        try:
            return take_body(environ, length, status) or status
        finally:
            turns.give_back(turn)

    def turns_for(self, environ: Environ, length: int) -> Turns:
        path = environ.get("PATH_INFO", "").removeprefix(f"/{settings.ADMIN_PATH}/")
        if path.startswith(PARTS_PATHS):
            return self.parts
        # In the admin, what is longer than any reader's form is a file, or nearly so.
        most = min(settings.READERS_FORM_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
        return self.large if length > int(most) else self.turns


def sender(environ: Environ) -> str:
    """Return the network a body comes from: /24 of IPv4, /48 of IPv6, which one customer may have.

    "" for a proxy that does not say for whom it sends.
    """
    client = client_of(environ)
    address = address_of(client)
    if address is None or is_proxy(client):
        return ""
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


class Turns:
    """Lets `most` requests read at a time, and `each` of one network.

    A later request waits only while one ahead of it may end soon. Waiting takes a thread as reading
    does, so only half as many may wait as may read, and `each` of one network.
    """

    def __init__(self, most: int, each: int) -> None:
        self.most, self.each = most, each
        self.began, self.ended = dict[object, tuple[float, str]](), threading.Condition()
        self.waiting, self.may_wait = Counter[str](), max(2, most // 2)
        self.threads = self.most + self.may_wait

    def take(self, network: str = "") -> object | None:
        """Return a turn, for give_back(); None if those ahead are slow, or too many wait."""
        with self.ended:
            if self.in_the_way(network) and not self.wait(network):
                return None
            turn = object()
            self.began[turn] = monotonic(), network
            return turn

    def wait(self, network: str) -> bool:
        """Wait for a free turn; return False, perhaps at once, if that takes too long."""
        too_many = network and self.waiting[network] >= max(2, self.each)
        if too_many or self.waiting.total() >= self.may_wait:
            return False
        self.waiting[network] += 1
        try:
            while in_the_way := self.in_the_way(network):
                patience = max(in_the_way) + SLOW - monotonic()
                if patience <= 0:
                    return False
                self.ended.wait(patience)
            return True
        finally:
            self.waiting[network] -= 1
            if not self.waiting[network]:
                del self.waiting[network]

    def in_the_way(self, network: str) -> list[float]:
        """Return the start times of those of whom one has to end first; empty if a turn is free."""
        of_network = [began for began, theirs in self.began.values() if theirs == network]
        if network and len(of_network) >= self.each:
            return of_network
        everyone = [began for began, _theirs in self.began.values()]
        return everyone if len(everyone) >= self.most else []

    def give_back(self, turn: object) -> None:
        with self.ended:
            del self.began[turn]
            self.ended.notify_all()


def refusal(environ: Environ) -> HTTPStatus | None:
    """Return the status a request is refused with by its head alone; None for a good one."""
    if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > URL_LIMIT:
        return HTTPStatus.REQUEST_URI_TOO_LONG
    if "HTTP_TRANSFER_ENCODING" in environ:
        # No browser sends its forms in chunks, Django reads none, and a length that is said
        # twice is how requests are smuggled (RFC 9112, section 11.2).
        return HTTPStatus.LENGTH_REQUIRED
    if content_length(environ) > body_limit(environ):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return None


def content_length(environ: Environ) -> int:
    """Return the length of the body in bytes; the server has refused what is not a number."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def has_body(environ: Environ) -> bool:
    """Whether a request has a body, or says so in a way that is refused."""
    return "HTTP_TRANSFER_ENCODING" in environ or content_length(environ) > 0


def body_limit(environ: Environ) -> int:
    """Return the most bytes a body may have: more for the admin, where essays are written.

    And still more for requests with a session cookie, which may upload images.
    """
    if not environ.get("PATH_INFO", "").startswith(f"/{settings.ADMIN_PATH}/"):
        return int(settings.READERS_FORM_BYTES)
    signed_in = rf"(?:^|[; ]){re.escape(settings.SESSION_COOKIE_NAME)}={SESSION_KEY}(?:$|[; ])"
    if re.search(signed_in, environ.get("HTTP_COOKIE", "")):
        return int(settings.IMAGE_BYTES) + AT_ONCE
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


def take_body(environ: Environ, length: int, refused: HTTPStatus | None) -> HTTPStatus | None:
    """Put the whole body where the application reads it, or return why it cannot be."""
    source, body, left = environ["wsgi.input"], io.BytesIO(), length
    while left > 0 and (part := source.read(min(left, AT_ONCE))):
        left -= len(part)
        if not refused:
            body.write(part)
    if left:
        return refused or HTTPStatus.BAD_REQUEST  # it broke off on the way
    body.seek(0)
    environ["wsgi.input"] = body
    return None


def whole(answer: Iterable[bytes]) -> Iterable[bytes]:
    """Return an answer's whole body at once, so that no thread waits for a slow reader.

    A film is too large for that: the server has threads for what is streamed (ops/streams.py).
    """
    if getattr(answer, "is_streamed", False):
        return answer
    try:
        return answer if isinstance(answer, list) else list(answer)
    finally:
        if close := getattr(answer, "close", None):
            close()
