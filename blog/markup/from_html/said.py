"""What HTML and Markdown say: the words that readers would see, and where their links go."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import lxml.html

from blog.lib.languages import site_language
from blog.markup import MarkupError, plain_text, render_post

from .html_reader import missing_words
from .markdown_writer import ADDRESS, INLINE

_QUOTES = str.maketrans(dict.fromkeys('‘’‚‛“”„‟«»′″"`', "'") | dict.fromkeys("‐‑‒–—―", "-"))


class Words(NamedTuple):
    text: str
    links: frozenset[str]


def rendered(markdown: str) -> str:
    """Return an essay's HTML with English quotes, which add no spaces and count as any others."""
    return _rendered(markdown, site_language())


# A text is compared as a whole, and asked for its words afterwards. Labels are in the language.
@lru_cache(maxsize=4)
def _rendered(markdown: str, _language: str) -> str:
    return render_post(markdown, "en")


def same(shown: Words | None, wanted: Words | None) -> bool:
    if shown is None or wanted is None:
        return False
    return shown.text == wanted.text and shown.links >= wanted.links


def shown_of(markdown: str, render: Callable[[str], str]) -> Words | None:
    """Return what readers would see, or None where the text is refused."""
    try:
        return said_by(render(markdown))
    except (MarkupError, RecursionError):
        return None


def said_by(html: str) -> Words:
    """Return the words of HTML, one kind of quote and dash for all, and where its links go."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    links = set()
    for part in list(root.iter()):
        if part.tag == "a" and part.get("class") == "anchor":
            part.drop_tree()
        elif part.tag == "a" and ADDRESS.match(part.get("href", "")):
            links.add(unquote(part.get("href").strip()))
        part.attrib.clear()  # a ">" in a title would end the tag for plain_text
    text = plain_text(lxml.html.tostring(root, encoding="unicode"))
    text = re.sub("«[\u00a0\u202f]|[\u00a0\u202f]»", "'", text)  # as in French
    text = re.sub(r"-+", "-", text.translate(_QUOTES).replace("…", "...")).replace("''", "'")
    return Words(text, frozenset(links))


def misses_words(markdown: str, source: str, render: Callable[[str], str]) -> bool:
    """Return whether readers would not see each word of the source, as another parser reads it."""
    try:
        return bool(missing_words(source, plain_text(render(markdown))))
    except (MarkupError, RecursionError):
        return True


def in_lines(html: str) -> str:
    """Return the words of HTML in lines, with the addresses of links and pictures beside them."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    for part in root.iterdescendants():
        words, after = part.text or "", ""
        if part.tag == "img":
            words, after = part.get("alt", ""), f" {part.get('src', '')} "
        elif part.tag == "a" and part.get("href") not in {None, part.text_content()}:
            after = f" ({part.get('href')})"
        elif part.tag in {"td", "th"}:
            after = " | "
        elif part.tag == "br" or part.tag not in INLINE:
            after = "\n"
        part.text = words
        part.tail = after + (part.tail or "")
    lines = (" ".join(line.split()) for line in root.text_content().split("\n"))
    return "\n".join(filter(None, lines))
