"""WordPress's shortcodes, `[caption …]`: those that mean something here, and the names of others.

Each becomes HTML of what WordPress shows for it, so that all that follows reads HTML alone. What
means nothing here stays as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from .around import Around

_EMBED = re.compile(r"\[embed(?:\s[^\[\]\n]{0,500})?\]\s*(https?://[^\s\[\]<>]+)\s*\[/embed\]")
_CAPTION = re.compile(r"\[(?:wp_)?caption(?:\s([^\[\]]{0,2000}))?\]")
_CAPTION_END = re.compile(r"\[/(?:wp_)?caption\]")
_SHORTCODE = re.compile(r"\[(/?)([a-z][a-z0-9_-]{1,40})((?:\s[^\[\]\n]{0,500})?)\]")
# `[name attributes]`, and the older `[name=value]` and `[name:value]`.
_OPENING = re.compile(r"\[([a-z][a-z0-9_-]{1,40})((?:[\s=:][^\[\]]{0,2000})?)/?\]", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([\w-]{1,40})\s?=\s?(?:"([^"]*)"|'([^']*)'|([^\s"']+))|"([^"]*)"|'([^']*)'|([^\s"']+)"""
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'\[\]]+")
# Shortcodes of films and posts elsewhere, with what an id alone stands for.
_ELSEWHERE = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
    "ted": "https://www.ted.com/talks/{}",
    "tweet": "https://twitter.com/i/web/status/{}",
    "gist": "https://gist.github.com/{}",
    **dict.fromkeys(
        "bandcamp facebook flickr googlemaps instagram kickstarter pinterest scribd slideshare"
        " soundcloud spotify vine".split()
    ),
}
_ID = re.compile(r"[\w-]{1,80}")
_SOURCES = "src mp3 m4a ogg oga wav wma flac mp4 m4v webm ogv wmv flv mov".split()
_BUILT_IN = frozenset(
    "audio caption code embed gallery playlist sourcecode video wp_caption".split()
)
_KNOWN = _BUILT_IN | _ELSEWHERE.keys()
_DOUBLED = re.compile(r"\[(\[/?([a-z][a-z0-9_-]{1,40})(?:[\s=:][^\[\]]{0,2000})?\])\]")
_DOUBLED_OPENING = re.compile(r"\[(\[([a-z][a-z0-9_-]{1,40})(?:[\s=:][^\[\]]{0,2000})?\])(?!\])")
# What WordPress.com adds to a film's address for its size.
_SIZE = re.compile(r"&(?:amp;)?[wh]=\d+")


def read_shortcodes(source: str, around: Around) -> str:
    """Return HTML in which each shortcode that means something here is what it shows."""
    source = _without_doubled(source)
    source = figures_for_captions(_EMBED.sub(lambda found: _link(found[1]), source))
    return _OPENING.sub(lambda found: _shown(found, around), _without_ends(source))


def as_text(words: str) -> str:
    """Return words in which nothing is a shortcode or a tag."""
    return escape(words, quote=False).replace("[", "&#91;").replace("]", "&#93;")


def figures_for_captions(source: str) -> str:
    """Turn each `[caption …]<img> words[/caption]` into the figure it stands for."""

    def figure(match: re.Match[str]) -> str:
        # Until WordPress 3.4 the words were an attribute.
        words = attributes_in(match[1] or "").get("caption", "")
        return "\n\n<figure>" + (f"<figcaption>{words}</figcaption>" if words else "")

    if len(_CAPTION.findall(source)) != len(_CAPTION_END.findall(source)):
        return source
    return _CAPTION_END.sub("</figure>\n\n", _CAPTION.sub(figure, source))


def shortcodes_in(source: str) -> list[str]:
    """Name the shortcodes in a text: those WordPress has, and what else looks like one."""
    return sorted(
        {
            name
            for closing, name, attributes in _SHORTCODE.findall(source)
            if closing or "=" in attributes or name in _KNOWN
        }
    )


def attributes_in(words: str) -> dict[str, str]:
    """Return what a shortcode says, by name; what has none by its place, from "0" on."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(words):
        key = name.lower() or str(sum(each.isdecimal() for each in found))
        found.setdefault(key, next(filter(None, values), ""))
    return found


def _without_doubled(source: str) -> str:
    """Return the text in which `[[gallery]]` and `[[code]x[/code]]` are text and not shortcodes."""
    source = _DOUBLED.sub(_as_shown, source)
    closed = {name for name in _KNOWN if f"[/{name}]]" in source}
    if not closed:
        return source
    for name in closed:
        source = source.replace(f"[/{name}]]", as_text(f"[/{name}]"))
    return _DOUBLED_OPENING.sub(
        lambda found: as_text(found[1]) if found[2] in closed else found[0], source
    )


def _as_shown(found: re.Match[str]) -> str:
    """`[[gallery]]` shows as `[gallery]`, where that is a shortcode."""
    return as_text(found[1]) if found[2] in _KNOWN else found[0]


def _without_ends(source: str) -> str:
    """Return the text without the ends of shortcodes that need none: `[audio …][/audio]`."""
    for name in ("audio", "video", "playlist", "gallery"):
        source = source.replace(f"][/{name}]", "]")
    for name in _ELSEWHERE:
        source = re.sub(
            rf"\[{name}\]\s?({_ADDRESS.pattern})\s?\[/{name}\]", rf"[{name} \1]", source
        )
    return source


def _shown(found: re.Match[str], around: Around) -> str:
    name, said = found[1].lower(), found[2]
    show: Callable[[dict[str, str], Around], str | None] | None = _BY_NAME.get(name)
    if name not in _ELSEWHERE and show is None:
        return found[0]
    attributes = attributes_in(said[1:] if said[:1] in {"=", ":"} else said)
    html = show(attributes, around) if show else _elsewhere(name, attributes)
    return found[0] if html is None else html


def _elsewhere(name: str, attributes: dict[str, str]) -> str | None:
    """Return a link to what is elsewhere; None where no address can be made of what is said."""
    values = [attributes.get(key, "") for key in ("url", "src", "id", "0")]
    if address := next(filter(_ADDRESS.fullmatch, values), ""):
        return _link(_SIZE.sub("", address))
    known = _ELSEWHERE[name]
    number = next(filter(_ID.fullmatch, values), "")
    return _link(known.format(number)) if known and number else None


def _link(address: str) -> str:
    address = escape(address.replace("&amp;", "&"))
    return f'\n\n<p><a href="{address}">{address}</a></p>\n\n'


def _recording(attributes: dict[str, str], around: Around) -> str | None:
    address = next(filter(None, map(attributes.get, [*_SOURCES, "0"])), "")
    return _player(address) if address else None


def _player(address: str) -> str:
    return f'\n\n<audio src="{escape(address)}"></audio>\n\n'


def _playlist(attributes: dict[str, str], around: Around) -> str | None:
    files = around.gallery(attributes, "playlist")
    return "".join(_player(file.address) for file in files) if files else None


def _gallery(attributes: dict[str, str], around: Around) -> str | None:
    """Return the pictures of a gallery, in its rows."""
    pictures = around.gallery(attributes)
    if not pictures:
        return None
    columns = attributes.get("columns", "")
    images = "".join(
        f'<figure><img src="{escape(each.address)}" alt="{escape(each.alt)}">'
        f"<figcaption>{escape(each.caption)}</figcaption></figure>"
        for each in pictures
    )
    kind = f"columns-{columns}" if columns.isdecimal() else ""
    return f'\n\n<figure class="gallery {kind}">{images}</figure>\n\n'


_BY_NAME = {"gallery": _gallery, "playlist": _playlist, "audio": _recording, "video": _recording}
