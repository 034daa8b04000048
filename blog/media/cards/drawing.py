"""Draws a card: the title on the right of the red rule, the site's name on its left."""

from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw

from . import HEIGHT, WIDTH
from .bidi import is_right_to_left
from .fonts import Lacking
from .setting import Setter, Sizing

# From the side where a line begins: the rule, and the texts on both sides of it.
RULE, RULE_WIDTH, GUTTER, PADDING = 300, 3, 44, 64
TITLE = Sizing(width=WIDTH - RULE - GUTTER - PADDING, height=HEIGHT - 132, largest=124, smallest=46)
NAME = Sizing(width=RULE - GUTTER - 40, height=200, largest=30, smallest=22, most_lines=5)
# Where the middle of the title stands: a little above that of the card.
MIDDLE = 0.47
# Shades that are kept of a card without pictures: it takes a third of the bytes.
SHADES = 64


class Colours(NamedTuple):
    paper: str
    ink: str
    soft: str
    rule: str


def card(title: str, site: str, colours: Colours, language: str = "") -> bytes:
    """Return a card as PNG. A title with any sign that no font here has is left out."""
    page = Image.new("RGB", (WIDTH, HEIGHT), colours.paper)
    name = setter_of(site, language)
    words = setter_of(title, language)
    from_right = (words or name).right_to_left if (words or name) else is_right_to_left(title)
    draw_rule(page, colours, from_right)
    if words:
        size, lines = words.set(TITLE)
        top = (HEIGHT - words.leading * size * (len(lines) - 1)) * MIDDLE
        base = top + size * 0.33
        draw_lines(page, words, lines, size, base, colours.ink, from_right)
    else:
        base = HEIGHT * MIDDLE
    if name:
        size, lines = name.set(NAME)
        draw_lines(page, name, lines, size, base, colours.soft, from_right, in_margin=True)
    return written(page)


def setter_of(text: str, language: str) -> Setter | None:
    try:
        return Setter(text, language) if text.strip() else None
    except Lacking:
        return None


def draw_rule(page: Image.Image, colours: Colours, from_right: bool) -> None:
    start = WIDTH - RULE - RULE_WIDTH if from_right else RULE
    ImageDraw.Draw(page).rectangle((start, 0, start + RULE_WIDTH - 1, HEIGHT), colours.rule)


def draw_lines(page, setter, lines, size, base, ink, from_right, in_margin=False) -> None:
    """Draw lines beside the rule: those of the title away from it, those of the margin up to it."""
    beside = RULE - GUTTER if in_margin else RULE + RULE_WIDTH + GUTTER
    x = WIDTH - beside if from_right else beside
    for line in lines:
        setter.draw(page, line, (x, base), size, ink, end=from_right != in_margin)
        base += setter.leading * size


def written(page: Image.Image) -> bytes:
    """Return the pixels as PNG, with few shades where that changes nothing that is seen."""
    few = page.quantize(SHADES)
    out = BytesIO()
    (few if not is_colourful(page) else page).save(out, "PNG", optimize=True)
    return out.getvalue()


def is_colourful(page: Image.Image) -> bool:
    """Whether it holds more colours than letters need, as emoji do."""
    return page.getcolors(4096) is None
