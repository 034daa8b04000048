"""Lists as Word writes them on the clipboard: paragraphs that look like items."""

from __future__ import annotations

import re

import lxml.html
from lxml.html import HtmlElement

LEVEL = re.compile(r"mso-list:\s*l\d+ level(\d+)")
# A number or a letter before a point; a lone "o" is a round bullet.
NUMBERED = re.compile(r"\(?(?:\d+|[a-z]{1,4}|[A-Z]{1,4})[.)]")


def make_lists(body: HtmlElement) -> None:
    """Make lists of runs of paragraphs that Word numbered or gave bullets."""
    open_lists: list[tuple[int, HtmlElement]] = []
    for part in list(body.iter("p")):
        level = LEVEL.search(str(part.get("style", "")))
        if level is None:
            open_lists = []
            continue
        if open_lists and follows(part, open_lists[0][1]):
            open_lists = put(part, int(level[1]), open_lists)
        else:
            open_lists = put(part, int(level[1]), [])


def follows(part: HtmlElement, first: HtmlElement) -> bool:
    return part.getprevious() is first and not (first.tail or "").strip()


def put(
    part: HtmlElement, level: int, open_lists: list[tuple[int, HtmlElement]]
) -> list[tuple[int, HtmlElement]]:
    """Move a paragraph into the list of its level; return the lists that are open then."""
    kind = "ol" if NUMBERED.match(take_mark(part)) else "ul"
    open_lists = [(depth, opened) for depth, opened in open_lists if depth <= level]
    if not open_lists or (open_lists[-1][0] < level and len(open_lists[-1][1])):
        made = lxml.html.Element(kind)
        if open_lists:
            open_lists[-1][1][-1].append(made)
        else:
            made.tail, part.tail = part.tail, None
            part.getparent().replace(part, made)
        open_lists.append((level, made))
    item = lxml.html.Element("li")
    item.text = part.text
    item.extend(list(part))
    if part.getparent() is not None:
        tail, part.tail = part.tail, None
        outermost = open_lists[0][1]
        part.getparent().remove(part)
        outermost.tail = (outermost.tail or "") + (tail or "") if tail else outermost.tail
    open_lists[-1][1].append(item)
    return open_lists


def take_mark(part: HtmlElement) -> str:
    """Take the bullet or the number off a paragraph, and return it."""
    for span in part.iter("span"):
        if "mso-list:ignore" in str(span.get("style", "")).replace(" ", "").lower():
            mark = str(span.text_content()).replace("\xa0", " ").strip()
            span.drop_tree()
            return mark
    return ""
