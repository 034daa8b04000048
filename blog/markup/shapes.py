"""Turns the HTML that Markdown made into this site's own markup, which its stylesheet expects.

Each step changes one tree in place. The input was written by nh3, so it is well-formed. The output
is cleaned again, so safety does not depend on this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _
from lxml.html import HtmlElement

from blog.lib.slugs import in_script, slug_of

from .code import colour_code
from .direction import set_directions
from .gates import BLOCKS, HEADINGS, PHRASING, is_id, scheme
from .notes import set_notes, take_notes, take_out_of_links
from .pictures import load_first_at_once, make_figures, offer_widths, settle_picture
from .players import PLAYERS, keep_player, own_source, play_instead, tag_for
from .tags import EMBEDS, only_known
from .tree import (
    inner_html,
    inside,
    new,
    parse,
    replace,
    settle_links,
    words,
    wrap,
)

_RANKS = HEADINGS | {"h1"}
_LONGEST_ANCHOR = 80


def shape_post(html: str, note_mark: str, language: str = "") -> str:
    """Return an essay's HTML in this site's markup. For `note_mark` see dialect.post_html.

    `language` is what the essay says of itself, "" for nothing.
    """
    root = parse(only_known(html))
    notes = take_notes(root, note_mark)
    for part in (root, *notes.values()):
        _replace_embeds(part)
        take_out_of_links(part)
        _settle_images(part)
        _make_valid(part)
        make_figures(part)
        offer_widths(part)
        _wrap_tables(part)
    load_first_at_once(root)
    set_notes(root, notes)
    # From here on the elements are in their final order.
    settle_links(root)
    _settle_ids(root)
    _rank_headings(root)
    _anchor_headings(root)
    colour_code(root)
    set_directions(root, language)
    return inner_html(root)


# --- Essays, step by step -------------------------------------------------------------------


def _replace_embeds(root: HtmlElement) -> None:
    """Replace videos and frames by links, so that pages make no requests to third parties.

    Sounds and films of this site stay. The fallback content inside them follows the link.
    """
    for embed in list(root.iter(*EMBEDS)):
        if embed.getparent() is None:
            continue  # was inside another one
        if embed.tag in PLAYERS and (own := own_source(embed, _is_ours)):
            keep_player(embed, own)
            continue
        sources = [e.get("src") or e.get("data") or "" for e in embed.iter(*EMBEDS)]
        address = next((source for source in sources if source), "")
        for inner in list(embed.iterdescendants(*EMBEDS)):
            inner.drop_tag()
        parent = embed.getparent()
        if scheme(address) in ("http", "https") and not inside(embed, "a"):
            link = new("a", address, href=address)
            embed.addprevious(link)
            link.tail = " " if words(embed) or (embed.tail or " ")[0].strip() else None
            if parent.tag in BLOCKS - HEADINGS - {"p", "pre", "summary", "dt"}:
                wrap(link, new("p"))
        embed.drop_tag()


def _is_ours(address: str) -> bool:
    if address == settings.SITE_URL or address.startswith(settings.SITE_URL + "/"):
        return True
    # `//host/x` and, in browsers, `/\host/x` name a host without a scheme.
    return not scheme(address) and re.match(r"\s*[/\\]\s*[/\\]", address) is None


def _link_instead(image: HtmlElement, address: str, words: str) -> None:
    words = words or unquote(re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2])
    if not address or inside(image, "a"):
        replace(image, new("span", words))
    else:
        replace(image, new("a", words or address, href=address))


def _settle_images(root: HtmlElement) -> None:
    for image in list(root.iter("img")):
        address = image.get("src", "").strip()
        if not address or not _is_ours(address):
            _link_instead(image, address, image.get("alt", "").strip())
            continue
        if tag := tag_for(address):
            play_instead(image, tag, address)
        else:
            settle_picture(image)
    for span in list(root.iter("span")):
        span.drop_tag()  # an author's spans are useless without their classes


_PHRASING_ONLY = _RANKS | {"p", "pre", "summary"}
_ITEMS = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd"}}


def _make_valid(root: HtmlElement) -> None:
    """Correct raw HTML that parses but is not valid, such as a list item without its list."""
    _take_blocks_out_of_phrases(root)
    for link in list(root.iter("a")):
        if inside(link, "a") or not (link.get("href") or link.get("id")):
            link.drop_tag()
    _correct_lists(root)
    for details in root.iter("details"):
        if not len(details) or details[0].tag != "summary":
            details.tag = "div"
    for empty in list(root.iter("p", *_RANKS)):
        if not words(empty) and next(empty.iter("img", "a", *PLAYERS), None) is None:
            empty.drop_tree()


def _take_blocks_out_of_phrases(root: HtmlElement) -> None:
    for block in [element for element in root.iter(*BLOCKS, "h1") if element is not root]:
        for ancestor in list(block.iterancestors()):
            if ancestor is root:
                break
            if ancestor.tag in PHRASING - {"a", "del", "ins"}:
                ancestor.drop_tag()
            elif ancestor.tag in _PHRASING_ONLY or (ancestor.tag == "a" and inside(ancestor, "p")):
                block.drop_tag()
                break


def _correct_lists(root: HtmlElement) -> None:
    """Wrap other content of lists in items, and make plain blocks of items outside of lists."""
    for name, items in _ITEMS.items():
        for parent in root.iter(name):
            _correct_items(parent, items)
    for terms in root.iter("dl"):
        if not len(terms) or (terms[0].tag, terms[-1].tag) != ("dt", "dd"):
            terms.tag = "div"
    for item in root.iter("li", "dt", "dd", "figcaption", "summary"):
        parent = item.getparent()
        homes = {"li": ("ul", "ol"), "dt": ("dl",), "dd": ("dl",), "figcaption": ("figure",)}
        if item is not root and parent.tag not in homes.get(item.tag, ("details",)):
            item.tag = "div"


def _correct_items(parent: HtmlElement, items: set[str]) -> None:
    kind = "dd" if "dd" in items else "li"
    if (parent.text or "").strip():
        parent.insert(0, new(kind, parent.text))
        parent.text = None
    for child in list(parent):
        stray = child.tail or ""
        if stray.strip():
            child.tail = None
        if child.tag not in items:
            wrap(child, new(kind))
        if stray.strip():
            following = parent.index(child if child.tag in items else child.getparent()) + 1
            parent.insert(following, new(kind, stray))


def _wrap_tables(root: HtmlElement) -> None:
    """Wrap tables in boxes that scroll, and that take focus so that keys can scroll them."""
    for cell in root.iter("td", "th"):
        align = cell.attrib.pop("align", "")
        if align in ("right", "center"):
            cell.set("class", align)
    for table in list(root.iter("table")):
        if not inside(table, "table"):
            label = _("Table")
            wrap(table, new("div", class_="scroll", role="region", aria_label=label, tabindex="0"))


# Ids that are reserved for the page's own elements.
_PAGE_IDS = re.compile(r"content|comments|mentions|form|errors|c\d+|(?:fn|fnref|id)[-_].*")


def _settle_ids(root: HtmlElement) -> None:
    """Keep an author's ids if they are safe, unique, and not reserved for the page."""
    taken: set[str] = set()
    for element in root.iter():
        own = element.get("id", "")
        ours = element.get("role") in ("doc-noteref", "doc-footnote")
        if ours or (is_id(own) and not _PAGE_IDS.fullmatch(own) and own not in taken):
            taken.add(own)
        else:
            element.attrib.pop("id", None)


def _rank_headings(root: HtmlElement) -> None:
    """Renumber headings: the text's first level becomes h2, because the page's title is its h1.

    No level is skipped, because people with screen readers move from level to level.
    """
    open_levels: list[int] = []
    for heading in root.iter(*_RANKS):
        level = int(heading.tag[1])
        while open_levels and open_levels[-1] >= level:
            open_levels.pop()
        open_levels.append(level)
        heading.tag = f"h{min(len(open_levels) + 1, 6)}"


def _anchor_headings(root: HtmlElement) -> None:
    headings = list(root.iter(*HEADINGS))
    given = {element.get("id") for element in root.iter() if element.get("id")}
    unnamed = [heading for heading in headings if not heading.get("id")]
    before = [_anchors(unnamed, given, rule) for rule in (_before_marks, in_script)]
    for heading, name in zip(unnamed, _anchors(unnamed, given, slug_of), strict=True):
        heading.set("id", name)
    taken = {element.get("id") for element in root.iter() if element.get("id")}
    for heading, *names in zip(unnamed, *before, strict=True):
        for name in {*names} - taken:
            taken.add(name)
            mark = new("span", id=name)
            mark.tail, heading.text = heading.text, None
            heading.insert(0, mark)
    for heading in headings:
        name = heading.get("id", "")
        if heading.tag in ("h2", "h3", "h4"):
            anchor = new("a", "§", class_="anchor", href=f"#{name}")
            anchor.set("aria-label", _("Link to this section"))
            heading.append(anchor)


def _anchors(
    headings: list[HtmlElement], given: set[str | None], rule: Callable[[str, int], str]
) -> list[str]:
    """Return an anchor for each heading by a rule, with numbers where the words are the same."""
    taken, counts, found = {*given}, dict[str, int](), list[str]()
    for heading in headings:
        slug = rule(_words_of(heading), _LONGEST_ANCHOR) or "section"
        slug = name = f"section-{slug}" if _PAGE_IDS.fullmatch(slug) else slug
        while name in taken:
            counts[slug] = counts.get(slug, 1) + 1
            name = f"{slug}-{counts[slug]}"
        taken.add(name)
        found.append(name)
    return found


def _words_of(heading: HtmlElement) -> str:
    return "".join(
        str(text)
        for text in heading.xpath(".//text()[not(ancestor::sup[@class])]")  # no note numbers
    )


def _before_marks(words: str, most: int) -> str:
    """Return the anchor that the first versions gave, without the marks of letters."""
    return str(slugify(words, allow_unicode=True))[:most].strip("-_")
