"""What programs put on the clipboard as HTML, turned into Markdown.

Word, Google Docs, LibreOffice and spreadsheets each have ways of their own to say what is bold, a
list or a note. First these become plain HTML; the rest is done as for an import.
"""

from __future__ import annotations

import re

import lxml.html
from lxml.html import HtmlElement

from blog.markup import storable

from .html_to_markdown import converted
from .markdown_writer import HEADINGS
from .word_lists import make_lists

# Characters and tags: a chapter has a tenth of them, and takes some two seconds at the most.
MOST, MOST_TAGS = 1_000_000, 10_000
# What holds no words to be read, and so deep nesting that no parser reads all of it.
UNREAD = "script style title template xml meta link head noscript svg button col colgroup".split()
DEEPEST = 200

BOLD = re.compile(r"font-weight:\s*(?:bold|[6-9]00)")
NOT_BOLD = re.compile(r"font-weight:\s*(?:normal|[1-5]00)")
ITALIC, NOT_ITALIC = re.compile(r"font-style:\s*italic"), re.compile(r"font-style:\s*normal")
STRUCK = re.compile(r"text-decoration[^;:]*:[^;]*line-through")
RAISED, LOWERED = re.compile(r"vertical-align:\s*super"), re.compile(r"vertical-align:\s*sub\b")
HIDDEN = re.compile(r"display:\s*none|mso-hide:\s*all")
PRE = re.compile(r"white-space:\s*pre\b")
STYLES = [(BOLD, "strong"), (ITALIC, "em"), (STRUCK, "del"), (RAISED, "sup"), (LOWERED, "sub")]
SAME = {"b": "strong", "i": "em", "s": "del", "strike": "del"}
BLOCKS = frozenset("p div ul ol li table blockquote pre h1 h2 h3 h4 h5 h6 hr section".split())
# Stand for the marks of notes until all else is Markdown, in which brackets would be escaped.
OPEN, CLOSE = "\ue000", "\ue001"


class TooMuch(ValueError):
    """More than is turned into Markdown while somebody waits."""


def pasted_markdown(html: str) -> str:
    """Return Markdown for the HTML of a clipboard. Raises TooMuch for more than a long chapter."""
    if len(html) > MOST or html.count("<") > MOST_TAGS:
        raise TooMuch
    if not html.strip():
        return ""
    parser = lxml.html.HTMLParser(huge_tree=True)
    root = lxml.html.document_fromstring(f"<body>{storable(html)}", parser=parser)
    if root.find("body") is None or deepest(root) > DEEPEST:
        raise TooMuch
    body = root.find("body")
    take_out_unread(body)
    notes = take_notes(body)
    make_lists(body)
    make_code(body)
    settle_phrases(body)
    settle_blocks(body)
    texts = [markdown_of(body), *(f"{mark}: {markdown_of(note)}" for mark, note in notes)]
    return re.sub(f"{OPEN}(\\d+){CLOSE}", r"[^\1]", "\n\n".join(filter(None, texts)))


def markdown_of(element: HtmlElement) -> str:
    inner = (lxml.html.tostring(child, encoding="unicode") for child in element)
    source = lxml.html.tostring(new("p", element.text or ""), encoding="unicode")[3:-4]
    return converted(source + "".join(inner), breaks=False).markdown.strip()


def deepest(root: HtmlElement) -> int:
    depth, most, level = {root: 0}, 0, 0
    for element in root.iterdescendants():
        level = depth[element.getparent()] + 1
        depth[element] = level
        most = max(most, level)
    return most


def new(tag: str, text: str | None = None) -> HtmlElement:
    element: HtmlElement = lxml.html.Element(tag)
    element.text = text
    return element


def style_of(element: HtmlElement) -> str:
    return str(element.get("style", "")).lower()


def words(element: HtmlElement) -> str:
    return str(element.text_content()).replace("\xa0", " ").strip()


def take_out_unread(body: HtmlElement) -> None:
    for part in list(body.iter()):
        is_comment = not isinstance(part.tag, str)
        if is_comment or part.tag in UNREAD or is_hidden(part):
            part.drop_tree()
        elif ":" in part.tag or "-" in part.tag or part.tag in ("font", "u"):
            part.drop_tag()
        elif part.tag == "img" and not part.get("src", "").startswith(("http:", "https:", "/")):
            part.drop_tree()
        elif is_space(part):
            part.text = " "
            part.drop_tag()


def is_hidden(part: HtmlElement) -> bool:
    return "hidden" in part.attrib or HIDDEN.search(style_of(part)) is not None


def is_space(part: HtmlElement) -> bool:
    """Whether it only keeps a space from being lost, as Safari and Word write it."""
    return part.tag == "span" and (
        part.get("class") == "Apple-converted-space" or "mso-spacerun" in style_of(part)
    )


# --- Notes ----------------------------------------------------------------------------------


def take_notes(body: HtmlElement) -> list[tuple[str, HtmlElement]]:
    """Take out footnotes; return each with its mark, which stands where it was referred to.

    Word and LibreOffice link a note and its number to each other, whatever they call the two.
    """
    links = {name_of(link): link for link in body.iter("a") if name_of(link)}
    notes = []
    for name, link in links.items():
        back = links.get(link.get("href", "").removeprefix("#"))
        if back is None or back.get("href") != f"#{name}" or not re.search(r"\d", words(link)):
            continue
        if (note := note_around(back)) is None or is_inside(link, note):
            continue
        mark = f"{OPEN}{len(notes) + 1}{CLOSE}"
        replace(back, "")
        note.drop_tree()
        replace(raised(link), mark)
        notes.append((mark, note))
    for rest in list(body.iter("div")):
        if "mso-element:footnote-list" in style_of(rest) and not words(rest):
            rest.drop_tree()  # a rule above the notes
    return [(mark, settled(note)) for mark, note in notes]


def settled(note: HtmlElement) -> HtmlElement:
    holder = new("div")
    note.tail = None
    holder.append(note)
    if note.tag == "div":
        note.drop_tag()
    settle_phrases(holder)
    settle_blocks(holder)
    return holder


def name_of(link: HtmlElement) -> str:
    return str(link.get("name") or link.get("id") or "")


def raised(link: HtmlElement) -> HtmlElement:
    """Return the element around a number that holds nothing else, such as its `sup`."""
    parent = link.getparent()
    while parent.tag in ("sup", "span") and words(parent) == words(link):
        link, parent = parent, parent.getparent()
    return link


def note_around(back: HtmlElement) -> HtmlElement | None:
    blocks = list(back.iterancestors("p", "li", "div", "body"))
    block = blocks[0]
    around = blocks[1] if len(blocks) > 1 else block
    own = around.tag == "div" and (around.get("id") or "mso-element:footnote" in style_of(around))
    found = around if own else block
    return None if found.tag == "body" else found


def is_inside(element: HtmlElement, other: HtmlElement) -> bool:
    return any(ancestor is other for ancestor in element.iterancestors())


def replace(element: HtmlElement, text: str) -> None:
    """Put text in the place of an element; what follows it stays."""
    for child in list(element):
        element.remove(child)
    element.text = text
    element.drop_tag()


# --- Code -----------------------------------------------------------------------------------


def make_code(body: HtmlElement) -> None:
    """Make one listing of what an editor copies as a line for each `div`."""
    for box in list(body.iter("div")):
        if not PRE.search(style_of(box)) or "mono" not in style_of(box):
            continue
        lines = [str(line.text_content()) for line in box] or [str(box.text_content())]
        for child in list(box):
            box.remove(child)
        box.tag, box.text = "pre", "\n".join(lines)
        box.attrib.clear()


# --- Phrases --------------------------------------------------------------------------------


def settle_phrases(body: HtmlElement) -> None:
    """Have bold, italic and the like said by elements, once, and around words only."""
    for part in list(body.iter("b", "strong", "i", "em", "s", "strike", "span", "a")):
        style = style_of(part)
        if part.tag == "a":
            if not part.get("href") or part.get("href").startswith("#"):
                part.drop_tag()
            continue
        if part.tag == "span":
            settle_span(part, style)
        elif (part.tag in ("b", "strong") and NOT_BOLD.search(style)) or (
            part.tag in ("i", "em") and NOT_ITALIC.search(style)
        ):
            part.drop_tag()
        else:
            part.tag = SAME.get(part.tag, part.tag)
    for part in list(body.iter("strong", "em", "del", "sup", "sub")):
        within = {ancestor.tag for ancestor in part.iterancestors()}
        is_heading = part.tag == "strong" and within & {*HEADINGS, "th"}
        holds_blocks = any(inner.tag in BLOCKS for inner in part.iterdescendants())
        if part.tag in within or is_heading or holds_blocks or not words(part):
            part.drop_tag()
    for part in list(body.iter("strong", "em", "del")):
        join_to_next(part)


def settle_span(span: HtmlElement, style: str) -> None:
    tags = [tag for pattern, tag in STYLES if pattern.search(style)]
    if not tags or any(part.tag in BLOCKS for part in span.iterdescendants()):
        span.drop_tag()
        return
    span.attrib.clear()
    span.tag, *others = tags
    for tag in others:
        inner = new(tag, span.text)
        span.text = None
        inner.extend(list(span))
        span.append(inner)


def join_to_next(part: HtmlElement) -> None:
    """Join an element to those of its kind that follow at once: a program splits words."""
    following = part.getnext()
    while following is not None and following.tag == part.tag and not part.tail:
        if len(part):
            part[-1].tail = (part[-1].tail or "") + (following.text or "")
        else:
            part.text = (part.text or "") + (following.text or "")
        part.extend(list(following))
        part.tail = following.tail
        following.getparent().remove(following)
        following = part.getnext()


# --- Blocks ---------------------------------------------------------------------------------


def settle_blocks(body: HtmlElement) -> None:
    for part in list(body.iter("p")):
        names = str(part.get("class", ""))
        if not words(part) and part.find(".//img") is None:
            part.drop_tree()
        elif "MsoTitle" in names:
            part.tag = "h1"
        elif "Quote" in names and names.startswith("Mso"):
            inner = new("p", part.text)
            inner.extend(list(part))
            part.tag, part.text = "blockquote", None
            part.append(inner)
    for inner in list(body.iter("ul", "ol")):
        before = inner.getprevious()
        if inner.getparent().tag in ("ul", "ol") and before is not None and before.tag == "li":
            before.append(inner)
    for item in body.iter("li"):
        paragraphs = item.findall("p")
        if len(paragraphs) == 1:
            paragraphs[0].drop_tag()
    for table in list(body.iter("table")):
        settle_table(table)
    rank_headings(body)


def settle_table(table: HtmlElement) -> None:
    """Have plain cells, and a head, without which Markdown has no table."""
    cells = list(table.iter("td", "th"))
    for cell in cells:
        blocks = cell.findall("p") + cell.findall("div")
        for block in blocks[:-1]:
            block.append(new("br"))
        for block in blocks:
            block.drop_tag()
        for part in [] if words(cell) else list(cell.iter("br")):
            part.drop_tag()
        for name, value in list(cell.attrib.items()):
            if name not in ("colspan", "rowspan") or value == "1":
                del cell.attrib[name]
    if len(cells) == 1:
        cells[0].tag = "p"
        for part in list(table.iterdescendants("tbody", "thead", "tr")):
            part.drop_tag()
        table.drop_tag()
    elif table.find(".//th") is None and (first := table.find(".//tr")) is not None:
        for cell in first.findall("td"):
            cell.tag = "th"
            for strong in list(cell.iter("strong")):
                strong.drop_tag()


def rank_headings(body: HtmlElement) -> None:
    """Have the headings begin at `#`, whatever level the document gives its first."""
    headings = list(body.iter(*HEADINGS))
    highest = min((int(heading.tag[1]) for heading in headings), default=2)
    for heading in headings:
        heading.tag = f"h{min(6, int(heading.tag[1]) - highest + 2)}"
