"""What is known around a text that comes from elsewhere: its files, its addresses, its notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _
from lxml.html import Element, HtmlElement

from blog.markup.tags import EMBEDS


class File(NamedTuple):
    """A file that a text shows without naming it, as galleries do."""

    address: str
    alt: str = ""
    caption: str = ""


@dataclass
class Around:
    """Knows nothing, so each address stays as it is. An importer says more."""

    notes: dict[str, str] = field(default_factory=dict)  # HTML of footnotes, by their ids

    def file(self, address: str, alt: str) -> str | None:
        """Return where a file is here, the address itself if it is not ours; None if missing."""
        return address

    def link(self, address: str) -> str:
        """Return where a link leads: for one of the blog's own, without its host."""
        return address

    def lacks(self, address: str) -> bool:
        """Return whether a link leads to a file of the blog that could not be had."""
        return False

    def gallery(self, attributes: dict[str, str], kind: str = "gallery") -> list[File]:
        """Return what a shortcode, such as `[gallery ids="1,2"]`, shows or plays, in order."""
        return []


def settle(root: HtmlElement, around: Around) -> None:
    """Give every address in a text its place here, and mark what is missing."""
    for part in root.iter():
        for name in ("alt", "title"):
            if name in part.attrib:
                part.set(name, " ".join(part.get(name).split()))
    for embed in list(root.iter(*EMBEDS)):
        _settle_player(embed, around)
    moved = []
    for image in list(root.iter("img")):
        address = image.get("src", "").strip()
        here = around.file(address, image.get("alt", "")) if address else address
        if here is None:
            _mark(image, address, around)
        elif here != address:
            image.set("src", here)
            moved.append(image)
    for link in root.iter("a"):
        if not link.get("missing") and (href := link.get("href", "").strip()):
            link.set("href", around.link(href))
            if link.find(".//img") is None and around.lacks(href):
                _say_missing(link, href)
    for image in moved:
        _unwrap(image)


def _settle_player(embed: HtmlElement, around: Around) -> None:
    """Put a picture's mark in the place of a player of a file here: it plays as well."""
    if embed.getparent() is None:
        return
    inner = (part.get("src") for part in embed.iter("source", "embed"))
    address = embed.get("src") or next(filter(None, inner), "")
    here = around.file(address, "") if address else address
    if here == address:
        return
    image = Element("img", {"src": here or "", "alt": ""})
    image.tail, embed.tail = embed.tail, None
    embed.getparent().replace(embed, image)
    if here is None:
        _mark(image, address, around)


def _mark(image: HtmlElement, address: str, around: Around) -> None:
    """Put a link that says what is missing in the place of a file that could not be had."""
    words = missing_words(address, image.get("alt", ""))
    inside = any(above.tag == "a" for above in image.iterancestors())
    mark = Element("span") if inside else Element("a", {"href": around.link(address)})
    mark.set("missing", "yes")
    mark.text, mark.tail = words, image.tail
    image.getparent().replace(image, mark)


def _say_missing(link: HtmlElement, address: str) -> None:
    """Mark the words of a link to a file that is missing, unless they are such a mark."""
    if any(part.get("missing") for part in link.iter()):
        return
    words = f" ({missing_words(address, '')})"
    last = link[-1] if len(link) else None
    if last is None:
        link.text = f"{link.text or ''}{words}"
    else:
        last.tail = f"{last.tail or ''}{words}"


def link_picture(image: HtmlElement) -> None:
    """Put a link to a picture in its place, where none is shown: in comments."""
    address, alt = image.get("src", ""), " ".join(image.get("alt", "").split())
    inside = any(above.tag == "a" for above in image.iterancestors())
    link = Element("span") if inside else Element("a", {"href": address})
    link.text, link.tail = alt or address, image.tail
    image.getparent().replace(image, link)


def missing_words(address: str, alt: str) -> str:
    """Return what stands where a file is missing."""
    name = address.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    said, alt = _("missing file: %(name)s") % {"name": name}, " ".join(alt.split())
    return f"{alt} ({said})" if alt else said


def _unwrap(image: HtmlElement) -> None:
    """Take away a link around a picture that leads to the picture itself: all of them do here."""
    link = image.getparent()
    if link is not None and link.tag == "a" and link.get("href") == image.get("src"):
        link.drop_tag()
