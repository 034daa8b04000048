"""How an essay's pictures stand: alone, in a row, reaching into the margin; and in which widths.

What smaller pictures there are follows from a picture's name, so nothing is looked up here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from lxml.html import HtmlElement

from blog.lib.base_path import unbased
from blog.media.names import FOLDER, is_moving, name_in, renditions_of, size_of, still_of

from .tree import inside, new, wrap

# Pictures in one paragraph that make a row.
MOST_IN_A_ROW = 4
# The first picture is loaded at once if fewer characters of text than these stand before it: with
# the title they fill the first screen of a phone, where a line has 40, and of a desk alike.
FIRST_SCREEN = 700
# The mark after a picture that lets it reach into the margin.
_WIDE = re.compile(r"\{:? ?\.wide ?\}")
_DIGITS = re.compile(r"[1-9][0-9]{0,3}")

# How wide the text's column is, from the stylesheet: the measure of 30em (theme.css), in the page's
# own padding on a phone (row.css); and what reaches over the margin as well. In rem and not em,
# which here would be the browser's own size.
COLUMN = "100vw - 3.05rem, 30.6rem + 12.6vw, 39.375rem"
WITH_MARGIN = "100vw - 4rem, 58rem"
COLUMN_REM, WITH_MARGIN_REM = 39.375, 58
COLUMN_PX, WITH_MARGIN_PX = 630, 928
# Below these the margin folds, and pictures of a row stand under each other.
FOLDS, STACKS = "(max-width: 57.99rem)", "(max-width: 37.99rem)"
# Those who ask for less motion see the first frame.
STILL = "(prefers-reduced-motion: reduce)"


class Size(NamedTuple):
    width: int
    height: int


def settle_picture(image: HtmlElement) -> None:
    """Give an image of ours its room, so that the text below does not move when it loads."""
    name = _name(image)
    if name and "height" not in image.attrib and (size := size_of(name)):
        own = image.get("width", size[0])
        if _DIGITS.fullmatch(own):
            image.set("width", own)
            image.set("height", str(max(1, round(int(size[1]) * int(own) / int(size[0])))))
    image.set("alt", image.get("alt", ""))
    image.set("loading", "lazy")
    image.set("decoding", "async")


def _name(image: HtmlElement) -> str | None:
    """Return the name of an image's file, if it is one of our uploads."""
    return name_in(unbased(image.get("src", "").strip().removeprefix(settings.SITE_URL)))


# --- Figures ----------------------------------------------------------------------------------


def make_figures(root: HtmlElement) -> None:
    """Make a figure of one to four pictures alone in their paragraph; titles are the caption."""
    for paragraph in list(root.iter("p")):
        if not inside(paragraph, "figure") and (pictures := _alone_in(paragraph)):
            _make_figure(paragraph, pictures)
    for image in root.iter("img"):
        image.attrib.pop("title", None)


def _alone_in(paragraph: HtmlElement) -> list[HtmlElement]:
    """Return the pictures, with their links, if the paragraph has nothing else and not too many."""
    if (paragraph.text or "").strip():
        return []
    pictures = []
    for child in paragraph:
        if _rest(child):
            return []
        if child.tag == "br":
            continue
        inner = child
        while inner.tag == "a" and len(inner) == 1 and not (inner.text or "").strip():
            inner = inner[0]
            if _rest(inner):
                return []
        if inner.tag != "img":
            return []
        pictures.append(child)
    return pictures if len(pictures) <= MOST_IN_A_ROW else []


def _rest(element: HtmlElement) -> str:
    """Return the words after a picture, without the mark that makes it wide."""
    tail = element.tail or ""
    return tail[_mark_end(tail) :].strip()


def _mark_end(tail: str) -> int:
    mark = _WIDE.match(tail)
    return mark.end() if mark else 0


def _make_figure(paragraph: HtmlElement, pictures: list[HtmlElement]) -> None:
    is_wide = any(_mark_end(part.tail or "") for part in paragraph.iterdescendants())
    images = list(paragraph.iter("img"))
    titles = [title for image in images if (title := image.get("title", "").strip())]
    for part in paragraph.iterdescendants():
        part.tail = None
    for end in paragraph.findall("br"):
        paragraph.remove(end)
    paragraph.tag, paragraph.text = "figure", None
    kinds = ["group"] if len(pictures) > 1 else []
    if kinds:
        _level(images)
        row = new("div")
        row.extend(pictures)
        paragraph.append(row)
    if is_wide and _fills_margin(images):
        kinds.append("wide")
    if kinds:
        paragraph.set("class", " ".join(kinds))
    if titles:
        paragraph.append(new("figcaption", " ".join(titles)))


def _fills_margin(images: list[HtmlElement]) -> bool:
    """Return whether pictures are as wide, side by side, as what they are to fill."""
    sizes = [size for image in images if (size := _size(image))]
    return len(sizes) < len(images) or sum(size.width for size in sizes) >= WITH_MARGIN_PX


def _level(images: list[HtmlElement]) -> None:
    """Give the pictures of a row one height, so that they shrink alike to the width there is."""
    sizes = [size for image in images if (size := _size(image))]
    if len(sizes) < len(images):
        return
    height = min(size.height for size in sizes)
    for image, size in zip(images, sizes, strict=True):
        image.set("width", str(max(1, round(size.width * height / size.height))))
        image.set("height", str(height))


def _size(image: HtmlElement) -> Size | None:
    width, height = image.get("width", ""), image.get("height", "")
    if _DIGITS.fullmatch(width) and _DIGITS.fullmatch(height):
        return Size(int(width), int(height))
    return None


# --- Widths -----------------------------------------------------------------------------------


def offer_widths(root: HtmlElement) -> None:
    """Name the narrower pictures there are, and link each in a figure to the whole one."""
    for image in list(root.iter("img")):
        name = _name(image)
        if name is None:
            continue
        figure = next(image.iterancestors("figure"), None)
        if is_moving(name):
            _stop_on_wish(image, name)
        elif narrower := renditions_of(name):
            own = size_of(name)
            widths = [f"{FOLDER}{each.name} {each.width}w" for each in narrower]
            widths += [f"{FOLDER}{name} {own[0]}w"] if own else []
            image.set("srcset", ", ".join(widths))
            image.set("sizes", _sizes(image, figure))
            if figure is not None and not inside(image, "a"):
                _link(image)


def _stop_on_wish(image: HtmlElement, name: str) -> None:
    picture = new("picture")
    wrap(image, picture)
    picture.insert(0, new("source", srcset=FOLDER + still_of(name), media=STILL))


def _link(image: HtmlElement) -> None:
    link = new("a", href=image.get("src", ""))
    if not image.get("alt", "").strip():
        link.set("aria-label", _("Open this picture"))
    wrap(image, link)


def _sizes(image: HtmlElement, figure: HtmlElement | None) -> str:
    """Return how wide a picture is shown, as a browser has to know before it has the layout."""
    kinds = figure.get("class", "").split() if figure is not None else []
    is_wide = "wide" in kinds
    if "group" in kinds and figure is not None:
        widths = [size.width if (size := _size(each)) else 0 for each in figure.iter("img")]
        own = _size(image)
        share = own.width / sum(widths) if own else 1
        rem = (WITH_MARGIN_REM if is_wide else COLUMN_REM) * share
        return f"{STACKS} calc(100vw - 3.05rem), {max(1, round(rem))}rem"
    if not is_wide and (size := _size(image)) and size.width < COLUMN_PX:
        return f"min(100vw - 3.05rem, {size.width}px)"
    return f"{FOLDS} min({COLUMN}), min({WITH_MARGIN})" if is_wide else f"min({COLUMN})"


def load_first_at_once(root: HtmlElement) -> None:
    """Let the first picture, or row of them, wait for no scrolling where it is near the top."""
    first = next(root.iter("img"), None)
    if first is None:
        return
    before = sum(len(str(text).strip()) for text in first.xpath("preceding::text()"))
    if before >= FIRST_SCREEN:
        return
    figure = next(first.iterancestors("figure"), None)
    for image in [first] if figure is None else figure.iter("img"):
        image.attrib.pop("loading", None)
