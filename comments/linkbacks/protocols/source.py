"""Reads a source page: whether it links to a target, and what it says about it.

What counts as a link depends on the format (Webmention 3.2.2): in HTML an attribute that holds an
address, in JSON a value, in plain text the address itself. For Pingback 1.0 only hyperlinks in
HTML count, not images or the sources of quotations. Both need real elements: comments, scripts,
templates, escaped markup and `<noscript>` do not count, because readers never see them. Elements
hidden by `hidden` or `display: none` do count, because sites mark in them, as in `<link>`, what
they reply to; a moderator sees each mention first. The text of hidden elements is never shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from blog.markup import one_line
from comments.linkbacks.protocols.microformats import (
    Entry,
    Kind,
    entry_of,
    kind_of,
    same_entry,
    time_in,
    value_of,
)
from comments.linkbacks.protocols.pages import HTML_TYPES, MAX_CHARACTERS, Node, Page, read_page
from comments.linkbacks.protocols.xmlrpc import media_type
from comments.text.permalinks import address_key, join, normalise_address

# Characters, the ellipsis included.
MAX_TITLE = 200
MAX_AUTHOR = 100
MAX_EXCERPT = 280

# How many addresses of one page are compared in full, and how many links to the target are used.
# A page of an essay's length has fewer; each costs some 50 microseconds.
_MOST_ADDRESSES = 1000
_MOST_LINKS = 50
# Characters that are read to make one line of text, so that long white space costs little.
_ENOUGH = 8 * 1024

# From the HTML standard's index of attributes, "valid URL" and "image candidate strings", without
# forms; and SVG's. On other elements these names have no meaning, and <base> is not a link.
_ATTRIBUTES = {
    "href": frozenset({"a", "area", "link", "image", "use"}),
    "xlink:href": frozenset({"a", "image", "use"}),
    "src": frozenset({
        "audio", "embed", "frame", "iframe", "img", "input", "script", "source", "track", "video"
    }),
    "cite": frozenset({"blockquote", "del", "ins", "q"}),
    "data": frozenset({"object"}),
    "poster": frozenset({"video"}),
    "longdesc": frozenset({"img", "iframe", "frame"}),
}  # fmt: skip
_SRCSETS = {"srcset": frozenset({"img", "source"}), "imagesrcset": frozenset({"link"})}
_HYPERLINKS = frozenset({"a", "area", "link"})
_DESCRIPTOR = re.compile(r"[0-9.]+[wxh],?")
_HOST = re.compile(r"\s*https?://([^/?#]*)", re.IGNORECASE)
_IN_TEXT = re.compile(r"""https?://[^\s<>"]+""", re.IGNORECASE)
_CLOSING = ".,;:!?'*_~)]}’”»…"
_CONTROLS = re.compile("[\x7f-\x9f\u200b\ufeff]")


@dataclass(frozen=True)
class Mention:
    """What can be shown of a page that links here, as plain text that is not escaped yet.

    Missing values are "" or None. `published` is in UTC.
    """

    title: str = ""
    author: str = ""
    author_url: str | None = None
    excerpt: str = ""
    kind: Kind = "mention"
    published: datetime | None = None
    # The addresses by which it links here, in its order; what it reacts to first.
    links: tuple[str, ...] = ()


class NotRead(Exception):
    """No link was found, but the page was not read to its end, so it may have one."""


def read_source(
    text: str,
    content_type: str,
    url: str,
    target: str,
    leads_there: Callable[[str], bool] | None = None,
    *,
    hyperlinks_only: bool = False,
) -> Mention | None:
    """Return what a page says about a target, or None if it has no real link to it.

    `url` is the page's address after redirects. `leads_there` says whether an address on the
    target's host leads to the target; without it, only the target's own address does.
    `hyperlinks_only` is for pingbacks. A page without a type is read as HTML.

    Raises NotRead if no link was found and not everything was read: the page is longer than the
    limits in `pages`, has a type that is not read, or cannot be parsed.
    """
    wanted = _Wanted(target, leads_there)
    kind = media_type(content_type)
    if kind in HTML_TYPES or not kind:
        page = read_page(text, url, kind)
        found = _in_html(page, wanted, hyperlinks_only)
        all_read = not page.cut
    elif hyperlinks_only:
        raise NotRead
    elif kind == "application/json" or kind.endswith("+json"):
        found, all_read = _in_json(text, wanted), True
    elif kind.startswith("text/"):
        found = _in_text(text[:MAX_CHARACTERS], wanted)
        all_read = len(text) <= MAX_CHARACTERS
    else:
        raise NotRead
    if found is None and not (all_read and wanted.all_looked_at):
        raise NotRead
    return found


class _Wanted:
    """Decides which addresses lead to the target."""

    def __init__(self, target: str, leads_there: Callable[[str], bool] | None) -> None:
        self.key = address_key(target)
        self.leads_there = leads_there
        self.host = urlsplit(self.key or "").hostname or ""
        self.known: dict[str, bool] = {}
        self.bases: dict[str, bool] = {}
        self.all_looked_at = True

    def is_meant(self, reference: str, page: Page | None = None) -> bool:
        """Return whether a reference leads to the target; it is relative to `page`, if given."""
        if not self._may_be_meant(reference, page):
            return False
        if reference not in self.known:
            if len(self.known) >= _MOST_ADDRESSES:
                self.all_looked_at = False
                return False
            address = join(page.base, reference) if page else reference
            self.known[reference] = self._is_target(address)
        return self.known[reference]

    def _is_target(self, address: str) -> bool:
        # Without the fragment, which may quote many words, and be no valid one.
        address = address.partition("#")[0]
        key = address_key(address)
        if key is None:
            return False
        return key == self.key or (self.leads_there is not None and self.leads_there(address))

    def _may_be_meant(self, reference: str, page: Page | None) -> bool:
        """Return False if it is certainly on another host, which saves the full comparison."""
        absolute = _HOST.match(reference)
        if absolute:
            host = absolute[1].lower()
            return "[" in host or not host.isascii() or bool(self.host and self.host in host)
        return page is not None and ("//" in reference or self._is_on_ours(page.base))

    def _is_on_ours(self, base: str) -> bool:
        if base not in self.bases:
            host = urlsplit(normalise_address(base) or "").hostname or ""
            self.bases[base] = host == self.host
        return self.bases[base]


def _in_html(page: Page, wanted: _Wanted, hyperlinks_only: bool) -> Mention | None:
    links: dict[Node, list[str]] = {}
    for node in page.nodes:
        if node.in_noscript or (hyperlinks_only and node.tag not in _HYPERLINKS):
            continue
        if meant := [each for each in _references(node) if wanted.is_meant(each, page)]:
            links[node] = [join(page.base, reference) for reference in meant]
            if len(links) == _MOST_LINKS:
                break
    if not links:
        return None
    # Show what reacts to the target, in the first link that readers can see, or else in the first.
    reacting = [node for node in links if kind_of(node) != "mention"]
    kind: Kind = kind_of(reacting[0]) if reacting else "mention"
    near = [node for node in links if not reacting or same_entry(node, reacting[0])]
    link = next((node for node in near if node.tag == "a" and page.text(node).strip()), near[0])
    entry = entry_of(page, link)
    author, author_url = _author(page, entry)
    return Mention(
        title=_first(MAX_TITLE, [entry.name if entry else "", *_titles(page)]),
        author=cut(plain(author), MAX_AUTHOR),
        author_url=author_url,
        excerpt=_excerpt(page, link, entry, kind),
        kind=kind,
        published=(entry and entry.published) or time_in(_meta(page, "article:published_time")),
        links=tuple(
            address
            for node in sorted(links, key=reacting.__contains__, reverse=True)
            for address in links[node]
        )[:_MOST_LINKS],
    )


def _references(node: Node) -> Iterator[str]:
    for name, value in node.attributes.items():
        if node.tag in _ATTRIBUTES.get(name, ()):
            yield value
        elif node.tag in _SRCSETS.get(name, ()):
            for word in value.split():
                if not _DESCRIPTOR.fullmatch(word):
                    yield word.strip(",")


def _in_json(text: str, wanted: _Wanted) -> Mention | None:
    if len(text) > MAX_CHARACTERS:
        raise NotRead
    try:
        values = [json.loads(text)]
    except (ValueError, RecursionError) as error:
        raise NotRead from error
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)
        elif isinstance(value, str) and wanted.is_meant(value):
            return Mention(links=(value,))
    return None


def _in_text(text: str, wanted: _Wanted) -> Mention | None:
    for found in _IN_TEXT.finditer(text):
        # Characters right after an address may belong to the sentence, or to Markdown.
        whole = found[0]
        shorter = (whole, whole.rstrip(_CLOSING), re.split(r"[\])}]", whole, maxsplit=1)[0])
        for address in dict.fromkeys(shorter):
            if wanted.is_meant(address):
                end = found.start() + len(address)
                excerpt = around(text[: found.start()], address, text[end:])
                return Mention(excerpt=excerpt, links=(address,))
    return None


def _titles(page: Page) -> Iterator[str]:
    for node in page.nodes:
        if node.tag == "title" and (node.parent is None or node.parent.tag != "svg"):
            yield page.raw_text(node)
            break
    yield _meta(page, "og:title")
    heading = next((node for node in page.nodes if node.tag == "h1"), None)
    if heading is not None:
        yield page.text(heading)


def _author(page: Page, entry: Entry | None) -> tuple[str, str | None]:
    if entry and plain(entry.author):
        return entry.author, entry.author_url
    named = _meta(page, "author")
    for node in page.nodes:
        if node.tag == "a" and "author" in node.tokens("rel"):
            words = value_of(page, node)
            if plain(words) and not plain(named):
                return words, page.resolve(node.attributes.get("href", ""))
            break
    return named, None


def _meta(page: Page, name: str) -> str:
    for node in page.nodes:
        if node.tag == "meta":
            given = node.attributes
            if name in (given.get("name", "").lower(), given.get("property", "").lower()):
                return given.get("content", "")
    return ""


def _excerpt(page: Page, link: Node, entry: Entry | None, kind: Kind) -> str:
    content = entry.content if entry else None
    if content is None or not content.start <= link.start <= content.end:
        # The link is outside of the content, as "in reply to" often is.
        words = cut(plain(page.text(content)), MAX_EXCERPT) if content else ""
        if words or kind != "mention":
            return words or cut(plain(page.text(link)), MAX_EXCERPT)
    block = next((node for node in link.ancestors() if node.block), None)
    if block is None or block.hidden or block.tag in ("html", "head"):
        return ""
    before = page.words(block.start, link.start - 1)
    return around(before, page.text(link), page.words(link.end, block.end))


def _first(limit: int, texts: Iterable[str]) -> str:
    return next((cut(words, limit) for words in map(plain, texts) if words), "")


def plain(text: str) -> str:
    """Return the start of a text as one line, without control characters, bidi overrides and
    stacked combining marks.
    """
    return one_line(_CONTROLS.sub("", text[:_ENOUGH]))


def cut(text: str, limit: int) -> str:
    """Return a line of at most `limit` characters, cut between words, with an ellipsis if cut."""
    if len(text) <= limit:
        return text
    words = text[:limit].rpartition(" ")[0]
    # A long word, or a language without spaces, is cut anywhere.
    if len(words) < limit // 2:
        words = text[: limit - 1]
    return words.rstrip(" ,;:–—-") + "…"


def around(before: str, link: str, after: str) -> str:
    """Return a link's words with those before and after, as one line of at most MAX_EXCERPT."""
    # Remove controls first, so that white space alone decides whether the link is part of a word.
    before = _CONTROLS.sub("", before[-_ENOUGH:])
    after = _CONTROLS.sub("", after[:_ENOUGH])
    words = cut(plain(link), MAX_EXCERPT - 80)
    left = plain(before) + (" " if before[-1:].isspace() else "")
    right = (" " if after[:1].isspace() else "") + plain(after)
    room = MAX_EXCERPT - len(words)
    if len(left) + len(right) > room:
        half = room // 2
        for_left = max(half, room - len(right))
        left = _tail(left, min(for_left, room))
        right = _head(right, room - len(left))
    return plain(left + words + right)


def _tail(text: str, limit: int) -> str:
    """Return the end of a text, from the beginning of a word, with an ellipsis if cut."""
    if len(text) <= limit:
        return text
    kept = text[len(text) - limit + 1 :]
    word = kept.find(" ") + 1
    return "…" + (kept[word:] if 0 < word < limit // 2 else kept)


def _head(text: str, limit: int) -> str:
    """Return the beginning of a text, up to the end of a word, with an ellipsis if cut."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    word = kept.rfind(" ")
    return (kept[:word] if word > limit // 2 else kept) + "…"
