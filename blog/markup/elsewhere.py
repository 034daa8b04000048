"""Our own stored HTML as it is shown elsewhere: in feeds, mails and other systems.

These read stored HTML only, which nh3 has written: attributes are always in double quotes, `<` and
`>` in text are always entities, and there are no comments. So regular expressions are correct
here, and fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urljoin

from blog.lib.base_path import placed

_TAG = re.compile(r"""<([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")+)""")
_ATTRIBUTE = re.compile(r''' ([a-z-]+)="([^"]*)"''')
# Attributes that hold an address (HTML, "Attributes"), whether or not the gates let them through.
_ADDRESSES = frozenset(
    "action background cite data formaction href icon longdesc manifest ping poster src".split()
)
_SETS = frozenset({"imagesrcset", "srcset"})
# Signs that lead to a heading itself, for readers of its page.
_ANCHOR = re.compile(r"""<a (?:[a-z-]+="[^"]*" )*?class="anchor"[^<>]*>[^<]*</a>""")
# What means something on this site's pages only; the W3C's feed validator warns of it.
_OF_PAGES = re.compile(r"role|tabindex|aria-.*")
_NOTE = re.compile(r"(fn|fnref)-([0-9]+)")
_REFERENCE = re.compile(r"""<sup class="ref[^"]*"(?=><a [^<>]*id="fnref-([0-9]+)")""")
_BACK = re.compile(r"""<a (?=[^<>]*class="back")(?=[^<>]*href="#fnref-([0-9]+)")""")

# Returns what an attribute of a name and a value, as it is stored, becomes; "" for nothing.
Change = Callable[[str, str], str]


def _changed(html: str, change: Change) -> str:
    """Return HTML with each attribute as `change` has it."""

    def attribute(found: re.Match[str]) -> str:
        return change(found[1], found[2])

    def tag(found: re.Match[str]) -> str:
        return f"<{found[1]}{_ATTRIBUTE.sub(attribute, found[2])}"

    return _TAG.sub(tag, html)


def joined(base: str, address: str) -> str:
    """Return an address made absolute; as it is where it cannot be read."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _absolute(base: str, name: str, value: str) -> str:
    if name in _ADDRESSES:
        value = escape(joined(base, unescape(value)))
    elif name in _SETS:
        # Those of our own files, whose names hold no comma (gates.py).
        each = (joined(base, one) for one in unescape(value).split(", "))
        value = escape(", ".join(each))
    return f' {name}="{value}"'


def absolute_links(html: str, base: str) -> str:
    """Return HTML with every relative address made absolute.

    `base` is the absolute address of the page with this HTML.
    """
    return _changed(placed(html), lambda name, value: _absolute(base, name, value))


def feed_html(html: str, base: str, number: int) -> str:
    """Return an essay's HTML for a feed; `base` is its address and `number` its own.

    A reader shows many essays on one page, so the only ids are those of its notes, which nothing
    else has. They are the same on the essay's page (`with_own_notes`).
    """

    def change(name: str, value: str) -> str:
        if name == "id":
            note = _NOTE.fullmatch(value)
            return f' id="{_own(note, number)}"' if note else ""
        if _OF_PAGES.fullmatch(name):
            return ""
        if name == "href" and (note := _NOTE.fullmatch(value.removeprefix("#"))):
            value = f"#{_own(note, number)}"
        return _absolute(base, name, value)

    return _changed(placed(without_anchors(html)), change)


def without_anchors(html: str) -> str:
    """Return HTML without the signs at its headings that lead to these."""
    return _ANCHOR.sub("", html)


def with_own_notes(html: str, number: int) -> str:
    """Return an essay's HTML whose notes can also be found by the ids that feeds have for them."""
    if 'id="fnref-' not in html:
        return html
    html = _REFERENCE.sub(rf'\g<0> id="fnref-{number}-\1"', html)
    return _BACK.sub(rf'\g<0>id="fn-{number}-\1" ', html)


def _own(note: re.Match[str], number: int) -> str:
    return f"{note[1]}-{number}-{note[2]}"
