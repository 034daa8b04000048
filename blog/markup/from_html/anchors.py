"""Places in a text that links lead to: kept as empty links with an id, which Markdown allows."""

from __future__ import annotations

import re
from urllib.parse import unquote

from lxml.html import Element, HtmlElement

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# What can begin with an empty link.
_HOSTS = _HEADINGS | {"p", "li", "dt", "dd", "td", "th", "blockquote", "div", "span"}
_NAME = re.compile(r"[^\s<>\"'&#]{1,100}")


def keep_anchors(root: HtmlElement) -> None:
    """Keep each place that an author named, or that a link of the same text leads to."""
    wanted = {unquote(link.get("href")[1:]) for link in root.iter("a") if _leads_here(link)}
    kept: set[str] = set()
    for part in list(root.iter()):
        name = part.attrib.pop("id", "") or (part.get("name", "") if part.tag == "a" else "")
        part.attrib.pop("name", None)
        by_hand = part.tag in _HEADINGS or part.tag == "a"
        if not (name in wanted or by_hand) or not _NAME.fullmatch(name) or name in kept:
            continue
        if _put(part, name):
            kept.add(name)


def _leads_here(link: HtmlElement) -> bool:
    return bool(link.get("href", "").startswith("#"))


def _put(part: HtmlElement, name: str) -> bool:
    """Put an empty link into an element or before it; return whether there is a place for it."""
    anchor = Element("a", {"id": name})
    if part.tag == "a" and not part.get("href"):
        part.set("id", name)
    elif part.tag in _HOSTS:
        anchor.tail, part.text = part.text, None
        part.insert(0, anchor)
    elif part.tag in {"a", "img", "em", "strong", "b", "i", "code", "sup", "sub", "mark", "small"}:
        part.addprevious(anchor)
    else:
        host = next((each for each in part.iterdescendants() if each.tag in _HOSTS), None)
        return host is not None and _put(host, name)
    return True
