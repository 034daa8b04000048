"""Cleans rendered HTML: the rules of what is allowed, and two independent cleaners.

bleach has had no maintainer since June 2026, and allows `href="javascript:123"`, because it takes
`javascript` for a host and 123 for a port. So nh3 cleans its output with the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import escape, unescape
from typing import NamedTuple, TypeAlias

import bleach.sanitizer
import nh3
from pygments.token import STANDARD_TYPES

from blog.lib.slugs import is_slug
from blog.media.names import FOLDER, NAME

from .characters import without_piles_in_html, without_unwanted

HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
PHRASING = frozenset({
    "a", "abbr", "b", "bdi", "br", "cite", "code", "del", "dfn", "em", "i", "img", "ins", "kbd",
    "mark", "q", "samp", "small", "span", "strong", "sub", "sup", "u", "var", "wbr",
    "audio", "video"
})  # fmt: skip
BLOCKS = HEADINGS | frozenset({
    "p", "hr", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption",
    "div", "aside", "details", "summary", "table", "caption", "thead", "tbody", "tfoot", "tr",
    "th", "td"
})  # fmt: skip
# What only this site itself makes of an author's text.
MADE_HERE = frozenset({"picture"})
SCHEMES = frozenset({"http", "https", "mailto"})
COMMENT_REL = "nofollow ugc noopener"


class Rules(NamedTuple):
    """What is allowed. Both cleaners use the same instance; `may_stay` checks values."""

    tags: frozenset[str]
    attributes: dict[str, frozenset[str]]  # by tag, "*" for every tag


# A cleaner: from any HTML to clean HTML.
Gate: TypeAlias = Callable[[str, Rules], str]

POST_RULES = Rules(
    tags=PHRASING | BLOCKS | MADE_HERE | {"source"},
    attributes={
        "*": frozenset({"class", "id", "dir"}),
        "a": frozenset({"href", "title", "role", "aria-label"}),
        "abbr": frozenset({"title"}),
        "aside": frozenset({"role", "aria-label"}),
        "audio": frozenset({"src", "controls", "preload", "aria-label"}),
        "details": frozenset({"open"}),
        "div": frozenset({"role", "aria-label", "tabindex"}),
        "img": frozenset(
            {"src", "srcset", "sizes", "alt", "width", "height", "loading", "decoding"}
        ),
        "ol": frozenset({"start", "reversed"}),
        "pre": frozenset({"tabindex"}),
        "source": frozenset({"srcset", "media"}),
        "td": frozenset({"colspan", "rowspan"}),
        "th": frozenset({"colspan", "rowspan", "scope"}),
        "video": frozenset({"src", "controls", "preload", "aria-label", "width", "height"}),
    },
)

COMMENT_RULES = Rules(
    tags=frozenset(
        {"p", "br", "a", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li"}
    ),
    attributes={
        "*": frozenset({"dir"}),
        "a": frozenset({"href", "rel"}),
        "ol": frozenset({"start"}),
        "pre": frozenset({"tabindex"}),
    },
)

_CLASSES = {
    "a": frozenset({"anchor", "back"}),
    "aside": frozenset({"note", "n1", "n2", "n3", "n4"}),
    "div": frozenset({"noted", "scroll"}),
    "figure": frozenset({"group", "wide"}),
    "span": frozenset(STANDARD_TYPES.values()) - {""},
    "sup": frozenset({"ref", "r1", "r2", "r3", "r4"}),
    "td": frozenset({"right", "center"}),
    "th": frozenset({"right", "center"}),
}
LANGUAGE_CLASS = re.compile(r"language-[A-Za-z0-9_+#.-]{1,30}")
_LONGEST_ID = 100
_NUMBER = re.compile(r"[0-9]{1,4}")
_START = re.compile(r"[0-9]{1,9}")
# Files of this site, each perhaps with its width; and lengths, as CSS writes them.
_SRCSET = re.compile(rf"{FOLDER}{NAME}(?: [0-9]+w)?(?:, {FOLDER}{NAME} [0-9]+w)*")
_SIZES = re.compile(r"[a-z0-9 ().,:+-]{1,150}")
_FIXED = {
    "dir": frozenset({"auto", "ltr", "rtl"}),
    "role": frozenset({"region", "doc-noteref", "doc-footnote", "doc-backlink"}),
    "tabindex": frozenset({"0"}),
    "controls": frozenset({""}),
    "preload": frozenset({"none", "metadata"}),
    "loading": frozenset({"lazy"}),
    "decoding": frozenset({"async"}),
    "media": frozenset({"(prefers-reduced-motion: reduce)"}),
    "rel": frozenset({COMMENT_REL}),
    "scope": frozenset({"row", "col", "rowgroup", "colgroup"}),
}


def scheme(address: str) -> str:
    """Return the scheme of an address as a browser reads it, in lower case; "" if relative."""
    # Browsers remove tabs and line ends anywhere, and spaces and controls around an address.
    # Removing all of them anywhere can only find more schemes than a browser would.
    before, colon, _after = re.sub(r"[\x00-\x20]+", "", address).partition(":")
    return before.lower() if colon and not re.search(r"[/?#\\]", before) else ""


def is_id(value: str) -> bool:
    """Return whether this may name a part of the page: words in any script, dots and colons."""
    named = value[:1].isalnum() or value[:1] == "_"
    return named and len(value) <= _LONGEST_ID and is_slug(re.sub("[.:]", "-", value))


def may_stay(tag: str, name: str, value: str) -> bool:
    """Return whether an attribute's value is allowed. Its name was checked before."""
    if name == "class":
        names = value.split()
        if tag == "code":
            return all(n == "hl" or LANGUAGE_CLASS.fullmatch(n) for n in names)
        return _CLASSES.get(tag, frozenset()).issuperset(names)
    if name == "id":
        return is_id(value)
    if name in ("href", "src"):
        return scheme(value) in SCHEMES | {""}
    if name == "srcset":
        return _SRCSET.fullmatch(value) is not None
    if name == "sizes":
        return _SIZES.fullmatch(value) is not None
    if name == "start":
        return _START.fullmatch(value) is not None
    if name in ("width", "height", "colspan", "rowspan"):
        return _NUMBER.fullmatch(value) is not None
    return name not in _FIXED or value in _FIXED[name]


# Nothing but addresses, for whether one can be parsed.
_ADDRESS_GATE = nh3.Cleaner(
    tags={"a"}, attributes={"a": {"href"}}, url_schemes=set(SCHEMES), link_rel=None
)


def keeps_address(address: str) -> bool:
    """Return whether nh3 leaves an address on a link, which it can parse as browsers do."""
    return "href" in _ADDRESS_GATE.clean(f'<a href="{escape(address)}"></a>')


def _nh3_cleaner(rules: Rules) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(rules.tags),
        # Without a "*", nh3 would allow `title` and `lang` everywhere.
        attributes={"*": set()} | {tag: set(names) for tag, names in rules.attributes.items()},
        attribute_filter=lambda tag, name, value: value if may_stay(tag, name, value) else None,
        url_schemes=set(SCHEMES),
        # nh3 would put rel="noopener noreferrer" on every link. An author's links have no rel, so
        # that the linked sites see where readers come from; a comment's have their own.
        link_rel=None,
    )


_SECOND_GATES = {id(rules): _nh3_cleaner(rules) for rules in (POST_RULES, COMMENT_RULES)}


def first_gate(html: str, rules: Rules) -> str:
    """Return the HTML as bleach leaves it."""

    def allowed(tag: str, name: str, value: str) -> bool:
        names = rules.attributes.get(tag, frozenset()) | rules.attributes.get("*", frozenset())
        return name in names and may_stay(tag, name, unescape(value))

    # bleach's parser keeps state and is not thread-safe, so each text gets its own.
    cleaner = bleach.sanitizer.Cleaner(
        tags=rules.tags, attributes=allowed, protocols=SCHEMES, strip=True
    )
    return cleaner.clean(html)


def first_gate_by_block(html: str, rules: Rules) -> str:
    """Return the same as `first_gate`, for HTML as lxml writes it: well-formed."""
    return "".join(
        _post_block(block)
        if rules is POST_RULES and len(block) < 8000
        else first_gate(block, rules)
        for block in _blocks(html)
    )


@lru_cache(maxsize=1000)  # most take two kilobytes
def _post_block(block: str) -> str:
    return first_gate(block, POST_RULES)


_EDGE = re.compile(r"""<(/?)([a-z][a-z0-9]*)(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_EMPTY = frozenset({"br", "hr", "img", "wbr", "source"})


def _blocks(html: str) -> Iterator[str]:
    """Yield the HTML in parts, each ending with the end of an outermost element."""
    depth = start = 0
    for edge in _EDGE.finditer(html):
        if edge[2] not in _EMPTY:
            depth += -1 if edge[1] else 1
        if not depth and edge[2] in BLOCKS:
            yield html[start : edge.end()]
            start = edge.end()
    yield html[start:]


def second_gate(html: str, rules: Rules) -> str:
    """Return the HTML as nh3 leaves it."""
    return _SECOND_GATES[id(rules)].clean(html)


def clean(html: str, rules: Rules, first: Gate = first_gate) -> str:
    """Return the HTML after both cleaners. Cleaning it again changes nothing."""
    cleaned = second_gate(first(html, rules), rules)
    # An entity (`&#x202E;`) may have become an unwanted character. Removing it can change how the
    # HTML is read, so it is cleaned again.
    wanted = without_piles_in_html(without_unwanted(cleaned))
    return cleaned if wanted == cleaned else clean(wanted, rules)
