"""Colours and typefaces to choose from by name. Each keeps the contrast that reading needs."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

# The least contrast (WCAG 2.2, 1.4.3 and 1.4.6) of one colour on another, by day and by night.
CONTRASTS = {
    **{("ink", "paper"): 7, ("ink", "wash"): 7, ("ink", "mark"): 4.5},
    **{(name, "paper"): 4.5 for name in ("soft", "rubric", "reader")},
    **{(name, "wash"): 4.5 for name in ("soft", "rubric", "reader")},
}
NAMES = "paper ink soft rubric reader rule hair wash mark".split()


class Colours(NamedTuple):
    """A palette: the stylesheet's colours in the order of NAMES, by day and by night."""

    label: str
    day: str
    night: str

    @property
    def by_day(self):
        return dict(zip(NAMES, self.day.split(), strict=True))

    @property
    def by_night(self):
        return dict(zip(NAMES, self.night.split(), strict=True))

    @property
    def css(self):
        pairs = zip(NAMES, self.day.split(), self.night.split(), strict=True)
        return "".join(f"--{name}:light-dark({day},{night});" for name, day, night in pairs)


# The stylesheet's own colours are none of these: they have no name, so a site that chose nothing
# sends no byte more.
COLOURS = {
    "sea": Colours(
        _("Sea: blue grey, with a blue line"),
        "#f9fbfc #14212b #4f606d #0b5c7a #6b3f8f #8fb9cc #d5dfe5 #ecf2f5 #d3ecfb",
        "#12191f #d6dfe6 #97a7b3 #7cc4e0 #c9a8ec #2f5b70 #2a353e #1a232b #1f4658",
    ),
    "moss": Colours(
        _("Moss: grey green, with a green line"),
        "#fbfcf8 #1c2119 #565f4f #3f6b1f #7a3b12 #aac48f #dbe0d3 #f0f3ea #e9f3b5",
        "#161a14 #dadfd2 #9ca593 #a5cf7f #e5ac85 #46602f #2f362a #1e241b #4a5312",
    ),
    "sand": Colours(
        _("Sand: warm paper, with a brown line"),
        "#f7f0e1 #2b2118 #66584a #8f2d16 #255070 #cfa582 #e0d4bd #eee4d0 #f5dc8a",
        "#1d1813 #e4d8c6 #ab9c88 #f09a76 #9dc0e0 #6d4a30 #393027 #27211a #5c4810",
    ),
    "strong": Colours(
        _("Strong: black on white, for the most contrast"),
        "#ffffff #000000 #404040 #8b0000 #00308f #7f7f7f #bfbfbf #f2f2f2 #fff2a8",
        "#000000 #ffffff #c8c8c8 #ffb3a7 #a8d0ff #8a8a8a #4a4a4a #1a1a1a #5a4d00",
    ),
}


class Typeface(NamedTuple):
    """Fonts that readers have already: none is sent."""

    label: str
    fonts: str


TYPEFACES = {
    "old": Typeface(
        _("Old style: Iowan, Palatino"),
        '"Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", P052, serif',
    ),
    "sans": Typeface(
        _("Without serifs: the system’s own"),
        'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
    ),
    "slab": Typeface(
        _("Slab: Rockwell and its like"),
        'Rockwell, "Rockwell Nova", "Roboto Slab", "DejaVu Serif", "Sitka Small", serif',
    ),
}
COLOUR_CHOICES = [(name, colours.label) for name, colours in COLOURS.items()]
TYPEFACE_CHOICES = [(name, face.label) for name, face in TYPEFACES.items()]


# Arabic is set larger and with more room between lines, for its letters reach far below them.
ARABIC = (
    ':root{--serif:Amiri,"Noto Naskh Arabic","Geeza Pro",serif;'
    "--size:clamp(1.19rem,1.08rem + .45vw,1.39rem)}"
    "body{line-height:1.75}:is(h1,h2){line-height:1.4}"
)


def css_of(colours, typeface, language=""):
    """Return what these choices add to the stylesheet; "" for its own colours and typeface.

    A name that a later version no longer has stands for the stylesheet's own.
    """
    css = COLOURS[colours].css if colours in COLOURS else ""
    if typeface in TYPEFACES:
        css += f"--serif:{TYPEFACES[typeface].fonts};"
    script = ARABIC if language.partition("-")[0] == "ar" else ""
    return f"{script}:root{{{css}}}" if css else script


def colours_by_day(name):
    """Return the colours of this name by day; none for the stylesheet's own."""
    return COLOURS[name].by_day if name in COLOURS else {}


def contrast(one, other):
    """Return the contrast of two colours such as #fcfcfa (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
