"""Offers readers without scripts to write beside each paragraph and list item of an essay."""

from __future__ import annotations

import re

from django.utils.html import format_html
from django.utils.translation import gettext as _
from lxml import etree

from blog.markup.direction import of_site

from .parts import LEFT_OUT, Essay

# Where a paragraph or an item ends, and what holds paragraphs that are not the essay's.
_TAG = re.compile(r"</(?:p|li)>|<(/?)(?:aside|audio|video)\b")
# An item that ends with one of these has its paragraphs within.
_ENDS = ("</p>", "</ul>", "</ol>", "</aside>", "</div>")


def with_ways(html: str, page: str) -> str:
    """Return an essay's HTML with a link to `page` at the end of each paragraph.

    Each names its paragraph by how many ended before. The links are for readers without scripts:
    for others they are no elements. Their words stand in an attribute, from which the stylesheet
    shows them, so that they are no words of the essay for those who read its HTML.
    """
    # It stands on the page's side, where a paragraph goes the other way, too.
    side = format_html(' dir="{}"', of_site()) if " dir=" in html else ""
    link = format_html(
        '<noscript><a class="here" href="{}?p=\n" rel="nofollow"{} title="{}"></a></noscript>',
        page,
        side,
        _("Write beside this paragraph"),
    )
    before, after = link.split("\n")
    count = depth = 0

    def way(tag: re.Match[str]) -> str:
        nonlocal count, depth
        if tag[1] is not None:
            depth += -1 if tag[1] else 1
        elif not depth:
            count += 1
            last = html[max(0, tag.start() - 20) : tag.start()].rstrip()
            if tag[0] == "</p>" or not last.endswith(_ENDS):
                return f"{before}{count}{after}{tag[0]}"
        return tag[0]

    return _TAG.sub(way, html)


def part_at(essay: Essay, number: int) -> int | None:
    """Return the part that the link of this number is in, if that has words."""
    count = 0
    for _event, element in etree.iterwalk(essay.root, events=("end",), tag=("p", "li")):
        if not any(above.tag in LEFT_OUT for above in element.iterancestors()):
            count += 1
            if count == number:
                return next(
                    (n for n, part in enumerate(essay.parts) if part.element is element), None
                )
    return None
