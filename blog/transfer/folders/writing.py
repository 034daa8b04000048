"""What the tags of a generator become: Markdown, or HTML in a text that is HTML."""

from __future__ import annotations

import re
from html import escape

from blog.lib.slugs import slug_of
from blog.markup import one_line, plain_text, render_comment
from blog.markup.guards import MarkupError

_HEADING = re.compile(
    r"^(#{1,6}[ \t][^\n{}]{0,500}?)[ \t]{0,8}"
    r"\{:?[ \t]{0,4}#([\w.:-]{1,100})[^{}\n]{0,200}\}[ \t#]{0,20}$",
    re.MULTILINE,
)
_FOLDS = re.compile(
    r"<!--[ \t]{0,8}(?:more|TEASER_END|excerpt)[^\n<>]{0,80}-->[ \t]{0,8}\n?", re.IGNORECASE
)
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


_BARE = re.compile(r"[^\s()<>]+")


def anchored(text: str) -> str:
    """Return a text whose headings say their own names, as `## Two {#second}`, with anchors."""

    def heading(found: re.Match[str]) -> str:
        if slug_of(found[1].lstrip("#")) == found[2]:
            return found[1]
        return f'{found[1]} <a id="{found[2]}"></a>'

    return _HEADING.sub(heading, text)


def heading_of(text: str) -> str:
    """Return the heading of the first level that a text begins with; "" for none."""
    found = re.match(r"\s{0,20}#[ \t]+([^\n]{1,300})", text)
    return plain(found[1].rstrip("# ")) if found else ""


def without_folds(text: str) -> str:
    """Return a text without the marks that say where its teaser ends."""
    return _FOLDS.sub("", text)


def plain(words: str) -> str:
    """Return the words of a caption without their marks."""
    try:
        return plain_text(render_comment(words)) if words.strip() else ""
    except MarkupError:
        return one_line(words)


class Markdown:
    def picture(self, address: str, alt: str = "", caption: str = "", link: str = "") -> str:
        said = plain(caption).replace('"', "&quot;")
        title = f' "{said}"' if said else ""
        made = f"![{_bracketed(alt)}](<{_pointed(address)}>{title})"
        return f"\n\n{f'[{made}](<{_pointed(link)}>)' if link else made}\n\n"

    def link(self, address: str, words: str = "") -> str:
        address = _pointed(address)
        if not words:
            return f"<{address}>"
        return f"[{_bracketed(words)}]({address if _BARE.fullmatch(address) else f'<{address}>'})"

    def code(self, language: str, text: str) -> str:
        ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        name = language if _LANGUAGE.fullmatch(language) else ""
        body = text.strip("\n")
        return f"\n\n{ticks}{name}\n{body}\n{ticks}\n\n"

    def as_text(self, source: str) -> str:
        """Return a code span, which shows its text exactly as typed."""
        source = one_line(source)
        ticks = "`" * (1 + max(map(len, re.findall("`+", source)), default=0))
        space = " " if source.startswith("`") or source.endswith("`") else ""
        return f"{ticks}{space}{source}{space}{ticks}"


class Html:
    """The same in HTML."""

    def picture(self, address: str, alt: str = "", caption: str = "", link: str = "") -> str:
        said = plain(caption)
        made = f'<img src="{escape(address)}" alt="{escape(alt)}">'
        made = f'<a href="{escape(link)}">{made}</a>' if link else made
        return (
            f"<figure>{made}{f'<figcaption>{escape(said)}</figcaption>' if said else ''}</figure>"
        )

    def link(self, address: str, words: str = "") -> str:
        return f'<a href="{escape(address)}">{escape(words or address)}</a>'

    def code(self, language: str, text: str) -> str:
        name = f' class="language-{language}"' if _LANGUAGE.fullmatch(language) else ""
        return f"<pre><code{name}>{escape(text.strip())}</code></pre>"

    def as_text(self, source: str) -> str:
        return escape(source)


def _bracketed(words: str) -> str:
    return re.sub(r"([\\\[\]<>`*_])", r"\\\1", one_line(words))


def _pointed(address: str) -> str:
    """Return an address as it stands between `<` and `>`."""
    return re.sub(r"[<>\n\\]", lambda sign: f"%{ord(sign[0]):02X}", address.strip())
