"""Follows every address that a site names: links, forms, files, feeds, headers and sitemaps."""

import html
import re
from collections import deque
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


def crawl(starts, base, *, most=600, but=lambda url: False, **headers):
    """Follow all that leads to this host; return how many were asked, and what is broken.

    Broken is what answers with an error, and what is not below `base`. A form that takes only what
    is sent answers 405.
    """
    host = urlsplit(starts[0]).netloc
    waiting = deque((start, "") for start in starts)
    seen, broken, asked = set(), [], 0
    while waiting and asked < most:
        address, where = waiting.popleft()
        url = urldefrag(address)[0]
        parts = urlsplit(url)
        if url in seen or parts.netloc != host or but(url):
            continue
        seen.add(url)
        if parts.path != base and not parts.path.startswith(f"{base}/"):
            broken.append((url, "outside", where))
            continue
        answer = fetch_text(url, **headers)
        asked += 1
        if answer.status >= 400 and answer.status != 405:
            broken.append((url, answer.status, where))
            continue
        if to := answer.headers.get("Location"):
            waiting.append((urljoin(url, to), url))
        for named in named_by(answer):
            if not named.startswith(("#", "data:", "mailto:")):
                waiting.append((urljoin(url, html.unescape(named)), url))
    return asked, broken


def fetch_text(url, **headers):
    """Fetch what may be a picture, of which nothing is read."""
    try:
        return fetch(url, **headers)
    except UnicodeDecodeError:
        return fetch(url, "HEAD", **headers)
