"""HTML as WordPress stores it, turned into Markdown that says the same, word for word.

What the author edits from now on should read as if it had been written here, so blocks of simple
things become Markdown. Each text is then rendered, and its words and links are compared with the
source's. A block that comes out otherwise stays raw HTML, which Markdown allows; one that even so
would lose words is kept as plain text, with every special character spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import unquote

import lxml.html
import nh3
from bs4 import NavigableString, Tag
from lxml.html import HtmlElement
from markdownify import ATX, MarkdownConverter, chomp

from blog.markup import MarkupError, plain_text, render_comment, render_post

# Inline tags that have no Markdown and stay tags inside a paragraph.
INLINE_HTML = frozenset("abbr cite dfn ins kbd mark q samp small sub sup u var".split())
INLINE = INLINE_HTML | frozenset("a b br code del em i img s span strong".split())
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
TABLE = frozenset("table thead tbody tr th td".split())
SIMPLE = INLINE | HEADINGS | frozenset("p ul ol li blockquote pre hr figure figcaption".split())
# Boxes only lay out what they hold: their contents take their place.
BOXES = frozenset(
    "div section article main header footer aside nav address center form fieldset hgroup".split()
)
EMBEDS = frozenset({"iframe", "video", "audio", "embed", "object", "source"})
OTHER_BLOCKS = frozenset("dl dt dd caption tfoot col colgroup details summary".split())
RENAMED = {"strike": "del", "acronym": "abbr", "big": "span", "tt": "code"}
_SCHEMES = {"http", "https", "mailto"}
_NOT_TEXT = {"script", "style"}

# Well-formed HTML5 comes out, without scripts and looks, for lxml to read.
_READER = nh3.Cleaner(
    tags=set(SIMPLE | TABLE | BOXES | EMBEDS | OTHER_BLOCKS | RENAMED.keys()),
    clean_content_tags=_NOT_TEXT,
    attributes={
        **{tag: {"src"} for tag in EMBEDS},
        **{tag: {"class"} for tag in ("code", "pre", "ul", "li")},
        **{tag: {"title"} for tag in ("abbr", "acronym", "dfn")},
        "a": {"href", "title"},
        "details": {"open"},
        "img": {"src", "alt", "title"},
        "object": {"data"},
        "ol": {"start", "reversed"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
    },
    url_schemes=_SCHEMES,
    link_rel=None,
)
_COMMENT_READER = nh3.Cleaner(
    tags=set("a em i strong b code pre blockquote del s p br ul ol li".split()),
    clean_content_tags=_NOT_TEXT,
    attributes={"a": {"href"}},
    url_schemes=_SCHEMES,
    link_rel=None,
)
_WORDS_READER = nh3.Cleaner(tags=set(), clean_content_tags=_NOT_TEXT)


@dataclass
class Converted:
    """An essay's text, and what the report of an import says about it."""

    markdown: str
    kept: int = 0  # blocks that stay raw HTML
    escaped: bool = False  # some of it could only be kept as plain text
    shortcodes: list[str] = field(default_factory=list)


def text_of(html: str) -> str:
    """The words of a piece of HTML on one line: for titles, names and excerpts."""
    return plain_text(nh3.clean(html))


def post_markdown(source: str) -> Converted:
    """An essay's text as Markdown. Raises nothing: what cannot be Markdown is kept in another way.

    Line ends and blank lines mean breaks and paragraphs where WordPress's wpautop says so: in
    texts from before the block editor.
    """
    source = _figures_for_captions(_EMBED.sub("\n\n\\1\n\n", source.replace("\r", "")))
    shortcodes = _shortcodes(source)
    breaks = "<!-- wp:" not in source
    blocks = _read(_READER.clean(source), breaks)
    if blocks is None:
        return Converted(_spelled_out(text_of(source)), escaped=True, shortcodes=shortcodes)
    pieces = [_Piece(block, breaks) for block in blocks]
    if not _all_same(pieces):
        for piece in pieces:
            piece.settle()
        if not _all_same(pieces):  # blocks that are right alone can still act on each other
            for piece in pieces:
                piece.spell_out()
    return Converted(
        "\n\n".join(piece.markdown for piece in pieces),
        kept=sum(piece.markdown is piece.html for piece in pieces),
        escaped=any(piece.escaped for piece in pieces),
        shortcodes=shortcodes,
    )


def comment_markdown(source: str) -> str:
    """A comment's text as Markdown that `render_comment` shows as WordPress showed the source."""
    source = source.replace("\r", "").strip()
    blocks = _read(_COMMENT_READER.clean(source), breaks=True)
    if blocks is not None:
        html = "".join(map(_html, blocks))
        markdown = "\n\n".join(_convert(block, True, "\n") or "" for block in blocks)
        if _same(_shown(markdown, render_comment), _said(html)):
            return markdown
    words = unescape(_WORDS_READER.clean(re.sub(r"<br[^<>]*>|</p>", "\n", source)))
    return "\n".join(_spelled_out(line.strip()) for line in words.strip().split("\n"))


# --- Shortcodes -----------------------------------------------------------------------------

_EMBED = re.compile(r"\[embed(?:\s[^\[\]\n]{0,500})?\]\s*(https?://[^\s\[\]<>]+)\s*\[/embed\]")
_CAPTION = re.compile(r"\[(?:wp_)?caption(?:\s([^\[\]]{0,2000}))?\]")
_CAPTION_END = re.compile(r"\[/(?:wp_)?caption\]")
_CAPTION_WORDS = re.compile(r'caption="([^"]*)"')
_SHORTCODE = re.compile(r"\[(/?)([a-z][a-z0-9_-]{1,30})((?:\s[^\[\]\n]{0,500})?)\]")
_KNOWN_SHORTCODES = frozenset("gallery audio video playlist embed code sourcecode".split())


def _figures_for_captions(source: str) -> str:
    """Turn each `[caption …]<img> words[/caption]` into the figure it stands for."""

    def figure(match: re.Match[str]) -> str:
        # Until WordPress 3.4 the words were an attribute.
        words = _CAPTION_WORDS.search(match[1] or "")
        return "\n\n<figure>" + (f"<figcaption>{words[1]}</figcaption>" if words else "")

    if len(_CAPTION.findall(source)) != len(_CAPTION_END.findall(source)):
        return source
    return _CAPTION_END.sub("</figure>\n\n", _CAPTION.sub(figure, source))


def _shortcodes(source: str) -> list[str]:
    """Name the shortcodes in a text: those WordPress has, and what else looks like one."""
    return sorted(
        {
            name
            for closing, name, attributes in _SHORTCODE.findall(source)
            if closing or "=" in attributes or name in _KNOWN_SHORTCODES
        }
    )


# --- Reading: HTML to blocks ----------------------------------------------------------------

_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_ADDRESS = re.compile(r"https?://[^\s<>\"\[\]]+")


def _read(html: str, breaks: bool) -> list[HtmlElement] | None:
    """Return the blocks of clean HTML in order, or None where lxml did not read all of it.

    Without a word, lxml leaves out what is nested more than 255 deep.
    """
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    if root.text_content().split() != unescape(_WORDS_READER.clean(html)).split():
        return None
    for element in root.iter(*RENAMED):
        element.tag = RENAMED[element.tag]
    for embed in list(root.iter(*EMBEDS)):
        _link_instead(embed)
    for span in list(root.iter("span")):
        span.drop_tag()
    return list(_blocks(root, breaks))


def _link_instead(embed: HtmlElement) -> None:
    """Put a link in the place of a player, as `render_post` would: nothing loads from elsewhere."""
    if embed.getparent() is None:
        return
    inner = (part.get("src") for part in embed.iter("source", "embed"))
    address = embed.get("src") or embed.get("data") or next(filter(None, inner), "")
    address = f"https:{address}" if address.startswith("//") else address
    if not _ADDRESS.fullmatch(address):
        embed.drop_tag()
        return
    paragraph = _new("p", "", embed.tail)
    paragraph.append(_new("a", address, href=address))
    embed.getparent().replace(embed, paragraph)


def _new(tag: str, text: str = "", tail: str | None = None, **attributes: str) -> HtmlElement:
    element: HtmlElement = lxml.html.Element(tag, attributes)
    element.text, element.tail = text, tail
    return element


def _blocks(parent: HtmlElement, breaks: bool) -> Iterator[HtmlElement]:
    """Yield the blocks in `parent`, boxes opened, loose text put into paragraphs at blank lines."""
    paragraph = _new("p")
    for child in [None, *parent]:
        if child is None:
            loose = parent.text
        else:
            loose, child.tail = child.tail, None
            if child.tag in INLINE:
                paragraph.append(child)
            else:
                yield from _finished(paragraph, breaks)
                paragraph = _new("p")
                yield from _blocks(child, breaks) if _is_box(child) else _finished(child, breaks)
        first, *others = _BLANK_LINE.split(loose or "")
        _add_text(paragraph, first)
        for text in others:
            yield from _finished(paragraph, breaks)
            paragraph = _new("p", text)
    yield from _finished(paragraph, breaks)


def _add_text(element: HtmlElement, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _is_box(element: HtmlElement) -> bool:
    if element.tag == "figure":
        # One picture is a figure. A gallery, a table or a quotation in one stands by itself.
        parts = {part.tag for part in element.iterdescendants()}
        return len(list(element.iter("img"))) != 1 or not parts <= INLINE | {"figcaption", "p"}
    gallery = element.tag in {"ul", "li"} and "gallery" in element.get("class", "")
    return element.tag in BOXES or gallery


def _finished(block: HtmlElement, breaks: bool) -> Iterator[HtmlElement]:
    """Yield the block in a shape that Markdown has; nothing where it is empty."""
    if block.tag != "hr" and not _holds_something(block):
        return
    if block.tag == "figure":
        _gather_caption(block)
    for part in list(block.iter("blockquote", "li", "td", "th", "dd")):
        texts = filter(None, [part.text, *(child.tail for child in part)])
        if part.tag == "blockquote" or (breaks and any(map(_BLANK_LINE.search, texts))):
            inner = list(_blocks(part, breaks))
            part.text = None
            part[:] = inner
    if block.tag == "p" and len(block) == 0 and _ADDRESS.fullmatch(block.text.strip()):
        # WordPress shows what is behind an address that stands alone; here it is a link.
        address, block.text = block.text.strip(), None
        block.append(_new("a", address, href=address))
    yield block


def _holds_something(element: HtmlElement) -> bool:
    return bool(element.text_content().strip()) or element.find(".//img") is not None


def _gather_caption(figure: HtmlElement) -> None:
    """Collect the words beside the picture of a figure in one figcaption behind it."""
    caption = _new("figcaption", figure.text or "")
    figure.text = None
    for child in list(figure):
        tail, child.tail = child.tail, None
        if child.tag == "figcaption":
            _add_text(caption, child.text or "")
            caption.extend(list(child))
            figure.remove(child)
        elif child.find(".//img") is None and child.tag != "img":
            caption.append(child)
        _add_text(caption, tail or "")
    if _holds_something(caption):
        figure.append(caption)


# --- Writing: blocks to Markdown ------------------------------------------------------------


def _convert(block: HtmlElement, breaks: bool, line_break: str) -> str | None:
    """One block as Markdown, or None where it holds what Markdown has no way to say."""
    if not _is_simple(block):
        return None
    try:
        return _Converter(breaks, line_break).convert(_html(block, classes=True)).strip("\n")
    except RecursionError:
        return None


def _is_simple(block: HtmlElement) -> bool:
    for part in block.iter():
        inside = {inner.tag for inner in part.iterdescendants()}
        if part.tag not in SIMPLE | TABLE:
            return False
        if part.tag in {"pre", "figure", "table", *HEADINGS} and part is not block:
            return False
        if part.tag in {"pre", "figcaption"} and not inside <= INLINE - {"a", "img"}:
            return False
        if part.tag in {"td", "th"} and (part.attrib or not inside <= INLINE - {"br", "img"}):
            return False
        if part.tag in INLINE and not inside <= INLINE:
            return False
        if (part.tag in HEADINGS and "img" in inside) or part.get("reversed") is not None:
            return False
    return True


def _html(block: HtmlElement, classes: bool = False) -> str:
    if not classes:
        block = deepcopy(block)
        for part in block.iter():
            part.attrib.pop("class", None)
    return str(lxml.html.tostring(block, encoding="unicode", with_tail=False))


# Python-Markdown takes a backslash off these and no others.
_BACKSLASH = re.compile(r"\\(?=[\\`*_{}\[\]()>#+.!|-]|$)")
_SPECIAL = re.compile(r"[*`\[]|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_TAG_LIKE = re.compile(r"<(?=[a-zA-Z/!?])")
_NUMBERED = re.compile(r"(\d+)([.)]\s|[.)]$)")
_LIST_OR_HEADING = re.compile(r"[-+](?:\s|$)|#{1,6}(?:\s|$)|>|-[- ]+$")
_OTHER_START = re.compile(r"~~|:\s|=+\s*$")


def _escaped(text: str) -> str:
    """Escape what Markdown would take for markup inside a line."""
    text = _SPECIAL.sub(r"\\\g<0>", _BACKSLASH.sub(r"\\\\", text))
    text = _TAG_LIKE.sub("&lt;", _ENTITY.sub("&amp;", text))
    return text.replace("~~", "~&#126;")


def _escaped_start(line: str) -> str:
    """Escape what Markdown would take for a list, a heading or a quotation at a line's start."""
    if _LIST_OR_HEADING.match(line):
        return f"\\{line}"
    if _OTHER_START.match(line):
        return f"&#{ord(line[0])};{line[1:]}"
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if line[:1].isdigit() else line


def _spelled_out(text: str) -> str:
    """Write every character that could mean something in Markdown by its number."""
    return re.sub(r"[!#$&()*+\-.:<=>\[\\\]^_`{|}~]", lambda match: f"&#{ord(match[0])};", text)


def _address_in_parentheses(address: str) -> str:
    return re.sub(r"[\s()<>`\\\"]", lambda match: f"%{ord(match[0]):02X}", address.strip())


def _title(text: str | None) -> str:
    words = " ".join((text or "").split())
    return f' "{words.replace("&", "&amp;").replace(chr(34), "&quot;")}"' if words else ""


class _Converter(MarkdownConverter):  # type: ignore[misc]
    """markdownify, made to write what Python-Markdown reads."""

    def __init__(self, breaks: bool, line_break: str) -> None:
        super().__init__(heading_style=ATX, bullets="*")
        self.breaks = breaks
        self.line_break = line_break

    def process_text(self, el: NavigableString, parent_tags: Any = None) -> str:
        if "pre" in parent_tags:
            return str(el)
        before, after = el.previous_sibling, el.next_sibling
        text = str(el)
        if "_noformat" in parent_tags:
            return re.sub(r"\s*\n\s*", " ", text)
        text = str(super().process_text(el, parent_tags))
        if before is not None and before.name == "br":
            text = text.lstrip("\n ")
        if after is not None and after.name == "br":
            text = text.rstrip("\n ")
        if after is not None and after.name == "a" and text.endswith("!"):
            text = f"{text[:-1]}\\!"
        if el.parent.name in INLINE:
            text = re.sub(r"^\s+|\s+$", " ", text)
        if not self.breaks or "_inline" in parent_tags:
            text = text.replace("\n", " ")
        first, *others = text.split("\n")
        if before.name == "br" if before is not None else el.parent.name not in INLINE:
            first = _escaped_start(first)
        return self.line_break.join([first, *map(_escaped_start, others)])

    def escape(self, text: str, parent_tags: Any) -> str:
        text = _escaped(text)
        if "a" in parent_tags:
            text = text.replace("]", r"\]")
        if parent_tags & {"td", "th"}:
            text = text.replace("|", r"\|")
        return text

    def convert_br(self, el: Tag, text: str, parent_tags: Any) -> str:
        return " " if "_inline" in parent_tags else self.line_break

    def convert_a(self, el: Tag, text: str, parent_tags: Any) -> str:
        prefix, suffix, text = chomp(text)
        href = el.get("href")
        if not href or not text:
            return f"{prefix}{text}{suffix}"
        if el.get_text().strip() == href and _ADDRESS.fullmatch(href):
            return f"{prefix}<{href}>{suffix}"
        title = _title(el.get("title"))
        return f"{prefix}[{text}]({_address_in_parentheses(href)}{title}){suffix}"

    def convert_img(self, el: Tag, text: str, parent_tags: Any) -> str:
        figure = el.find_parent("figure")
        caption = figure.figcaption.get_text() if figure and figure.figcaption else el.get("title")
        alt = _escaped(" ".join(el.get("alt", "").split())).replace("]", r"\]")
        return f"![{alt}]({_address_in_parentheses(el.get('src', ''))}{_title(caption)})"

    def convert_figcaption(self, el: Tag, text: str, parent_tags: Any) -> str:
        return ""  # it is the title of the picture

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: Any) -> str:
        # `#` makes an h2 here, because the page's h1 is its title.
        return str(super().convert_hN(max(1, n - 1), el, text, parent_tags))

    def convert_li(self, el: Tag, text: str, parent_tags: Any) -> str:
        marker = "* "
        if el.parent.name == "ol":
            start = el.parent.get("start", "1")
            start = int(start) if start.isdecimal() else 1
            marker = f"{start + len(el.find_previous_siblings('li'))}. "
        # Python-Markdown wants four spaces before whatever else belongs to the item.
        return marker + re.sub(r"\n(?=[^\n])", "\n    ", text.strip()) + "\n"

    def convert_pre(self, el: Tag, text: str, parent_tags: Any) -> str:
        for line_break in el.find_all("br"):
            line_break.replace_with("\n")
        code = el.get_text().rstrip()
        marks = [*el.get("class", []), *(el.code.get("class", []) if el.code else [])]
        language = re.search(r"(?:lang(?:uage)?[-:]|brush:) ?([\w+#.-]+)", " ".join(marks))
        longest = max(map(len, re.findall("`+", code)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"\n\n{fence}{language[1] if language else ''}\n{code}\n{fence}\n\n"

    def get_conv_fn(self, tag_name: str) -> Callable[..., str] | None:
        if tag_name in INLINE_HTML:
            return self.convert_inline_html
        return super().get_conv_fn(tag_name)  # type: ignore[no-any-return]

    def convert_inline_html(self, el: Tag, text: str, parent_tags: Any) -> str:
        title = _title(el.get("title")).replace("<", "&lt;")
        return f"<{el.name}{title and f' title={title.strip()}'}>{text}</{el.name}>"


# --- Comparing ------------------------------------------------------------------------------

_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛“”„‟«»′″\"`", "'") | dict.fromkeys("‐‑‒–—―", "-"))


class _Words(NamedTuple):
    text: str
    links: frozenset[str]


class _Piece:
    """One block: its HTML, and the Markdown that was settled on."""

    def __init__(self, block: HtmlElement, breaks: bool) -> None:
        self.html = _html(block)
        if breaks and block.tag == "p":
            self.html = re.sub(r"(?<!<br>)\n(?!<br>)", "<br>\n", self.html.strip())
        self.markdown = _convert(block, breaks, "  \n") or self.html
        self.escaped = False

    def settle(self) -> None:
        """Keep the Markdown if it says the same alone, else the HTML, else the bare words."""
        if not _all_same([self]):
            self.markdown = self.html
            if not _all_same([self]):
                self.spell_out()

    def spell_out(self) -> None:
        self.markdown = _spelled_out(_said(self.html, fold=False).text)
        self.escaped = True


def _all_same(pieces: list[_Piece]) -> bool:
    html = "\n\n".join(piece.html for piece in pieces)
    # `render_post` shows another site's picture as a link with the picture's name for its words,
    # so a text with pictures is compared with what would be shown of its HTML.
    wanted = _shown(html, render_post) if "<img" in html else _said(html)
    shown = _shown("\n\n".join(piece.markdown for piece in pieces), render_post)
    return wanted is not None and _same(shown, wanted)


def _same(shown: _Words | None, wanted: _Words) -> bool:
    return shown is not None and shown.text == wanted.text and shown.links >= wanted.links


def _shown(markdown: str, render: Callable[[str], str]) -> _Words | None:
    """Return what readers would see, or None where the text is refused."""
    try:
        return _said(render(markdown))
    except (MarkupError, RecursionError):
        return None


def _said(html: str, fold: bool = True) -> _Words:
    """Return the words of HTML, one kind of quote and dash for all, and where its links go."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    links = set()
    for part in list(root.iter()):
        if part.tag == "a" and part.get("class") == "anchor":
            part.drop_tree()
        elif part.tag == "a" and _ADDRESS.match(part.get("href", "")):
            links.add(unquote(part.get("href").strip()))
        part.attrib.clear()  # a ">" in a title would end the tag for plain_text
    text = plain_text(lxml.html.tostring(root, encoding="unicode"))
    if fold:
        text = re.sub(r"-+", "-", text.translate(_QUOTES).replace("…", "...")).replace("''", "'")
    return _Words(text, frozenset(links))
