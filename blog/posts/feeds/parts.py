"""What a feed says, in whichever form it is written."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

# Of a feed that has no entries: Atom wants a time, and the same each time it is asked.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


class Enclosure(NamedTuple):
    url: str
    length: int
    kind: str


class Picture(NamedTuple):
    """The picture an entry is shown with elsewhere."""

    url: str
    kind: str
    width: int
    height: int
    alt: str


@dataclass
class Entry:
    """One essay or comment. Title, byline, summary and tags are plain text, `content` is HTML."""

    id: str
    url: str
    title: str
    content: str
    summary: str
    byline: str
    published: datetime
    updated: datetime
    # Where it is another than the feed's; else "".
    language: str = ""
    tags: list[str] = field(default_factory=list)
    enclosures: list[Enclosure] = field(default_factory=list)
    picture: Picture | None = None


@dataclass
class Page:
    """One page of a feed (RFC 5005, section 3); all its words are plain text.

    `links` are the addresses of other pages and of a hub, by their relation.
    """

    id: str
    url: str
    home: str
    title: str
    description: str
    language: str
    links: dict[str, str]
    entries: list[Entry]

    @property
    def updated(self):
        return max((entry.updated for entry in self.entries), default=NEVER)
