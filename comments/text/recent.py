"""What was said lately, kept in this process: a look for look-alikes reads only what is new.

Reading three thousand comments' words for every comment that arrives took more than half of its
time. Kept here, each costs one short query. What is kept may be old in two ways, and both are
harmless: a look-alike is only a reason to hold, and whether it still stands is asked before it is
named. Words that were edited or erased are gone from here after KEEP_FOR at the latest.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

# How many earlier comments a new one is compared with.
ON_ESSAY = 1000
ON_SITE = 2000
# Seconds after which everything is read again.
KEEP_FOR = 600
# Essays whose comments are kept at once, and characters of all their words: no more, because what
# is compared of one comment may have 2,000 (duplicates.KEPT).
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
    """The newest comments under one essay, or of the whole site, newest first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.rows: list[Said] = []
        self.characters = 0
        self.read_at = time.monotonic()

    @property
    def newest(self) -> int:
        return self.rows[0].key if self.rows else 0

    def add(self, newer: list[Said]) -> None:
        """Put newer rows before the others, in a new list: another thread may be reading it."""
        newest = self.newest
        newer = [row for row in newer if row.key > newest]
        if newer:
            rows = [*newer, *self.rows]
            self.characters += sum(len(row.words) for row in newer)
            self.characters -= sum(len(row.words) for row in rows[self.most :])
            self.rows = rows[: self.most]


_kept: OrderedDict[int | None, Recent] = OrderedDict()  # by essay; the whole site is None
_lock = threading.Lock()


def writer_of(account: int | None, name: str, email: str) -> Writer:
    """Return who said it: the account, else the address, else the name."""
    if account is not None:
        return "account", account
    return ("email", email.casefold()) if email else ("name", name.casefold())


def by(rows: list[Said], writer: Writer, browser: str, network: str) -> set[int]:
    """Return the keys of what this writer said, as far as that is known.

    A bare name is shared by many, so it counts with the browser that is proven or, without one,
    the network. It serves only to hold a comment.
    """
    own = [row for row in rows if row.writer == writer]
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
    """Return what a new comment under `post` is compared with: the essay's newest, then the site's.

    `read_site` returns the newest of the site after a key, `read_essay` the newest under an essay,
    newest first. The second is asked only for an essay that is not kept yet.
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
    # Of the essay's own, the site may hold some that are not among its newest.
    oldest = on_essay[-1].key if on_essay else 0
    return [*on_essay, *(row for row in on_site if row.post != post or row.key < oldest)]


def _bring_site_up_to_date(read_site: Callable[[int], list[Said]]) -> Recent:
    """Read what came since, and put each row under its essay as well."""
    site = _kept.pop(None, None)
    if site is None or time.monotonic() - site.read_at > KEEP_FOR:
        site = Recent(ON_SITE)
    newer = read_site(site.newest)
    if len(newer) >= ON_SITE:  # there may be more, which the essays would miss
        _kept.clear()
    site.add(newer)
    for post in {row.post for row in newer} & _kept.keys():
        _kept[post].add([row for row in newer if row.post == post])
    _kept[None] = site
    return site


def characters_kept() -> int:
    return sum(recent.characters for recent in _kept.values())


def forget() -> None:
    """Forget everything that is kept, as when words were erased here."""
    with _lock:
        _kept.clear()
