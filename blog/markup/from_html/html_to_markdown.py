"""HTML as WordPress stores it, turned into Markdown that says the same, word for word.

What the author edits from now on should read as if it had been written here, so blocks of simple
things become Markdown. Each text is then rendered, and its words and links are compared with the
source's. A block that comes out otherwise stays raw HTML, which Markdown allows; one that even so
would lose words is kept as plain text, with every special character spelled out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape

import lxml.html
import nh3
from lxml.html import HtmlElement

from blog.markup import plain_text, render_comment, storable
from blog.markup.comment_links import may_link
from blog.markup.elsewhere import joined
from blog.markup.pictures import MOST_IN_A_ROW
from blog.markup.tags import EMBEDS, only_known

from .anchors import keep_anchors
from .around import Around, link_picture, settle
from .footnotes import Notes
from .galleries import read_galleries
from .html_reader import (
    BOXES,
    RENAMED,
    bare_words,
    clean_comment,
    clean_post,
    read_comment,
    read_post,
    without_pasted,
    words_of,
)
from .listings import read_listings
from .markdown_writer import (
    ADDRESS,
    INLINE,
    convert,
    convert_comment,
    escaped_start_of_comment,
    fenced,
    html_of,
    spelled_out,
)
from .said import Words, in_lines, misses_words, rendered, said_by, same, shown_of
from .shortcodes import read_shortcodes, shortcodes_in


@dataclass
class Converted:
    """An essay's text, and what the report of an import says about it."""

    markdown: str
    kept: int = 0  # blocks that stay raw HTML
    escaped: bool = False  # some of it could only be kept as plain text
    shortcodes: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)  # words in scripts, comments and alike
    as_text: list[str] = field(default_factory=list)  # tags that show as text
    loose_notes: int = 0  # footnotes that nothing in the text refers to


def text_of(html: str) -> str:
    """The words of a piece of HTML on one line: for titles, names and excerpts."""
    if "<" not in html and "&" not in html:
        return " ".join(storable(html).split())
    return plain_text(storable(nh3.clean(only_known(storable(html)))))


def post_markdown(source: str, around: Around | None = None) -> Converted:
    """An essay's text as Markdown. Raises nothing: what cannot be Markdown is kept in another way.

    Line ends and blank lines mean breaks and paragraphs where WordPress's wpautop says so: in
    texts from before the block editor. `around` knows its files, addresses and notes.
    """
    around, breaks = around or Around(), "<!-- wp:" not in source
    source = read_shortcodes(read_listings(source.replace("\r\n", "\n").replace("\r", "")), around)
    return noted(without_pasted(source), breaks=breaks, around=around, shortcodes=True)


def noted(source: str, *, breaks: bool, around: Around, shortcodes: bool = False) -> Converted:
    """Return HTML as Markdown, with the notes that `around` has, or `shortcodes` hold."""
    notes = Notes(source, around.notes, shortcodes=shortcodes)
    text = converted(notes.source, breaks=breaks, around=around)
    text.shortcodes = shortcodes_in(notes.source) if shortcodes else []
    text.loose_notes = len(notes.unused)
    text.markdown = notes.written(
        text.markdown,
        lambda note: converted(note, breaks=breaks, around=around).markdown,
        lambda markdown: plain_text(rendered(markdown)),
    )
    return text


def converted(source: str, *, breaks: bool, around: Around | None = None) -> Converted:
    """Well-kept HTML as Markdown; `breaks` says whether line ends mean breaks, as in WordPress."""
    reading = read_post(source)
    blocks = _read(clean_post(reading.html), breaks, around or Around())
    pieces = [_Piece(block, breaks) for block in blocks or ()]
    if not _same_together(pieces):
        for piece in pieces:
            piece.settle()
        _settle_together(pieces)
    text = Converted(
        _joined(pieces),
        kept=sum(piece.markdown is piece.html for piece in pieces),
        escaped=any(piece.escaped for piece in pieces),
        left_out=reading.left_out,
        as_text=sorted(reading.as_text),
    )
    if blocks is None or misses_words(text.markdown, source, rendered):
        text.markdown, text.kept = _bare(words_of(reading.html)), 0
        text.escaped = True
    return text


def comment_markdown(source: str, base: str = "") -> str:
    """A comment's text as Markdown that `render_comment` shows as WordPress showed the source.

    `base` is the address of its page, to which relative links in it refer.
    """
    source = without_pasted(source.replace("\r", "").strip())
    if "<" not in source and "&" not in source and (text := _typed(source)) is not None:
        return text
    known = read_comment(source)
    blocks = _read(clean_comment(known), breaks=True, around=Around())
    for image in [image for block in blocks or () for image in block.iter("img")]:
        link_picture(image)
    for link in [link for block in blocks or () for link in block.iter("a")]:
        address = link.get("href", "").strip()
        address = address and joined(base, address)  # without one it leads nowhere
        link.set("href", address)
        if not may_link(address):
            link.drop_tag()
    html = "\n\n".join(map(html_of, blocks or ()))
    for escaping in (False, True):
        converted = (convert_comment(block, escaping=escaping) for block in blocks or ())
        markdown = "\n\n".join(block or "" for block in converted)
        if same(shown_of(markdown, render_comment), said_by(html)):
            break
    else:
        markdown = _bare_comment(in_lines(html))
    if blocks is None or misses_words(markdown, source, render_comment):
        markdown = _bare_comment(words_of(known))
        if misses_words(markdown, source, render_comment):
            markdown = fenced(words_of(known))
    return markdown


def _typed(source: str) -> str | None:
    """Return a comment without any HTML, as it is typed; None where it would show otherwise."""
    paragraphs = [
        [" ".join(line.split()) for line in part.strip().split("\n")]
        for part in _BLANK_LINE.split(source)
    ]
    text = "\n\n".join("\n".join(map(escaped_start_of_comment, part)) for part in paragraphs)
    shown = shown_of(text, render_comment)
    html = ("<br>\n".join(map(escape, part)) for part in paragraphs)
    wanted = said_by("".join(f"<p>{each}</p>" for each in html))
    return text if same(shown, wanted) else None


def _bare_comment(words: str) -> str:
    """Return a comment's words without markup, as code where they are refused for their marks."""
    markdown = "\n".join(map(escaped_start_of_comment, words.split("\n")))
    return markdown if shown_of(markdown, render_comment) else fenced(words)


# --- Reading: HTML to blocks ----------------------------------------------------------------

# What reaches over the margin: here, and in WordPress.
WIDE = {"wide", "alignwide", "alignfull"}
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def _read(html: str, breaks: bool, around: Around) -> list[HtmlElement] | None:
    """Return the blocks of clean HTML in order, or None where lxml did not read all of it.

    Without a word, lxml leaves out what is nested more than 255 deep.
    """
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    if root.text_content().split() != bare_words(html).split():
        return None
    for element in root.iter(*RENAMED):
        element.tag = RENAMED[element.tag]
    settle(root, around)
    keep_anchors(root)
    read_galleries(root)
    for mark in root.iter("a", "span"):
        mark.attrib.pop("missing", None)
    for embed in list(root.iter(*EMBEDS)):
        _link_instead(embed)
    for span in list(root.iter("span")):
        span.drop_tag()
    for figure in list(root.iter("figure")):
        _read_figure(figure)
    return list(_blocks(root, breaks))


def _link_instead(embed: HtmlElement) -> None:
    """Put a link in the place of a player, as `render_post` would: nothing loads from elsewhere."""
    if embed.getparent() is None:
        return
    inner = (part.get("src") for part in embed.iter("source", "embed"))
    address = embed.get("src") or embed.get("data") or next(filter(None, inner), "")
    address = f"https:{address}" if address.startswith("//") else address
    if not ADDRESS.fullmatch(address):
        embed.drop_tag()
        return
    for inner_embed in list(embed.iterdescendants(*EMBEDS)):
        inner_embed.drop_tag()
    paragraph = _new("p")
    paragraph.append(_new("a", address, href=address))
    embed.addprevious(paragraph)
    embed.drop_tag()  # what it holds for browsers that do not show it follows


def _read_figure(figure: HtmlElement) -> None:
    """Mark what reaches over the margin, and make one paragraph of pictures in a row of ours."""
    kinds, images = set(figure.attrib.pop("class", "").split()), list(figure.iter("img"))
    if images and kinds & WIDE:
        images[-1].set("class", "wide")
    if "group" not in kinds or not 1 < len(images) <= MOST_IN_A_ROW:
        return
    captions = (" ".join(each.text_content().split()) for each in figure.iter("figcaption"))
    if words := " ".join(captions):
        images[-1].set("title", words)
    paragraph = _new("p", tail=figure.tail)
    for image in images:
        above = image.getparent()
        part = above if above is not None and above.tag == "a" else image
        part.tail = None
        paragraph.append(part)
    figure.getparent().replace(figure, paragraph)


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
    last = next(element.iterchildren(reversed=True), None)
    if last is None:
        element.text = (element.text or "") + text
    else:
        last.tail = (last.tail or "") + text


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
    done = None  # whose parts are finished with it, once
    for part in list(block.iter("blockquote", "li", "td", "th", "dd")):
        if done is not None and done in part.iterancestors():
            continue
        texts = filter(None, [part.text, *(child.tail for child in part)])
        if part.tag == "blockquote" or (breaks and any(map(_BLANK_LINE.search, texts))):
            inner = list(_blocks(part, breaks))
            part.text, done = None, part
            part[:] = inner
    if block.tag == "p" and len(block) == 0 and ADDRESS.fullmatch(block.text.strip()):
        # WordPress shows what is behind an address that stands alone; here it is a link.
        address, block.text = block.text.strip(), None
        block.append(_new("a", address, href=address))
    yield block


def _holds_something(element: HtmlElement) -> bool:
    if element.text_content().strip() or element.find(".//img") is not None:
        return True
    return element.find(".//a[@id]") is not None


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


# --- Comparing ------------------------------------------------------------------------------


class _Piece:
    """One block: its HTML, what it says, and the Markdown that was settled on."""

    def __init__(self, block: HtmlElement, breaks: bool) -> None:
        self.html = html_of(block)
        if breaks and block.tag == "p":
            self.html = re.sub(r"(?<!<br>)\n(?!<br>)", "<br>\n", self.html.strip())
        self.markdown = convert(block, breaks, "  \n") or self.html
        self.escaped = False

    @cached_property
    def wanted(self) -> Words | None:
        # `render_post` shows another site's picture as a link with the picture's name for its
        # words, so a block with pictures is compared with what would be shown of its HTML.
        return shown_of(self.html, rendered) if "<img" in self.html else said_by(self.html)

    @property
    def is_same(self) -> bool:
        return same(shown_of(self.markdown, rendered), self.wanted)

    def settle(self) -> None:
        """Keep the Markdown if it says the same alone, else the HTML, else the bare words."""
        if not self.is_same:
            self.markdown = self.html
            if not self.is_same:
                self.spell_out()

    def spell_out(self) -> None:
        self.markdown = _bare(in_lines(self.html))
        self.wanted = shown_of(self.markdown, rendered)
        self.escaped = True


def _joined(pieces: list[_Piece]) -> str:
    return "\n\n".join(piece.markdown for piece in pieces)


def _same_together(pieces: list[_Piece]) -> bool:
    if any(piece.wanted is None for piece in pieces):
        return False
    links = frozenset[str]().union(*(piece.wanted.links for piece in pieces))
    wanted = Words(" ".join(filter(None, (piece.wanted.text for piece in pieces))), links)
    return same(shown_of(_joined(pieces), rendered), wanted)


def _settle_together(pieces: list[_Piece]) -> None:
    """Take their markup from the blocks with most of it, until the whole is shown as it should.

    Blocks that are right alone can still act on each other, or together be refused.
    """
    waiting = sorted(pieces, key=lambda piece: piece.html.count("<"))
    taken = 1
    while waiting and not _same_together(pieces):
        for piece in waiting[-taken:]:
            piece.spell_out()
        del waiting[-taken:]
        taken *= 2


def _bare(words: str) -> str:
    """Return words without markup, as code where `render` refuses them for their many marks."""
    markdown = "\n".join(map(spelled_out, words.split("\n")))
    return markdown if shown_of(markdown, rendered) else fenced(words)
