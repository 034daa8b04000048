"""Threads that send what is streamed, such as a whole film: each waits for one reader's pace.

The server takes an answer's body as fast as its reader does, by the thread that hands it over. Such
a thread runs no Django and holds no connection to the database.
"""

import threading
from collections import Counter
from typing import Any

from blog.web.cache_control import PRIVATE

# Bodies that are streamed at a time, and those to one network. Each holds a few pieces in memory.
STREAMS, EACH = 16, 4
BUSY = [("Cache-Control", PRIVATE), ("Retry-After", "10")]


class Streams:
    """Sends streamed bodies, so many at a time."""

    def __init__(self, most: int = STREAMS, each: int = EACH) -> None:
        self.most, self.each = most, each
        self.running, self.lock = Counter[str](), threading.Lock()

    def send(self, line: Any, status: int, headers: list[Any], body: Any, network: str) -> None:
        """Have a thread send it; answer 503 where too many are under way."""
        with self.lock:
            is_full = self.running.total() >= self.most
            if is_full or (network and self.running[network] >= self.each):
                body.close()
                line.response_bytes(503, BUSY, b"")
                return
            self.running[network] += 1
        given = (line, status, headers, body, network)
        threading.Thread(target=self.run, args=given, name="stream", daemon=True).start()

    def run(self, line: Any, status: int, headers: list[Any], body: Any, network: str) -> None:
        try:
            line.response_iter(status, headers, body)
        finally:
            with self.lock:
                self.running[network] -= 1


class Line:
    """What granian is answered through; a body that is streamed has `streams` send it."""

    def __init__(self, line: Any, streams: Streams, network: str) -> None:
        self.line, self.streams, self.network = line, streams, network
        self.response_bytes = line.response_bytes

    def response_iter(self, status: int, headers: list[Any], body: Any) -> None:
        self.streams.send(self.line, status, headers, body, self.network)
