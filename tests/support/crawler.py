"""Follows every address that a site names: links, forms, files, feeds, headers and sitemaps."""

import heapq
import html
import re
from collections import Counter
from pathlib import PurePosixPath
from urllib.parse import urldefrag, urljoin, urlsplit

from reading import fetch

TAG = re.compile(r"<[a-zA-Z][^<>]*>")
NAMED = re.compile(
    r"""\s(?:href|src|action|formaction|poster|cite)=(?:"([^"]*)"|'([^']*)')"""
    r"""|\sdata-[a-z]+="(/[^"]*)"()"""
)
SHARED = re.compile(r'\s(?:content|value)="((?:https?:/)?/[^" ]+)"')
SET = re.compile(r'\ssrcset="([^"]*)"')
IN_CSS = re.compile(r"""url\(["']?([^)"']+)""")
WHOLE = re.compile(r"https?://[^\s\"'<>&;,)\\]+")
IN_FEED = re.compile(r"""(?:href|src|action)=(?:\\"|"|&quot;|&#34;)(/[^"\\&]*)""")


def named_by(answer):
    """Yield each address in an answer, as it is written there."""
    kind = answer.headers.get("Content-Type", "")
    for header in ("Link", "X-Pingback", "Location"):
        yield from WHOLE.findall(answer.headers.get(header, ""))
    if "html" in kind:
        for tag in TAG.findall(answer.text):
            yield from ("".join(pair) for pair in NAMED.findall(tag))
            yield from SHARED.findall(tag) if tag.startswith("<meta") else ()
            for each in SET.findall(tag):
                yield from (part.split()[0] for part in each.split(", "))
    if "html" in kind or "css" in kind:
        yield from IN_CSS.findall(answer.text)
    elif "xml" in kind or "json" in kind or "plain" in kind:
        yield from WHOLE.findall(answer.text)
        yield from IN_FEED.findall(answer.text)


def kind(url, base):
    """Return what addresses that lead to the same view mostly share."""
    parts = urlsplit(url)
    first, *others = parts.path.removeprefix(f"{base}/").strip("/").split("/")
    ending = PurePosixPath(parts.path).suffix
    return re.sub(r"\d+", "0", first), len(others), ending, parts.query.partition("=")[0]


def crawl(starts, base, *, most=600, but=lambda url: False, **headers):
    """Follow all that leads to this host; return how many were asked, and what is broken.

    Of each kind of address one comes first, and then another of each: with few of them, all kinds.
    Broken is what answers with an error, and what is not below `base`. A form that takes only what
    is sent answers 405.
    """
    host = urlsplit(starts[0]).netloc
    waiting, seen, broken, asked = [], set(), [], 0
    kinds = Counter()

    def add(address, where):
        url = urldefrag(address)[0]
        parts = urlsplit(url)
        if url in seen or parts.netloc != host or but(url):
            return
        seen.add(url)
        if parts.path != base and not parts.path.startswith(f"{base}/"):
            broken.append((url, "outside", where))
        else:
            like = kind(url, base)
            kinds[like] += 1
            heapq.heappush(waiting, (kinds[like], len(seen), url, where))

    for start in starts:
        add(start, "")
    while waiting and asked < most:
        _nth, _order, url, where = heapq.heappop(waiting)
        answer = fetch_text(url, **headers)
        asked += 1
        if answer.status >= 400 and answer.status != 405:
            broken.append((url, answer.status, where))
            continue
        if to := answer.headers.get("Location"):
            add(urljoin(url, to), url)
        for named in named_by(answer):
            if not named.startswith(("#", "data:", "mailto:")):
                add(urljoin(url, html.unescape(named)), url)
    return asked, broken


def fetch_text(url, **headers):
    """Fetch what may be a picture, of which nothing is read."""
    try:
        return fetch(url, **headers)
    except UnicodeDecodeError:
        return fetch(url, "HEAD", **headers)
