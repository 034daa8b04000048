"""WordPress's shortcodes, `[caption …]`: those that are read, and the names of the others."""

from __future__ import annotations

import re

EMBED = re.compile(r"\[embed(?:\s[^\[\]\n]{0,500})?\]\s*(https?://[^\s\[\]<>]+)\s*\[/embed\]")
_CAPTION = re.compile(r"\[(?:wp_)?caption(?:\s([^\[\]]{0,2000}))?\]")
_CAPTION_END = re.compile(r"\[/(?:wp_)?caption\]")
_CAPTION_WORDS = re.compile(r'caption="([^"]*)"')
_SHORTCODE = re.compile(r"\[(/?)([a-z][a-z0-9_-]{1,30})((?:\s[^\[\]\n]{0,500})?)\]")
_KNOWN_SHORTCODES = frozenset("gallery audio video playlist embed code sourcecode".split())


def figures_for_captions(source: str) -> str:
    """Turn each `[caption …]<img> words[/caption]` into the figure it stands for."""

    def figure(match: re.Match[str]) -> str:
        # Until WordPress 3.4 the words were an attribute.
        words = _CAPTION_WORDS.search(match[1] or "")
        return "\n\n<figure>" + (f"<figcaption>{words[1]}</figcaption>" if words else "")

    if len(_CAPTION.findall(source)) != len(_CAPTION_END.findall(source)):
        return source
    return _CAPTION_END.sub("</figure>\n\n", _CAPTION.sub(figure, source))


def shortcodes_in(source: str) -> list[str]:
    """Name the shortcodes in a text: those WordPress has, and what else looks like one."""
    return sorted(
        {
            name
            for closing, name, attributes in _SHORTCODE.findall(source)
            if closing or "=" in attributes or name in _KNOWN_SHORTCODES
        }
    )
