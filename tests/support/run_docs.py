"""`make test-docs`: follows README.md and docs/*.md in an empty folder, command by command.

Every block of `sh` is run as it stands, and every block of `env` is tried as a file of settings.
One with `<!-- file: name -->` right before it is written there. A block that cannot be run here has
`<!-- not run: why -->` right before it, and is listed. A server that a block starts is waited for,
and stopped where the section ends. What stands for something of the reader's own is in STAND_INS.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import postgres
from reading import Browser
from server import free_port

ROOT = Path(__file__).resolve().parents[2]
# It makes the folder that the others go on in.
FIRST = "docs/install.md"
SERVES = re.compile(r"(?:make serve|(?:manage\.py|^postil) (?:serve|worker))\b(?!.*--help)")
BLOCK = re.compile(
    r"^(?: *<!-- not run: (?P<why>[^\n]+) -->\n)?(?P<empty><!-- into an empty data folder -->\n)?"
    r"(?P<up><!-- while the site runs -->\n)?"
    r"(?P<in> *)```(?P<kind>sh|env)\n(?P<body>.*?)^(?P=in)```$"
    r"|^<!-- file: (?P<file>[^\n]+) -->\n```\w+\n(?P<content>.*?)^```$"
    r"|^(?P<section>## [^\n]+)$",
    re.DOTALL | re.MULTILINE,
)
PATIENCE = 300
ESSAY = {
    "kind": "essay",
    "title": "My first essay",
    "slug": "my-first-essay",
    "body": "It stands on the right of a line.",
}


class Reader:
    """Somebody who does what the pages say."""

    def __init__(self, home, database):
        self.home, self.place, self.database = home, home, database
        self.port = free_port()
        self.environment = bare() | {"PORT": str(self.port), "HOME": str(home)} | with_uv(home)
        self.server, self.said = None, home / "said"
        self.ran = self.skipped = 0

    def follow(self, page, text):
        self.page = page
        for block in BLOCK.finditer(text):
            if block["section"]:
                self.stop()
            elif block["file"]:
                path = self.place / block["file"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block["content"])
            elif block["why"]:
                self.skipped += 1
                print(f"  not run: {block['why']}", flush=True)
            elif block["kind"] == "env":
                self.try_settings(dedent(block["body"]))
            else:
                if block["empty"]:
                    shutil.rmtree(self.place / "var")
                if block["up"] and not self.server:
                    self.serve("make serve")
                for line in dedent(block["body"]).replace("\\\n", "").splitlines():
                    if line.strip():
                        self.run(line)
        self.stop()

    def stand_ins(self):
        """Return what stands here for the reader's own."""
        backup = self.home / "backup.zip"
        return {
            "REPOSITORY": str(ROOT),
            "/mnt/safe": str(self.home / "safe"),
            "var/backups/before-upgrade-….zip": str(backup),
            "FILE": str(backup),
            "FOLDER": str(self.home / f"left-{self.ran}"),
            "export.xml": str(self.home / "export.xml"),
            "postgres://user:password@host/name": self.database,
        }

    def run(self, line):
        for name, own in self.stand_ins().items():
            if re.search(rf"(?<![\w/]){re.escape(name)}(?!\w)", line):
                if not own:
                    sys.exit(f"{self.page}: nothing stands for {name} in: {line}")
                line = re.sub(rf"(?<![\w/]){re.escape(name)}(?!\w)", own, line)
        self.ran += 1
        if SERVES.search(line):
            self.serve(line)
            return
        with self.said.open("w") as said:
            done = subprocess.run(
                [
                    "bash",
                    "-euo",
                    "pipefail",
                    "-c",
                    f"{line}\npwd >{shlex.quote(str(self.home))}/pwd",
                ],
                **self.how(said),
                timeout=PATIENCE,
            )
        if done.returncode:
            sys.exit(f"{self.page}: this failed: {line}\n{self.said.read_text()}")
        self.place = Path((self.home / "pwd").read_text().strip())

    def how(self, said):
        return {
            "cwd": self.place,
            "env": self.environment,
            "stdin": subprocess.DEVNULL,
            "stdout": said,
            "stderr": subprocess.STDOUT,
        }

    def serve(self, line):
        """Start what runs until it is stopped, and wait until it does its work."""
        self.stop()
        is_worker = "worker" in line and "--no-worker" not in line
        with self.said.open("w") as said:
            self.server = subprocess.Popen(
                ["bash", "-c", f"exec {line}"], **self.how(said), process_group=0
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.server.poll() is None:
            with socket.socket() as probe:
                if is_worker and "is running" in self.said.read_text():
                    return
                if not is_worker and not probe.connect_ex(("127.0.0.1", self.port)):
                    self.greeting = self.said.read_text()
                    return
            time.sleep(0.1)
        sys.exit(f"{self.page}: this did not come up: {line}\n{self.said.read_text()}")

    def stop(self):
        if self.server:
            os.killpg(self.server.pid, signal.SIGINT)
            self.server.wait(PATIENCE)
            self.server = None

    def try_settings(self, text):
        """See that settings are accepted as they stand, in a file."""
        self.ran += 1
        (self.home / "env").write_text(re.sub(r" {2,}#.*", "", text))
        command = [".venv/bin/python", "manage.py", "check"]
        environment = {name: it for name, it in self.environment.items() if name != "PORT"}
        with self.said.open("w") as said:
            how = self.how(said) | {
                "env": environment | {"ENV_FILE": str(self.home / "env")},
                "cwd": self.place if (self.place / ".venv").exists() else ROOT,
            }
            done = subprocess.run(command, **how)
        if done.returncode:
            sys.exit(f"{self.page}: these settings are refused:\n{text}\n{self.said.read_text()}")


def bare():
    """Return the environment without anything of this project's own."""
    names = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    mine = {
        *names,
        "DJANGO_SETTINGS_MODULE",
        "VIRTUAL_ENV",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MAKEOVERRIDES",
    }
    return {name: it for name, it in os.environ.items() if name not in mine}


def with_uv(home):
    """Return an environment with uv, which finds our wheel beside what the index has."""
    path = f"{home}/.local/bin:{home}/bin:{os.environ['PATH']}"
    (home / "bin").mkdir()
    for name in ("uv", "uvx"):  # and nothing else of ours
        (home / "bin" / name).symlink_to(Path(sys.executable).with_name(name))
    python = {"UV_PYTHON": str(Path(sys.base_prefix, "bin/python3"))}
    return {"PATH": path, "UV_FIND_LINKS": str(home / "wheel"), "XDG_DATA_HOME": ""} | python


def build_wheel(reader):
    """Stand for the index that has this version."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run([*command, "-d", reader.home / "wheel"], cwd=ROOT, check=True)


def publish(reader):
    """Do in the admin what the page says, and see the essay where readers do."""
    site = SimpleNamespace(url=f"http://127.0.0.1:{reader.port}")
    browser = Browser(site)
    browser.sign_in(password=re.search(r"Password +(\S+)", reader.greeting)[1])
    form = browser.ask("/admin/posts/post/add/").text
    given = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    author = re.search(r'name="author".*?<option value="(\d+)"', form, re.DOTALL)
    given |= ESSAY | ({"author": author[1]} if author else {})
    given |= {"published_at_0": time.strftime("%Y-%m-%d", time.gmtime()), "published_at_1": "00:00"}
    answer = browser.ask("/admin/posts/post/add/", given)
    if answer.status != 302:
        errors = re.findall(r"errorlist.*?</ul>", answer.text, re.DOTALL)
        sys.exit(f"The first essay was not published: {answer.status} {errors}")
    if ESSAY["title"] not in Browser(site).ask("/").text:
        sys.exit("The first essay is not on the front page.")


def install(reader):
    """Follow the first page to the first published essay, and print how long it took."""
    began = time.monotonic()
    first, rest = re.split(r"(?m)^(?=The demo goes away)", (ROOT / FIRST).read_text(), maxsplit=1)
    reader.page = FIRST
    # Its server stays for the first essay, and is stopped by what comes next.
    for block in BLOCK.finditer(first):
        for line in (block["body"] or "").splitlines():
            reader.run(line)
    publish(reader)
    took = time.monotonic() - began
    print(f"  {reader.ran} commands and {took:.0f} s to the first published essay", flush=True)
    reader.follow(FIRST, rest)


def borrow(reader):
    """Make what the first page makes, with this checkout's packages: to try one page alone."""
    reader.run("git clone REPOSITORY postil")
    reader.run("cd postil")
    (reader.place / ".venv").symlink_to(ROOT / ".venv")
    os.utime(reader.place / "deploy/requirements.txt", (0, 0))  # so that make installs nothing
    reader.run("uv tool install postil")
    reader.run(".venv/bin/python manage.py serve")
    reader.stop()


def prepare(reader):
    """Keep the site as each page finds it, a backup of it, and its export to move in from."""
    for more in (["backup"], ["export", reader.home / "export"]):
        with reader.said.open("w") as said:
            command = [".venv/bin/python", "manage.py", *more]
            subprocess.run(command, **reader.how(said), check=True)
    shutil.copy(reader.home / "export/wordpress.xml", reader.home / "export.xml")
    shutil.copy(next((reader.place / "var/backups").iterdir()), reader.home / "backup.zip")
    shutil.copytree(reader.place / "var", reader.home / "var", symlinks=True)


def lay_out(reader, top):
    """Have a page find the site with one essay, after what others did; the installed one too."""
    for place in (top / "var", reader.home / ".local/share/postil"):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(reader.home / "var", place, symlinks=True)
    reader.place = top


def main(pages):
    home = Path(tempfile.mkdtemp(prefix="postil-docs-"))
    cluster = postgres.start() if postgres.find_initdb() else None
    reader = Reader(home, cluster and postgres.create_database(cluster, "docs"))
    try:
        build_wheel(reader)
        if not pages:
            print(FIRST, flush=True)
            install(reader)
            others = sorted((ROOT / "docs").glob("*.md"))
            pages = [page for page in [ROOT / "README.md", *others] if page != ROOT / FIRST]
        else:
            borrow(reader)
        prepare(reader)
        top = reader.place
        for page in pages:
            print(page.relative_to(ROOT), flush=True)
            lay_out(reader, top)
            reader.follow(page.relative_to(ROOT), page.read_text())
        print(f"{reader.ran} commands and files of settings, {reader.skipped} blocks not run.")
    finally:
        reader.stop()
        if cluster:
            postgres.stop(cluster)
        shutil.rmtree(home)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by the way of `finally`
    # With pages named, these alone, and nothing is installed.
    main([ROOT / page for page in sys.argv[1:]])
