"""Comments that are plain prose, which most are, need no Markdown.

`render` gives what the whole way through Markdown and both gates would give, and None for every
text that may hold a mark. tests/test_markup_plain.py compares the two.
"""

from __future__ import annotations

import re

from .typography import Typography

# A line begins with a letter, so it is neither a list, a heading, a quotation nor a listing. What
# follows are letters, digits, spaces and signs that Markdown and HTML leave alone in a line. Of
# letters only those that stand for themselves: no marks, and nothing that HTML writes otherwise.
_LINE = r"""[^\W\d_](?:[^\W_]|[ ,;:!?.'"()%/=+–—’‘“”…、。，！？；：「」،؟؛-])*+(?<! )"""
_PROSE = re.compile(rf"{_LINE}(?:\n{{1,2}}{_LINE})*")


def render(text: str) -> str | None:
    """Return the HTML of a comment of nothing but words and prose's signs; else None."""
    if "://" in text or not _PROSE.fullmatch(text):
        return None
    typeset = Typography().typeset
    paragraphs = (typeset(part).replace("\n", "<br>\n") for part in text.split("\n\n"))
    return "\n".join(f"<p>{part}</p>" for part in paragraphs)
