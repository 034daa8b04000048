"""Cards as Lexical and Mobiledoc keep them: their names and values, put into simple elements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import shapes
from .cards import is_own
from .values import text, words

Data = dict[str, Any]


@dataclass
class Part:
    """A stretch of a text: HTML, or Markdown as it was typed; `lost` names what it leaves out."""

    source: str
    is_markdown: bool = False
    lost: str = ""


def part_of(kind: str, data: Data) -> Part | None:
    """Return what a card shows; None for one of a kind that is not known."""
    if kind in ("markdown", "card-markdown"):
        return Part(text(data.get("markdown")), is_markdown=True)
    if kind in ("email", "email-cta"):
        return Part("", lost="email")
    if kind in ("paywall", "members-only"):
        return Part("")
    make = _KINDS.get(kind)
    return Part(make(data), lost="form" if kind == "signup" else "") if make else None


def anything_in(data: Data) -> str:
    """Return the words of a card of no known kind, from whatever of its values has some."""
    skipped = {"type", "version", "format", "direction", "children", "style", "mode", "color"}
    found = [
        value
        for name, value in data.items()
        if isinstance(value, str) and name not in skipped and " " in value.strip()
    ]
    return "".join(map(shapes.paragraph, map(text, found)))


def _image(data: Data) -> str:
    alt, title = words(data.get("alt")), words(data.get("title"))
    shown = shapes.image(words(data.get("src")), alt, title, words(data.get("href")))
    is_wide = words(data.get("cardWidth")) in shapes.WIDE
    return shapes.figure(shown, text(data.get("caption")), wide=is_wide)


def _gallery(data: Data) -> str:
    rows = data.get("images")
    images = [
        shapes.image(words(each.get("src")), words(each.get("alt")), words(each.get("title")))
        for each in (rows if isinstance(rows, list) else ())
        if isinstance(each, dict)
    ]
    return shapes.gallery([each for each in images if each], text(data.get("caption")))


def _bookmark(data: Data) -> str:
    about = data.get("metadata")
    about = about if isinstance(about, dict) else {}
    thumbnail = words(about.get("thumbnail"))
    return shapes.bookmark(
        words(data.get("url")) or words(about.get("url")),
        words(about.get("title")) or words(data.get("title")),
        words(about.get("description")) or words(data.get("description")),
        # Ghost shows the publisher first, in an element of the class `author`.
        [words(about.get("publisher")), words(about.get("author"))],
        thumbnail if is_own(thumbnail) else "",
        text(data.get("caption")),
    )


def _embed(data: Data) -> str:
    about = data.get("metadata")
    title = words(about.get("title")) if isinstance(about, dict) else ""
    source = text(data.get("html"))
    if address := words(data.get("url")):
        caption = text(data.get("caption"))
        quoted = source if "<blockquote" in source.lower() else ""
        return quoted + shapes.frame(address, title, caption)
    return source + shapes.paragraph(text(data.get("caption")))


def _callout(data: Data) -> str:
    return shapes.callout(words(data.get("calloutEmoji")), text(data.get("calloutText")))


def _toggle(data: Data) -> str:
    return shapes.toggle(text(data.get("heading")), text(data.get("content")))


def _button(data: Data) -> str:
    said = words(data.get("buttonText"))
    return shapes.button(words(data.get("buttonUrl")), said) if said else ""


def _audio(data: Data) -> str:
    return shapes.player(words(data.get("src")), words(data.get("title")))


def _video(data: Data) -> str:
    return shapes.player(words(data.get("src")), caption_html=text(data.get("caption")))


def _file(data: Data) -> str:
    size = data.get("fileSize")
    return shapes.file(
        words(data.get("src")),
        words(data.get("fileTitle")),
        words(data.get("fileCaption")),
        words(data.get("fileName")),
        shapes.size_in_words(size) if isinstance(size, int) and 0 < size < 1e15 else "",
    )


def _product(data: Data) -> str:
    stars = data.get("productStarRating")
    is_rated = bool(data.get("productRatingEnabled")) and isinstance(stars, int)
    said = words(data.get("productButton")) if data.get("productButtonEnabled") else ""
    return shapes.product(
        shapes.image(words(data.get("productImageSrc"))),
        text(data.get("productTitle")),
        text(data.get("productDescription")),
        max(0, min(shapes.STARS, int(stars or 0))) if is_rated else None,
        shapes.button(words(data.get("productUrl")), said) if said else "",
    )


def _header(data: Data) -> str:
    said = words(data.get("buttonText")) if data.get("buttonEnabled", True) else ""
    return shapes.header(
        shapes.image(words(data.get("backgroundImageSrc"))),
        text(data.get("header")),
        text(data.get("subheader")),
        shapes.button(words(data.get("buttonUrl")), said) if said else "",
        text(data.get("disclaimer")),
    )


def _action(data: Data) -> str:
    said = words(data.get("buttonText")) if data.get("showButton", True) else ""
    sponsor = text(data.get("sponsorLabel")) if data.get("hasSponsorLabel") else ""
    return "".join(
        (
            sponsor if "<p" in sponsor else shapes.paragraph(sponsor),
            shapes.figure(shapes.image(words(data.get("imageUrl")))),
            text(data.get("textValue")),
            shapes.button(words(data.get("buttonUrl")), said) if said else "",
        )
    )


def _code(data: Data) -> str:
    return shapes.code(
        text(data.get("code")), words(data.get("language")), text(data.get("caption"))
    )


def _html(data: Data) -> str:
    return text(data.get("html"))


def _rule(data: Data) -> str:
    return "<hr>"


_KINDS: dict[str, Callable[[Data], str]] = {
    "image": _image,
    "gallery": _gallery,
    "bookmark": _bookmark,
    "embed": _embed,
    "callout": _callout,
    "toggle": _toggle,
    "button": _button,
    "audio": _audio,
    "video": _video,
    "file": _file,
    "product": _product,
    "header": _header,
    "signup": _header,
    "call-to-action": _action,
    "code": _code,
    "codeblock": _code,
    "html": _html,
    "hr": _rule,
    "horizontalrule": _rule,
}
