"""Whole pages, kept in memory before Django, and never older than the last change.

A WSGI layer. A page that is the same for every reader is made by Django once, for a request
stripped of all but its address, and then answered from here: to GET and HEAD, in the coding the
reader takes best, or with 304. Everything else goes through untouched.

The guarantee: once a change is committed and its answer has gone out, no process of this machine
answers with a page made before it; other machines follow within a second (generation.py says how).
Should that word be lost, no page is older than MAX_AGE. Should Django fail to make a page, or the
database be away, one that is only too old, and not known to have changed, is answered in its place.
"""

import io
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from time import monotonic, time
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import Error
from django.utils.http import http_date

from blog.pages.generation import Freshness
from blog.pages.policy import (
    ADDRESS,
    AT_EDGE,
    KEPT_FOR_SHORT,
    MAX_AGE,
    OURS,
    RENEW_AGE,
    SHORT_AGE,
    for_the_edge,
    is_kept,
    key_of,
)
from blog.pages.store import Answer, Headers, Key, Page, Shelf
from blog.web.limits import BUSY

# Seconds a request waits for another that makes its page, before it makes one itself.
MAKING_SECONDS = 10
# The same where it could have the page as it was, which is only too old.
RENEWING_SECONDS = 1
# The share of the room that answers without a page get, so that guessed addresses push none out.
FOR_MISSES = 1 / 16

Later = Callable[[Callable[[], object]], object]


class PageCache:
    """The layer itself, around Django's `application`; `room` is what it may take, in bytes.

    `turns` says when pages last changed and when they next will without anybody's doing, because
    an essay falls due. While `is_away` says that the database is, nobody waits for a page that is
    only too old to be kept. Addresses under `passed` always go through. `host_of` gives the
    one spelling of a Host header that pages are kept under, or None for a host that is not ours.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        fresh: Freshness,
        turns: Callable[[], tuple[datetime | None, datetime | None]],
        room: int,
        is_away: Callable[[], bool] = lambda: False,
        passed: tuple[str, ...] = (),
        at_edge: bool = False,
        host_of: Callable[[str], str | None] = str,
    ) -> None:
        self.application, self.fresh, self.turns = application, fresh, turns
        self.is_away, self.passed, self.at_edge = is_away, passed, at_edge
        self.host_of = host_of
        self.pages, self.misses = Shelf(room), Shelf(int(room * FOR_MISSES))
        # What is looked at each time, at hand.
        self.kept = self.pages.pages
        # Has a thread do something later, where the server has threads for that.
        self.later: Later | None = None
        self.making: dict[Key, threading.Event] = {}
        self.lock = threading.Lock()
        self.known_turns = (0, 0, 0.0, 0.0)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if BUSY in environ:
            return self.application(environ, start_response)
        answer = self.look(environ)
        if answer is None:
            key = key_of(environ, self.host_of) or self.key_while_away(environ)
            if key is None or key[2].startswith(self.passed):
                return self.application(environ, start_response)
            page = self.find(key) or self.make_once(key, environ)
            if not page.status:
                return self.application(environ, start_response)
            answer = page.answer(key, environ)
        status, headers, body = answer
        start_response(status, headers)
        return [body]

    def look(self, environ: WSGIEnvironment) -> Answer | None:
        """Return the answer to a request that can be answered from memory at once.

        The way of nearly every request, so each step of it was weighed.
        """
        if (key := key_of(environ, self.host_of)) is None:
            return None
        page = self.kept.get(key) or self.misses.pages.get(key)
        # As is_fresh() asks; a call would cost as much as both looks.
        if page is None or page.generation != self.fresh.words[0] or not page.status:
            return None
        if (now := monotonic()) >= page.renew:
            if now >= page.until:
                return None
            self.renew_later(key, page, environ)
        return page.answer(key, environ)

    def renew_by(self, later: Later) -> None:
        """From now on have pages rendered ahead of time, by what `later` is given to do."""
        self.later = later

    def renew_later(self, key: Key, page: Page, environ: WSGIEnvironment) -> None:
        """Have a page that is still good rendered again, by a thread that may wait."""
        page.renew = page.until  # once is enough
        if self.later:
            given = {"SCRIPT_NAME": "", "wsgi.errors": sys.stderr} | environ
            self.later(lambda: self.make_once(key, given))

    def is_fresh(self, page: Page) -> bool:
        return page.generation == self.fresh.words[0] and monotonic() < page.until

    def key_while_away(self, environ: WSGIEnvironment) -> Key | None:
        """Return the key of a page that is here, for a visitor with a cookie."""
        if not ("HTTP_COOKIE" in environ and self.is_away()):
            return None
        bare = {name: it for name, it in environ.items() if name != "HTTP_COOKIE"}
        key = key_of(bare, self.host_of)
        return key if key and self.as_it_was(key) else None

    def as_it_was(self, key: Key) -> Page | None:
        """Return a page that may be too old, but is not known to have changed."""
        page = self.kept.get(key)
        return page if page and page.generation == self.fresh.generation else None

    def find(self, key: Key) -> Page | None:
        for pages in (self.kept, self.misses.pages):
            page = pages.get(key)
            if page is not None and self.is_fresh(page):
                return page
        return None

    def make_once(self, key: Key, environ: WSGIEnvironment) -> Page:
        """Return the page, made by this request while others that want it wait."""
        while True:
            old = self.as_it_was(key)
            if old and self.is_away():
                return old
            with self.lock:
                making = self.making.get(key)
                if making is None:
                    done = self.making[key] = threading.Event()
                    break
            if not making.wait(RENEWING_SECONDS if old else MAKING_SECONDS):
                if old := self.as_it_was(key):
                    old.keep(monotonic() + SHORT_AGE)
                return old or self.make(key, environ)
            # What was made may be older than a change that came before this request, and is then
            # not on the shelf.
            if found := self.find(key):
                return found
        try:
            return self.make(key, environ)
        finally:
            with self.lock:
                del self.making[key]
            done.set()

    def make(self, key: Key, environ: WSGIEnvironment) -> Page:
        """Have Django make the page, and keep it unless something changed meanwhile."""
        generation = self.fresh.generation
        try:
            changed_at, due = self.turn(generation)
        except Error:  # Django will say that the database is away
            changed_at, due = 0, 0.0
        made_at = int(time())
        status, given, body = self.ask(key, environ)
        code = int(status[:3])
        if code >= 500 and (old := self.as_it_was(key)):
            old.keep(monotonic() + SHORT_AGE)
            return old
        headers = [pair for pair in given if pair[0].lower() not in OURS]
        headers.append(("Vary", "Accept-Encoding, Cookie"))
        if is_kept(code, given):
            shelf = self.misses if code in KEPT_FOR_SHORT else self.pages
            now = monotonic()
            until = min(due, now + (SHORT_AGE if code in KEPT_FOR_SHORT else MAX_AGE))
            # Within one second there may be two changes, which no date could tell apart.
            if code == 200 and made_at > changed_at:
                headers.append(("Last-Modified", http_date(changed_at)))
            if code == 200 and self.at_edge:
                headers = for_the_edge(headers, min(AT_EDGE, due - now))
        elif code >= 500:
            # For this one request, so its id may go with it.
            headers += [pair for pair in given if pair[0] == "X-Request-ID"]
            return Page(self.misses, status, headers, body, generation, 0)
        else:
            shelf, status, body = self.misses, "", b""
            until = monotonic() + SHORT_AGE
        page = Page(shelf, status, headers, body, generation, until)
        if shelf is self.pages:
            page.renew = min(until, monotonic() + RENEW_AGE)
        if generation == self.fresh.generation:
            shelf.put(key, page)
        return page

    def turn(self, generation: int) -> tuple[int, float]:
        """Return when pages last changed, since 1970, and when they next will, monotonic.

        Asked of the database once for each change and each essay that falls due, and again after
        MAX_AGE, in case the clock was set.
        """
        known, changed_at, due, again = self.known_turns
        if known != generation or monotonic() >= min(due, again):
            last, following = self.turns()
            now = time()
            due = monotonic() + following.timestamp() - now if following else float("inf")
            changed_at = max(self.fresh.changed_at, int(last.timestamp()) if last else 0)
            self.known_turns = generation, changed_at, due, monotonic() + MAX_AGE
        return changed_at, due

    def ask(self, key: Key, environ: WSGIEnvironment) -> tuple[str, Headers, bytes]:
        """Return Django's answer to a bare GET of this address, as anyone would get it."""
        bare = {name: value for name, value in environ.items() if name.startswith("wsgi.")}
        bare |= {name: environ[name] for name in ADDRESS if name in environ}
        # As it is kept, so that nobody's spelling of it gets into what others are answered.
        bare |= {"HTTP_HOST": key[1], "wsgi.url_scheme": key[0]}
        bare |= {"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}
        head: list[Any] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:
            head[:] = [status, headers]

        answer = self.application(bare, start_response)
        try:
            body = b"".join(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()
        return head[0], head[1], body
