"""Blocks of HTML written as the Markdown that Python-Markdown reads, with this site's dialect."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from html import escape
from typing import Any

import lxml.html
from bs4 import NavigableString, Tag
from lxml.html import HtmlElement
from markdownify import ATX, MarkdownConverter, chomp

from blog.lib.numbers import number_in

# Inline tags that have no Markdown and stay tags inside a paragraph.
INLINE_HTML = frozenset("abbr cite dfn ins kbd mark q samp small sub sup u var".split())
INLINE = INLINE_HTML | frozenset("a b br code del em i img s span strong".split())
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
TABLE = frozenset("table thead tbody tr th td".split())
DEFINITIONS = frozenset({"dl", "dt", "dd"})
SIMPLE = (
    INLINE
    | DEFINITIONS
    | HEADINGS
    | frozenset("p ul ol li blockquote pre hr figure figcaption".split())
)
ADDRESS = re.compile(r"https?://[^\s<>\"\[\]]+")


def convert(block: HtmlElement, breaks: bool, line_break: str) -> str | None:
    """One block as Markdown, or None where it holds what Markdown has no way to say."""
    return _converted(block, _Converter(breaks, line_break))


def convert_comment(block: HtmlElement, *, escaping: bool) -> str | None:
    """One block as comments are written; with `escaping`, marks in its words have backslashes."""
    return _converted(block, _CommentConverter(escaping))


def _converted(block: HtmlElement, converter: _Converter) -> str | None:
    if not _is_simple(block):
        return None
    try:
        return str(converter.convert(html_of(block, classes=True))).strip("\n")
    except RecursionError:
        return None


def _is_simple(block: HtmlElement) -> bool:
    for part in block.iter():
        inside = {inner.tag for inner in part.iterdescendants()}
        if part.tag not in SIMPLE | TABLE:
            return False
        if part.tag in {"pre", "figure", "table", "dl", *HEADINGS} and part is not block:
            return False
        if (part.tag == "table" and not _has_head(part)) or (part.tag == "dl" and not _pairs(part)):
            return False
        if part.tag in {"dt", "dd"} and not inside <= INLINE - {"br"}:
            return False
        if part.tag in {"pre", "figcaption"} and not inside <= INLINE - {"a", "img"}:
            return False
        if part.tag in {"td", "th"} and (part.attrib or not inside <= INLINE - {"img"}):
            return False
        if part.tag in INLINE and not inside <= INLINE:
            return False
        if (part.tag in HEADINGS and "img" in inside) or part.get("reversed") is not None:
            return False
    return True


def _has_head(table: HtmlElement) -> bool:
    """Return whether the first row of a table, and no other, is its head, as in Markdown."""
    first, *others = list(table.iter("tr")) or [table]
    return {cell.tag for cell in first} == {"th"} and not any(
        cell.tag == "th" for row in others for cell in row
    )


def _pairs(terms: HtmlElement) -> bool:
    """Return whether a list has terms that say something, and what each means."""
    order = "".join({"dt": "t", "dd": "d"}.get(each.tag, "x") for each in terms)
    filled = all(each.text_content().strip() for each in terms)
    return filled and re.fullmatch(r"(?:td+)+", order) is not None


def html_of(block: HtmlElement, classes: bool = False) -> str:
    if not classes:
        block = deepcopy(block)
        for part in block.iter():
            part.attrib.pop("class", None)
    return str(lxml.html.tostring(block, encoding="unicode", with_tail=False))


# Where a backslash could be taken for an escape. A doubled one always makes one.
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)")
_SPECIAL = re.compile(r"[*`\[]|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_TAG_LIKE = re.compile(r"<(?=[^\s<])")
_NUMBERED = re.compile(r"(?<!\d)(\d+)([.)]\s|[.)]$)")
_LIST_OR_HEADING = re.compile(r"[-+](?:\s|$)|#{1,6}(?:\s|$)|>|-[- ]+$")
_OTHER_START = re.compile(r"~~|:\s|=+\s*$")


def _escaped(text: str) -> str:
    """Escape what Markdown would take for markup inside a line."""
    text = _SPECIAL.sub(r"\\\g<0>", _BACKSLASH.sub(r"\\\\", text))
    text = _TAG_LIKE.sub("&lt;", _ENTITY.sub("&amp;", text))
    return text.replace("~~", r"\~\~")


def _escaped_start(line: str) -> str:
    """Escape what Markdown would take for a list, a heading or a quotation at a line's start."""
    if _LIST_OR_HEADING.match(line):
        return f"\\{line}"
    if _OTHER_START.match(line):
        return f"&#{ord(line[0])};{line[1:]}"
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if line[:1].isdigit() else line


def spelled_out(text: str) -> str:
    """Write every character that could mean something in Markdown by its number."""
    return re.sub(r"[!#$&()*+\-.:<=>\[\\\]^_`{|}~]", lambda match: f"&#{ord(match[0])};", text)


def fenced(code: str, language: str = "") -> str:
    """Put text between fences that are longer than any in it."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def _address_in_parentheses(address: str) -> str:
    return re.sub(r"[\s()<>`\\\"]", lambda match: f"%{ord(match[0]):02X}", address.strip())


def _title(text: str | None) -> str:
    words = " ".join((text or "").split())
    return f' "{words.replace("&", "&amp;").replace(chr(34), "&quot;")}"' if words else ""


def _ends_a_line(sibling: Any) -> bool:
    return sibling is not None and sibling.name not in INLINE - {"br"} | {None}


# Stands for a blank line between definitions, which markdownify would leave out.
_GAP = "\x02"


class _Converter(MarkdownConverter):  # type: ignore[misc]
    """markdownify, made to write what Python-Markdown reads."""

    def __init__(self, breaks: bool, line_break: str) -> None:
        super().__init__(heading_style=ATX, bullets="*")
        self.breaks = breaks
        self.line_break = line_break

    def process_text(self, el: NavigableString, parent_tags: Any = None) -> str:
        if "pre" in parent_tags:
            return str(el)
        text = re.sub(r"[ \t\r\n]+", lambda gap: "\n" if "\n" in gap[0] else " ", str(el))
        if "_noformat" in parent_tags:
            return text.replace("\n", " ")
        before, after = el.previous_sibling, el.next_sibling
        if (before is None and el.parent.name not in INLINE) or _ends_a_line(before):
            text = text.lstrip()
        if (after is None and el.parent.name not in INLINE) or _ends_a_line(after):
            text = text.rstrip()
        if el.parent.name in INLINE:
            text = re.sub(r"^\n|\n$", " ", text)
        if not self.breaks or "_inline" in parent_tags:
            text = text.replace("\n", " ")
        text = self.escape(text, parent_tags)
        if after is not None and after.name == "a" and text.endswith("!"):
            text = f"{text[:-1]}\\!"  # else it would make the link a picture
        first, *others = text.split("\n")
        if el.parent.name not in INLINE if before is None else before.name == "br":
            first = self.escape_start(first)
        return self.line_break.join([first, *map(self.escape_start, others)])

    def escape_start(self, line: str) -> str:
        return _escaped_start(line)

    def escape(self, text: str, parent_tags: Any) -> str:
        text = _escaped(text)
        if "a" in parent_tags:
            text = text.replace("]", r"\]")
        if parent_tags & {"td", "th"}:
            text = text.replace("|", r"\|")
        return text

    def convert_br(self, el: Tag, text: str, parent_tags: Any) -> str:
        return "<br>" if "_inline" in parent_tags else self.line_break

    def convert_a(self, el: Tag, text: str, parent_tags: Any) -> str:
        prefix, suffix, text = chomp(text)
        href, anchor = el.get("href"), el.get("id")
        if anchor and not href:
            return f'{prefix}<a id="{escape(anchor)}"></a>{text}{suffix}'
        if not href or not text:
            return f"{prefix}{text}{suffix}"
        if el.get_text().strip() == href and ADDRESS.fullmatch(href):
            return f"{prefix}<{href}>{suffix}"
        title = _title(el.get("title"))
        return f"{prefix}[{text}]({_address_in_parentheses(href)}{title}){suffix}"

    def convert_img(self, el: Tag, text: str, parent_tags: Any) -> str:
        figure = el.find_parent("figure")
        caption = figure.figcaption.get_text() if figure and figure.figcaption else el.get("title")
        alt = _escaped(" ".join(el.get("alt", "").split())).replace("]", r"\]")
        mark = "{.wide}" if "wide" in el.get("class", []) else ""
        return f"![{alt}]({_address_in_parentheses(el.get('src', ''))}{_title(caption)}){mark}"

    def convert_figcaption(self, el: Tag, text: str, parent_tags: Any) -> str:
        return ""  # it is the title of the picture

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: Any) -> str:
        # `#` makes an h2 here, because the page's h1 is its title.
        return str(super().convert_hN(max(1, n - 1), el, text, parent_tags))

    def convert_li(self, el: Tag, text: str, parent_tags: Any) -> str:
        marker = "* "
        if el.parent.name == "ol":
            start = 1 if (given := number_in(el.parent.get("start", ""))) is None else given
            marker = f"{start + len(el.find_previous_siblings('li'))}. "
        # Python-Markdown wants four spaces before whatever else belongs to the item.
        return marker + re.sub(r"\n(?=[^\n])", "\n    ", text.strip()) + "\n"

    def convert_dl(self, el: Tag, text: str, parent_tags: Any) -> str:
        return f"\n\n{text.strip().replace(_GAP, chr(10))}\n\n"

    def convert_dt(self, el: Tag, text: str, parent_tags: Any) -> str:
        before = el.find_previous_sibling()
        gap = _GAP if before is not None and before.name == "dd" else ""
        return f"{gap}{text.strip()}\n"

    def convert_dd(self, el: Tag, text: str, parent_tags: Any) -> str:
        return f":   {text.strip()}\n"

    def convert_pre(self, el: Tag, text: str, parent_tags: Any) -> str:
        for line_break in el.find_all("br"):
            line_break.replace_with("\n")
        code = el.get_text().rstrip()
        marks = [*el.get("class", []), *(el.code.get("class", []) if el.code else [])]
        language = re.search(r"(?:lang(?:uage)?[-:]|brush:) ?([\w+#.-]+)", " ".join(marks))
        return f"\n\n{fenced(code, language[1] if language else '')}\n\n"

    def get_conv_fn(self, tag_name: str) -> Callable[..., str] | None:
        if tag_name in INLINE_HTML:
            return self.convert_inline_html
        return super().get_conv_fn(tag_name)  # type: ignore[no-any-return]

    def convert_inline_html(self, el: Tag, text: str, parent_tags: Any) -> str:
        title = _title(el.get("title")).replace("<", "&lt;")
        return f"<{el.name}{title and f' title={title.strip()}'}>{text}</{el.name}>"


_MARK_OF_COMMENT = re.compile(r"[*_`\[]|(?<!~)~~(?!~)|<(?=[^\s<>:@]*+[:@][^\s<>]*+>)")
_START_OF_COMMENT = re.compile(r"[-+*](?: |$)|#{1,6}(?: |$)|>")


def escaped_start_of_comment(line: str) -> str:
    if _START_OF_COMMENT.match(line):
        return f"\\{line}"
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if line[:1].isdigit() else line


class _CommentConverter(_Converter):
    """Writes what comments are read as, in which most signs need no backslash."""

    def __init__(self, escaping: bool) -> None:
        super().__init__(breaks=True, line_break="\n")
        self.escaping = escaping

    def escape(self, text: str, parent_tags: Any) -> str:
        return _MARK_OF_COMMENT.sub(self.escape_mark, text) if self.escaping else text

    def escape_mark(self, found: re.Match[str]) -> str:
        text, (start, end) = found.string, found.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        is_text = (before.isalnum() and after.isalnum()) or not (before.strip() or after.strip())
        return found[0] if is_text else f"\\{found[0]}"

    def escape_start(self, line: str) -> str:
        return escaped_start_of_comment(line)

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: Any) -> str:
        return f"\n\n**{text.strip()}**\n\n" if text.strip() else ""
