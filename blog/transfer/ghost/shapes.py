"""What cards become: HTML of simple elements, which says all that a card showed.

What is named `…_html` is HTML already; everything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape
from urllib.parse import urlsplit

from blog.lib.listing import listed

# Films are linked to where they can be watched; an address that frames show is for frames.
_WATCHED = (
    (
        re.compile(r"(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})"),
        "https://www.youtube.com/watch?v={}",
    ),
    (re.compile(r"player\.vimeo\.com/video/(\d{1,12})"), "https://vimeo.com/{}"),
)
_BLOCK = re.compile(r"<(?:p|ul|ol|h[1-6]|blockquote|div|pre|figure|table)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
STARS = 5
WIDE = {"wide", "full"}


def paragraph(inner_html: str) -> str:
    return f"<p>{inner_html}</p>" if inner_html.strip() else ""


def link(address: str, words: str) -> str:
    if not address:
        return escape(words)
    return f'<a href="{escape(address)}">{escape(words or address)}</a>'


def button(address: str, words: str) -> str:
    return paragraph(link(address, words)) if words.strip() or address else ""


def image(address: str, alt: str = "", title: str = "", href: str = "") -> str:
    if not address:
        return ""
    said = f' title="{escape(title)}"' if title else ""
    made = f'<img src="{escape(address)}" alt="{escape(alt)}"{said}>'
    return f'<a href="{escape(href)}">{made}</a>' if href else made


def figure(inner_html: str, caption_html: str = "", *, wide: bool = False) -> str:
    if not inner_html:
        return paragraph(caption_html)
    caption = f"<figcaption>{caption_html}</figcaption>" if caption_html.strip() else ""
    kind = ' class="alignwide"' if wide else ""
    return f"<figure{kind}>{inner_html}{caption}</figure>"


def gallery(images_html: list[str], caption_html: str = "") -> str:
    columns = 2 if len(images_html) in (2, 4) else 3
    inner = "".join(f"<figure>{each}</figure>" for each in images_html)
    caption = f"<figcaption>{caption_html}</figcaption>" if caption_html.strip() else ""
    return f'<figure class="gallery columns-{columns}">{inner}{caption}</figure>'


def bookmark(
    address: str,
    title: str,
    description: str = "",
    by: Iterable[str] = (),
    thumbnail: str = "",
    caption_html: str = "",
) -> str:
    lines = [link(address, title), escape(description), " · ".join(map(escape, filter(None, by)))]
    shown = paragraph(image(thumbnail))
    words = paragraph("<br>".join(filter(None, lines)))
    return f"<blockquote>{shown}{words}</blockquote>{paragraph(caption_html)}"


def callout(emoji: str, words_html: str) -> str:
    sign = f"{escape(emoji)} " if emoji.strip() else ""
    first = _BLOCK.search(words_html)
    if first is None:
        words_html = paragraph(f"{sign}{words_html}")
    elif sign and first[0].lower().startswith("<p") and not words_html[: first.start()].strip():
        words_html = f"{words_html[: first.end()]}{sign}{words_html[first.end() :]}"
    else:
        words_html = f"{paragraph(sign.strip())}{words_html}"
    return f"<blockquote>{words_html}</blockquote>"


def toggle(heading_html: str, content_html: str) -> str:
    if not _BLOCK.search(content_html):
        content_html = paragraph(content_html)
    return f"<details><summary>{heading_html}</summary>{content_html}</details>"


def player(address: str, name: str = "", caption_html: str = "") -> str:
    """Return a sound or a film as texts here show one: in the way of a picture.

    Its words stand below the player, and at a link where there is none.
    """
    if not name and address and "<a" not in caption_html:
        name, caption_html = " ".join(unescape(_TAG.sub("", caption_html)).split()), ""
    return paragraph(image(address, name)) + paragraph(caption_html)


def frame(address: str, title: str = "", caption_html: str = "") -> str:
    """Return a link in the place of a frame, which would load from elsewhere."""
    address = watched(f"https:{address}" if address.startswith("//") else address)
    return paragraph(link(address, title)) + paragraph(caption_html)


def watched(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    for pattern, form in _WATCHED:
        if found := pattern.match(f"{parts.netloc}{parts.path}"):
            return form.format(found[1])
    return address


def file(address: str, title: str, caption: str = "", name: str = "", size: str = "") -> str:
    about = listed(filter(None, (name if name != title else "", size)))
    lines = [link(address, title or name), escape(caption), escape(about)]
    return paragraph("<br>".join(filter(None, lines)))


def product(
    picture_html: str, title_html: str, words_html: str, stars: int | None, button_html: str
) -> str:
    rated = "★" * stars + "☆" * (STARS - stars) if stars is not None else ""
    heading = f"<h4>{title_html}</h4>" if title_html.strip() else ""
    if words_html and not _BLOCK.search(words_html):
        words_html = paragraph(words_html)
    return f"{figure(picture_html)}{heading}{paragraph(rated)}{words_html}{button_html}"


def header(
    picture_html: str, heading_html: str, words_html: str, button_html: str, below_html: str = ""
) -> str:
    heading = f"<h2>{heading_html}</h2>" if heading_html.strip() else ""
    if words_html and not _BLOCK.search(words_html):
        words_html = paragraph(words_html)
    return f"{figure(picture_html)}{heading}{words_html}{button_html}{paragraph(below_html)}"


def code(text: str, language: str = "", caption_html: str = "") -> str:
    kind = f' class="language-{escape(language)}"' if re.fullmatch(r"[\w+#.-]+", language) else ""
    return f"<pre><code{kind}>{escape(text)}</code></pre>{paragraph(caption_html)}"


def size_in_words(count: float) -> str:
    """Return a size as Ghost shows it."""
    for unit in ("Bytes", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            return f"{count:.0f} {unit}"
        count /= 1024
    return ""
