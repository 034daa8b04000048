"""What was said lately, kept in this process: a look for look-alikes reads only what is new.

Reading three thousand comments' words for every comment that arrives took more than half of its
time. Kept here, each costs two short queries. What is kept may be old in two ways, and both are
harmless: a look-alike is only a reason to hold, and whether it still stands is asked before it is
named. Words that were edited or erased are gone from here after KEEP_FOR at the latest.
"""

import threading
import time
from collections import OrderedDict
from typing import NamedTuple

# How many earlier comments a new one is compared with.
ON_ESSAY = 1000
ON_SITE = 2000
# Seconds after which everything is read anew.
KEEP_FOR = 600
# Essays whose comments are kept at once, and characters of all their words: no more, because what
# is compared of one comment may have 2,000 (comments/duplicates.py).
ESSAYS = 20
CHARACTERS = 6_000_000


class Said(NamedTuple):
    key: int
    words: str
    writer: tuple
    browser: str
    network: str

    def is_by(self, writer, browser, network):
        """Return whether this writer said it, as far as that is known.

        A bare name is shared by many, so it counts with the browser that is proven or, without
        one, the network. It serves only to hold a comment.
        """
        if self.writer != writer or writer[0] != "name":
            return self.writer == writer
        return self.browser == browser if browser else self.network == network


class Recent:
    """The newest comments under one essay, or of the whole site."""

    def __init__(self, most):
        self.most = most
        self.rows = []
        self.characters = 0
        self.read_at = time.monotonic()

    def bring_up_to_date(self, comments):
        """Read what came since (one query)."""
        fields = ("pk", "words", "browser", "network", "author_id", "name", "email")
        if self.rows:
            newer = comments.filter(pk__gt=self.rows[0].key).order_by("-pk")
        else:
            newer = comments.order_by("-pk")
        newer = [
            Said(pk, words, writer_of(*who), browser, network)
            for pk, words, browser, network, *who in newer.values_list(*fields)[: self.most]
        ]
        # A new list, because another thread may be reading the old one.
        self.rows = [*newer, *self.rows][: self.most]
        if newer:
            self.characters = sum(len(row.words) for row in self.rows)


_kept = OrderedDict()
_lock = threading.Lock()


def writer_of(account, name, email):
    """Return who said it: the account, else the address, else the name."""
    if account is not None:
        return "account", account
    return ("email", email.casefold()) if email else ("name", name.casefold())


def said_lately(comments, post):
    """Return what a new comment under `post` is compared with, newest first (two queries).

    Whatever its status: the newest comments under the essay, and the newest of the whole site.
    """
    rows = [
        *up_to_date(post.pk, ON_ESSAY, comments.filter(post=post)),
        *up_to_date(None, ON_SITE, comments),
    ]
    return list({row.key: row for row in rows}.values())


def up_to_date(key, most, comments):
    with _lock:
        recent = _kept.pop(key, None)
        if recent is None or time.monotonic() - recent.read_at > KEEP_FOR:
            recent = Recent(most)
        _kept[key] = recent
        recent.bring_up_to_date(comments)
        while len(_kept) > ESSAYS + 1 or (len(_kept) > 2 and characters_kept() > CHARACTERS):
            _kept.popitem(last=False)
        return recent.rows


def characters_kept():
    return sum(recent.characters for recent in _kept.values())


def forget():
    """Forget everything that is kept, as when words were erased here."""
    with _lock:
        _kept.clear()
