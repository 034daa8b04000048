"""What an idle site costs: the memory of its processes, and the worker's CPU and writes in 60 s.

Run by `make bench`; on Linux, whose /proc it reads. Memory is PSS, in which what processes share
is counted once. It is read after a second start, as a server that has prepared all runs.
"""

import os
import signal
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from server import Site

IDLE = 60


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


def main() -> None:
    site = Site(Path(tempfile.mkdtemp(prefix="postil-bench-")))
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
        site.stop(signal.SIGINT)


main()
