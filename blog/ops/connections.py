"""Which connections another process of the server has, by what the system says of it."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path


def has_connections(number: int, listener: socket.socket) -> bool:
    """Tell whether a process still accepts connections from `listener`, or has some of its own.

    True where the system does not say (there is no /proc).
    """
    folder = f"/proc/{number}"
    try:
        held = set(inodes_in(f"{folder}/fd"))
        lines = Path(f"{folder}/net/tcp").read_text() + Path(f"{folder}/net/tcp6").read_text()
    except OSError:
        return Path(folder).exists() or not Path("/proc").exists()
    if os.fstat(listener.fileno()).st_ino in held:
        return True
    # Local address, state and inode: proc_net_tcp.rst of the kernel. 01 is an open connection.
    port = f":{listener.getsockname()[1]:04X}"
    rows = [line.split() for line in lines.splitlines() if port in line]
    return any(r[1].endswith(port) and r[3] == "01" and int(r[9]) in held for r in rows)


def inodes_in(folder: str) -> Iterator[int]:
    """Yield the inodes of what a process has open, but for what it closes meanwhile."""
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            yield os.stat(f"{folder}/{name}").st_ino
