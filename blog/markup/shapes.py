"""From whatever HTML came out of Markdown to the shapes this site's stylesheet knows.

Each step changes one tree in place. What comes in was parsed and written by nh3, so it is well
formed; what goes out is cleaned again, so nothing here needs to be trusted for safety.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote, unquote

import lxml.html
import nh3
from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _
from lxml.html import HtmlElement
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from .gates import (
    BLOCKS,
    COMMENT_REL,
    HEADINGS,
    ID,
    LANGUAGE_CLASS,
    PHRASING,
    POST_RULES,
    SCHEMES,
    scheme,
    without_unwanted,
)

_EMBEDS = frozenset({"iframe", "video", "audio", "embed", "object", "source"})
_RENAMED = {"tt": "code", "strike": "del", "s": "del"}

_RANKS = HEADINGS | {"h1"}

# Wider than what may stay in the end: it also keeps what becomes something else below.
_WIDE_GATE = nh3.Cleaner(
    tags=set(POST_RULES.tags | _EMBEDS | _RENAMED.keys() | {"h1"}),
    clean_content_tags={"script", "style"},
    attributes={
        "*": {"id"},
        "a": {"href", "title"},
        "abbr": {"title"},
        "aside": {"data-note"},
        "code": {"class"},
        "details": {"open"},
        "img": {"src", "alt", "title", "width", "height"},
        "ol": {"start", "reversed"},
        "sup": {"data-note"},
        "td": {"align", "colspan", "rowspan"},
        "th": {"align", "colspan", "rowspan", "scope"},
        "object": {"data"},
        **{tag: {"src"} for tag in _EMBEDS - {"object"}},
    },
    url_schemes=set(SCHEMES),
    link_rel=None,
)


def shape_post(html: str, note_mark: str) -> str:
    """Return an essay's HTML in this site's shapes. For `note_mark` see dialect.post_html."""
    root = _parse(html)
    notes = _take_notes(root, note_mark)
    for part in (root, *notes.values()):
        _rename(part)
        _replace_embeds(part)
        _settle_images(part)
        _mend(part)
        _make_figures(part)
        _wrap_tables(part)
    _set_notes(root, notes)
    # From here on the order is the one readers see.
    _settle_links(root)
    _settle_ids(root)
    _rank_headings(root)
    _anchor_headings(root)
    _colour_code(root)
    return _inner_html(root)


def shape_comment(html: str) -> str:
    """Return a comment's HTML with nothing but text, links, quotes, lists and code."""
    root = _parse(html)
    for image in list(root.iter("img")):
        _link_instead(image, image.get("src", ""), image.get("alt", ""))
    for heading in list(root.iter(*_RANKS)):
        strong = _new("strong", heading.text)
        strong.extend(list(heading))
        heading.tag, heading.text = "p", None
        heading.append(strong)
    for link in list(root.iter("a")):
        if scheme(link.get("href", "")) in SCHEMES:
            link.set("rel", COMMENT_REL)
        else:
            link.drop_tag()
    _settle_links(root)
    for pre in root.iter("pre"):
        pre.set("tabindex", "0")
    return _inner_html(root)


# --- Trees ----------------------------------------------------------------------------------


def _parse(html: str) -> HtmlElement:
    # An entity can stand for a character lxml refuses.
    canonical = without_unwanted(_WIDE_GATE.clean(html))
    return lxml.html.fragment_fromstring(canonical, create_parent="div")


def _inner_html(root: HtmlElement) -> str:
    children = (lxml.html.tostring(child, encoding="unicode") for child in root)
    return escape(root.text or "", quote=False) + "".join(children)


def _new(tag: str, text: str | None = None, **attributes: str) -> HtmlElement:
    element: HtmlElement = lxml.html.Element(tag)
    element.text = text
    for name, value in attributes.items():
        element.set(name.rstrip("_").replace("_", "-"), value)
    return element


def _replace(old: HtmlElement, new: HtmlElement) -> None:
    """Put `new` in the place of `old`, before the text that follows it."""
    parent = old.getparent()
    new.tail, old.tail = old.tail, None
    parent.replace(old, new)


def _wrap(element: HtmlElement, wrapper: HtmlElement) -> None:
    _replace(element, wrapper)
    wrapper.append(element)


def _inside(element: HtmlElement, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _is_alone(element: HtmlElement) -> bool:
    """Return whether the element is all that its parent holds, white space aside."""
    parent = element.getparent()
    return len(parent) == 1 and not ((parent.text or "") + (element.tail or "")).strip()


def _words(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _settle_links(root: HtmlElement) -> None:
    """Encode what browsers forgive in an address but the URL standard does not allow."""
    for element in root.iter("a", "img"):
        for name in ("href", "src"):
            if name in element.attrib:
                address = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", element.get(name).strip())
                element.set(name, re.sub(r"[\s\"<>\\^`{|}]", lambda c: quote(c[0]), address))


# --- Essays, step by step -------------------------------------------------------------------


def _take_notes(root: HtmlElement, mark: str) -> dict[str, HtmlElement]:
    """Take the notes out of the tree: they are its last children, in order of definition."""
    notes: dict[str, HtmlElement] = {}
    for aside in root.findall("aside"):
        own = aside.attrib.pop("data-note", "")
        if own.startswith(mark):
            root.remove(aside)
            notes[own] = aside
    return notes


def _rename(root: HtmlElement) -> None:
    for element in root.iter(*_RENAMED):
        element.tag = _RENAMED[element.tag]


def _replace_embeds(root: HtmlElement) -> None:
    """A film or a framed page becomes a link to it: this site makes no third-party requests."""
    for embed in list(root.iter(*_EMBEDS)):
        if embed.getparent() is None or _inside(embed, *_EMBEDS):
            continue  # was inside another one
        sources = [e.get("src") or e.get("data") or "" for e in embed.iter(*_EMBEDS)]
        address = next((source for source in sources if source), "")
        if scheme(address) not in ("http", "https") or _inside(embed, "a"):
            embed.drop_tree()
            continue
        parent = embed.getparent()
        link = _new("a", address, href=address)
        _replace(embed, link)
        if parent.tag in BLOCKS - HEADINGS - {"p", "pre", "summary", "dt"}:
            _wrap(link, _new("p"))


def _is_ours(address: str) -> bool:
    if address == settings.SITE_URL or address.startswith(settings.SITE_URL + "/"):
        return True
    # `//host/x` and, to browsers, `/\host/x` name a host without naming a scheme.
    return not scheme(address) and re.match(r"\s*[/\\]\s*[/\\]", address) is None


def _link_instead(image: HtmlElement, address: str, words: str) -> None:
    words = words or unquote(re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2])
    if not address or _inside(image, "a"):
        _replace(image, _new("span", words))
    else:
        _replace(image, _new("a", words or address, href=address))


def _settle_images(root: HtmlElement) -> None:
    for image in list(root.iter("img")):
        address = image.get("src", "").strip()
        if not address or not _is_ours(address):
            _link_instead(image, address, image.get("alt", "").strip())
            continue
        image.set("alt", image.get("alt", ""))
        image.set("loading", "lazy")
        image.set("decoding", "async")
    for span in list(root.iter("span")):
        span.drop_tag()  # what an author's spans were for went with their classes


def _make_figures(root: HtmlElement) -> None:
    """An image alone in its paragraph is a figure; its title is the caption."""
    for image in list(root.iter("img")):
        caption = image.attrib.pop("title", "").strip()
        whole = image
        while whole.getparent().tag == "a" and _is_alone(whole):
            whole = whole.getparent()
        paragraph = whole.getparent()
        if paragraph.tag != "p" or not _is_alone(whole) or _inside(paragraph, "figure"):
            continue
        paragraph.tag, paragraph.text, whole.tail = "figure", None, None
        if caption:
            paragraph.append(_new("figcaption", caption))


_PHRASING_ONLY = _RANKS | {"p", "pre", "summary"}
_ITEMS = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd"}}


def _mend(root: HtmlElement) -> None:
    """Mend raw HTML that parses but is not valid: a list item without its list, and the like."""
    for block in [element for element in root.iter(*BLOCKS, "h1") if element is not root]:
        for ancestor in list(block.iterancestors()):
            if ancestor is root:
                break
            if ancestor.tag in PHRASING - {"a", "del", "ins"}:
                ancestor.drop_tag()
            elif ancestor.tag in _PHRASING_ONLY or (ancestor.tag == "a" and _inside(ancestor, "p")):
                block.drop_tag()
                break
    for link in list(root.iter("a")):
        if _inside(link, "a") or not (link.get("href") or link.get("id")):
            link.drop_tag()
    for name, items in _ITEMS.items():
        for parent in root.iter(name):
            _mend_items(parent, items)
    for terms in root.iter("dl"):
        if not len(terms) or (terms[0].tag, terms[-1].tag) != ("dt", "dd"):
            terms.tag = "div"
    for item in root.iter("li", "dt", "dd", "figcaption", "summary"):
        parent = item.getparent()
        homes = {"li": ("ul", "ol"), "dt": ("dl",), "dd": ("dl",), "figcaption": ("figure",)}
        if item is not root and parent.tag not in homes.get(item.tag, ("details",)):
            item.tag = "div"
    for details in root.iter("details"):
        if not len(details) or details[0].tag != "summary":
            details.tag = "div"
    for empty in list(root.iter("p", *_RANKS)):
        if not _words(empty) and next(empty.iter("img", "a"), None) is None:
            empty.drop_tree()


def _mend_items(parent: HtmlElement, items: set[str]) -> None:
    kind = "dd" if "dd" in items else "li"
    if (parent.text or "").strip():
        parent.insert(0, _new(kind, parent.text))
        parent.text = None
    for child in list(parent):
        stray = child.tail or ""
        if stray.strip():
            child.tail = None
        if child.tag not in items:
            _wrap(child, _new(kind))
        if stray.strip():
            following = parent.index(child if child.tag in items else child.getparent()) + 1
            parent.insert(following, _new(kind, stray))


def _wrap_tables(root: HtmlElement) -> None:
    """Wide tables scroll inside themselves, and can take focus so that keys scroll them."""
    for cell in root.iter("td", "th"):
        align = cell.attrib.pop("align", "")
        if align in ("right", "center"):
            cell.set("class", align)
    for table in list(root.iter("table")):
        if not _inside(table, "table"):
            label = _("Table")
            _wrap(
                table, _new("div", class_="scroll", role="region", aria_label=label, tabindex="0")
            )


# Names the page has for itself, whether or not it has such an element today.
_PAGE_IDS = re.compile(r"content|comments|mentions|form|errors|c\d+|(?:fn|fnref|id)[-_].*")


def _settle_ids(root: HtmlElement) -> None:
    """Keep an author's id where it is safe, new, and not one of the page's own."""
    taken: set[str] = set()
    for element in root.iter():
        own = element.get("id", "")
        ours = element.get("role") in ("doc-noteref", "doc-footnote")
        if ours or (ID.fullmatch(own) and not _PAGE_IDS.fullmatch(own) and own not in taken):
            taken.add(own)
        else:
            element.attrib.pop("id", None)


def _rank_headings(root: HtmlElement) -> None:
    """The page's h1 is its title, so `#` makes an h2, or whatever mark the text starts with.

    No level is left out, because people who hear the page move from level to level.
    """
    open_levels: list[int] = []
    for heading in root.iter(*_RANKS):
        level = int(heading.tag[1])
        while open_levels and open_levels[-1] >= level:
            open_levels.pop()
        open_levels.append(level)
        heading.tag = f"h{min(len(open_levels) + 1, 6)}"


def _anchor_headings(root: HtmlElement) -> None:
    taken = {element.get("id") for element in root.iter() if element.get("id")}
    counts: dict[str, int] = {}
    for heading in list(root.iter(*HEADINGS)):
        name = heading.get("id")
        if not name:
            slug = _slug(heading)
            name = slug
            while name in taken:
                counts[slug] = counts.get(slug, 1) + 1
                name = f"{slug}-{counts[slug]}"
            taken.add(name)
            heading.set("id", name)
        if heading.tag in ("h2", "h3", "h4"):
            anchor = _new("a", "§", class_="anchor", href=f"#{name}")
            anchor.set("aria-label", _("Link to this section"))
            heading.append(anchor)


def _slug(heading: HtmlElement) -> str:
    words = "".join(
        str(text)
        for text in heading.xpath(".//text()[not(ancestor::sup[@class])]")  # no note numbers
    )
    slug = slugify(words, allow_unicode=True)[:80].strip("-_") or "section"
    return f"section-{slug}" if _PAGE_IDS.fullmatch(slug) else slug


# --- Code -----------------------------------------------------------------------------------

# Some of Pygments' 500 lexers are quadratic on some input: 10,000 of ` in YAML take 0.9 s, and
# 5,000 a quarter of that. Beyond these limits a listing is shown without colours.
_LISTING_LIMIT = 5_000  # characters in one listing, some 150 lines
_LISTINGS_LIMIT = 30_000  # characters in all listings of an essay
_COLOURED_LIMIT = 3_000  # coloured pieces in an essay; each takes the gates 30 µs
# Names and punctuation are most of any listing. Without colour they need no span either.
_PLAIN = frozenset({"", "n", "nx", "p", "w", "err", "x"})


def _colour_code(root: HtmlElement) -> None:
    characters = coloured = 0
    for code in root.iter("code"):
        pre = code.getparent()
        if pre.tag != "pre" or not LANGUAGE_CLASS.fullmatch(code.get("class", "")):
            code.attrib.pop("class", None)
            continue
        text = str(code.text_content())
        characters += len(text)
        if len(text) > _LISTING_LIMIT or characters > _LISTINGS_LIMIT:
            continue
        pieces = _pieces(code.get("class").removeprefix("language-"), text)
        coloured += len(pieces)
        if coloured <= _COLOURED_LIMIT:
            _colour(code, pieces)
    for pre in root.iter("pre"):
        pre.set("tabindex", "0")
        # Each time HTML is read, one line end after <pre> is lost; so none may stand there.
        pre.text = (pre.text or "").lstrip("\n")


def _pieces(language: str, text: str) -> list[tuple[str, str]]:
    """Return the text as pairs of short Pygments class ("" for plain) and characters."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return []
    pieces: list[tuple[str, str]] = []
    try:
        for kind, value in lexer.get_tokens(text):
            while kind.parent and kind not in STANDARD_TYPES:
                kind = kind.parent
            name = STANDARD_TYPES.get(kind, "")
            name = "" if name in _PLAIN else name
            if pieces and (pieces[-1][0] == name or value.isspace()):
                pieces[-1] = pieces[-1][0], pieces[-1][1] + value
            else:
                pieces.append((name, value))
    except Exception:  # one of 500 lexers stumbling must not lose the essay
        return []
    return pieces


def _colour(code: HtmlElement, pieces: list[tuple[str, str]]) -> None:
    if not pieces:
        return
    for child in list(code):
        code.remove(child)
    code.set("class", f"{code.get('class')} hl")
    code.text = ""
    last: HtmlElement | None = None
    for name, value in pieces:
        if name:
            last = _new("span", value, class_=name)
            code.append(last)
        elif last is None:
            code.text = value
        else:
            last.tail = value


# --- Notes ----------------------------------------------------------------------------------


def _set_notes(root: HtmlElement, waiting: dict[str, HtmlElement]) -> None:
    """Number the notes and put each behind the top-level block that refers to it first."""
    numbers: dict[str, int] = {}
    for block in list(root):
        _set_block_notes(block, waiting, numbers)
    while waiting:  # nothing refers to these; kept at the end, so that nothing is lost
        note = waiting.pop(next(iter(waiting)))
        note.set("class", "note")
        note.set("role", "doc-footnote")
        root.append(note)
        _set_block_notes(note, waiting, numbers)


def _set_block_notes(
    block: HtmlElement, waiting: dict[str, HtmlElement], numbers: dict[str, int]
) -> None:
    holders = [block]
    for holder in holders:  # grows on the way: a note may refer to further notes
        for reference in list(holder.iter("sup")):
            mark = reference.attrib.pop("data-note", None)
            if mark in waiting:
                holders.append(waiting.pop(mark))
                numbers[mark] = len(numbers) + 1
                _number(reference, holders[-1], numbers[mark], place=len(holders) - 1)
            elif mark in numbers:
                _refer(reference, numbers[mark])
                reference.set("class", "ref")
    if len(holders) > 1:
        _wrap(block, _new("div", class_="noted"))
        block.getparent().extend(holders[1:])


def _refer(reference: HtmlElement, number: int) -> HtmlElement:
    for child in list(reference):
        reference.remove(child)
    link = _new("a", str(number), href=f"#fn-{number}", role="doc-noteref")
    reference.text = None
    reference.append(link)
    return link


def _number(reference: HtmlElement, note: HtmlElement, number: int, place: int) -> None:
    """Link the first reference and its note; `place` counts from 1 within the block."""
    _refer(reference, number).set("id", f"fnref-{number}")
    # The stylesheet has room beside a block for four notes; later ones follow it.
    reference.set("class", f"ref r{place}" if place <= 4 else "ref")
    note.set("class", f"note n{place}" if place <= 4 else "note")
    note.set("id", f"fn-{number}")
    note.set("role", "doc-footnote")
    note.set("aria-label", _("Note %(number)d") % {"number": number})
    back = _new("a", str(number), class_="back", href=f"#fnref-{number}", role="doc-backlink")
    back.set("aria-label", _("Back to note %(number)d in the text") % {"number": number})
    if not len(note) or note[0].tag != "p":
        note.insert(0, _new("p"))
    first = note[0]
    back.tail = " " + (first.text or "")
    first.text = None
    first.insert(0, back)
