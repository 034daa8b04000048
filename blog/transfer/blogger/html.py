"""Blogger's HTML in the shape that other HTML has: paragraphs, figures, and pictures by themselves.

Blogger parts paragraphs by two line breaks, puts a picture with words under it into a table, and
links each picture to its larger self.
"""

from __future__ import annotations

import re
from html import escape, unescape

from blog.transfer.paragraphs import in_paragraphs

from .album import is_picture, key_of, largest

_FOLD = re.compile(
    r"<!--[ \t]{0,8}more[ \t]{0,8}-->|<a\s{1,8}name=[\"']more[\"']\s{0,8}(?:/>|>\s{0,8}</a>)", re.I
)
_LINKED = re.compile(r"<a\b([^<>]{0,4000})>\s{0,80}(<img\b[^<>]{0,8000}>)\s{0,80}</a>", re.I)
_CAPTIONED = re.compile(r"<table\b[^<>]{0,2000}\btr-caption-container\b[^<>]{0,2000}>", re.I)
_CAPTION = re.compile(r"<td\b[^<>]{0,2000}\btr-caption\b(?!-)[^<>]{0,2000}>", re.I)
_OF_TABLES = re.compile(r"</?(?:table|tbody|tr|td)\b[^<>]{0,2000}>", re.I)
_TABLE_END = re.compile(r"</table\s{0,8}>", re.I)
_HREF = re.compile(r"""\bhref\s{0,8}=\s{0,8}("[^"]*"|'[^']*')""", re.I)
_SRC = re.compile(r"""\bsrc\s{0,8}=\s{0,8}("[^"]*"|'[^']*')""", re.I)


def as_article(html: str) -> str:
    """Return a post's HTML with its paragraphs and figures as such."""
    html = _with_figures(_FOLD.sub("", html))
    return in_paragraphs(_LINKED.sub(_alone, html))


def _alone(found: re.Match[str]) -> str:
    """Return a picture without the link that only leads to a larger size of it."""
    link, source = _HREF.search(found[1]), _SRC.search(found[2])
    if not link or not source:
        return found[0]
    address, shown = unescape(link[1][1:-1]), unescape(source[1][1:-1])
    if not (is_picture(address) and is_picture(shown) and key_of(address) == key_of(shown)):
        return found[0]
    start, end = source.span()
    return f'{found[2][:start]}src="{escape(largest(address))}"{found[2][end:]}'


def _with_figures(html: str) -> str:
    """Return HTML with a figure for each table that only puts words under a picture."""
    done, at = [], 0
    while found := _CAPTIONED.search(html, at):
        end = _TABLE_END.search(html, found.end())
        if end is None:
            break
        whole = html[found.start() : end.end()]
        figure = _figure(html[found.end() : end.start()])
        done += [html[at : found.start()], figure or whole]
        at = end.end()
    return "".join([*done, html[at:]])


def _figure(inside: str) -> str:
    """Return the figure; "" where it is not just a picture, or a film, and its caption."""
    caption = _CAPTION.search(inside)
    if caption is None or "<table" in inside.lower():
        return ""
    close = re.compile(r"</td\s{0,8}>", re.I).search(inside, caption.end())
    if close is None:
        return ""
    words = inside[caption.end() : close.start()]
    shown = _OF_TABLES.sub("", inside[: caption.start()] + inside[close.end() :]).strip()
    words = _OF_TABLES.sub("", words).strip()
    return f"<figure>{shown}<figcaption>{words}</figcaption></figure>"
