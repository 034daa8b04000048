"""What readers feel of linkbacks: the time of an essay's page while 50 sources drip, and in quiet.

Run by `make bench`. One server process with its worker, as `serve` starts it. Each source sends a
byte a second, so every look lasts as long as it may, and pings go on coming meanwhile. Quiet and
dripping take turns, so that a busy machine is met by both alike.
"""

import http.client
import os
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="postil-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
sys.path[:0] = map(str, [Path(__file__).resolve().parents[1], Path(__file__).resolve().parents[2]])

import django

django.setup()

from server import Site

from comments.linkbacks.pingback import render_call

ESSAY = "/2026/11/room-in-the-margin/"
SOURCES, ROUNDS, READS = 50, 4, 400
# Seconds between readers' requests: some 60 a second, which leaves the processor idle at times.
PAUSE = 0.01


class Dripping:
    """A server that takes any number of connections and sends each a byte a second."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.socket.getsockname()[1]
        self.calls, self.drips = 0, True
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            self.calls += 1
            threading.Thread(target=self.drip, args=[connection], daemon=True).start()

    def drip(self, connection: socket.socket) -> None:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
            while self.drips:
                connection.sendall(b" ")
                time.sleep(1)
        except OSError:
            pass  # it was left at the deadline
        finally:
            connection.close()


def read(site: Site) -> list[float]:
    """Return the milliseconds that each of READS requests for the essay took."""
    times = []
    for _ in range(READS):
        began = time.perf_counter()
        status, _, _ = site.ask("GET", ESSAY)
        times.append(1000 * (time.perf_counter() - began))
        assert status == 200
        time.sleep(PAUSE)
    return times


def ping(site: Site, source: str) -> float:
    """Send a pingback; return the seconds its answer took."""
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    began = time.perf_counter()
    body = render_call(source, site.url + ESSAY)
    line.request("POST", "/pingback/", body, {"Content-Type": "text/xml"})
    assert line.getresponse().status == 200
    line.close()
    return time.perf_counter() - began


def say(name: str, times: list[float]) -> float:
    p99 = statistics.quantiles(times, n=100)[98]
    print(f"{name:<22}{statistics.median(times):>8.1f} ms{p99:>10.1f} ms{max(times):>10.1f} ms")
    return p99


def main() -> None:
    source = Dripping()
    rates = [f"LINKBACK_RATE_{of}" for of in ("PER_NETWORK", "PER_HOST", "SITE")]
    site = Site(
        Path(tempfile.mkdtemp(prefix="postil-bench-")),
        LINKBACK_PRIVATE_HOSTS=f"127.0.0.1:{source.port}",
        **dict.fromkeys(rates, "none"),
    )
    site.start("--workers", "1")
    read(site)  # what is read for the first time is no measure
    quiet, dripping, waits = [], [], []
    for number in range(ROUNDS):
        quiet += read(site)
        with ThreadPoolExecutor(SOURCES) as senders:
            page = f"http://127.0.0.1:{source.port}/{number}"
            pings = [senders.submit(ping, site, f"{page}/{n}") for n in range(SOURCES)]
            time.sleep(1.5)  # the worker looks for jobs once a second
            dripping += read(site)
            waits += [sent.result() for sent in pings]
        # Nothing is to drip in the next quiet time.
        source.drips = False
        while source.calls < SOURCES * (number + 1):
            time.sleep(0.1)
        source.drips = True
    site.stop(signal.SIGINT)
    print(f"{'essay':<22}{'median':>11}{'p99':>13}{'slowest':>13}")
    ratio = say("in quiet", quiet), say(f"while {SOURCES} drip", dripping)
    print(f"p99 is {ratio[1] / ratio[0]:.2f} times that in quiet; {source.calls} looks were made")
    at_once = sum(wait < 1 for wait in waits)
    print(
        f"{at_once} of {len(waits)} pings were answered within a second, all in {max(waits):.1f} s"
    )


main()
