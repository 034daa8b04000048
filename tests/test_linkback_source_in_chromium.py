"""Chromium finds a link in a page where we do."""

import random

import pytest

from comments.linkbacks.protocols.source import read_source

pytestmark = pytest.mark.browser

PAGE = "https://elsewhere.example/notes/1"
TARGET = "https://blog.example/essays/on-margins/"
LINK = f'<a href="{TARGET}">on margins</a>'

# Not `<noscript>`, which DOMParser reads as a browser without scripts would. Nor `<frameset>` and
# what is in SVG and MathML, where in a few of 1,000 such pages we see a link and Chromium does
# not, or the reverse.
NAMES = """p div span b i table tr td select option title textarea style script xmp iframe noembed
noframes plaintext template form button object video ul li h1 pre head body html a""".split()
PIECES = ["<{}>", "</{}>", '<{} title="', "<{} x='", "<!--", "-->", "<!x>", "<?y ?>", "&lt;"]
PIECES += [*"\"'<>", LINK]

HAS_LINK = """([pages, target]) => pages.map(html => {
    const page = new DOMParser().parseFromString(html, "text/html");
    return [...page.querySelectorAll("a")].some(a => a.getAttribute("href") === target);
})"""


def _soups(seed, number):
    chance = random.Random(seed)
    for _ in range(number):
        pieces = chance.choices(PIECES, k=chance.randint(1, 7))
        yield "".join(piece.replace("{}", chance.choice(NAMES)) for piece in pieces) + LINK


def _links(html):
    return read_source(html, "text/html", PAGE, TARGET, hyperlinks_only=True) is not None


def test_link_elements_in_broken_markup_match_chromium(page):
    soups = list(_soups(seed=1, number=1000))
    theirs = page.evaluate(HAS_LINK, [soups, TARGET])
    ours = [_links(soup) for soup in soups]
    assert 300 < sum(theirs) < 900  # both happen often
    assert [soup for soup, we, they in zip(soups, ours, theirs, strict=True) if we != they] == []
