"""Helpers for the HTML tree of an essay or comment: parse, write, and change elements."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote, unquote

import lxml.html
import nh3
from lxml.html import HtmlElement

from .characters import without_unwanted
from .gates import MADE_HERE, POST_RULES, SCHEMES
from .guards import MarkupError, too_deep
from .tags import EMBEDS

# lxml silently drops what is nested deeper than 255 elements.
_DEEPEST = 200
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")
# lxml encodes the letters of a host as those of a path, where only browsers can read them.
_ENCODED_HOST = re.compile(r'(<a [^<>]*?\bhref="https?://)((?:[^%"/?#]|%[89A-F][0-9A-F])+)')
_EMPTY = frozenset({"br", "hr", "img", "wbr", "embed", "source"})

# Allows more than the final rules: elements that `shapes` replaces are kept too.
_WIDE_GATE = nh3.Cleaner(
    tags=set(POST_RULES.tags - MADE_HERE | EMBEDS | {"h1"}),
    clean_content_tags={"script", "style"},
    attributes={
        "*": {"id"},
        "a": {"href", "title"},
        "abbr": {"title"},
        "aside": {"data-note"},
        "code": {"class"},
        "details": {"open"},
        "img": {"src", "alt", "title", "width", "height"},
        "ol": {"start", "reversed"},
        "sup": {"data-note"},
        "td": {"align", "colspan", "rowspan"},
        "th": {"align", "colspan", "rowspan", "scope"},
        "object": {"data"},
        **{tag: {"src"} for tag in EMBEDS - {"object"}},
    },
    url_schemes=set(SCHEMES),
    link_rel=None,
)


def parse(html: str) -> HtmlElement:
    """Return the tree of any HTML, without elements and attributes that are never used.

    Raises MarkupError if elements are nested so deep that the tree would lose some.
    """
    # An entity can stand for a character that lxml refuses.
    canonical = without_unwanted(_WIDE_GATE.clean(html))
    depth = 0
    for closing, tag in _TAG.findall(canonical):
        depth += 0 if tag in _EMPTY else -1 if closing else 1
        if depth > _DEEPEST:
            raise MarkupError(too_deep())
    return lxml.html.fragment_fromstring(canonical, create_parent="div")


def inner_html(root: HtmlElement) -> str:
    children = (lxml.html.tostring(child, encoding="unicode") for child in root)
    html = escape(root.text or "", quote=False) + "".join(children)
    return _ENCODED_HOST.sub(lambda link: link[1] + unquote(link[2]), html)


def new(tag: str, text: str | None = None, **attributes: str) -> HtmlElement:
    element: HtmlElement = lxml.html.Element(tag)
    element.text = text
    for name, value in attributes.items():
        element.set(name.rstrip("_").replace("_", "-"), value)
    return element


def replace(old: HtmlElement, new: HtmlElement) -> None:
    """Replace `old` by `new`; the text that follows stays."""
    parent = old.getparent()
    new.tail, old.tail = old.tail, None
    parent.replace(old, new)


def wrap(element: HtmlElement, wrapper: HtmlElement) -> None:
    replace(element, wrapper)
    wrapper.append(element)


def inside(element: HtmlElement, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def is_alone(element: HtmlElement) -> bool:
    """Return whether the element is its parent's only content, except white space."""
    parent = element.getparent()
    return len(parent) == 1 and not ((parent.text or "") + (element.tail or "")).strip()


def words(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def settle_links(root: HtmlElement) -> None:
    """Escape characters in addresses that browsers accept but the URL standard does not allow."""
    for element in root.iter("a", "img"):
        for name in ("href", "src"):
            if name in element.attrib:
                address = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", element.get(name).strip())
                element.set(name, re.sub(r"[\s\"<>\\^`{|}]", lambda c: quote(c[0]), address))
