"""HTML as WordPress stores it, read into well-formed HTML of the elements that have a place here.

What has none is text before the parser sees it, so that no word goes with it (blog.markup.tags).
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

import nh3

from blog.markup import storable
from blog.markup.tags import EMBEDS, KNOWN, Reading, read

from .markdown_writer import SIMPLE, TABLE

# Boxes only lay out what they hold: their contents take their place.
BOXES = frozenset(
    "div section article main header footer aside nav address center form fieldset hgroup"
    " figcaption".split()
)
OTHER_BLOCKS = frozenset("dl dt dd caption tfoot col colgroup details summary".split())
RENAMED = {"strike": "del", "acronym": "abbr", "big": "span", "tt": "code"}
_SCHEMES = {"http", "https", "mailto"}
_NOT_TEXT = {"script", "style"}

_READER = nh3.Cleaner(
    tags=set(SIMPLE | TABLE | BOXES | EMBEDS | OTHER_BLOCKS | RENAMED.keys()),
    clean_content_tags=_NOT_TEXT,
    attributes={
        **{tag: {"src"} for tag in EMBEDS},
        **{tag: {"class"} for tag in ("code", "div", "dl", "figure", "pre", "ul", "li")},
        "*": {"id"},
        **{tag: {"title"} for tag in ("abbr", "acronym", "dfn")},
        "a": {"href", "title", "name"},
        "details": {"open"},
        "img": {"src", "alt", "title"},
        "object": {"data"},
        "ol": {"start", "reversed"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
    },
    url_schemes=_SCHEMES,
    link_rel=None,
)
# Pictures become links to them.
_COMMENT_TAGS = frozenset("a em i strong b code pre blockquote del s p br ul ol li img".split())
_COMMENT_READER = nh3.Cleaner(
    tags=set(_COMMENT_TAGS),
    clean_content_tags=_NOT_TEXT,
    attributes={"a": {"href"}, "img": {"src", "alt"}},
    url_schemes=_SCHEMES,
    link_rel=None,
)
_READABLE = {
    **dict.fromkeys("html head body meta link base".split(), ""),  # of a whole page, pasted
    **KNOWN,
    **{name: name for name in (SIMPLE | TABLE | BOXES | EMBEDS | OTHER_BLOCKS | RENAMED.keys())},
}
_READABLE_IN_COMMENTS = {name: name if name in _COMMENT_TAGS else "" for name in _READABLE}
# What word processors leave behind when a text is pasted, and browsers never show.
_PASTED = re.compile(
    r"</?(?:o|v|w|m|st1|fb|g):[a-z][\w-]*(?:\s[^<>]*)?/?>|<!\[(?:if\b[^\]<>]*|endif)\]>|<\?xml\b[^<>]*>",
    re.IGNORECASE,
)
_WORDS_READER = nh3.Cleaner(tags=set(), clean_content_tags=_NOT_TEXT)


def without_pasted(source: str) -> str:
    """Return HTML without what a word processor left in it."""
    return _PASTED.sub("", storable(source))


def read_post(source: str) -> Reading:
    """Return an essay's HTML with known tags only, and what became of the rest."""
    return read(source, _READABLE, closed=False)


def read_comment(source: str) -> str:
    """The same for a comment, which has fewer elements; the HTML alone."""
    return read(source, _READABLE_IN_COMMENTS, closed=False).html


def clean_post(html: str) -> str:
    """Return well-formed HTML5, without scripts and looks, for lxml to read."""
    # An entity can stand for a character that lxml refuses.
    return storable(_READER.clean(html))


def clean_comment(html: str) -> str:
    return storable(_COMMENT_READER.clean(html))


def bare_words(html: str) -> str:
    """Return the text of HTML as nh3 reads it."""
    return unescape(_WORDS_READER.clean(html))


# --- Another reading, to compare with -----------------------------------------------------------

_WORD = re.compile(r"\w+")
_ANY_TAG = re.compile(r"""</?[a-zA-Z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_HIDDEN = [
    (re.compile(rf"<{name}\b", re.IGNORECASE), re.compile(rf"</{name}\s*>", re.IGNORECASE))
    for name in ("script", "style", "template")
]


def words_of(source: str) -> str:
    """Return the text of HTML as no parser reads it: what stands between tags of any name.

    It has no part in reading the text, so that it shows what that loses. What scripts, style
    sheets, templates and comments hold is not text.
    """
    text = _without(source, re.compile("<!--"), re.compile("--!?>"))
    for begin, end in _HIDDEN:
        text = _without(text, begin, end)
    text = storable(unescape(_ANY_TAG.sub("\n", text)))
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


def _without(text: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    *closed, last = end.split(text)
    return "\n".join([*(begin.split(part, maxsplit=1)[0] for part in closed), last])


def missing_words(source: str, shown: str) -> list[str]:
    """Return which words of HTML a text that is shown does not have, as often as it has them.

    Where a word begins does not matter, because markup may part it.
    """
    wanted = Counter(_WORD.findall(words_of(source)))
    missing = wanted - Counter(_WORD.findall(shown))
    if not missing:
        return []
    letters = "".join(_WORD.findall(shown))
    return [word for word in missing if word not in letters]
