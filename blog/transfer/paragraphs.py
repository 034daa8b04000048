"""HTML whose paragraphs are parted by two line breaks, as old editors wrote it."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"<!--|<(/?)([a-zA-Z][\w:-]{0,30})([^<>]{0,8000})>")
_INLINE = frozenset("b i em strong u s strike del ins small big span font".split())
_BOXES = frozenset("div section article center blockquote td th li dd form aside".split())
_BLOCKS = _BOXES | frozenset(
    "p ul ol dl dt table tbody thead tfoot tr h1 h2 h3 h4 h5 h6 hr figure figcaption caption"
    " address header footer nav main details summary pre".split()
)
_AS_IT_STANDS = frozenset("pre script style textarea template xmp svg math".split())
_EMPTY = frozenset("img br hr input wbr source embed param area base col link meta track".split())
_DEEPEST = 200


def in_paragraphs(html: str) -> str:
    """Return HTML whose line ends are spaces, and whose line breaks in pairs part paragraphs.

    A blank line in it parts them where no element does.
    """
    return _Breaks(html).written()


class _Breaks:
    """Writes HTML with a blank line, or another paragraph, for two line breaks in a row."""

    def __init__(self, html: str) -> None:
        self.html, self.lower = html, html.lower()
        self.out: list[str] = []
        self.open: list[tuple[str, str]] = []  # names, and the tags as written
        self.breaks = 0

    def written(self) -> str:
        at = 0
        while found := _TOKEN.search(self.html, at):
            self.text(self.html[at : found.start()])
            at = found.end()
            if found[0] == "<!--":
                end = self.html.find("-->", at)
                at = len(self.html) if end < 0 else end + 3
                self.out.append(self.html[found.start() : at])
            elif not found[1] and found[2].lower() in _AS_IT_STANDS:
                at = self.as_it_stands(found)
            else:
                self.tag(found)
        self.text(self.html[at:])
        return "".join(self.out)

    def as_it_stands(self, found: re.Match[str]) -> int:
        name = found[2].lower()
        self.settle(name in _BLOCKS)
        end = self.lower.find(f"</{name}", found.end())
        end = len(self.html) if end < 0 else end + len(name) + 2
        self.out.append(self.html[found.start() : end])
        return end

    def text(self, text: str) -> None:
        if not text:
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", text)
        if text == " " and self.breaks:
            return
        self.settle(False)
        self.out.append(text)

    def tag(self, found: re.Match[str]) -> None:
        name, is_end = found[2].lower(), bool(found[1])
        if name == "br":
            self.breaks += 1
            return
        self.settle(name in _BLOCKS)
        self.out.append(found[0])
        if is_end:
            self.close(name)
        elif name not in _EMPTY and len(self.open) < _DEEPEST:
            if name in _BLOCKS:
                self.close("p")
            self.open.append((name, found[0]))

    def close(self, name: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == name:
                del self.open[place:]
                return

    def settle(self, at_block: bool) -> None:
        """Write the line breaks that came; those before a block mean nothing."""
        count, self.breaks = self.breaks, 0
        if not count:
            return
        inline: list[str] = []
        names = [name for name, _tag in self.open]
        while names and names[-1] in _INLINE:
            inline.append(names.pop())
        holder = names[-1] if names else "div"
        if at_block and (holder in _BOXES or holder == "p"):
            return
        if count == 1 or len(inline) > 20 or not (holder in _BOXES or holder == "p"):
            self.out.append("<br>" * min(count, 2))
            return
        tags = [tag for _name, tag in self.open[len(names) :]]
        parted = "</p><p>" if holder == "p" else "\n\n"
        self.out += [*(f"</{name}>" for name in inline), parted, *tags]
