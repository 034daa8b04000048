"""What a site's memory is, idle and under load, and what its idle worker costs.

Run by `make bench`; on Linux, whose /proc it reads. Memory is PSS, in which what processes share
is counted once. It is read after a second start, as a server that has prepared all runs.

The load is mixed: pages kept and not, searches, feeds, addresses without a page, comments. It lasts
SECONDS (60 unless set; `SECONDS=3600 serve.py` is an hour), and whether memory grows is
measured in its second half only: in the first, caches are filled.
"""

import atexit
import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from server import Site

IDLE = 60
SECONDS = int(os.environ.get("SECONDS", "60"))
# Times at which memory is read under load, and readers who ask at once.
LOOKS, READERS = 20, 4


def children(pid: int) -> list[int]:
    """Return every process under this one, the first forked first."""
    forked = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [process for child in map(int, forked) for process in [child, *children(child)]]


def pss(pid: int) -> float:
    """Return the MiB of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def cpu(pid: int) -> float:
    """Return the seconds a process has computed."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def written(pid: int) -> int:
    """Return the bytes a process has written to disk."""
    lines = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(lines["write_bytes"])


def read_about(site: Site, until: float, counted: list[int]) -> None:
    """Ask for this and that, and comment now and then, until that moment."""
    chance = random.Random(threading.get_ident())
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)

    def ask(method: str, path: str, given: dict[str, str] | None = None) -> str:
        headers = {"Accept-Encoding": chance.choice(["gzip", "br", "zstd", "identity"])}
        if given:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
        line.request(method, path, urlencode(given) if given else None, headers)
        response = line.getresponse()
        body = response.read()
        assert response.status < 500, f"{path} answered {response.status}"
        coding = response.headers["Content-Encoding"]
        return "" if coding else body.decode(errors="replace")

    line.request("GET", "/sitemap.xml")
    pages = re.findall(r"<loc>https?://[^/]+([^<]+)</loc>", line.getresponse().read().decode())
    pages += ["/feed.xml", "/atom.xml", "/feed.json", "/comments/feed.xml", "/sitemap.xml"]
    essays = [page for page in pages if re.match(r"/\d{4}/\d\d/", page)]
    with contextlib.closing(line):
        while time.monotonic() < until:
            counted[0] += 1
            what, number = chance.random(), chance.randrange(10**9)
            if what < 0.75:
                ask("GET", chance.choice(pages))
            elif what < 0.85:
                ask("GET", f"/search/?q={chance.choice(['margin', 'index', 'letter', number])}")
            elif what < 0.93:
                ask("GET", f"/{number}/")
            else:
                essay = chance.choice(essays)
                token = re.search(r'name="token" value="([^"]+)"', ask("GET", essay))
                if token:
                    given = {"body": f"Said {number} times.", "name": f"Reader {number}"}
                    ask("POST", f"{essay}comments/", given | {"token": token[1]})


def grow(site: Site) -> None:
    """Load the site, and tell what memory does meanwhile."""
    until, counted = time.monotonic() + SECONDS, [0]
    readers = [
        threading.Thread(target=read_about, args=(site, until, counted)) for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    looks = []
    for _ in range(LOOKS):
        time.sleep(SECONDS / LOOKS)
        looks.append(sum(map(pss, [site.server.pid, *children(site.server.pid)])))
    for reader in readers:
        reader.join()
    half, quarter = LOOKS // 2, LOOKS // 4
    third = statistics.median(looks[half : half + quarter])
    last = statistics.median(looks[half + quarter :])
    print(f"under load     {last:6.1f} MiB after {SECONDS} s and {counted[0]:,} requests;", end="")
    print(f" the last quarter by the one before: {last / third:.3f}")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="postil-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # Comments are posted faster than a person could.
    site = Site(folder, COMMENT_RATE_PER_NETWORK="none", COMMENT_RATE_SITE="none")
    site.start()
    site.stop(signal.SIGINT)
    for how in (["--no-worker"], []):
        site.start(*how)
        for _ in range(20):
            urllib.request.urlopen(site.url, timeout=60).close()
        time.sleep(5)
        found = [site.server.pid, *children(site.server.pid)]
        each = [pss(pid) for pid in found]
        print(f"serve {' '.join(how):12} {sum(each):6.1f} MiB in {len(each)} processes")
        if not how:
            keeper = children(site.server.pid)[0]
            worker = children(keeper)[0]
            before, wrote = cpu(worker), written(worker)
            time.sleep(IDLE)
            spent = (cpu(worker) - before) / IDLE
            print(f"idle worker    {spent:6.2%} of a core, {written(worker) - wrote} bytes written")
            grow(site)
        site.stop(signal.SIGINT)


main()
