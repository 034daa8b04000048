"""The readers' stylesheet, which is inlined in each page.

So the first view needs one round trip instead of two, which matters most on a slow line. Each
further page is 3 KiB larger. The Content-Security-Policy allows it by its digest, and no other
inline style (CSP Level 3, section 8.4).
"""

import base64
import hashlib
import posixpath
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from blog.lib.base_path import placed_css
from blog.web.theme.engine import note
from blog.web.theme.files import ThemeError, theme
from blog.web.theme.mode import OURS, made_of, mode
from blog.web.theme.names import STYLESHEET, our_static

# Returns what follows the project's stylesheet in each page; blog.site puts in what an owner chose.
own: list[Callable[[], str]] = [lambda: ""]
# What stays unchanged in CSS (strings and addresses), and what is removed: spaces and comments.
_KEPT = r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^)"']*\))"""
_GAP = r"(?>\s|/\*.*?\*/)"
_TOKEN = re.compile(
    rf"{_KEPT}|(?:;|{_GAP})*(}}){_GAP}*|{_GAP}*([{{;,]|>(?!=)){_GAP}*|(:){_GAP}+|{_GAP}+", re.DOTALL
)
# How css/site.css names a component: its file, and the layer it belongs to, if it has one.
IMPORT = re.compile(
    r"""^@import (?:url\()?["']([\w/.-]+\.css)["']\)?(?: layer\((\w+)\))?;[ \t]*$""", re.MULTILINE
)
# An address in a stylesheet that begins at its own file.
_BESIDE = re.compile(
    r"""(?<!@import )\burl\((?P<mark>["']?)(?![a-z]+:|[/#])(?P<to>[^"')\s]+)(?P=mark)\)""",
    re.IGNORECASE,
)


def stylesheet() -> SafeString:
    """Return css/site.css with the files it imports, minified, and what the owner set after it.

    The owner's stands in no layer, so it wins.
    """
    over = theme()
    # A page that falls back to our templates has our stylesheet.
    whose = over.revision if over and mode() != OURS else ""
    ours = minified() if settings.DEBUG else kept(whose)
    return with_own(ours, placed_css(own[-1]()))


@lru_cache(maxsize=8)
def with_own(css: SafeString, more: str) -> SafeString:
    return mark_safe(f"{css}\n{more}") if more else css  # noqa: S308 - checked when it was saved


@lru_cache(maxsize=4)
def kept(whose: str = "") -> SafeString:
    """Return it as it is of the theme of this revision; "" means ours."""
    return minified()


def minified() -> SafeString:
    """Return it, or ours where the theme's cannot be joined."""
    try:
        return mark_safe(minify(joined()))  # noqa: S308 - the project's own, or its owner's
    except (OSError, ValueError, ThemeError) as error:
        over = theme()
        if over is None or mode() == OURS:
            raise
        note(STYLESHEET, over, error)
        with made_of(OURS):
            return minified()


@cache
def sheet(name: str) -> SafeString:
    """Return another of the project's style sheets, minified."""
    return mark_safe(minify(read(f"css/{name}.css")))  # noqa: S308 - the project's own


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
        text = beside(posixpath.normpath(f"css/{imported[1]}"))
        return f"@layer {imported[2]} {{\n{text}}}" if imported[2] else text

    return IMPORT.sub(layer, beside("css/site.css"))


def read(name: str) -> str:
    """Return the text of a stylesheet; while a page is made of ours alone, of ours."""
    found = our_static(name) if mode() == OURS else finders.find(name)
    if not found:
        raise ThemeError(_("css/site.css imports %s, which is not there.") % name)
    return Path(str(found)).read_text("utf-8-sig")


def beside(name: str) -> str:
    """Return a stylesheet as it can stand in any page: with whole addresses of its files."""

    def whole(found: re.Match[str]) -> str:
        to = re.split("[?#]", found["to"], maxsplit=1)[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), to))
        try:
            address = staticfiles_storage.url(path)
        except ValueError:  # it is not there
            address = f"{settings.STATIC_URL}{path}"
        return f'url("{address}{found["to"].removeprefix(to)}")'

    return _BESIDE.sub(whole, read(name))


def files_source(what: str) -> str:
    """Return what lets pages have files of the theme, "styles" or "scripts"; "" without such."""
    over = theme()
    return " 'self'" if over and getattr(over, f"has_{what}") else ""


@lru_cache(maxsize=64)
def source_of(css: str) -> str:
    """Return how the Content-Security-Policy names a style element with this in it."""
    digest = hashlib.sha256(css.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
