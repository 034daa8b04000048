"""Reads author, title, text and date of an h-entry (microformats2), as far as a mention shows them.

This is our own code, because mf2py 2.0.2 needs requests, html5lib and Beautiful Soup (28 MB, and
0.24 s to import), raises RecursionError at 1,000 nested elements, and takes 15 s for 10,000 with
html5lib. The vocabulary is that of https://microformats.org/wiki/h-entry and of the older hAtom,
which many WordPress themes still use.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from comments.linkbacks.protocols.pages import Node, Page

Kind = Literal["mention", "reply", "like", "repost", "bookmark"]

_KINDS: dict[str, Kind] = {
    "u-in-reply-to": "reply",
    "u-like-of": "like",
    "u-like": "like",
    "u-favorite-of": "like",
    "u-repost-of": "repost",
    "u-repost": "repost",
    "u-bookmark-of": "bookmark",
}
_ENTRIES = frozenset({"h-entry", "hentry"})
_FEEDS = frozenset({"h-feed", "hfeed"})
_CARDS = frozenset({"h-card", "vcard"})
# Properties that a card may have on its own element.
_OF_CARDS = frozenset({"p-name", "u-url", "u-uid", "u-photo", "p-author", "u-author"})
_ROOT = re.compile(r"h-[a-z0-9-]*[a-z0-9]|hentry|vcard")
_PROPERTIES = {
    "p-name": "name",
    "entry-title": "name",
    "fn": "name",
    "p-author": "author",
    "author": "author",
    "u-author": "author",
    "u-url": "url",
    "url": "url",
    "e-content": "content",
    "p-content": "content",
    "entry-content": "content",
    "p-summary": "summary",
    "entry-summary": "summary",
    "dt-published": "published",
    "published": "published",
    "dt-updated": "updated",
    "updated": "updated",
}


class Entry(NamedTuple):
    """The properties of an h-entry, unchanged; "" or None if missing."""

    node: Node
    name: str
    author: str
    author_url: str | None
    published: datetime | None
    content: Node | None


def entry_of(page: Page, link: Node) -> Entry | None:
    """Return the innermost h-entry around a link, or None."""
    node = next((node for node in link.ancestors() if _is_entry(node)), None)
    if node is None:
        return None
    found = _properties(page, node)
    name, published = found.get("name"), found.get("published") or found.get("updated")
    content = found.get("content") or found.get("summary")
    # An entry without a title often marks its whole text as its name too.
    titled = name is not None and name is not content
    author_name, author_url = _author_of(page, node, found.get("author"))
    return Entry(
        node,
        name=value_of(page, name) if name and titled else "",
        author=author_name,
        author_url=author_url,
        published=time_in(_time_of(page, published)) if published else None,
        content=content,
    )


def same_entry(one: Node, other: Node) -> bool:
    entries = [next(filter(_is_entry, node.ancestors()), None) for node in (one, other)]
    return entries[0] is entries[1]


def kind_of(link: Node) -> Kind:
    """Return what a link does (reply, like ...), by its class, an element around it, or its rel."""
    for node in (link, *link.ancestors()):
        kinds = [_KINDS[name] for name in node.tokens("class") if name in _KINDS]
        if kinds:
            return kinds[0]
        if _is_entry(node):
            break
    return "reply" if "in-reply-to" in link.tokens("rel") else "mention"


def _author_of(page: Page, entry: Node, author: Node | None) -> tuple[str, str | None]:
    """Return the name and address of an entry's author.

    Without one of its own that is its feed's, or whose card stands in the entry, or alone on the
    page. An author may be an address only, and then has the name of the card with that address.
    """
    name, url = _card(page, author) if author else ("", None)
    if name.strip():
        return name, url
    if author is None:
        feed = next((above for above in entry.ancestors() if _has(above, _FEEDS)), None)
        found = _properties(page, feed).get("author") if feed else None
        if found is not None and found is not entry:
            return _card(page, found)
    cards = [node for node in page.nodes if _has(node, _CARDS)]
    if author is not None:
        cards = [card for card in cards if url and _card(page, card)[1] == url][:1]
    else:
        alone = [card for card in cards if not any(map(_is_root, card.ancestors()))]
        inside = [card for card in cards if _is_of(card, entry)]
        cards = inside[:1] or (alone if len(alone) == 1 else [])
    return _card(page, cards[0]) if len(cards) == 1 and not _is_property(cards[0]) else (name, url)


def _is_of(card: Node, entry: Node) -> bool:
    """Return whether this stands in an entry, and in no other microformat within it."""
    above = next((node for node in card.ancestors() if _is_root(node)), None)
    return above is entry and not _is_property(card)


def _is_property(card: Node) -> bool:
    names = card.tokens("class")
    return any(name.startswith(("p-", "u-")) and name not in _OF_CARDS for name in names)


def time_in(text: str) -> datetime | None:
    """Return the time in an ISO 8601 text, or None; UTC if it names no zone.

    A day alone is noon, which nearly everywhere is the same day.
    """
    # Some write spaces between day, time and zone.
    day, *rest = text[:100].split() or [""]
    try:
        found = datetime.fromisoformat(f"{day}T{''.join(rest)}" if rest else day)
        if len(day) <= len("2026-11-29") and not rest:
            found = found.replace(hour=12)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # not a time, or one that is out of range in UTC
        return None


def value_of(page: Page, node: Node) -> str:
    """Return the text of a property (microformats2 parsing, "p-x")."""
    given = {"img": "alt", "area": "alt", "abbr": "title", "data": "value"}.get(node.tag, "")
    return node.attributes.get(given) or page.text(node)


def _is_entry(node: Node) -> bool:
    return _has(node, _ENTRIES)


def _has(node: Node, names: frozenset[str]) -> bool:
    return not names.isdisjoint(node.tokens("class"))


def _is_root(node: Node) -> bool:
    return any(_ROOT.fullmatch(name) for name in node.tokens("class"))


def _properties(page: Page, root: Node) -> dict[str, Node]:
    """Return the first element of each property, without those of nested microformats."""
    found: dict[str, Node] = {}
    place = root.start
    while place < root.end:
        item = page.items[place]
        place += 1
        if isinstance(item, Node):
            for name in item.tokens("class"):
                if name in _PROPERTIES:
                    found.setdefault(_PROPERTIES[name], item)
            if _is_root(item):
                place = item.end
    return found


def _card(page: Page, author: Node) -> tuple[str, str | None]:
    """Return an author's name and address; the element may be the name, a link, or hold both."""
    found = _properties(page, author) if _is_root(author) else {}
    name, link = found.get("name"), found.get("url", author)
    words = value_of(page, name or author)
    if not words.strip():
        images = (node for node in page.inside(author) if node.tag == "img")
        words = next((node.attributes.get("alt", "") for node in images), "")
    address = link.attributes.get("value" if link.tag == "data" else "href")
    return words, page.resolve(address) if address else None


def _time_of(page: Page, node: Node) -> str:
    if given := node.attributes.get("datetime"):
        return given
    # The value class pattern: the date in one element, and the time in another.
    parts = [part for part in page.inside(node) if "value" in part.tokens("class")][:2]
    if parts:
        return " ".join(part.attributes.get("datetime") or value_of(page, part) for part in parts)
    return value_of(page, node)
