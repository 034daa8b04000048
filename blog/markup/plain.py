"""Renders comments of plain prose, which most are, without Markdown.

`render` returns the same HTML as Markdown and both cleaners, or None for every text that may hold a
mark. tests/test_markup_plain.py compares the two.
"""

from __future__ import annotations

import re

from .comment_links import BARE_ADDRESS
from .direction import paragraph
from .typography import CommentTypography

# A line starts with a letter, so it is not a list, a heading, a quotation or code. Then follow
# letters, digits, spaces and signs that Markdown and HTML do not change. There are no combining
# marks, and no characters that HTML escapes.
_LINE = r"""[^\W\d_](?:[^\W_]|[ ,;:!?.'"()%/=+–—’‘“”…、。，！？；：「」،؟؛-])*+(?<! )"""
_PROSE = re.compile(rf"{_LINE}(?:\n{{1,2}}{_LINE})*")

_DOT_IN_WORD = re.compile(r"\w\.\w")


def render(text: str) -> str | None:
    """Return the HTML of a comment of plain prose, or None if it may hold markup."""
    if "://" in text or "   " in text or not _PROSE.fullmatch(text):
        return None
    if _DOT_IN_WORD.search(text) and BARE_ADDRESS.search(text):
        return None
    typeset = CommentTypography().typeset
    paragraphs = (typeset(part).replace("\n", "<br>\n") for part in text.split("\n\n"))
    return "\n".join(map(paragraph, paragraphs))
