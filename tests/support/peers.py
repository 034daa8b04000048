"""Servers on loopback that answer or misbehave as a test says."""

import contextlib
import socket
import threading
import time

import pytest

from blog.net.fetch import FetchError, fetch

# Loopback is where all peers are, and no place to call; so they are what an owner allows.
HERE = "127.0.0.1"

# Only there so that what waits for ever fails its test and does not hang it.
PATIENCE = 8
# The deadline of a fetch that is to miss it, in seconds, and by when it has to be over: this is
# about going on for ever, not about a busy machine.
SHORT, SOON = 0.3, 5


class End:
    """A listening socket on loopback."""

    def __init__(self, host=HERE, port=0):
        everywhere = host == "::"
        family = socket.AF_INET6 if everywhere else socket.AF_INET
        self.socket = socket.create_server((host, port), family=family, dualstack_ipv6=everywhere)
        self.host, self.port = self.socket.getsockname()[:2]

    @property
    def place(self):
        """This end as an entry of LINKBACK_PRIVATE_HOSTS."""
        return f"{self.host}:{self.port}"

    def url(self, path="/", scheme="http", host=None):
        return f"{scheme}://{host or self.host}:{self.port}{path}"


class Trap(End):
    """One that nobody may call: `calls` counts who did. It says nothing and reads nothing."""

    def __init__(self, host=HERE, port=0):
        super().__init__(host, port)
        self.socket.setblocking(False)
        self._calls = 0

    @property
    def calls(self):
        # The kernel has queued a connection before connect() returns, so none comes later.
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.accept()[0].close()
                self._calls += 1
        return self._calls

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class Peer(End):
    """A server that reads a request and then does what `answer` says: bytes to send, or a function
    of the connection and this peer. `requests` holds what came in; `tls` is a server's context.
    """

    def __init__(self, answer, host=HERE, port=0, tls=None):
        super().__init__(host, port)
        self.answer, self.tls = answer, tls
        self.requests, self.calls = [], 0
        # Set at the end, so that an answer can go on for as long as the test does.
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while not self.over.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.calls += 1
            # The other end may hang up at any moment, or not trust the certificate.
            with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
                stack.enter_context(connection)
                connection.settimeout(5)
                if self.tls:
                    connection = self.tls.wrap_socket(connection, server_side=True)
                    stack.enter_context(connection)
                self.requests.append(read_request(connection))
                if callable(self.answer):
                    self.answer(connection, self)
                else:
                    connection.sendall(self.answer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.socket.close()
        self.thread.join(5)


def read_request(connection):
    """Return a request's bytes, with its body; or the first of them if they are TLS."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        received += piece
        if not piece or received.startswith(b"\x16"):
            return received
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def page(body=b"<p>Here.", status="200 OK", length=True, **fields):
    """Return the bytes of an answer; a field's _ is a hyphen, a list is that field repeatedly."""
    lines = [f"HTTP/1.1 {status}"]
    fields = {"content_type": "text/html", **fields}
    for name, values in fields.items():
        for value in values if isinstance(values, list) else [values]:
            lines.append(f"{name.replace('_', '-')}: {value}")
    if length:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def moved(to, status=302):
    return page(b"", f"{status} Moved", location=to)


def in_turn(*answers):
    """Give each connection the next of these answers, the last one from then on."""
    left = list(answers)

    def answer(connection, peer):
        now = left.pop(0) if len(left) > 1 else left[0]
        if callable(now):
            now(connection, peer)
        else:
            connection.sendall(now)

    return answer


def forever(piece, first=b"", every=0.0):
    """Send `first`, then `piece` repeatedly, with a pause of `every` seconds."""

    def answer(connection, peer):
        connection.sendall(first)
        while not peer.over.wait(every):
            connection.sendall(piece)

    return answer


def silent(connection, peer):
    peer.over.wait()


def get(peer, path="/", **options):
    """Fetch from a peer, which is allowed."""
    return fetch(peer.url(path), **{"allowed": [peer.place], "deadline": PATIENCE, **options})


def failing(peer, **options):
    """Return the kind of the error that fetching ends with."""
    with pytest.raises(FetchError) as caught:
        get(peer, **options)
    assert str(caught.value).endswith(".")
    return caught.value.kind


def late(peer, **options):
    """Return whether fetching ends at its deadline."""
    began = time.monotonic()
    kind = failing(peer, deadline=SHORT, **options)
    return kind == "timeout" and time.monotonic() - began < SOON


def fields(request):
    """Return the request line and the header fields of a request's bytes."""
    head = request.partition(b"\r\n\r\n")[0].decode()
    line, *rest = head.split("\r\n")
    return line, {name.lower(): value for name, value in (field.split(": ", 1) for field in rest)}
