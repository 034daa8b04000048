"""What another system kept of a discussion, in words that are the same for every system.

A reader of a system's export makes these of it, and nothing else: it converts no text, looks up no
essay and writes nothing (bringing.py does).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from comments.models import Comment

# Characters of a key beside the name of its system.
LONGEST = 400


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


class DiscussionError(ValueError):
    """The file was refused. The message is one translated sentence saying what and where."""


@dataclass(slots=True)
class Said:
    """One comment as another system kept it.

    What is `left_out` is not brought, with a sentence that says why; its replies are.
    """

    id: str  # unique in that system's export; "" where it says none
    page: str = ""  # the address of its page as written, or the name of a Page
    parent: str = ""  # the id it answers
    name: str = ""  # as text
    email: str = ""
    url: str = ""
    address: str = ""  # of the network
    html: str = ""  # its words as HTML, which is cleaned; or
    markdown: str = ""  # as Markdown as typed; HTML in it is cleaned as well
    at: datetime | None = None
    status: str = Comment.Status.APPROVED
    left_out: str = ""
    user: Any = None  # the key of a user here who wrote it
    wordpress: str = ""  # its number in WordPress, if it was taken over from there
    # What has no place here, by what the report calls it (translated): numbers are summed up.
    lost: dict[str, int] = field(default_factory=dict)
    # Headings of the report (translated) under which it is named.
    named: tuple[str, ...] = ()


@dataclass(slots=True)
class Page:
    """A page that comments stood on, if the export says more of it than its address.

    `name` is what a Said calls it. The first of its addresses that leads to an essay counts.
    """

    name: str
    addresses: tuple[str, ...] = ()
    closed: bool | None = False  # to new comments; None if nothing says it
    left_out: str = ""  # why none of its comments are brought


class Discussion:
    """One export, open to be read. `system` is its short name and belongs to keys that are stored.

    `key` tells two exports of one system apart whose ids could be equal; "" where ids are unique
    everywhere. `anchor` is what its pages put before an id in addresses of single comments, if that
    is `comment-`: such addresses lead on.
    """

    system = ""
    key = ""
    anchor = ""
    # Hosts that the file itself says are the blog's own.
    hosts: tuple[str, ...] = ()

    def pages(self) -> Iterator[Page]:
        """Yield the pages of which the file says more than an address; read before `said`."""
        yield from ()

    def said(self) -> Iterator[Said]:
        """Yield its comments, one at a time and in any order. Raises DiscussionError."""
        raise NotImplementedError

    def origin(self, id: str) -> str:
        """Return the key by which a comment is found again, in every export of the same site."""
        key = f"{self.key}#{self.anchor}{id}"
        return f"{self.system}:{key if len(key) <= LONGEST and key.isprintable() else hashed(key)}"

    def unreadable(self) -> dict[str, list[str]]:
        """Return what was left out to read the file at all: headings, each with its lines."""
        return {}
