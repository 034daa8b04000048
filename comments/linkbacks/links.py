"""Finds the pages an essay links to: on other sites, which get a notice, and on our own."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit

from blog.lib.base_path import is_below
from comments.text.permalinks import MAX_LENGTH, address_key, normalise_address, resolve


class Links(NamedTuple):
    """The pages an essay links to, each once: the address as first written, by `address_key`.

    `ours` are on our own site. A link between two of our essays is recorded without a request.
    """

    elsewhere: dict[str, str]
    ours: dict[str, str]


def links_in(html: str, url: str) -> Links:
    """Return the pages that an essay's stored HTML links to; `url` is the essay's own address.

    Links are `<a href>` to http and https; code samples hold escaped markup and thus no links. The
    stored HTML was made by our own renderer, so unlike other people's pages it is read without
    limits. Addresses longer than MAX_LENGTH are left out, because no receiver takes them.
    """
    reader = _Anchors()
    reader.feed(html)
    reader.close()
    links = Links({}, {})
    here, itself = _place(url), address_key(url)
    for reference in reader.found:
        target = resolve(url, reference) or ""
        key = address_key(target)
        if key and key != itself and max(len(target), len(key)) <= MAX_LENGTH:
            is_ours = _place(target) == here and is_below(urlsplit(target).path)
            side = links.ours if is_ours else links.elsewhere
            side.setdefault(key, target)
    return links


def _place(url: str) -> str:
    return urlsplit(normalise_address(url) or "").netloc


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]
