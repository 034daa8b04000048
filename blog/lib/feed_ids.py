"""What feeds call a site, its essays, tags and comments: names that outlive every address.

A feed reader knows an entry by its id alone, and shows one with another id as new. So an id is made
once, stored with its row, and follows from nothing that can change: neither the domain, nor the
slug, nor a date. New ones are `urn:uuid:` (RFC 9562, section 4) and not `tag:` (RFC 4151), because
that names a domain its owner may give up, and because WordPress, which an owner may move to, takes
the one for a post's id and not the other. What an import brings keeps the id it had.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings

# Characters of one: as many as any address that is kept.
LONGEST = 500

# An IRI with a scheme (RFC 3987), as Atom asks for; not whether its parts make sense.
_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`\x00-\x20]+""")

_made_at: ContextVar[str | None] = ContextVar("made_at", default=None)


def new_feed_id() -> str:
    return uuid.uuid4().urn


def part_of(feed_id: str, name: str) -> str:
    """Return the id of what belongs to something with an id, as an essay's comments do."""
    if feed_id.startswith("tag:"):
        return f"{feed_id}:{name}"
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{feed_id}#{name}").urn


def as_iri(feed_id: str) -> str:
    """Return an id as Atom can have it: imported ones need not be IRIs."""
    if _IRI.fullmatch(feed_id):
        return feed_id
    return uuid.uuid5(uuid.NAMESPACE_URL, feed_id).urn


@contextmanager
def made_at(site_url: str) -> Iterator[None]:
    """Let migrations in the block store the ids that feeds had at this address.

    For a backup of an earlier version, which may be restored under another address.
    """
    before = _made_at.set(site_url)
    try:
        yield
    finally:
        _made_at.reset(before)


def site_of_old_ids() -> str:
    """Return the address that the ids of an earlier version were made of."""
    return _made_at.get() or str(settings.SITE_URL)
