"""Where `serve` listens, written down for other commands of the same data folder."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

# Addresses that stand for all of a machine's own, and the one to ask of them.
EVERY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def folder() -> Path:
    return Path(settings.DATA_DIR) / "serving"


@contextlib.contextmanager
def written_down(listener: socket.socket) -> Iterator[None]:
    """Keep the address of a listening socket in the data folder while the block runs.

    A program that takes the place of this one has its number, and writes its own.
    """
    for path in folder().glob("*.json"):
        if not served_by(path):
            path.unlink(missing_ok=True)
    host, port = listener.getsockname()[:2]
    path = folder() / f"{os.getpid()}.json"
    entry = {"since": began(os.getpid()), "host": host, "port": port}
    with contextlib.suppress(OSError):  # on a full disk the site runs, and only this is not known
        folder().mkdir(mode=0o700, exist_ok=True)
        path.write_text(json.dumps(entry))
    yield
    # Not where it was killed; that is seen by its number.
    path.unlink(missing_ok=True)


def addresses() -> list[tuple[str, int]]:
    """Return host and port of each `serve` that runs on this data folder just now, by port."""
    found = {it for path in folder().glob("*.json") if (it := served_by(path))}
    return sorted(found, key=lambda address: address[1])


def served_by(path: Path) -> tuple[str, int] | None:
    """Return the address a file names, None where the process that wrote it is gone."""
    try:
        entry = json.loads(path.read_text())
        if entry["since"] != began(int(path.stem)):
            return None
        host = str(entry["host"])
        return EVERY.get(host, host), int(entry["port"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def began(pid: int) -> int:
    """Return when a process began, in ticks since the machine did (proc_pid_stat(5)).

    Raises OSError where there is none of this number.
    """
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
