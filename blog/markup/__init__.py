"""Turns Markdown into safe HTML, for essays and comments.

Texts are rendered when they are saved, never while a reader waits, in these steps:

1. `guards` refuses input that would make Markdown slow or deeply nested (MarkupError).
2. `dialect` makes HTML of an essay with Python-Markdown; it may hold raw HTML.
3. nh3, with a long list of allowed elements, turns that into well-formed HTML5.
4. `shapes` adds this site's own markup: margin notes, figures, anchors, code colours. Classes that
   an author wrote were removed in step 3, so every class is ours.
5. `gates`: bleach and then nh3 clean the result, both with the same short list.

Comments have few marks and no HTML of their own, so `comment` does all of steps 2 to 4. Those of
plain prose skip these and the gates (`plain`), because they have nothing to mark up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache, partial
from html import unescape

from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from blog.lib.languages import site_language, tag_of
from blog.lib.lines import with_plain_breaks

from . import comment, dialect, gates, guards, plain, shapes, tags
from .characters import storable, without_unwanted
from .elsewhere import absolute_links, feed_html, with_own_notes, without_anchors
from .gates import BLOCKS, COMMENT_RULES, POST_RULES, Rules, clean
from .guards import MarkupError

# Raised with each change of what essays look like, so that stored ones are rendered again.
VERSION = 4
# The same for comments.
COMMENT_VERSION = 1

__all__ = [
    "COMMENT_VERSION",
    "VERSION",
    "MarkupError",
    "absolute_links",
    "feed_html",
    "left_out_of",
    "one_line",
    "plain_figures",
    "plain_lines",
    "plain_text",
    "preview_post",
    "render_comment",
    "render_post",
    "storable",
    "trimmed",
    "with_own_notes",
    "without_anchors",
    "without_unwanted",
]


def render_post(markdown: str, language: str = "") -> SafeString:
    """Return an essay's HTML, ready to be stored and shown.

    `language` is the tag that the essay says; without one its quotes are those of the site's.

    The page's h1 is the essay's title, so `#` makes an h2. Footnotes become margin notes, each
    after the top-level block that refers to it. Images of other hosts become links, so that
    readers' browsers never make requests to third parties.

    Raises MarkupError for text that is too long, too deep or too dense with marks.
    """
    text = _lines(markdown)
    guards.check(text, guards.POST_LIMIT)
    return _render(text, partial(_post, language), POST_RULES)


def preview_post(markdown: str, language: str = "") -> SafeString:
    """Return the same as `render_post`, sooner where most blocks are as they were before.

    The first gate takes more than half of the time, and here remembers what became of each block.
    """
    text = _lines(markdown)
    guards.check(text, guards.POST_LIMIT)
    return _render(text, partial(_post, language), POST_RULES, gates.first_gate_by_block)


def left_out_of(markdown: str) -> Counter[str]:
    """Return how many words of an essay are left out, by the name of their element.

    These are the contents of scripts, style sheets and templates; "!" stands for comments.
    """
    html, _note_mark = dialect.post_html(_lines(markdown), site_language())
    return tags.read(html).left_out


@lru_cache(maxsize=8)  # called by the form, and again when the comment is saved
def render_comment(markdown: str) -> SafeString:
    """Return a comment's HTML, ready to be stored and shown.

    Line ends are kept, bare addresses become links, everything else shows as typed, and every link
    carries `rel="nofollow ugc noopener"`. There are no images, and no class or id.

    Raises MarkupError for text that is too long, too deep or too dense with marks.
    """
    text = _normal(markdown)
    guards.check(text, guards.COMMENT_LIMIT, comment=True)
    if (html := plain.render(text)) is not None:
        return mark_safe(html)  # noqa: S308  nothing in it is markup but <p> and <br>
    return _render(text, _comment, COMMENT_RULES)


def trimmed(text: str) -> str:
    """Return a text without spaces and blank lines around it, but with its first indentation.

    That may make its first lines code.
    """
    return re.sub(r"\A(?:[^\S\n]*+\n)++", "", text).rstrip()


def _lines(markdown: str) -> str:
    """Return the text with each line ended by one character, and without unwanted ones."""
    return with_plain_breaks(without_unwanted(markdown))


def _normal(markdown: str) -> str:
    """Return the lines of a comment, without blank ones around them."""
    return trimmed(_lines(markdown))


def _render(
    text: str,
    to_html: Callable[[str], str],
    rules: Rules,
    first_gate: gates.Gate = gates.first_gate,
) -> SafeString:
    try:
        with translation.override(site_language()):  # the labels in it are for readers
            html = clean(to_html(text), rules, first_gate).strip()
    except RecursionError:
        # The guards count the usual kinds of nesting. Mixed ones may still be too deep for Python.
        raise MarkupError(guards.too_deep()) from None
    return mark_safe(html)  # noqa: S308  it was just cleaned twice


def _post(language: str, text: str) -> str:
    language = tag_of(language) or ""
    html, note_mark = dialect.post_html(text, language or site_language())
    return shapes.shape_post(html, note_mark, language)


def _comment(text: str) -> str:
    return comment.comment_html(text)


# These read stored HTML only, which nh3 has written: attributes are always in double quotes, `<`
# and `>` in attributes and text always entities or inside quotes, and there are no comments. So
# regular expressions are correct here, and fast.
_TAG = re.compile(r"""<(/?)([a-z][a-z0-9]*)(?:[^"<>]|"[^"]*")*>""")
_LEFT_OUT = re.compile(
    r"""<sup class="ref[^"]*">.*?</sup>|<a [^<>]*class="(?:back|anchor)"[^<>]*>.*?</a>""", re.DOTALL
)


def plain_text(html: str) -> str:
    """Return the text of our own stored HTML, with single spaces and decoded entities.

    The end of a block becomes a space. Numbers of note references, back links and heading
    anchors are left out. For search, excerpts and counting words.
    """

    return " ".join(plain_lines(html).split())


def plain_lines(html: str) -> str:
    """Return the same with a line for each block."""

    def gap(tag: re.Match[str]) -> str:
        return "\n" if tag[2] in _GAPS else ""

    text = unescape(_TAG.sub(gap, _LEFT_OUT.sub("", html).replace("\n", " ")))
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


_GAPS = BLOCKS | {"br", "img"}


def one_line(text: str) -> str:
    """Return a title or a name as one line, with single spaces and no control characters."""
    return " ".join(without_unwanted(text).split())


_IMAGE = r"""<img(?: [a-z-]+="[^"]*")*?"""
_WIDTHS = re.compile(rf"""({_IMAGE}) srcset="[^"]*" sizes="[^"]*["]""")
_TO_ITSELF = re.compile(
    rf"""<a href="([^"]*)"(?: aria-label="[^"]*")?>({_IMAGE} src="\1"[^<>]*>)</a>"""
)


def plain_figures(html: str) -> str:
    """Return our own stored HTML with pictures as an author writes them, in their one size.

    For other systems, which have no narrower ones.
    """
    html = re.sub(r"</?(?:picture|source)\b[^<>]*>", "", _WIDTHS.sub(r"\1", html))
    return _TO_ITSELF.sub(r"\2", html)
