"""Galleries of other systems as rows of pictures: several in one paragraph, with their captions."""

from __future__ import annotations

import re

from lxml.html import Element, HtmlElement

from blog.markup.pictures import MOST_IN_A_ROW

from .markdown_writer import ADDRESS

_COLUMNS = re.compile(r"(?:^|\s)(?:columns|gallery-columns)-([1-9])(?:\s|$)")
_OF_GALLERIES = re.compile(r"(?:^|[\s_-])(?:gallery|galleries)(?:[\s_-]|$)")
_BOXES = frozenset({"figure", "div", "ul"})
# In a row, where a gallery does not say it.
_USUAL = 3


def read_galleries(root: HtmlElement) -> None:
    """Put paragraphs of pictures in the place of each gallery."""
    for box in list(root.iter(*_BOXES)):
        kinds = box.get("class", "")
        if box.getparent() is None or not _OF_GALLERIES.search(kinds):
            continue
        if box.find(".//table") is None and (rows := _rows(box, _columns(kinds))):
            rows[-1].tail = box.tail
            above = box.getparent()
            at = above.index(box)
            above.remove(box)
            above[at:at] = rows


def _columns(kinds: str) -> int:
    said = _COLUMNS.search(kinds)
    return min(MOST_IN_A_ROW, int(said[1])) if said else _USUAL


def _rows(box: HtmlElement, columns: int) -> list[HtmlElement]:
    """Return a gallery's pictures in paragraphs; none where it has more than them and captions.

    What is missing, and so not a picture, follows them.
    """
    captions = list(box.iter("figcaption"))
    marks = [part for part in box.iter("a", "span") if part.get("missing")]
    words = sum(len(_words(each)) for each in [*captions, *marks])
    is_more = len(_words(box)) != words or any(each.find(".//a") is not None for each in captions)
    if is_more or not list(box.iter("img")):
        return []
    rest = [_taken_out(part, box) for part in [*marks, *box.iter("img")] if _is_elsewhere(part)]
    images = list(box.iter("img"))
    for caption in box.iter("figcaption"):
        rest += _give(caption, box, images)
    return [*map(_row, _in_rows(images, columns)), *rest]


def _is_elsewhere(part: HtmlElement) -> bool:
    return part.tag != "img" or bool(ADDRESS.match(part.get("src", "")))


def _taken_out(part: HtmlElement, box: HtmlElement) -> HtmlElement:
    """Take what is not a picture here out of a gallery, with its caption."""
    whole, caption = part, None
    for above in part.iterancestors("figure", "li"):
        if above is box or len(list(above.iter("img"))) > 1:
            break
        whole, caption = above, above.find(".//figcaption")
    paragraph = Element("p")
    whole.getparent().remove(whole)
    part.tail = None
    paragraph.append(part)
    if caption is not None and caption.text_content().strip():
        part.tail = f" {caption.text_content().strip()}"
    return paragraph


def _in_rows(images: list[HtmlElement], columns: int) -> list[list[HtmlElement]]:
    return [images[at : at + columns] for at in range(0, len(images), columns)]


def _words(element: HtmlElement) -> str:
    return "".join(element.text_content().split())


def _give(caption: HtmlElement, box: HtmlElement, images: list[HtmlElement]) -> list[HtmlElement]:
    """Let a picture say its caption; what is said of all of them, the last one says too.

    Without pictures the words are a paragraph.
    """
    words = " ".join(caption.text_content().split())
    if not words:
        return []
    if not images:
        paragraph = Element("p")
        paragraph.text = words
        return [paragraph]
    figure = next(above for above in caption.iterancestors() if above.find(".//img") is not None)
    image = images[-1] if figure is box else next(figure.iter("img"))
    said = image.get("title", "") if image.get("captioned") else ""
    image.set("title", f"{said} {words}".strip())
    image.set("captioned", "yes")
    return []


def _row(images: list[HtmlElement]) -> HtmlElement:
    paragraph = Element("p")
    for image in images:
        image.attrib.pop("captioned", None)
        above = image.getparent()
        part = above if above is not None and above.tag == "a" and len(above) == 1 else image
        part.tail = None
        paragraph.append(part)
    return paragraph
