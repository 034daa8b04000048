"""How every process hears that readers' pages changed: one number that all of them share.

On one machine it lies in a file that each process maps into memory, so a look costs nothing and
asks no database. Whatever writes to a table that pages are made of gives it a new value, after its
commit and before its answer goes out. Between machines PostgreSQL carries the word: NOTIFY is part
of the transaction, so it goes out if and only if the change does, and each server process listens.
"""

import logging
import mmap
import os
import secrets
import struct
import time
from functools import cache
from pathlib import Path

from django.conf import settings

from blog.lib.whereabouts import ONLY_LOOKS

logger = logging.getLogger(__name__)

CHANNEL = "postil_pages"
# What the word says of a change of the site's own settings.
SITE = "site"
# Bytes: the number, the time, and the number of the site's settings, eight each.
SIZE = 24


class Freshness:
    """The shared number and the time of the last change, in a file of 24 bytes.

    Each value is new and never comes again, so that two changes at once cannot look like none and
    no page kept under an old value is taken for a fresh one. While the file cannot be written, this
    process goes by memory of its own; other processes' changes then show by the pages' greatest
    age, or by the word of the database.
    """

    def __init__(self, path: Path, *, only_looks: bool = False) -> None:
        self.path, self.file = path, -1
        self.own = self.words = memoryview(mmap.mmap(-1, SIZE)).cast("Q")
        if only_looks:
            return
        try:
            self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.posix_fallocate(self.file, 0, SIZE)
            # Only to be read: to write to memory that its disk does not take kills the process.
            memory = mmap.mmap(self.file, SIZE, prot=mmap.PROT_READ)
        except OSError as error:
            self.say(error)
        else:
            self.words = self.common = memoryview(memory).cast("Q")

    def say(self, error: OSError) -> None:
        logger.warning(
            "%s cannot be written: %s. Pages may be a minute old.", self.path, error.strerror
        )

    @property
    def generation(self) -> int:
        """What pages are kept under; another one means that they may have changed."""
        return self.words[0]

    @property
    def changed_at(self) -> int:
        """When they last did, in seconds since 1970."""
        return self.words[1]

    @property
    def site(self) -> int:
        """What a process keeps the site's settings under; another one means that they changed."""
        return self.words[2]

    @property
    def is_shared(self) -> bool:
        """Whether other processes' changes are seen here."""
        return self.words is not self.own

    def change(self, *, site: bool = False) -> None:
        """Let every process of this machine render its pages again.

        With `site`, let them read the site's settings again as well.
        """
        changed_at, generation = int(time.time()), secrets.randbits(64)
        try:
            # The settings before the number, or a page of the old ones were kept as a new one.
            if site:
                os.pwrite(self.file, struct.pack("=Q", secrets.randbits(64)), SIZE // 3 * 2)
            # The time first: a process that sees the new number must not go by the old time.
            os.pwrite(self.file, struct.pack("=Q", changed_at), SIZE // 3)
            os.pwrite(self.file, struct.pack("=Q", generation), 0)
            self.words = self.common
        except OSError as error:
            if site:
                self.own[2] = secrets.randbits(64)
            self.own[1], self.own[0] = changed_at, generation
            if self.words is not self.own:
                self.words = self.own
                self.say(error)


@cache
def shared() -> Freshness:
    """Return this machine's number."""
    return Freshness(settings.DATA_DIR / "pages", only_looks=ONLY_LOOKS)
