"""The path that the whole site may live below, BASE_PATH, and its place in addresses.

What is stored has none of it, so that a site can move: stored HTML, menus and redirects lead to
`/about/`. Pages get it when they are made. `reverse()` has it from Django's script prefix, which
every request sets, and each thread that makes addresses outside of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.urls import get_script_prefix, set_script_prefix

# A tag of stored HTML with what it holds, and an attribute that leads to a place of this site. In
# text `<` is an entity, so no tag begins there.
_TAG = re.compile(r"""<[a-z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_PLACE = re.compile(
    r"""(\s(?:action|cite|data|formaction|href|poster|src)=")(/(?![/\\])[^"]*)""", re.IGNORECASE
)
_SET = re.compile(r"""(\s(?:imagesrcset|srcset)=")([^"]*)""", re.IGNORECASE)
# An address in a stylesheet, of which own_css.py takes only those with no backslash.
_URL = re.compile(r"""(\burl\(\s*["']?)(/(?![/\\])[^"')]*)""", re.IGNORECASE)


def use_base_path() -> None:
    """Have this thread make its addresses below BASE_PATH; requests do so by themselves."""
    set_script_prefix(f"{settings.BASE_PATH}/")


@contextmanager
def without_base() -> Iterator[None]:
    """Make addresses in the block as they are stored, without BASE_PATH."""
    before = get_script_prefix()
    set_script_prefix("/")
    try:
        yield
    finally:
        set_script_prefix(before)


def home() -> str:
    """Return the whole address of the site, without a slash at its end."""
    return f"{settings.SITE_URL}{settings.BASE_PATH}"


def is_below(path: str) -> bool:
    """Whether a path, with its query and fragment, is below BASE_PATH."""
    base = settings.BASE_PATH
    return not base or re.match(rf"{re.escape(base)}(?![^/?#])", path) is not None


def based(place: str) -> str:
    """Return a stored place of this site as the path of an address; all else as it is."""
    base = str(get_script_prefix()).removesuffix("/")
    if not base or not place.startswith("/") or place[1:2] in ("/", "\\") or is_below(place):
        return place
    return base + place


def unbased(path: str) -> str:
    """Return the path of an address as it is stored; one that is not below BASE_PATH as it is."""
    base = settings.BASE_PATH
    if not base or not is_below(path):
        return path
    rest = path[len(base) :]
    return rest if rest.startswith("/") else f"/{rest}"


def placed(html: str) -> str:
    """Return stored HTML whose addresses have BASE_PATH, for a page, a feed or a mail."""
    if get_script_prefix() == "/":
        return html
    return _TAG.sub(lambda tag: _SET.sub(_each_placed, _PLACE.sub(_placed, tag[0])), html)


def placed_css(css: str) -> str:
    """Return a stylesheet of the owner's whose addresses have BASE_PATH."""
    return css if get_script_prefix() == "/" else _URL.sub(_placed, css)


def _placed(found: re.Match[str]) -> str:
    return found[1] + based(found[2])


def _each_placed(found: re.Match[str]) -> str:
    # Names of our own files, which hold no comma (blog/markup/gates.py).
    return found[1] + ", ".join(based(each) for each in found[2].split(", "))
