"""What two web machines do on one PostgreSQL, against one: pages rendered, and comments stored.

Run by `make bench`. Each node is a real `serve` of one process with four threads; on one machine
they, the database and the clients share its processors, so the rate can only grow while one of
them is idle. CPU that each part is charged for one answer says what can be shown anywhere: a part
that takes 12 ms of one core answers 80 a second on it, and what PostgreSQL takes is what more
nodes cannot add to. Wants PostgreSQL; prints a table.
"""

import atexit
import os
import re
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import postgres
import prepared
from reading import fetch
from server import Site

ESSAY = "/2026/11/room-in-the-margin/"
SECONDS, ROUNDS, CLIENTS = float(os.environ.get("SECONDS", 5)), 3, 4
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TICK = os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    try:
        forked = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [each for child in map(int, forked) for each in [child, *descendants(child)]]


def cpu(pids: list[int]) -> float:
    """Return the seconds these processes, and those of theirs that ended, have computed."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICK


def load(nodes: list[Site], ask: object) -> int:
    """Have clients ask each node in turn until the time is over; return how many were answered."""
    over, counts = time.monotonic() + SECONDS, [0] * CLIENTS

    def client(number: int) -> None:
        while time.monotonic() < over:
            ask(nodes[(number + counts[number]) % len(nodes)], number, counts[number])
            counts[number] += 1

    clients = [threading.Thread(target=client, args=[number]) for number in range(CLIENTS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    return sum(counts)


def main() -> None:
    if not postgres.find_initdb():
        sys.exit("No PostgreSQL server is installed: no initdb on PATH or where Debian has it.")
    prepared.begin()
    atexit.register(prepared.end)
    folder = Path(tempfile.mkdtemp(prefix="postil-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shared = {"SECRET_KEY": "the same on both, and quite long enough 0123456789"}
    shared |= {"COMMENT_RATE_SITE": "none", "COMMENT_RATE_PER_NETWORK": "none"}
    shared |= {"BODY_WAITS": str(4 * CLIENTS)}
    (folder / "a").mkdir()
    a = prepared.started(folder / "a", "postgresql", **shared)
    shared |= {"DATABASE_URL": a.settings["DATABASE_URL"]}
    (folder / "b").mkdir()
    b = Site(folder / "b", **shared)
    prepared.lay_out(prepared.once("start_and_stop.sqlite", None), b)
    cluster = Path((Path(os.environ[prepared.RUN]) / "cluster").read_text())
    postmaster = int((cluster / "data/postmaster.pid").read_text().split()[0])
    # No page comes from memory: rendering is what another machine is for.
    for node in (a, b):
        node.settings["PAGE_CACHE_MB"] = "0"
        node.start("--no-worker", "--workers", "1")
    token = re.search(r'name="token" value="([^"]+)"', fetch(a.url + ESSAY).text)[1]
    stamp = iter(range(10**9))

    def read(node: Site, *_: int) -> None:
        assert fetch(node.url + ESSAY).status == 200

    def write(node: Site, number: int, count: int) -> None:
        body = f"Said by {number} as {count}, {next(stamp)}: {os.urandom(30).hex()}"
        given = urlencode({"body": body, "name": "Lou", "token": token})
        answer = fetch(f"{node.url}{ESSAY}comments/", "POST", given, **FORM)
        assert answer.status == 303, answer.status

    print(f"{'':28} {'a second':>9} {'web, ms':>9} {'database, ms':>13}   (CPU of one answer)")
    for what, ask in (("a page rendered", read), ("a comment stored", write)):
        found: dict[int, list[tuple[float, float, float]]] = {1: [], 2: []}
        for _round in range(ROUNDS):
            for count in found:  # in turns, for the machine is not ours alone
                nodes = [a, b][:count]
                web = [
                    p for node in nodes for p in [node.server.pid, *descendants(node.server.pid)]
                ]
                before = cpu(web), cpu([postmaster, *descendants(postmaster)])
                began = time.monotonic()
                answered = load(nodes, ask)
                took = time.monotonic() - began
                spent = cpu(web), cpu([postmaster, *descendants(postmaster)])
                each = [
                    1000 * (now - was) / answered for was, now in zip(before, spent, strict=True)
                ]
                found[count].append((answered / took, *each))
        for count, rounds in found.items():
            rate, web_ms, database_ms = (
                statistics.median(part) for part in zip(*rounds, strict=True)
            )
            name = f"{what}, {count} node{'s' * (count > 1)}"
            print(f"{name:28} {rate:9.1f} {web_ms:9.1f} {database_ms:13.2f}")
    for node in (a, b):
        node.stop(signal.SIGINT)


main()
