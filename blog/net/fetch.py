"""fetch(): the only function that calls other sites. It calls public web pages only.

Strangers choose which page is fetched. So one deadline holds for everything, the bytes read and
unpacked are limited, and each address is checked before it is called (addresses.py): the name is
resolved once, and the connection goes to the address that was checked. Each redirect is checked
the same way. No cookies are sent, and credentials only where no redirect is followed. Proxies of
the environment are not used, because a proxy would resolve the name again.

h11 reads and writes HTTP/1.1 and leaves the sockets to us. A client that connects by itself could
connect to an unchecked address, and its time-outs hold for each read, not for the whole fetch.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Literal, NamedTuple
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import h11
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from blog.net.addresses import (
    Address,
    Deadline,
    Resolver,
    look_up,
    reachable,
    read_host,
)
from blog.net.decoding import ACCEPTED, DecodingError, decoder_for
from blog.net.heads import end_of_head, readable
from blog.net.response import Headers, Response

DEADLINE = 10.0  # seconds, for resolving, connecting, redirects and reading together
LIMIT = 1024 * 1024  # bytes of a body, as sent and as unpacked
# Bytes of one answer besides the body: status lines, headers, interim answers, chunk sizes and
# trailers.
OVERHEAD = 64 * 1024
REDIRECTS = 5
LONGEST_URL = 2000  # characters, as many as a linkback's address may have

_CHUNK = 16 * 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}
_AS_IS = "%/:@!$&'()*+,;=~?[]"  # RFC 3986: delimiters, and "%" of what is escaped already
_MOVED = {301, 302, 303, 307, 308}
# Headers that callers may not set: secrets, and those that frame the message.
_NEVER_SENT = {"authorization", "proxy-authorization", "cookie", "host", "connection"}
_NEVER_SENT |= {"content-length", "transfer-encoding", "te", "upgrade", "expect"}

Kind = Literal["refused", "unreachable", "timeout", "too-large", "redirects", "protocol", "busy"]
# Called with the address before each connection; returns the seconds to wait, 0 to go on.
Admit = Callable[[Address], int]

# The same sentence for everything refused and for names that do not exist, so that a sender learns
# nothing about the internal network.
_REFUSED = _("That is not the address of a public page.")


class FetchError(Exception):
    """The fetch failed. The message is a sentence for people; `kind` is for programs.

    refused: not the address of a public page, or not an address; unreachable: no connection;
    timeout: the deadline passed; too-large: too many headers; redirects: too many; protocol: the
    answer is incomplete, not HTTP, or its certificate is wrong; busy: `admit` asks to wait.
    """

    def __init__(self, kind: Kind, message: str | Promise) -> None:
        super().__init__(message)
        self.kind = kind


class Busy(FetchError):
    """No address of the page may be called yet; `wait` says for how many seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__("busy", _("This machine was called often enough for now."))
        self.wait = wait


class _Page(NamedTuple):
    """The parts of a URL, parsed once, so that the address checked is the one that is called."""

    url: str
    https: bool
    host: Address | str
    port: int
    netloc: str
    target: str


def fetch(
    url: str,
    *,
    method: str = "GET",
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    accept: str = "text/html, application/xhtml+xml, */*;q=0.5",
    limit: int = LIMIT,
    deadline: float = DEADLINE,
    allowed: Collection[str] | None = None,
    resolve: Resolver = look_up,
    follow: bool = True,
    authorization: str = "",
    admit: Admit | None = None,
) -> Response:
    """Return the answer of the page at `url` after redirects, with any status.

    At most `limit` bytes of the body are read and unpacked; `deadline` is in seconds. `allowed` is
    a list like LINKBACK_PRIVATE_HOSTS, the default. `resolve` returns a name's addresses; `admit`
    is called for each first. `authorization` is never sent where redirects are followed.

    Raises FetchError (Busy if `admit` asks to wait), and ValueError for headers of _NEVER_SENT.
    """
    extra = _permitted(headers or {}, authorization, follow)
    allowed = settings.LINKBACK_PRIVATE_HOSTS if allowed is None else allowed
    clock = Deadline(deadline)
    with _failures_in_words():
        for _step in range(REDIRECTS + 1):
            page = _read_url(url)
            sent = {**_our_headers(page, accept), **extra}
            with _connected(page, allowed, resolve, clock, admit) as peer:
                status, received = peer.ask(method, page.target, sent, data)
                location = received.get("location") if follow and status in _MOVED else ""
                if not location:
                    return Response(page.url, status, received, *peer.read_body(received, limit))
            url = _next_url(page.url, location)
            if _becomes_get(status, method):
                method, data = "GET", None
                extra = {name: extra[name] for name in extra if not name.startswith("content-")}
    raise FetchError("redirects", _("The page was moved too many times."))


def _permitted(headers: Mapping[str, str], authorization: str, follow: bool) -> dict[str, str]:
    """Return the headers in lower case; raises ValueError for those that callers may not set."""
    found = {name.lower(): value for name, value in headers.items()}
    if not _NEVER_SENT.isdisjoint(found):
        raise ValueError(f"These headers are never sent: {', '.join(sorted(_NEVER_SENT))}")
    if authorization and follow:
        raise ValueError("Credentials are never sent on to where a redirect leads")
    return found | ({"authorization": authorization} if authorization else {})


def _becomes_get(status: int, method: str) -> bool:
    """Whether a redirect is followed by GET, as browsers do (WHATWG Fetch, HTTP-redirect fetch).

    After 307 and 308 the same request is sent again.
    """
    return (status in (301, 302) and method == "POST") or (status == 303 and method != "HEAD")


@contextlib.contextmanager
def _failures_in_words() -> Iterator[None]:
    """Turn every error of the connection into a FetchError with a sentence."""
    try:
        yield
    except TimeoutError as error:
        raise FetchError("timeout", _("The page did not answer in time.")) from error
    except h11.RemoteProtocolError as error:
        if error.error_status_hint == 431:
            raise _too_large() from error
        raise FetchError("protocol", _("The answer is not HTTP.")) from error
    except ssl.SSLError as error:
        message = _("The connection is not secure: its certificate or its encryption is wrong.")
        raise FetchError("protocol", message) from error
    except OSError as error:
        raise FetchError("protocol", _("The connection broke.")) from error
    except DecodingError as error:
        raise FetchError("protocol", _("The page is packed wrongly.")) from error


def _our_headers(page: _Page, accept: str) -> dict[str, str]:
    # Webmention 3.1.2 asks for "Webmention" in the user agent.
    home = quote(f"{settings.SITE_URL}{settings.BASE_PATH}/", safe=_AS_IS)
    agent = f"Postil (Webmention and Pingback; +{home})"
    return {
        "host": page.netloc,
        "user-agent": agent,
        "accept": accept,
        "accept-encoding": ACCEPTED,
        "connection": "close",
    }


def _read_url(url: str) -> _Page:
    """Return the parts of a URL, or raise FetchError if it is not one that can be fetched."""
    try:
        parts = urlsplit(url.strip())
        host = read_host(parts.hostname or "")
        if len(url) > LONGEST_URL or parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
            raise ValueError(url)
        default = _DEFAULT_PORTS[parts.scheme]
        port = default if parts.port is None else parts.port
        # Spaces and other scripts are often not escaped.
        path, query, fragment = (quote(part, safe=_AS_IS) for part in parts[2:])
    except ValueError as error:
        raise FetchError("refused", _REFUSED) from error
    netloc = f"[{host}]" if ":" in str(host) else str(host)
    if port != default:
        netloc += f":{port}"
    target = (path or "/") + (f"?{query}" if query else "")
    whole = f"{parts.scheme}://{netloc}{target}"
    whole += f"#{fragment}" if fragment else ""
    return _Page(whole, parts.scheme == "https", host, port, netloc, target)


def _next_url(url: str, location: str) -> str:
    with contextlib.suppress(UnicodeDecodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        moved = urljoin(url, location.strip())
    except ValueError as error:
        raise FetchError("refused", _REFUSED) from error
    fragment = urldefrag(url).fragment
    return moved if "#" in location or not fragment else f"{moved}#{fragment}"


@contextlib.contextmanager
def _connected(
    page: _Page,
    allowed: Collection[str],
    resolve: Resolver,
    clock: Deadline,
    admit: Admit | None,
) -> Iterator[_Peer]:
    """Connect to an address of this page that was checked."""
    try:
        addresses = reachable(page.host, page.port, allowed, resolve, clock)
        if not addresses:
            raise FetchError("refused", _REFUSED)
        connection = _connect(addresses, page.port, clock, admit)
    except TimeoutError:
        raise
    except OSError as error:
        raise FetchError("unreachable", _("The page cannot be reached.")) from error
    with contextlib.ExitStack() as stack:
        stack.enter_context(connection)
        if page.https:
            connection.settimeout(clock.left())
            # The certificate must be for the name, although we connected to an address.
            connection = _tls().wrap_socket(connection, server_hostname=str(page.host))
            stack.enter_context(connection)
        yield _Peer(connection, clock)


def _connect(
    addresses: list[Address], port: int, clock: Deadline, admit: Admit | None
) -> socket.socket:
    """Return a connection to the first address that accepts; each gets a share of the time left."""
    failed: OSError | None = None
    waits = []
    for behind, address in enumerate(addresses):
        if admit and (wait := admit(address)):
            waits.append(wait)
            continue
        try:
            family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
            connection = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:  # a machine without IPv6
            failed = error
            continue
        try:
            connection.settimeout(clock.left() / (len(addresses) - behind))
            connection.connect((str(address), port))
        except OSError as error:
            connection.close()
            failed = error
        else:
            return connection
    if waits:
        raise Busy(min(waits))
    raise failed or TimeoutError


@functools.cache
def _tls() -> ssl.SSLContext:
    # Cached, because reading the system's certificates takes longer than fetching most pages.
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _too_large() -> FetchError:
    return FetchError("too-large", _("The answer has too many headers."))


class _Peer:
    """One HTTP connection; every wait on it ends at the deadline."""

    def __init__(self, connection: socket.socket, clock: Deadline) -> None:
        self._socket, self._clock = connection, clock
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=OVERHEAD)
        self._overhead = 0
        self._unread = b""

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], data: bytes | None
    ) -> tuple[int, Headers]:
        """Send a request and return the status and headers of the answer."""
        fields = list(headers.items())
        if data is not None:
            fields.append(("content-length", str(len(data))))
        request = h11.Request(method=method, target=target, headers=fields)
        message = self._http.send(request) or b""
        if data:
            message += self._http.send(h11.Data(data=data)) or b""
        self._send(message + (self._http.send(h11.EndOfMessage()) or b""))
        while isinstance(event := self._next_event(), h11.InformationalResponse):
            pass
        if not isinstance(event, h11.Response):
            raise h11.RemoteProtocolError("No answer")
        return event.status_code, Headers(
            (name.decode("ascii"), value.decode("latin-1")) for name, value in event.headers
        )

    def read_body(self, headers: Headers, limit: int) -> tuple[bytes, bool]:
        """Return the unpacked body, `limit` bytes at most, and whether there was more."""
        codings = ",".join(headers.all("content-encoding")).lower().split(",")
        decoder = decoder_for([coding.strip() for coding in codings])
        body, packed = bytearray(), 0
        while isinstance(event := self._next_event(), h11.Data):
            packed += len(event.data)
            body += decoder.decode(bytes(event.data), limit + 1 - len(body))
            if len(body) > limit or packed > limit:
                return bytes(body[:limit]), True
        if packed:
            decoder.finish()
        return bytes(body), False

    def _send(self, message: bytes) -> None:
        # Not sendall: over TLS its time-out starts again with each part.
        unsent = memoryview(message)
        while unsent:
            self._socket.settimeout(self._clock.left())
            unsent = unsent[self._socket.send(unsent) :]

    def _next_event(self) -> h11.Event:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._overhead > OVERHEAD:
                raise _too_large()
            self._hand_over()
        if isinstance(event, h11.Data):
            self._overhead -= len(event.data)
        if not isinstance(event, h11.Event):
            raise h11.RemoteProtocolError("It goes on after its end")
        return event

    def _hand_over(self) -> None:
        """Give h11 the next head, cleaned by `readable`, or the next piece of the body."""
        if self._http.their_state is not h11.SEND_RESPONSE:
            self._http.receive_data(self._unread or self._receive())
            self._unread = b""
            return
        # Empty lines before the status line are skipped, as RFC 9112 2.2 says for requests.
        data = bytearray(self._unread.lstrip(b"\r\n"))
        searched = 0
        while not (end := end_of_head(data, searched)):
            searched = len(data)
            if searched > OVERHEAD:
                raise _too_large()
            if not (received := self._receive()):
                # The connection closed too early; h11 raises the error.
                self._http.receive_data(bytes(data))
                self._http.receive_data(b"")
                return
            data += received if data else received.lstrip(b"\r\n")
        self._unread = bytes(data[end:])
        self._http.receive_data(readable(bytes(data[:end])))

    def _receive(self) -> bytes:
        self._socket.settimeout(self._clock.left())
        received = self._socket.recv(_CHUNK)
        self._overhead += len(received)
        return received
