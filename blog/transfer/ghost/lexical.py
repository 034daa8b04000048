"""Texts of Ghost's editor of today, Lexical, for those that have no HTML."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from . import shapes
from .card_data import Part, anything_in, part_of
from .values import text, words

DEEPEST = 60
# Which bits of `format` mean what, from the inside out.
_MARKS = (
    (16, "code"),
    (32, "sub"),
    (64, "sup"),
    (8, "u"),
    (4, "s"),
    (128, "mark"),
    (2, "em"),
    (1, "strong"),
)
_HEADINGS = {f"h{number}" for number in range(1, 7)}
_BOXES = {
    "paragraph": "p",
    "quote": "blockquote",
    "extended-quote": "blockquote",
    "aside": "blockquote",
    "tablerow": "tr",
}


def lexical_parts(source: str) -> list[Part] | None:
    """Return the stretches of a text in order; None for any other text."""
    try:
        said = json.loads(source, strict=False, parse_int=_whole)
    except (ValueError, RecursionError):
        return None
    root = said.get("root") if isinstance(said, dict) else None
    if not isinstance(root, dict) or not isinstance(root.get("children"), list):
        return None
    return [_block(node) for node in root["children"] if isinstance(node, dict)]


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= 18 else 0


def _block(node: dict[str, Any]) -> Part:
    kind = words(node.get("type"))
    if (part := part_of(kind, node)) is not None:
        return part
    if isinstance(node.get("children"), list):
        return Part(_html(node, 0))
    if kind in ("text", "extended-text", "tk", "linebreak", "tab"):
        return Part(shapes.paragraph(_html(node, 0)))
    return Part(anything_in(node), lost=kind or "?")


def _html(node: dict[str, Any], depth: int) -> str:
    kind = words(node.get("type"))
    if kind == "linebreak":
        return "<br>"
    if kind == "tab":
        return " "
    if isinstance(node.get("text"), str):
        return _text(node)
    inner = _inner(node, depth)
    if kind in ("link", "autolink"):
        return shapes_link(words(node.get("url")), inner)
    if kind == "at-link":
        return shapes.link(words(node.get("url")), words(node.get("title")))
    if kind in ("heading", "extended-heading"):
        tag = words(node.get("tag"))
        tag = tag if tag in _HEADINGS else "h2"
        return f"<{tag}>{inner}</{tag}>"
    if kind == "list":
        return _list(node, depth)
    tag = _BOXES.get(kind, "" if depth else "p")
    return f"<{tag}>{inner}</{tag}>" if tag and inner else inner


def shapes_link(address: str, inner_html: str) -> str:
    return f'<a href="{escape(address)}">{inner_html}</a>' if address else inner_html


def _inner(node: dict[str, Any], depth: int) -> str:
    children = node.get("children")
    if not isinstance(children, list):
        return ""
    if depth > DEEPEST:  # words alone, so that none is lost
        return escape(_words_below(children))
    return "".join(_html(child, depth + 1) for child in children if isinstance(child, dict))


def _words_below(children: list[Any]) -> str:
    found, waiting = [], list(reversed(children))
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                found.append(text(node["text"]))
            inner = node.get("children")
            waiting += reversed(inner) if isinstance(inner, list) else ()
    return " ".join(found)


def _text(node: dict[str, Any]) -> str:
    made = escape(text(node["text"]), quote=False)
    form = node.get("format")
    form = form if isinstance(form, int) and not isinstance(form, bool) else 0
    if not made.strip():
        return made
    # Marks end beside words: spaces at the ends stay outside.
    bare = made.strip()
    before, after = made[: made.index(bare)], made[made.index(bare) + len(bare) :]
    for bit, tag in _MARKS:
        if form & bit:
            bare = f"<{tag}>{bare}</{tag}>"
    return f"{before}{bare}{after}"


def _list(node: dict[str, Any], depth: int) -> str:
    """Return a list. Lexical keeps one within another as an item that holds nothing else."""
    tag = "ol" if words(node.get("tag")) == "ol" or node.get("listType") == "number" else "ul"
    start = node.get("start")
    given = f' start="{start}"' if tag == "ol" and isinstance(start, int) and start > 1 else ""
    items: list[str] = []
    for item in node.get("children") or ():
        if not isinstance(item, dict):
            continue
        inner = _inner(item, depth + 1)
        children = [each for each in item.get("children") or () if isinstance(each, dict)]
        is_list = bool(children) and all(each.get("type") == "list" for each in children)
        if is_list and items:
            items[-1] += inner
        else:
            items.append(inner)
    return f"<{tag}{given}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"
