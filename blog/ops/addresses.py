"""What this site answers at a list of addresses, asked here, without the network.

A list is a web server's log (common or combined form), a sitemap, or an address a line. Of a log
only what was answered with a page counts, for the rest was never there.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import IO
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.core.files.storage import storages
from django.test import Client

from blog.lib import listing
from blog.lib.base_path import based, home, unbased

from .static_files import Storage, are_collected, collect

_LOG = re.compile(r'"(?:GET|HEAD) (\S+)(?: HTTP/[0-9.]+)?" ([0-9]{3})\b')
_ANSWERED = frozenset({"200", "203", "206", "301", "302", "304", "307", "308"})
_PLACE = re.compile(r"<loc>\s*([^<>\s]+)\s*</loc>")
_LINE_ENDS = re.compile(r"\n|(?=<loc>)")
AT_ONCE = 1 << 16
# Redirects that are followed, addresses that are remembered, and characters of a line.
MOST_STEPS, MOST_ADDRESSES, LONGEST = 5, 500_000, 8_000


@dataclass
class Answer:
    """What an address leads to: the status in the end, and the places on the way."""

    address: str
    status: int
    steps: list[str] = field(default_factory=list)
    elsewhere: bool = False

    @property
    def is_there(self) -> bool:
        return self.elsewhere or self.status in {200, 304}


def listed(path: Path) -> Iterator[str]:
    """Yield the paths of a list, each once, with their queries. Raises OSError."""
    seen: set[str] = set()
    with _opened(path) as file:
        for line in _lines(file):
            for address in _named(line):
                found = _path_of(address)
                if found and found not in seen and len(seen) < MOST_ADDRESSES:
                    seen.add(found)
                    yield found


def answer_of(client: Client, path: str) -> Answer:
    """Return what this site answers at a path, after its redirects."""
    answer = Answer(path, 0)
    # Of a list from before the site lived below a path, the proxy leads to the same there.
    at = unbased(path)
    for _step in range(MOST_STEPS + 1):
        response = client.get(at)
        answer.status = response.status_code
        if answer.status not in {301, 302, 307, 308}:
            return answer
        place = urljoin(based(at), response["Location"])
        answer.steps.append(place)
        parts = urlsplit(place)
        if parts.netloc and not place.startswith(f"{home()}/"):
            answer.elsewhere = True
            return answer
        at = unbased(place.removeprefix(str(settings.SITE_URL)))
    return answer


def asking() -> Client:
    """Return what asks this site as a reader of its own address would.

    A site that was never started has yet to collect its static files, which each page names.
    """
    if isinstance(storages["staticfiles"], Storage) and not are_collected():
        collect()
    site = urlsplit(str(settings.SITE_URL))
    given = {"wsgi.url_scheme": site.scheme}
    return Client(headers={"host": site.netloc}, raise_request_exception=False, **given)


def summed(answers: Counter[str]) -> str:
    return listing.listed(listing.labelled(*each) for each in sorted(answers.items()))


def _lines(file: IO[str]) -> Iterator[str]:
    """Yield the lines of a file, and each place of a sitemap that has all of them in one."""
    held = ""
    while piece := file.read(AT_ONCE):
        *lines, held = _LINE_ENDS.split(held + piece)
        yield from lines
        held = held[:LONGEST]
    yield held


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    if is_packed:
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8-sig", errors="replace")


def _named(line: str) -> list[str]:
    """Return the addresses in a line: of a sitemap, of a log, or the line itself."""
    if places := _PLACE.findall(line):
        return [unescape(place) for place in places]
    if found := _LOG.search(line):
        return [found[1]] if found[2] in _ANSWERED else []
    line = line.strip()
    is_address = line.startswith(("/", "http://", "https://")) and " " not in line
    return [line] if is_address else []


def _path_of(address: str) -> str:
    """Return an address without its host and fragment, percent signs in place; "" for none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    path = quote(parts.path or "/", safe="%/:@!$&'()*+,;=~")
    query = quote(parts.query, safe="%/:@!$&'()*+,;=~?")
    return f"{path}?{query}" if query else path
