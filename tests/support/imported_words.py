"""Reads a WordPress export and what was made of it, to compare their words.

It shares no code with the import: the XML is read by the standard library's ElementTree, all HTML
by its html.parser, and shortcodes by the one rule below.
"""

import contextlib
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from html import unescape
from html.parser import HTMLParser

_WP = r"\{https?://wordpress\.org/export/[\d.]+/?\}"
_CONTENT = r"\{[^}]*/modules/content/?\}"
# Tags of shortcodes: what they say besides the words between them is for machines.
_MACHINES = re.compile(
    r"\[/?(?:gallery|wp_caption|caption|audio|video|playlist|embed|youtube|vimeo|code|sourcecode)"
    r"\b[^\]]*\]"
)
_WORD = re.compile(r"\w+")
_HIDDEN = {"script", "style", "template"}


class Reader(HTMLParser):
    """Collects what readers see, with the descriptions of pictures."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts, self.left_out = [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        kinds = (given.get("class") or "").split()
        if self.left_out or tag in _HIDDEN or {"anchor", "back", "ref"} & {*kinds} or (
            "data-fn" in given
        ):  # fmt: skip
            if tag not in {"img", "br", "hr", "input", "wbr"}:
                self.left_out.append(tag)
            return
        if tag == "img":
            self.parts.append(given.get("alt") or "")
        self.break_words(tag)

    def break_words(self, tag):
        if tag not in {"em", "strong", "b", "i", "span", "code", "sup", "sub", "u", "abbr"}:
            self.parts.append("\n")

    def handle_endtag(self, tag):
        self.break_words(tag)
        if tag in self.left_out:
            while self.left_out.pop() != tag:
                pass

    def handle_data(self, data):
        if not self.left_out:
            self.parts.append(data)


def words_of_html(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    return Counter(word.casefold() for word in _WORD.findall("".join(reader.parts)))


def words_of_source(html, footnotes=""):
    """Return the words that WordPress shows of a text; tags of unknown names are words, too."""
    parts = [_MACHINES.sub(" ", html)]
    with contextlib.suppress(ValueError, KeyError, TypeError):
        parts += [note["content"] for note in json.loads(footnotes or "[]")]
    return words_of_html("\n\n".join(parts))


def name_of(element):
    return re.sub(_CONTENT, "content:", re.sub(_WP, "wp:", element.tag))


def read_export(path):
    """Yield each post and page of an export: its number, title, name, HTML, notes and comments."""
    text = path.read_text(encoding="utf-8", errors="replace")
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    for item in ET.fromstring(text).iter("item"):
        said = {name_of(child): (child.text or "") for child in item}
        if said.get("wp:post_type", "post").strip() not in {"post", "page", ""}:
            continue
        notes, comments = "", []
        for child in item:
            tag = name_of(child)
            inner = {name_of(part): (part.text or "") for part in child}
            if tag == "wp:postmeta" and inner.get("wp:meta_key") == "footnotes":
                notes = inner.get("wp:meta_value", "")
            if tag == "wp:comment":
                comments.append(
                    (inner.get("wp:comment_id", "").strip(), inner.get("wp:comment_content", ""))
                )
        title = unescape(" ".join(said.get("title", "").split()))
        yield (
            said.get("wp:post_id", "").strip(),
            title,
            said.get("content:encoded", ""),
            notes,
            comments,
        )


def missing(source, shown):
    """Return the words of one that the other lacks, where no longer word has them."""
    lacks = source - shown
    letters = "\n".join(shown)
    return sorted(word for word in lacks if lacks[word] and word not in letters)
