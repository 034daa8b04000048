"""How much a request may ask of us, and how slowly: checked before Django sees it.

The server reads a body only as the application asks for it, and keeps one of its few threads
waiting meanwhile; so four visitors who send theirs a byte a minute would hold up every reader
(measured: no page came for as long as they stayed). It waits likewise for whoever takes a long
answer slowly. So BODY_WAITS of the threads at most read bodies at a time, whoever comes while all
those senders are slow is told to try again, and answers are handed over whole. Cutting off those
who are slow is the part of the proxy in front, as SECURITY.md says: a read that has begun cannot be
ended here.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from time import monotonic
from typing import Any

from django.conf import settings

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Characters of path and query, as most servers and proxies allow (RFC 9110, section 4.1: 8000).
URL_LIMIT = 8000
# A body that is refused is read and thrown away, since whoever is still sending when the line is
# closed never sees why (RFC 9112, section 9.6). Whoever means to send more than this is not heard.
DRAIN_BYTES = 50_000_000
AT_ONCE = 65536
# Seconds after which whoever is still sending counts as slow, and nobody waits for their turn.
# Bodies that are there whole take a millisecond each.
SLOW = 0.25
# Where Django's side finds why a request was refused (blog.middleware.refuse).
REFUSED = "postil.refused"


def within_limits(app: App) -> App:
    """Return the application behind the limits. What is refused still gets a page by `app`."""
    turns = Turns(settings.BODY_WAITS)
    pages: dict[int, tuple[str, list[tuple[str, str]], list[bytes]]] = {}

    def limited(environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        status = refusal(environ)
        length = content_length(environ)
        if length and not (status and length > DRAIN_BYTES):
            if turn := turns.take():
                try:
                    status = take_body(environ, length, status) or status
                finally:
                    turns.give_back(turn)
            else:
                status = status or HTTPStatus.SERVICE_UNAVAILABLE
        if status:
            return refuse(environ, start_response, int(status))
        return whole(app(environ, start_response))

    def refuse(environ: Environ, start_response: Callable[..., Any], status: int) -> list[bytes]:
        if status not in pages:
            # The same for everybody, and rendered once: they can come by the hundred.
            plain = {k: v for k, v in environ.items() if k not in ("HTTP_COOKIE", "CONTENT_LENGTH")}
            plain |= {"HTTP_ACCEPT_ENCODING": "", "wsgi.input": io.BytesIO(), REFUSED: status}
            said: list[Any] = []
            body = whole(app(plain, lambda *head: said.extend(head)))
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


class Turns:
    """Lets `most` read at a time. Whoever comes then waits only while one of them may end soon."""

    def __init__(self, most: int) -> None:
        self.most, self.began, self.ended = most, dict[object, float](), threading.Condition()

    def take(self) -> object | None:
        """Return a turn to be given back; None where all who have one are slow."""
        with self.ended:
            while len(self.began) >= self.most:
                patience = max(self.began.values()) + SLOW - monotonic()
                if patience <= 0:
                    return None
                self.ended.wait(patience)
            turn = object()
            self.began[turn] = monotonic()
            return turn

    def give_back(self, turn: object) -> None:
        with self.ended:
            del self.began[turn]
            self.ended.notify()


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
    """Return the bytes of the body; the server has refused what is no number."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def body_limit(environ: Environ) -> int:
    """Return the most bytes a body may have: more for the admin, where images are uploaded."""
    is_admin = environ.get("PATH_INFO", "").startswith(f"/{settings.ADMIN_PATH}/")
    if is_admin and f"{settings.SESSION_COOKIE_NAME}=" in environ.get("HTTP_COOKIE", ""):
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


def whole(answer: Iterable[bytes]) -> list[bytes]:
    """Return an answer's body at once, so that no thread waits for whoever takes it slowly."""
    try:
        return answer if isinstance(answer, list) else list(answer)
    finally:
        if close := getattr(answer, "close", None):
            close()
