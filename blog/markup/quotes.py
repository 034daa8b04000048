"""The quotation marks of each language, for those that are typed straight.

Sources: the delimiters of Unicode's CLDR (cldr.unicode.org), compared with what Chromium writes for
`<q>`. These differ from Chromium's, for what their own authorities say:

- French: inner ones as in English, and no-break spaces inside the outer ones (Imprimerie nationale,
  "Lexique des règles typographiques"); in Switzerland narrow ones ("Guide du typographe").
- Spanish: angles first (Real Academia Española, "Ortografía").
- German and Italian of Switzerland: angles (Bundeskanzlei, "Schreibweisungen").
- Serbian as Chromium: CLDR 45 closes outer ones with “ and opens inner ones with ‘.
- Dutch: what is typed double stays double; Taalunie has both.
- Hebrew: gershayim and geresh between letters (Academy of the Hebrew Language).
- Of CLDR 45 alone, for Chromium has none: Macedonian, Bosnian, Sorbian, Georgian, Armenian,
  Albanian, Kazakh, Kyrgyz, Romansh and Swiss German.
- Belarusian as Russian, Icelandic and Luxembourgish as German: Chromium has none for them.
- Chinese and Japanese: as typed. Their own marks have keys of their own.

All others, Arabic among them, have those of English.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# What can stand after an apostrophe that begins a word: a year, everywhere.
_YEAR = re.compile(r"\d\ds?\b")


class Quotes(NamedTuple):
    """What straight quotes become; they stay as they are where `opening` is None."""

    opening: str | None
    closing: str | None
    inner_opening: str
    inner_closing: str
    # A double quote between two letters, and a single one, in Hebrew's abbreviations.
    between_letters: tuple[str, str] | None = None
    # What follows an apostrophe that begins a word.
    elided: re.Pattern[str] = _YEAR


def _pairs(marks: str, elided: str = "") -> Quotes:
    pattern = rf"(?:\d\ds?|{elided})\b" if elided else _YEAR.pattern
    opening, closing, inner_opening, inner_closing = [*marks]
    found = re.compile(pattern, re.IGNORECASE)
    return Quotes(opening, closing, inner_opening, inner_closing, elided=found)


_ENGLISH = _pairs("“”‘’")._replace(
    elided=re.compile(r"(?:\d\ds?|tis|twas|til|em)\b|n'", re.IGNORECASE)
)
_LOW = _pairs("„“‚‘")
_GERMAN = "s|n|ne|nen|nem|ner"
_ANGLES = _pairs("«»“”")
_RIGHT = _pairs("””’’")
_AS_TYPED = Quotes(None, None, "", "")
_QUOTES = {
    **dict.fromkeys(("cs", "sk", "sl", "hr", "et", "is", "lb", "mk", "hsb", "dsb"), _LOW),
    "bs-cyrl": _LOW,
    **dict.fromkeys(("es", "it", "el", "ca", "pt-pt", "sq", "kk"), _ANGLES),
    **dict.fromkeys(("sv", "fi"), _RIGHT),
    **dict.fromkeys(("nb", "nn", "no"), _pairs("«»‘’")),
    **dict.fromkeys(("ru", "uk", "be", "ky"), _pairs("«»„“")),
    **dict.fromkeys(("pl", "ro"), _pairs("„”«»")),
    **dict.fromkeys(("zh", "ja"), _AS_TYPED),
    **dict.fromkeys(("de-ch", "de-li"), _pairs("«»‹›", _GERMAN)),
    **dict.fromkeys(("it-ch", "fa", "am", "rm", "gsw"), _pairs("«»‹›")),
    **dict.fromkeys(("sr", "sh"), _pairs("„”’’")),
    "bs": _pairs("„”‘’"),
    "ka": _pairs("„“«»"),
    "hy": _pairs("«»«»"),
    "de": _pairs("„“‚‘", _GERMAN),
    **dict.fromkeys(("bg", "lt"), _pairs("„“„“")),
    "hu": _pairs("„”»«"),
    "fr": Quotes("«\u00a0", "\u00a0»", "“", "”"),
    "fr-ch": Quotes("«\u202f", "\u202f»", "‹\u202f", "\u202f›"),
    "nl": _pairs("“”‘’", "[stnkmr]|ns"),
    "af": _pairs("“”‘’", "n|s|t"),
    **dict.fromkeys(("he", "iw"), Quotes("”", "”", "’", "’", ("״", "׳"))),
}


def quotes_of(tag: str) -> Quotes:
    """Return the quotes of a language: those of its region, else its own, else English ones."""
    language, *more = tag.lower().split("-")
    own = (_QUOTES.get(f"{language}-{part}") for part in more)
    return next(filter(None, own), _QUOTES.get(language, _ENGLISH))
