"""The words of a comment as Markdown, from HTML or from Markdown as another system read it."""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape

from markdown_it import MarkdownIt

from blog.lib.lines import with_plain_breaks
from blog.markup import storable
from blog.markup.from_html.html_to_markdown import comment_markdown
from blog.markup.guards import COMMENT_LIMIT, check

from .said import Said

# A link whose text was cut, as Disqus does; attributes hold no angle brackets there.
_CUT_LINK = re.compile(r"<a\b([^<>]{0,5000})>([^<>]{1,2000}?)(?:\.\.\.|…)\s*</a>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z!/]")
_START = re.compile(r"\A(?:https?://)?(?:www\.)?", re.IGNORECASE)


def words_of(said: Said, page: str) -> str:
    """Return the words as Markdown, "" where there are none; raises MarkupError.

    `page` is the address they stood at, to which relative links in them refer.
    """
    if said.markdown.strip():
        return _typed(with_plain_breaks(storable(said.markdown)), page)
    return comment_markdown(with_whole_links(storable(said.html)), page).strip()


def _typed(markdown: str, page: str) -> str:
    """Return Markdown as it was typed, or what its HTML showed if it has tags, cleaned."""
    if not _TAG.search(markdown):
        return markdown.strip("\n").rstrip()
    check(markdown, COMMENT_LIMIT, comment=True)
    return comment_markdown(_markdown().render(markdown), page).strip()


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])
    reader.parse(".")  # sorts the rules, before another thread can read by some of them
    return reader


def with_whole_links(html: str) -> str:
    """Return HTML in which the texts of links are whole that were cut to an ellipsis."""
    return _CUT_LINK.sub(_whole_link, html) if "..." in html or "…" in html else html


def _whole_link(link: re.Match[str]) -> str:
    found = _HREF.search(link[1])
    address = unescape((found[1] or found[2] or "") if found else "").strip()
    shown = _START.sub("", unescape(link[2]).strip())
    if not shown or not _START.sub("", address).startswith(shown):
        return link[0]
    return f"<a{link[1]}>{escape(address)}</a>"
