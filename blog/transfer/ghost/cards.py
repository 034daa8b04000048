"""Cards in the HTML that Ghost made, put into simple elements; its notes as notes.

What has no place here, such as a drawing or a form, is taken out and named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

import lxml.html
from lxml.html import HtmlElement

from blog.lib.slugs import slug_of
from blog.markup import storable
from blog.markup.tree import inner_html

from . import shapes

# Whether a text has anything that is looked for here.
_MEANT = re.compile(
    r"kg-|footnote|<svg|<form|<input|<button|<select|#/portal|<h[1-6] ", re.IGNORECASE
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LOST = ("svg", "input", "select", "textarea", "canvas", "math")


@dataclass
class Simple:
    html: str
    notes: dict[str, str] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)  # elements without a place here


def simple(html: str) -> Simple:
    """Return HTML without cards, as it stands where it cannot be read as a whole."""
    if not _MEANT.search(html):
        return Simple(html)
    made = Simple(html)
    root = _parsed(html)
    if root is None:
        return made
    for name, change in _CARDS.items():
        for card in _of_class(root, name):
            if _is_in(card, root):
                _put(card, change(card, made))
    _take_notes(root, made)
    _tidy(root, made)
    made.html = inner_html(root)
    return made


def _parsed(html: str) -> HtmlElement | None:
    """Return the tree of a text; None where the parser does not keep all of it."""
    parser = lxml.html.HTMLParser(remove_comments=True, huge_tree=True)
    try:
        root = lxml.html.fragment_fromstring(storable(html), create_parent="div", parser=parser)
    except (lxml.etree.LxmlError, ValueError, RecursionError):
        return None
    deepest = max((sum(1 for _above in part.iterancestors()) for part in _leaves(root)), default=0)
    return root if deepest < 200 else None


def _leaves(root: HtmlElement) -> list[HtmlElement]:
    return [part for part in root.iter() if len(part) == 0]


# --- Looking into cards -------------------------------------------------------------------------


def _of_class(root: HtmlElement, name: str) -> list[HtmlElement]:
    found = root.iterfind(".//*[@class]")
    return [part for part in found if name in part.get("class", "").split()]


def _first(root: HtmlElement, name: str) -> HtmlElement | None:
    return next(iter(_of_class(root, name)), None)


def _inner(root: HtmlElement, *names: str) -> str:
    """Return the HTML in the first part of one of these classes; "" for none."""
    for name in names:
        if (part := _first(root, name)) is not None:
            return inner_html(part).strip()
    return ""


def _words(root: HtmlElement, *names: str) -> str:
    for name in names:
        if (part := _first(root, name)) is not None:
            return " ".join(part.text_content().split())
    return ""


def _caption(card: HtmlElement) -> str:
    part = card.find(".//figcaption")
    return "" if part is None else inner_html(part).strip()


def _address(card: HtmlElement, path: str, name: str) -> str:
    part = card.find(path)
    return "" if part is None else part.get(name, "").strip()


def _image(image: HtmlElement | None) -> str:
    if image is None or not image.get("src", "").strip():
        return ""
    above = image.getparent()
    href = above.get("href", "") if above is not None and above.tag == "a" else ""
    return shapes.image(
        image.get("src").strip(), image.get("alt", ""), image.get("title", ""), href
    )


def _button(card: HtmlElement) -> str:
    for link in card.iter("a", "button"):
        if words := " ".join(link.text_content().split()):
            return shapes.button(link.get("href", ""), words)
    return ""


def _is_wide(card: HtmlElement) -> bool:
    return bool({"kg-width-wide", "kg-width-full"} & {*card.get("class", "").split()})


# --- Cards ----------------------------------------------------------------------------------


def _of_image(card: HtmlElement, made: Simple) -> str:
    return shapes.figure(_image(card.find(".//img")), _caption(card), wide=_is_wide(card))


def _of_gallery(card: HtmlElement, made: Simple) -> str:
    images = list(filter(None, map(_image, card.iter("img"))))
    return shapes.gallery(images, _caption(card))


def _of_bookmark(card: HtmlElement, made: Simple) -> str:
    by = [_words(card, "kg-bookmark-author"), _words(card, "kg-bookmark-publisher")]
    address = _address(card, ".//a", "href")
    images = [part.get("src", "") for part in _pictures(card)]
    return shapes.bookmark(
        address,
        _words(card, "kg-bookmark-title"),
        _words(card, "kg-bookmark-description"),
        by,
        next((src for src in images if is_own(src)), ""),
        _caption(card),
    )


def _pictures(card: HtmlElement) -> list[HtmlElement]:
    part = _first(card, "kg-bookmark-thumbnail")
    return [] if part is None else list(part.iter("img"))


def is_own(address: str) -> bool:
    """Return whether a picture is the blog's. Nothing here shows those of others."""
    return address.startswith(("/", "__GHOST_URL__")) and not address.startswith("//")


def _of_embed(card: HtmlElement, made: Simple) -> str:
    frames = list(card.iter("iframe"))
    for frame in frames:
        address, title = frame.get("src", "").strip(), frame.get("title", "").strip()
        _put(frame, shapes.frame(address, title))
    caption = _caption(card)
    for part in list(card.iter("figcaption")):
        part.drop_tree()
    return inner_html(card) + shapes.paragraph(caption)


def _of_callout(card: HtmlElement, made: Simple) -> str:
    return shapes.callout(_words(card, "kg-callout-emoji"), _inner(card, "kg-callout-text"))


def _of_toggle(card: HtmlElement, made: Simple) -> str:
    heading = _inner(card, "kg-toggle-heading-text") or escape(_words(card, "kg-toggle-heading"))
    return shapes.toggle(heading, _inner(card, "kg-toggle-content"))


def _of_button(card: HtmlElement, made: Simple) -> str:
    return _button(card)


def _of_audio(card: HtmlElement, made: Simple) -> str:
    address = _address(card, ".//audio", "src")
    return shapes.player(address, _words(card, "kg-audio-title"))


def _of_video(card: HtmlElement, made: Simple) -> str:
    address = _address(card, ".//video", "src") or _address(card, ".//source", "src")
    return shapes.player(address, caption_html=_caption(card))


def _of_file(card: HtmlElement, made: Simple) -> str:
    return shapes.file(
        _address(card, ".//a", "href"),
        _words(card, "kg-file-card-title"),
        _words(card, "kg-file-card-caption"),
        _words(card, "kg-file-card-filename"),
        _words(card, "kg-file-card-filesize"),
    )


def _of_product(card: HtmlElement, made: Simple) -> str:
    stars = None
    if (rating := _first(card, "kg-product-card-rating")) is not None:
        stars = min(shapes.STARS, len(_of_class(rating, "kg-product-card-rating-active")))
    return shapes.product(
        _image(_first(card, "kg-product-card-image")),
        _inner(card, "kg-product-card-title"),
        _inner(card, "kg-product-card-description"),
        stars,
        _button(card),
    )


_IN_STYLE = re.compile(r"background-image:\s{0,8}url\(\s{0,8}[\"']?([^\"')]{1,2000})")


def _of_header(card: HtmlElement, made: Simple) -> str:
    """Headers, and invitations to subscribe, whose form does nothing here."""
    image = next((part for part in card.iter("img")), None)
    shown = _image(image)
    behind = card.get("data-kg-background-image", "") or next(
        iter(_IN_STYLE.findall(card.get("style", ""))), ""
    )
    made.lost["form"] += card.find(".//form") is not None
    for form in list(card.iter("form")):
        form.drop_tree()
    names = ("kg-header-card-heading", "kg-header-card-header", "kg-signup-card-heading")
    below = ("kg-header-card-subheading", "kg-header-card-subheader", "kg-signup-card-subheading")
    return shapes.header(
        shown or shapes.image(behind),
        _inner(card, *names) or _heading(card),
        _inner(card, *below),
        _button(card),
        _inner(card, "kg-signup-card-disclaimer"),
    )


def _heading(card: HtmlElement) -> str:
    part = next(card.iter("h1", "h2", "h3"), None)
    return "" if part is None else inner_html(part).strip()


def _of_mail(card: HtmlElement, made: Simple) -> str:
    made.lost["email"] += 1
    return ""


_CARDS: dict[str, Callable[[HtmlElement, Simple], str]] = {
    "kg-image-card": _of_image,
    "kg-gallery-card": _of_gallery,
    "kg-bookmark-card": _of_bookmark,
    "kg-embed-card": _of_embed,
    "kg-audio-card": _of_audio,
    "kg-video-card": _of_video,
    "kg-file-card": _of_file,
    "kg-product-card": _of_product,
    "kg-header-card": _of_header,
    "kg-signup-card": _of_header,
    "kg-email-card": _of_mail,
    "kg-email-cta-card": _of_mail,
    "kg-button-card": _of_button,
    "kg-callout-card": _of_callout,
    "kg-toggle-card": _of_toggle,  # last, for it can hold others
}


# --- Notes, and what is left over ---------------------------------------------------------------


def _take_notes(root: HtmlElement, made: Simple) -> None:
    """Take the notes that Markdown cards made, each beside the place that refers to it.

    Every card numbers its own from one, so a list of notes belongs to what stands before it.
    """
    waiting: dict[str, list[HtmlElement]] = {}
    for part in list(root.iter()):
        if part.tag == "sup" and (target := _referred(part)):
            waiting.setdefault(target, []).append(part)
        elif part.tag in ("section", "div", "ol") and "footnotes" in part.get("class", "").split():
            _take_list(part, waiting, made)
            waiting = {}
    for rule in _of_class(root, "footnotes-sep"):
        rule.drop_tree()


def _referred(sup: HtmlElement) -> str:
    link = sup.find("a")
    href = "" if link is None else link.get("href", "")
    is_note = "footnote-ref" in sup.get("class", "") or re.match(r"#(?:fn|footnote)[-:]?\w", href)
    return href[1:] if is_note and href.startswith("#") else ""


def _take_list(box: HtmlElement, waiting: dict[str, list[HtmlElement]], made: Simple) -> None:
    items = list(box.iter("li"))
    if not items or any(item.get("id", "") not in waiting for item in items):
        return  # a list like any other: nothing of it may be lost
    for item in items:
        name = f"note-{len(made.notes) + 1}"
        for back in list(item.iter("a")):
            if back.get("href", "").startswith(("#fnref", "#footnote-ref")):
                back.drop_tree()
        for sup in waiting[item.get("id")]:
            for inner in list(sup):
                inner.drop_tag()
            sup.attrib.clear()
            sup.set("data-fn", name)
        item.attrib.pop("id", None)
        made.notes[name] = inner_html(item).strip()
    box.drop_tree()


def _tidy(root: HtmlElement, made: Simple) -> None:
    for part in list(root.iter(*_LOST)):
        if part.getparent() is None or not _is_in(part, root):
            continue
        is_drawn = part.tag == "svg" and any(
            "kg-" in (up.get("class") or "") for up in _above(part)
        )
        words = "" if part.tag != "math" else part.text_content()
        made.lost[part.tag] += not is_drawn
        _put(part, escape(words))
    for part in list(root.iter("button", "label", "option")):
        part.drop_tag()
    for link in list(root.iter("a")):
        if re.match(r"/?#/portal", link.get("href", "").replace("__GHOST_URL__", "")):
            made.lost["portal"] += 1
            link.drop_tag()
    for heading in root.iter(*_HEADINGS):
        if heading.get("id") and slug_of(heading.text_content()) == heading.get("id"):
            del heading.attrib["id"]  # it has the same here


def _above(part: HtmlElement) -> list[HtmlElement]:
    return list(part.iterancestors())


def _is_in(part: HtmlElement, root: HtmlElement) -> bool:
    return any(above is root for above in part.iterancestors())


def _put(part: HtmlElement, html: str) -> None:
    """Put HTML in the place of an element."""
    box = lxml.html.fragment_fromstring(html, create_parent="div")
    box.tail = part.tail
    above = part.getparent()
    above.replace(part, box)
    box.drop_tag()
