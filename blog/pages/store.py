"""Pages kept in memory: each in the codings that were asked for, within so many bytes."""

import hashlib
import threading
from collections import OrderedDict
from typing import NamedTuple
from wsgiref.types import WSGIEnvironment

from django.utils.http import parse_http_date_safe

from blog.web.codings import CODINGS, COMPRESS_FROM, IDENTITY, best_coding

Headers = list[tuple[str, str]]
Key = tuple[str, str, str, str]  # scheme, host, path, query
Answer = tuple[str, Headers, bytes]  # status, headers, body


class Variant(NamedTuple):
    """A page in one coding."""

    etag: str
    headers: Headers
    not_modified: Headers
    body: bytes


class Page:
    """One answer of Django's, good for `generation` until `until` on the monotonic clock.

    From `renew` on it is to be rendered again, behind what is answered meanwhile. Without a status
    it stands for an address whose answers are no pages, and go through.
    """

    def __init__(
        self,
        shelf: "Shelf",
        status: str,
        headers: Headers,
        body: bytes,
        generation: int,
        until: float,
    ) -> None:
        self.shelf, self.asked = shelf, False
        self.status, self.headers, self.body = status, headers, body
        self.generation, self.until, self.renew = generation, until, until
        self.is_whole = status.startswith("200")
        self.modified = parse_http_date_safe(dict(headers).get("Last-Modified", ""))
        self.digest = hashlib.blake2b(body, digest_size=12).hexdigest()
        self.variants: dict[str, Variant] = {}

    def keep(self, until: float) -> None:
        """Answer with it as it is until then, because no newer one can be had."""
        self.until = self.renew = max(until, self.until)

    @property
    def weight(self) -> int:
        """The bytes it takes; what is not its text is some 3 KiB in CPython."""
        return 3072 + len(self.body) + sum(len(each.body) for each in self.variants.values())

    def make(self, coding: str) -> Variant:
        """Return it in this coding."""
        body, headers, tag = self.body, list(self.headers), self.digest
        if coding != IDENTITY and len(body) >= COMPRESS_FROM:
            # Another coding is another set of bytes, so it has a tag of its own (RFC 9110, 8.8.3).
            body, tag = CODINGS[coding](body), f"{tag}-{coding}"
            headers.append(("Content-Encoding", coding))
        etag = f'"{tag}"'
        if self.is_whole:
            headers.append(("ETag", etag))
        # What a 304 repeats: what a cache needs to freshen its copy (RFC 9110, section 15.4.5).
        repeated = [pair for pair in headers if pair[0] in ("Cache-Control", "ETag", "Vary")]
        headers.append(("Content-Length", str(len(body))))
        return Variant(etag, headers, repeated, body)

    def answer(self, key: Key, environ: WSGIEnvironment) -> Answer:
        """Return what this request for it is answered with."""
        self.asked = True
        coding = best_coding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        variant = self.variants.get(coding) or self.shelf.variant(key, self, coding)
        conditional = "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ
        if conditional and self.is_held_by(environ, variant.etag):
            return "304 Not Modified", variant.not_modified, b""
        body = variant.body if environ["REQUEST_METHOD"] == "GET" else b""
        return self.status, variant.headers, body

    def is_held_by(self, environ: WSGIEnvironment, etag: str) -> bool:
        """Whether the reader has this very page already (RFC 9110, section 13.2.2)."""
        if not self.is_whole:
            return False
        if tags := environ.get("HTTP_IF_NONE_MATCH"):
            held = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return etag in held or "*" in held
        since = parse_http_date_safe(environ.get("HTTP_IF_MODIFIED_SINCE", ""))
        return since is not None and self.modified is not None and self.modified <= since


class Shelf:
    """Pages by address; beyond `room` bytes, those not asked for lately are dropped.

    Each has a second chance: the oldest goes to the end once more if it was asked for since. That
    keeps what is read as well as an exact order would, and costs a reader nothing.
    """

    def __init__(self, room: int) -> None:
        self.room, self.taken = room, 0
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.lock = threading.Lock()

    def variant(self, key: Key, page: Page, coding: str) -> Variant:
        """Return a page in this coding, made once, however many ask at once."""
        with self.lock:
            if (made := page.variants.get(coding)) is None:
                made = page.variants[coding] = page.make(coding)
                if self.pages.get(key) is page:
                    self.take(len(made.body))
        return made

    def put(self, key: Key, page: Page) -> None:
        with self.lock:
            if old := self.pages.pop(key, None):
                self.taken -= old.weight
            self.pages[key] = page
            self.take(page.weight)

    def take(self, room: int) -> None:
        self.taken += room
        while self.taken > self.room and self.pages:
            key, page = self.pages.popitem(last=False)
            if page.asked:
                page.asked = False
                self.pages[key] = page
            else:
                self.taken -= page.weight
