"""The readers' stylesheet, which is inlined in each page.

So the first view needs one round trip instead of two, which matters most on a slow line. Each
further page is 3 KiB larger. The Content-Security-Policy allows it by its digest, and no other
inline style (CSP Level 3, section 8.4).
"""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

from blog.lib.base_path import placed_css

# Returns what follows the project's stylesheet in each page; blog.site puts in what an owner chose.
own: list[Callable[[], str]] = [lambda: ""]
# What stays unchanged in CSS (strings and addresses), and what is removed: spaces and comments.
_KEPT = r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^)"']*\))"""
_GAP = r"(?>\s|/\*.*?\*/)"
_TOKEN = re.compile(
    rf"{_KEPT}|(?:;|{_GAP})*(}}){_GAP}*|{_GAP}*([{{;,]|>(?!=)){_GAP}*|(:){_GAP}+|{_GAP}+", re.DOTALL
)
# How css/site.css names a component: its file, and the layer it belongs to.
IMPORT = re.compile(r'^@import url\("([\w/-]+\.css)"\) layer\((\w+)\);$', re.MULTILINE)


def stylesheet() -> SafeString:
    """Return css/site.css with the files it imports, minified, and what the owner set after it.

    The owner's stands in no layer, so it wins.
    """
    return with_own(minified() if settings.DEBUG else kept(), placed_css(own[-1]()))


@lru_cache(maxsize=8)
def with_own(css: SafeString, more: str) -> SafeString:
    return mark_safe(f"{css}\n{more}") if more else css  # noqa: S308 - checked when it was saved


@cache
def kept() -> SafeString:
    return minified()


@cache
def sheet(name: str) -> SafeString:
    """Return another of the project's style sheets, minified."""
    return mark_safe(minify(read(f"css/{name}.css")))  # noqa: S308 - the project's own


def minified() -> SafeString:
    return mark_safe(minify(joined()))  # noqa: S308 - the project's own, or its owner's


def minify(css: str) -> str:
    """Remove comments, and white space without a meaning.

    A space before a colon stays: `.a :is(b)` and `.a:is(b)` differ, which rcssmin overlooks.
    """

    def shorter(token: re.Match[str]) -> str:
        return next(filter(None, token.groups()), " ")

    return _TOKEN.sub(shorter, css).strip()


def joined() -> str:
    """Return css/site.css, the project's or the one an owner put in its place, with its imports."""

    def layer(imported: re.Match[str]) -> str:
        return f"@layer {imported[2]} {{\n{read(f'css/{imported[1]}')}}}"

    return IMPORT.sub(layer, read("css/site.css"))


def read(name: str) -> str:
    return Path(str(finders.find(name))).read_text()


def csp_source() -> str:
    """Return how the Content-Security-Policy names it."""
    return source_of(stylesheet())


@lru_cache(maxsize=64)
def source_of(css: str) -> str:
    """Return how the Content-Security-Policy names a style element with this in it."""
    digest = hashlib.sha256(css.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
