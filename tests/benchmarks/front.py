"""What a page from memory costs beside nginx, and beside the bare server, in the same run.

Run by `make bench`; needs Debian's wrk and nginx and two processors. Three servers answer the same
bytes with the same headers: `manage.py serve` (one worker, its default threads), nginx
(gzip_static, one worker, no access log, no open_file_cache, as Debian's default is) and, on the
server that `serve` uses, a WSGI application that does nothing else. They are pinned to one
processor, and wrk (one thread, connections kept alive, gzip) to another. CPU is what the server's
processes were charged (proc(5), /proc/pid/stat) by the requests wrk counted: on a busy machine that
moves far less than the rate does. Rounds are short and take turns, so that other work on the
machine affects all alike. Results are medians; a ratio is the median of each round's ratio.

`front.py ROUNDS SECONDS` takes other numbers.
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from pages import fill_thread
from posting import FOLDER, cpu_of  # sets Django up, on a folder of its own
from server import Site, free_port

from blog.pages.generation import shared
from blog.posts.models import Post
from blog.transfer.demo import load_demo

CONNECTIONS = 64
ROUNDS, SECONDS = 15, 1
SERVER, LOAD = 0, 1  # processors
RESPONSES, MANY = 24, 10_000
MISSES = 100
# Made by each server for itself, or belonging to the connection.
OWN = {"date", "server", "content-length", "etag", "last-modified", "content-encoding"}
OWN |= {"content-type", "connection", "keep-alive", "transfer-encoding"}

NGINX = """
worker_processes 1; pid {folder}/pid; error_log {folder}/errors; daemon off;
events {{ worker_connections 1024; }}
http {{
  types {{ }} access_log off; sendfile on; tcp_nopush on; gzip_static on;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {folder}; {locations} }}
}}
"""


class Server:
    """Something that listens, and the process whose CPU counts."""

    def __init__(self, port: int, pid: int, moved: dict[str, str] | None = None) -> None:
        self.port, self.pid, self.moved = port, pid, moved or {}

    def load(self, path: str, headers: dict[str, str], seconds: float) -> tuple[float, float]:
        """Return microseconds of CPU a request, and requests a second."""
        path = self.moved.get(path, path)
        command = ["taskset", "-c", str(LOAD), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        before = cpu_of(self.pid)
        run = subprocess.run(
            [*command, f"http://127.0.0.1:{self.port}{path}"], capture_output=True, text=True
        )
        used = cpu_of(self.pid) - before
        if run.returncode or "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
            sys.exit(f"wrk on {path}:\n{run.stdout}{run.stderr}")
        requests, took = re.search(r"(\d+) requests in ([\d.]+)s", run.stdout).groups()
        return 1e6 * used / int(requests), int(requests) / float(took)


def ask(port: int, path: str, **headers: str) -> tuple[int, list[tuple[str, str]], bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(line):
        line.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
        response = line.getresponse()
        return response.status, response.getheaders(), response.read()


def await_port(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    sys.exit(f"Nothing listens on {port}.")


def start(arguments: list, port: int, **environment: str) -> subprocess.Popen:
    process = subprocess.Popen(arguments, env=os.environ | environment)
    await_port(port)
    return process


def nginx(pages: dict[str, tuple[int, list, bytes]]) -> tuple[Server, subprocess.Popen]:
    """Serve these answers from files, packed and with their headers.

    Each at an address that names its file, which nginx finds with the least it can do: a folder's
    index would cost it one redirect inside more.
    """
    folder, port, locations, moved = FOLDER / "nginx", free_port(), "", {}
    for number, (path, (_status, headers, body)) in enumerate(pages.items()):
        moved[path] = f"/{number}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}").write_bytes(b"packed beside")
        (folder / f"{number}.gz").write_bytes(body)
        kind = dict(lowered(headers))["content-type"]
        locations += f'location = {moved[path]} {{ default_type "{kind}";'
        for name, value in headers:
            if name.lower() not in OWN:
                value = value.replace("\\", "\\\\").replace('"', '\\"')
                locations += f' add_header {name} "{value}";'
        locations += " }\n"
    config = folder / "conf"
    # Started by root it would read as nobody, who may not look into this folder.
    who = "user root; " if os.geteuid() == 0 else ""
    config.write_text(who + NGINX.format(folder=folder, port=port, locations=locations))
    process = start(["nginx", "-c", str(config)], port)
    return Server(port, process.pid, moved), process


def bare(answer: tuple[int, list, bytes]) -> tuple[Server, subprocess.Popen]:
    """Give the same answer to whatever is asked."""
    status, headers, body = answer
    port, file, given = free_port(), FOLDER / "bare.body", FOLDER / "bare.json"
    file.write_bytes(body)
    headers = [pair for pair in headers if pair[0].lower() not in ("date", "server")]
    given.write_text(json.dumps([f"{status} OK", headers, str(file)]))
    program = Path(__file__).with_name("bare_application.py")
    process = start([sys.executable, str(program), str(port)], port, BARE_ANSWER=str(given))
    return Server(port, process.pid), process


def miss(server: Server, path: str) -> float:
    """Return milliseconds of CPU of one request for a page that is not in memory."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(line):
        before = cpu_of(server.pid)
        for _ in range(MISSES):
            shared().change()
            line.request("GET", path, headers={"Accept-Encoding": "gzip"})
            line.getresponse().read()
        return 1000 * (cpu_of(server.pid) - before) / MISSES


def show(name: str, found: dict[str, list[tuple[float, float]]]) -> None:
    """Print the medians of a case, and its ratios last."""
    print(f"{name:<32}", end="")
    for server in ("nginx", "bare", "postil"):
        rows = found.get(server)
        print(
            f"{statistics.median(cpu for cpu, _ in rows):>10.1f} µs" if rows else " " * 13, end=""
        )
    mine = found["postil"]
    print(f"{statistics.median(rate for _, rate in mine):>11,.0f}/s", end="")
    for server, which in (("nginx", 0), ("bare", 0), ("bare", 1)):
        if rows := found.get(server):
            ratios = [one[which] / other[which] for one, other in zip(mine, rows, strict=True)]
            print(f"{statistics.median(ratios):>13.2f}", end="")
    print()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    missing = [name for name in ("wrk", "nginx", "taskset") if not shutil.which(name)]
    if missing or len(os.sched_getaffinity(0)) < 2:
        print(f"front: needs wrk, nginx, taskset and two processors; missing: {missing}")
        return
    call_command("migrate", verbosity=0)
    load_demo()
    short, long = Post.objects.published().essays()[:2]
    fill_thread(short, RESPONSES)
    fill_thread(long, MANY)
    connection.close()
    essay, thread = short.get_absolute_url(), long.get_absolute_url()
    os.sched_setaffinity(0, {SERVER})  # for all that is started from here on
    site = Site(FOLDER)
    site.start("--no-worker", "--workers", "1")
    running = []
    try:
        pages = {path: ask(site.port, path) for path in (essay, thread, "/feed.xml")}
        for path, (status, headers, _body) in pages.items():
            assert status == 200, f"{path} answers {status}"
            assert ("content-encoding", "gzip") in lowered(headers), path
        servers = {"postil": Server(site.port, site.server.pid)}
        servers["nginx"], process = nginx(pages)
        running.append(process)
        servers["bare"], process = bare(pages[essay])
        running.append(process)
        os.sched_setaffinity(0, {LOAD})
        tags = {}
        for name, server in servers.items():
            _status, headers, body = ask(server.port, server.moved.get(essay, essay))
            assert body == pages[essay][2], f"{name} answers something else"
            tags[name] = dict(lowered(headers))["etag"]
        cases = {
            f"essay, {RESPONSES} responses": (essay, ("nginx", "bare", "postil"), False),
            "the same, 304": (essay, ("nginx", "postil"), True),
            f"essay, {MANY:,} comments": (thread, ("nginx", "postil"), False),
            "feed": ("/feed.xml", ("nginx", "postil"), False),
        }
        found = {name: {server: [] for server in case[1]} for name, case in cases.items()}
        misses = []
        for number in range(rounds):
            for name, (path, asked, conditional) in cases.items():
                # Each in its turn is the first.
                for server in asked[number % len(asked) :] + asked[: number % len(asked)]:
                    headers = {"Accept-Encoding": "gzip"}
                    if conditional:
                        headers["If-None-Match"] = tags[server]
                    found[name][server].append(servers[server].load(path, headers, seconds))
            misses.append(miss(servers["postil"], essay))
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        site.stop(signal.SIGINT)
    size = len(pages[essay][2])
    print(
        f"{CONNECTIONS} connections, {rounds} rounds of {seconds} s; essay {size:,} bytes of gzip"
    )
    print(f"{'CPU a request':<32}{'nginx':>13}{'bare':>13}{'Postil':>13}{'':>13}", end="")
    print(f"{'by nginx':>13}{'by bare':>13}{'rate by bare':>13}")
    for name, rows in found.items():
        show(name, rows)
    print(f"{'a miss, over HTTP':<58}{statistics.median(misses):>10.2f} ms")


def lowered(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers]


if __name__ == "__main__":
    main()
