"""Draws a card: the title on the right of the red rule, the site's name on its left."""

from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageColor, ImageDraw

from . import HEIGHT, WIDTH
from .bidi import is_right_to_left
from .fonts import Lacking
from .setting import Setter, Sizing

# From the side where a line begins: the rule, and the texts on both sides of it.
RULE, RULE_WIDTH, GUTTER, PADDING = 300, 3, 44, 64
TITLE = Sizing(width=WIDTH - RULE - GUTTER - PADDING, height=HEIGHT - 132, largest=112, smallest=44)
NAME = Sizing(width=RULE - GUTTER - 40, height=200, largest=30, smallest=22, most_lines=5)
ABOUT = Sizing(width=TITLE.width, height=120, largest=38, smallest=28, most_lines=2)
# Where the middle of the title stands: a little above that of the card.
MIDDLE = 0.47
# Colours that letters have at most; emoji have more.
MOST_COLOURS = 4096


class Colours(NamedTuple):
    paper: str
    ink: str
    soft: str
    rule: str


def card(title: str, site: str, colours: Colours, language: str = "") -> bytes:
    """Return an essay's card as PNG. With any sign that no font here has, it is the site's own."""
    words = setter_of(title, language)
    if words is None:
        return site_card(site, "", colours, language)
    page = begun(colours, words.right_to_left)
    size, lines = words.set(TITLE)
    base = draw_title(page, words, lines, size, colours.ink)
    if name := setter_of(site, language):
        size, lines = name.set(NAME)
        draw_lines(page, name, lines, size, base, colours.soft, words.right_to_left, in_margin=True)
    return written(page, colours)


def site_card(site: str, tagline: str, colours: Colours, language: str = "") -> bytes:
    """Return the card of the site: its name, and below it what it is about."""
    name, about = setter_of(site, language), setter_of(tagline, language)
    from_right = name.right_to_left if name else is_right_to_left(site)
    page = begun(colours, from_right)
    if name:
        size, lines = name.set(TITLE)
        base = draw_title(page, name, lines, size, colours.ink)
        if about:
            below = base + name.leading * size * (len(lines) - 1) + size * 0.3
            size, lines = about.set(ABOUT)
            base = below + about.leading * size
            draw_lines(page, about, lines, size, base, colours.soft, from_right)
    return written(page, colours)


def setter_of(text: str, language: str) -> Setter | None:
    try:
        return Setter(text, language) if text.strip() else None
    except Lacking:
        return None


def begun(colours: Colours, from_right: bool) -> Image.Image:
    """Return a page with its rule."""
    page = Image.new("RGB", (WIDTH, HEIGHT), colours.paper)
    start = WIDTH - RULE - RULE_WIDTH if from_right else RULE
    ImageDraw.Draw(page).rectangle((start, 0, start + RULE_WIDTH - 1, HEIGHT), colours.rule)
    return page


def draw_title(page, setter, lines, size, ink) -> float:
    """Draw the title about the middle; return the base of its first line."""
    base = (HEIGHT - setter.leading * size * (len(lines) - 1)) * MIDDLE + size * 0.33
    draw_lines(page, setter, lines, size, base, ink, setter.right_to_left)
    return base


def draw_lines(page, setter, lines, size, base, ink, from_right, in_margin=False) -> None:
    """Draw lines beside the rule: those of the title away from it, those of the margin up to it."""
    beside = RULE - GUTTER if in_margin else RULE + RULE_WIDTH + GUTTER
    x = WIDTH - beside if from_right else beside
    for line in lines:
        setter.draw(page, line, (x, base), size, ink, end=from_right != in_margin)
        base += setter.leading * size


def written(page: Image.Image, colours: Colours) -> bytes:
    """Return the pixels as PNG; a card without pictures in the few shades that it has."""
    if page.getcolors(MOST_COLOURS):
        page = page.quantize(palette=shades(colours), dither=Image.Dither.NONE)
    out = BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def shades(colours: Colours) -> Image.Image:
    """Return an image with the palette of a card: from the paper to each ink, in equal steps."""
    paper = ImageColor.getrgb(colours.paper)
    found = []
    for ink, count in ((colours.ink, 24), (colours.soft, 16), (colours.rule, 1)):
        there = ImageColor.getrgb(ink)
        for step in range(1, count + 1):
            found += [
                round(one + (other - one) * step / count)
                for one, other in zip(paper, there, strict=True)
            ]
    image = Image.new("P", (1, 1))
    image.putpalette([*paper, *found])
    return image
