"""Blogger's HTML in the shape that other HTML has: paragraphs, figures, and pictures by themselves.

Blogger parts paragraphs by two line breaks, puts a picture with words under it into a table, and
links each picture to its larger self.
"""

from __future__ import annotations

import re
from html import escape, unescape

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
    return _Breaks(_LINKED.sub(_alone, html)).written()


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


# --- Paragraphs -----------------------------------------------------------------------------

_TOKEN = re.compile(r"<!--|<(/?)([a-zA-Z][\w:-]{0,30})([^<>]{0,8000})>")
_INLINE = frozenset("b i em strong u s strike del ins small big span font".split())
_BOXES = frozenset("div section article center blockquote td th li dd form aside".split())
_BLOCKS = _BOXES | frozenset(
    "p ul ol dl dt table tbody thead tfoot tr h1 h2 h3 h4 h5 h6 hr figure figcaption caption address"
    " header footer nav main details summary pre".split()
)
_AS_IT_STANDS = frozenset("pre script style textarea template xmp svg math".split())
_EMPTY = frozenset("img br hr input wbr source embed param area base col link meta track".split())
_DEEPEST = 200


class _Breaks:
    """Writes HTML with a blank line, or another paragraph, for two line breaks in a row."""

    def __init__(self, html: str) -> None:
        self.html, self.lower = html, html.lower()
        self.out: list[str] = []
        self.open: list[tuple[str, str]] = []  # names, and the tags as written
        self.breaks = 0

    def written(self) -> str:
        at = 0
        while found := _TOKEN.search(self.html, at):
            self.text(self.html[at : found.start()])
            at = found.end()
            if found[0] == "<!--":
                end = self.html.find("-->", at)
                at = len(self.html) if end < 0 else end + 3
                self.out.append(self.html[found.start() : at])
            elif not found[1] and found[2].lower() in _AS_IT_STANDS:
                at = self.as_it_stands(found)
            else:
                self.tag(found)
        self.text(self.html[at:])
        return "".join(self.out)

    def as_it_stands(self, found: re.Match[str]) -> int:
        name = found[2].lower()
        self.settle(name in _BLOCKS)
        end = self.lower.find(f"</{name}", found.end())
        end = len(self.html) if end < 0 else end + len(name) + 2
        self.out.append(self.html[found.start() : end])
        return end

    def text(self, text: str) -> None:
        if not text:
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", text)
        if text == " " and self.breaks:
            return
        self.settle(False)
        self.out.append(text)

    def tag(self, found: re.Match[str]) -> None:
        name, is_end = found[2].lower(), bool(found[1])
        if name == "br":
            self.breaks += 1
            return
        self.settle(name in _BLOCKS)
        self.out.append(found[0])
        if is_end:
            self.close(name)
        elif name not in _EMPTY and len(self.open) < _DEEPEST:
            if name in _BLOCKS:
                self.close("p")
            self.open.append((name, found[0]))

    def close(self, name: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == name:
                del self.open[place:]
                return

    def settle(self, at_block: bool) -> None:
        """Write the line breaks that came; those before a block mean nothing."""
        count, self.breaks = self.breaks, 0
        if not count:
            return
        inline: list[str] = []
        names = [name for name, _tag in self.open]
        while names and names[-1] in _INLINE:
            inline.append(names.pop())
        holder = names[-1] if names else "div"
        if at_block and (holder in _BOXES or holder == "p"):
            return
        if count == 1 or len(inline) > 20 or not (holder in _BOXES or holder == "p"):
            self.out.append("<br>" * min(count, 2))
            return
        tags = [tag for _name, tag in self.open[len(names) :]]
        parted = "</p><p>" if holder == "p" else "\n\n"
        self.out += [*(f"</{name}>" for name in inline), parted, *tags]
