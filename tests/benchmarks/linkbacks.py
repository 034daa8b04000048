"""What readers feel of linkbacks: the time of an essay's page while 50 sources drip, and in quiet.

Run by `make bench`; ROUNDS says how often quiet and dripping take turns. One server process with
its worker, as `serve` starts it. Each source is on its own host, is
named by a sender from its own network and sends a byte a second, so that every verification takes
as long as it may. Meanwhile one more pingback is always waiting.

The p99 of a short time on a busy machine is noise. So there are many rounds, the order of the two
changes with each, and what counts is the median of the rounds' p99. How exact that is shows a
comparison of quiet with quiet: the first reading of each round with a second one.
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
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import django

django.setup()

from server import Site

from comments.linkbacks.protocols.pingback import render_call

ESSAY = "/2026/11/room-in-the-margin/"
SOURCES, READS = 50, 400
ROUNDS = int(os.environ.get("ROUNDS", "6"))
# Seconds between readers' requests: some 60 a second, which leaves the processor idle at times.
PAUSE = 0.01


class Dripping:
    """A server that takes any number of connections and sends each a byte a second."""

    def __init__(self) -> None:
        # All of 127.0.0.0/8 leads here, so that each source can have an address of its own.
        self.socket = socket.create_server(("0.0.0.0", 0), backlog=200)
        self.port = self.socket.getsockname()[1]
        # What was asked for; a source that timed out is asked again in five minutes.
        self.asked, self.drips = set(), True
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.drip, args=[connection], daemon=True).start()

    def drip(self, connection: socket.socket) -> None:
        try:
            self.asked.add(connection.recv(4096).split()[1])
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


class Pings:
    """Pingbacks, each from a network and naming a source of its own."""

    def __init__(self, site: Site, port: int) -> None:
        self.site, self.port = site, port
        self.sent, self.waits = 0, []
        self.counting = threading.Lock()

    def send(self) -> None:
        with self.counting:
            self.sent += 1
            number = self.sent
        source = f"http://127.1.{number // 250}.{number % 250 + 1}:{self.port}/{number}"
        sender = {"X-Forwarded-For": f"100.{number // 250}.{number % 250}.1"}
        line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        began = time.perf_counter()
        body = render_call(source, self.site.url + ESSAY)
        line.request("POST", "/pingback/", body, {"Content-Type": "text/xml"} | sender)
        response = line.getresponse()
        assert response.status == 200
        assert b"was received" in response.read()
        line.close()
        self.waits.append(time.perf_counter() - began)

    def go_on(self, over: threading.Event) -> None:
        """Send one after the other, so that one waits for its look at any time."""
        while not over.is_set():
            self.send()


def p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def while_dripping(site: Site, source: Dripping, pings: Pings) -> list[float]:
    """Return the times of readers while all sources drip; afterwards nothing does."""
    source.drips = True
    over = threading.Event()
    with ThreadPoolExecutor(SOURCES) as senders:
        for sent in [senders.submit(pings.send) for _ in range(SOURCES)]:
            sent.result()
        time.sleep(1)  # the worker looks for jobs once a second
        senders.submit(pings.go_on, over)
        times = read(site)
        over.set()
    source.drips = False
    while len(source.asked) < pings.sent:
        time.sleep(0.1)
    time.sleep(1)
    return times


def main() -> None:
    source = Dripping()
    rates = [f"LINKBACK_RATE_{of}" for of in ("PER_NETWORK", "PER_HOST", "SITE")]
    site = Site(
        Path(tempfile.mkdtemp(prefix="postil-bench-")),
        LINKBACK_PRIVATE_HOSTS=f"127.0.0.0/8:{source.port}",
        TRUSTED_PROXIES="127.0.0.1",
        **dict.fromkeys(rates, "none"),
    )
    site.start("--workers", "1")
    pings = Pings(site, source.port)
    read(site)  # the first request is slower
    rounds = {"in quiet": [], "in quiet again": [], f"while {SOURCES} drip": []}
    quiet, again, dripping = rounds.values()
    for number in range(ROUNDS):
        turns = [
            lambda: quiet.append(read(site)),
            lambda: dripping.append(while_dripping(site, source, pings)),
            lambda: again.append(read(site)),
        ]
        for turn in turns if number % 2 else reversed(turns):
            turn()
    site.stop(signal.SIGINT)
    print(f"{ROUNDS} rounds of {READS} reads, medians of the rounds")
    print(f"{'essay':<22}{'median':>11}{'p99':>13}{'p99 from':>13}{'to':>13}")
    middle = {}
    for name, times in rounds.items():
        tops = [p99(each) for each in times]
        middle[name] = statistics.median(tops)
        half = statistics.median(map(statistics.median, times))
        print(
            f"{name:<22}{half:>8.1f} ms{middle[name]:>10.1f} ms{min(tops):>10.1f} ms"
            f"{max(tops):>10.1f} ms"
        )
    first, second, drips = middle.values()
    both = statistics.median(p99(each) for each in quiet + again)
    pairs = [2 * p99(d) / (p99(q) + p99(a)) for q, a, d in zip(quiet, again, dripping, strict=True)]
    print(f"p99 while they drip is {drips / both:.2f} times that in quiet")
    print(f"by rounds: median {statistics.median(pairs):.2f}; quiet to quiet: {second / first:.2f}")
    at_once = sum(wait < 1 for wait in pings.waits)
    print(
        f"{at_once} of {pings.sent} pings were answered within a second, all in "
        f"{max(pings.waits):.1f} s; {len(source.asked)} sources were read"
    )


main()
