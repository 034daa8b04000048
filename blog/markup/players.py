"""Sounds and films of one's own in essays, shown by the browser's own player."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _
from lxml.html import HtmlElement

from blog.media.names import size_in

from .tree import inside, is_alone, new, replace

PLAYERS = ("audio", "video")
_SOUND = re.compile(r"[^?#]*\.(?:mp3|m4a|ogg|oga|opus)(?:[?#].*)?", re.IGNORECASE)
_FILM = re.compile(r"[^?#]*\.(?:mp4|webm)(?:[?#].*)?", re.IGNORECASE)


def tag_for(address: str) -> str:
    """Return the element that plays what an address names; "" for anything else."""
    if _SOUND.fullmatch(address):
        return "audio"
    return "video" if _FILM.fullmatch(address) else ""


def player(tag: str, address: str) -> HtmlElement:
    """Return a player. Before it is pressed it loads nothing of a sound, and little of a film."""
    if tag == "audio":
        return new(tag, src=address, controls="", preload="none")
    made = new(tag, src=address, controls="", preload="metadata")
    if size := size_in(address):
        made.set("width", size[0])  # so that the text below does not move
        made.set("height", size[1])
    return made


def play_instead(image: HtmlElement, tag: str, address: str) -> None:
    """Put a player in an image's place; alone in its paragraph, a figure with a caption.

    The caption links to the file, for readers of feeds that show no players.
    """
    title, caption = image.get("alt", "").strip(), image.get("title", "").strip()
    title = title or (_("Sound") if tag == "audio" else _("Film"))
    if (link := image.getparent()).tag == "a":  # what is inside could not be pressed
        link.drop_tag()
    made, paragraph = player(tag, address), image.getparent()
    is_whole = paragraph.tag == "p" and is_alone(image) and not inside(paragraph, "figure")
    replace(image, made)
    if not is_whole:
        made.set("aria-label", title)
        return
    paragraph.tag, paragraph.text, made.tail = "figure", None, None
    below = new("figcaption")
    below.append(new("a", title, href=address))
    below[0].tail = f" {caption}" if caption else None
    paragraph.append(below)


def keep_player(embed: HtmlElement, address: str) -> None:
    """Leave a player of the author's own HTML, without what else it held.

    A film on a line of its own stands beside the paragraphs, as wide as a picture.
    """
    made, paragraph = player(embed.tag, address), embed.getparent()
    replace(embed, made)
    if made.tag == "video" and paragraph.tag == "p" and is_alone(made):
        paragraph.drop_tag()


def own_source(embed: HtmlElement, is_ours: Callable[[str], bool]) -> str:
    """Return the first address of this site that a player of the author's own HTML names."""
    sources = [one.get("src", "").strip() for one in embed.iter(embed.tag, "source")]
    return next((source for source in sources if source and is_ours(source)), "")
