"""Essays are CommonMark, but for what docs/markdown.md lists; its examples are tests too."""

import json
import re
from collections import Counter
from pathlib import Path

import lxml.html
from inputs import every

from blog.markup import render_post

DOCS = (Path(__file__).parents[1] / "docs/markdown.md").read_text()
EXAMPLES = re.findall(
    r"^(`{3,})markdown\n(.*?)^\1\n\n```html\n(.*?)^```$", DOCS, re.DOTALL | re.MULTILINE
)
RAW_HTML = {"HTML blocks", "Raw HTML"}
# Sections without an exception: what blocks are made of.
WHOLE = (
    "Tabs", "Precedence", "Thematic breaks", "Setext headings", "Indented code blocks",
    "Fenced code blocks", "Paragraphs", "Blank lines", "Block quotes", "List items", "Lists",
    "Soft line breaks", "Textual content",
)  # fmt: skip
# The signs that this site sets for those typed.
SIGNS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "–": "--", "—": "---"})
BLOCK_ENDS = re.compile(r" ?(</?(?:p|h|ul|ol|li|blockquote|hr|div|pre|br)\b[^>]*>) ?")


@every("text, html", [(text, html) for _fence, text, html in EXAMPLES])
def test_examples_of_the_docs_are_true(text, html):
    assert str(render_post(text)) == html.strip(), "If this is meant, raise blog.markup.VERSION."


def test_docs_have_examples():
    assert len(EXAMPLES) > 4


def comparable(html, *, ours):
    """Return HTML without what each side writes in its own way: classes, anchors, signs."""
    root = lxml.html.fragment_fromstring(html or "", create_parent="div")
    if ours:
        without_our_own(root)
    for comment in root.xpath("//comment()"):  # which nobody sees
        comment.drop_tree()
    for element in root.iter():
        if re.fullmatch("h[1-6]", str(element.tag)):
            element.tag = "h"  # the page's h1 is the title
        kept = {n: v for n, v in element.items() if n in ("alt", "href", "src", "start", "title")}
        element.attrib.clear()
        element.attrib.update(sorted(kept.items()))
        if not len(element) and not element.text and element.tag not in ("br", "hr", "img"):
            element.text = ""
    written = lxml.html.tostring(root, encoding="unicode", method="xml").translate(SIGNS)
    parts = re.split(r"(<pre>.*?</pre>)", written, flags=re.DOTALL)
    parts[::2] = [BLOCK_ENDS.sub(r"\1", re.sub(r"\s+", " ", part)) for part in parts[::2]]
    return "".join(parts)


def without_our_own(root):
    for anchor in root.xpath('.//a[@class="anchor"]'):
        anchor.drop_tree()
    for span in list(root.iter("span")):
        span.drop_tag()
    for figure in list(root.iter("figure")):
        figure.tag = "p"
        for caption in figure.findall("figcaption"):
            figure.find(".//img").set("title", caption.text)
            caption.drop_tree()


def test_essays_are_commonmark_but_for_what_docs_list(shared):
    path = shared / "data/markdown/commonmark-spec-examples.json"
    alike, all_of, others = Counter(), Counter(), set()
    for example in json.loads(path.read_text()):
        if (section := example["section"]) in RAW_HTML:
            continue
        all_of[section] += 1
        rendered = comparable(str(render_post(example["markdown"])), ours=True)
        if rendered == comparable(example["html"], ours=False):
            alike[section] += 1
        else:
            others.add(example["example"])
    for section, count in all_of.items():
        print(f"{section:40} {alike[section]:3} of {count}")
    print(f"{alike.total()} of {all_of.total()}")
    listed = DOCS.partition("## Where it is not CommonMark")[2].partition("\n- ")[2]
    numbers = set(map(int, re.findall(r"\b\d+\b", listed)))
    assert (sorted(others - numbers), sorted(numbers - others)) == ([], [])
    assert [section for section in WHOLE if alike[section] < all_of[section]] == []
