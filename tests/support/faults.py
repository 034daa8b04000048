"""Real faults of a running site, each with its repair."""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

import postgres
from server import free_port
from smtp_server import mail_server
from test_worker import lives, until

MEGABYTES = 48


def children(pid):
    """Return the processes that this one forked, in whichever of its threads."""
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, thread.read_text().split())
    return [child for child in found if lives(child)]


def family(pid):
    """Return this process and all its descendants."""
    return [pid, *(each for child in children(pid) for each in family(child))]


def kill(*pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(lives, pids)))


class Disk:
    """A small file system of its own that can fill up, or break and then take no writes."""

    def __init__(self, folder):
        self.place, self.image = folder / "disk", folder / "disk.img"
        self.place.mkdir()
        with self.image.open("wb") as image:
            image.truncate(MEGABYTES * 2**20)
        quiet = {"check": True, "capture_output": True}
        subprocess.run(["mkfs.ext4", "-q", "-m0", self.image], **quiet)
        self.mount()

    def mount(self):
        command = ["mount", "-o", "loop,errors=remount-ro", self.image, self.place]
        # What held it before may take a moment to let go.
        until(lambda: subprocess.run(command, capture_output=True).returncode == 0, 30)

    def keep(self):
        """Have what is written so far be on it, whatever comes."""
        subprocess.run(["sync", "--file-system", self.place], check=True)

    def unmount(self):
        if os.path.ismount(self.place):
            command = ["umount", self.place]
            until(lambda: subprocess.run(command, capture_output=True).returncode == 0)

    def fill(self):
        with contextlib.suppress(OSError), (self.place / "filler").open("wb", 0) as filler:
            while filler.write(bytes(4096)):
                pass

    def empty(self):
        (self.place / "filler").unlink()

    def break_down(self):
        """Have the kernel find an error on it: it then takes no writes, as from a dying disk."""
        device = subprocess.run(
            ["findmnt", "-no", "SOURCE", self.place], check=True, capture_output=True, text=True
        ).stdout.strip()
        Path(f"/sys/fs/ext4/{Path(device).name}/trigger_fs_error").write_text("tried")

    def repair(self):
        """What the start of a machine does with it."""
        self.unmount()
        subprocess.run(["e2fsck", "-fy", self.image], check=False, capture_output=True)
        self.mount()


def why_no_disk():
    """Return why no Disk can be had here, or an empty text."""
    if os.geteuid() != 0:
        return "only root may mount a file system"
    if not shutil.which("mkfs.ext4"):
        return "no mkfs.ext4 is installed"
    return ""


class Cluster:
    """A PostgreSQL that can be killed, or hang."""

    def __init__(self):
        self.folder = postgres.start(postgres.OUTLIVES_KILLS)
        self.url = postgres.address(self.folder)

    def processes(self):
        return family(int((self.folder / "data/postmaster.pid").read_text().split()[0]))

    def kill(self):
        kill(*self.processes())
        # Until its parent waits for it, it seems alive to its successor.
        (self.folder / "data/postmaster.pid").unlink()

    def bring_up(self):
        postgres.bring_up(self.folder, postgres.OUTLIVES_KILLS)

    def stop(self):
        """Have it gone, however it is."""
        if (self.folder / "data/postmaster.pid").exists():
            self.go_on()
            self.kill()
        shutil.rmtree(self.folder)

    def hang(self):
        for pid in self.processes():
            os.kill(pid, signal.SIGSTOP)

    def go_on(self):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):  # it was ended meanwhile
                os.kill(pid, signal.SIGCONT)


class Mail:
    """A mail server at one port, which is there or not."""

    def __init__(self):
        self.port, self.taken = free_port(), []
        self.come()

    def come(self):
        self.open = contextlib.ExitStack()
        self.server = self.open.enter_context(mail_server(port=self.port))

    def go(self):
        self.open.close()
        self.taken += self.server.taken

    def addresses(self):
        return {to for to, _raw in [*self.taken, *self.server.taken]}


class Redis:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.come()

    def come(self):
        command = ["redis-server", "--port", str(self.port), "--save", "", "--dir", self.folder]
        self.process = subprocess.Popen([*command, "--bind", "127.0.0.1"], stdout=-3)
        until(self.answers)

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True

    def go(self):
        self.process.kill()
        self.process.wait()


class Clock:
    """The clock on the wall of a site's processes; others' clocks go on (clock.c)."""

    def __init__(self, folder):
        self.file, self.library = folder / "clock", folder / "clock.so"
        source = Path(__file__).parent / "clock.c"
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", self.library, source, "-ldl"]
        subprocess.run(command, check=True)
        self.file.write_bytes(bytes(8))

    def set(self, seconds):
        """Set the clock ahead by this much."""
        with self.file.open("r+b", 0) as file:
            file.write(struct.pack("=q", seconds))

    def variables(self):
        return {"LD_PRELOAD": str(self.library), "CLOCK": str(self.file)}


def processor_seconds(pid):
    """Return the time on a processor that this process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settle(done, seconds):
    """Return the seconds until `done()` is true; fail after the limit."""
    began = time.monotonic()
    until(done, seconds)
    return time.monotonic() - began
