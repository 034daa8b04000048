"""Keeps the newest comments in memory, so that looking for look-alikes reads only newer ones.

Reading the words of three thousand comments took more than half of the time for storing one. Now it
takes one short query. Old data here is harmless: a look-alike is only a reason to hold a comment,
and it is read from the database before it is named. Edited or erased words are gone from here
after KEEP_FOR at the latest.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import NamedTuple

# How many earlier comments a new one is compared with.
ON_ESSAY = 1000
ON_SITE = 2000
# Seconds after which everything is read again.
KEEP_FOR = 600
# Limits of what is kept: the number of essays, and the characters of all words together, because
# one comment may have 2,000 (duplicates.KEPT).
ESSAYS = 50
CHARACTERS = 6_000_000

Writer = tuple[str, int | str]


class Said(NamedTuple):
    key: int
    words: str
    post: int
    writer: Writer
    browser: str
    network: str


class Recent:
    """The newest comments under one essay or of the whole site, newest first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.rows: list[Said] = []
        self.by_writer: defaultdict[Writer, list[Said]] = defaultdict(list)
        self.characters = 0
        self.read_at = time.monotonic()

    @property
    def newest(self) -> int:
        return self.rows[0].key if self.rows else 0

    def add(self, newer: list[Said]) -> None:
        """Add newer rows, in a new list, because another thread may be reading the old one."""
        newest = self.newest
        newer = [row for row in newer if row.key > newest]
        if newer:
            rows = [*newer, *self.rows]
            for row in newer:
                self.characters += len(row.words)
                self.by_writer[row.writer].append(row)
            for row in rows[self.most :]:
                self.characters -= len(row.words)
                self.by_writer[row.writer].remove(row)
                if not self.by_writer[row.writer]:
                    del self.by_writer[row.writer]
            self.rows = rows[: self.most]


_kept: OrderedDict[int | None, Recent] = OrderedDict()  # by essay; the whole site is None
_lock = threading.Lock()


def writer_of(account: int | None, name: str, email: str) -> Writer:
    """Return who wrote it: the account, else the e-mail address, else the name."""
    if account is not None:
        return "account", account
    return ("email", email.casefold()) if email else ("name", name.casefold())


def said_by(post: int, writer: Writer, browser: str, network: str) -> set[int]:
    """Return the keys of this writer's comments under `post` and on the site, as far as is known.

    A name is shared by many, so it counts with the proven browser or, without one, the network.
    The result is only used to hold a comment.
    """
    with _lock:
        kept = [_kept[key] for key in (post, None) if key in _kept]
        own = [row for recent in kept for row in recent.by_writer.get(writer, ())]
    if writer[0] == "name":
        own = [
            row for row in own if (row.browser == browser if browser else row.network == network)
        ]
    return {row.key for row in own}


def said_lately(
    post: int,
    read_site: Callable[[int], list[Said]],
    read_essay: Callable[[int], list[Said]],
) -> list[Said]:
    """Return the comments that a new one under `post` is compared with: the essay's, then others.

    `read_site` returns the site's comments after a key, `read_essay` an essay's newest, both newest
    first. `read_essay` is called only if the essay is not kept yet.
    """
    with _lock:
        site = _bring_site_up_to_date(read_site)
        essay = _kept.pop(post, None)
        if essay is None or time.monotonic() - essay.read_at > KEEP_FOR:
            essay = Recent(ON_ESSAY)
            essay.add(read_essay(post))
        _kept[post] = essay
        while len(_kept) > ESSAYS + 1 or (len(_kept) > 2 and characters_kept() > CHARACTERS):
            _kept.popitem(last=False)
        on_essay, on_site = essay.rows, site.rows
    # The essay's older comments can be among the site's newest.
    oldest = on_essay[-1].key if on_essay else 0
    return on_essay + [row for row in on_site if row.post != post or row.key < oldest]


def _bring_site_up_to_date(read_site: Callable[[int], list[Said]]) -> Recent:
    """Read newer comments of the site, and add them to their essays' lists too."""
    site = _kept.pop(None, None)
    if site is None or time.monotonic() - site.read_at > KEEP_FOR:
        site = Recent(ON_SITE)
    newer = read_site(site.newest)
    if len(newer) >= ON_SITE:  # there may be more, so the essays' lists are incomplete
        _kept.clear()
    site.add(newer)
    for post in {row.post for row in newer} & _kept.keys():
        _kept[post].add([row for row in newer if row.post == post])
    _kept[None] = site
    return site


def characters_kept() -> int:
    return sum(recent.characters for recent in _kept.values())


def forget() -> None:
    """Forget everything, for example after words were erased."""
    with _lock:
        _kept.clear()
