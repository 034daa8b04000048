"""The part of an address that is made of words, in any script: slugs and anchors of headings.

A slug holds, in small letters and NFC:

- letters and digits of every script, with the marks that spell them: vowel signs of Hindi and Thai,
  points of Arabic and Hebrew. Signs for chanting and the Arabic letter that only stretches a word
  are left out. A mark without a letter before it is left out too;
- a hyphen for any number of spaces and hyphens;
- the joiners ZWNJ and ZWJ where a word is spelled with them, as RFC 5892, appendix A, allows them
  in names of hosts: after a virama, and ZWNJ between two Arabic letters.

Other signs are left out. A text of nothing else, such as emoji, takes the names that Unicode gives
its signs. Wide, narrow and other forms of a letter count as that letter, and text in Latin letters
gives what Django's `slugify` gives. With SLUGS=ascii all of that is spelled in a to z, 0 to 9, and
a text of letters that have no spelling, such as signs of repetition, takes their names.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii
from django.conf import settings

MOST = 200
# Short of it by what a number at the end needs, where another has the slug already.
MOST_MADE = 190

# What an address may hold in the place of a slug: Python's patterns have no name for marks.
PATTERN = r"[-\w\x80-\U0010ffff]+"

_ZWNJ, _ZWJ = "\u200c", "\u200d"
# Spelled with another letter in NFKC, and then no longer in the order that a person types: the AM
# of Thai and Lao, and Hangul letters that stand alone.
_OWN_FORM = re.compile("([\u0e33\u0eb3\u3131-\u318e]+)")
# Chanting in Hebrew and in the Quran, the Arabic stretch, and variation selectors.
_NOT_SPELLING = re.compile(
    "[\u0591-\u05af\u05bd\u05c0\u05c3\u0610-\u061a\u0640\u06d6-\u06ed\u08d3-\u08ff"
    "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
# A hyphen, and what Tibetan and Ethiopic have in place of spaces.
_BETWEEN_WORDS = "-\u0f0b\u1361"
_FRACTION = "\u2044"  # of ½, which is 1⁄2
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
# Letters of flags, and colours of skin.
_NO_SIGNS = {*_FLAG_LETTERS, *range(0x1F3FB, 0x1F400)}
_MOST_SIGNS = 5


def slug_of(text: str, most: int = MOST_MADE) -> str:
    """Return the slug of a text, as SLUGS says; "" where nothing in it has even a name."""
    words = text if in_script(text) else _names_of_signs(text)
    if settings.SLUGS == "ascii":
        composed = unicodedata.normalize("NFC", _one_form(words)).replace(_FRACTION, "-")
        in_ascii = in_script("".join(map(_in_ascii, composed)), most)
        return in_ascii or in_script(_names(words), most)
    return in_script(words, most)


def in_script(text: str, most: int = MOST_MADE) -> str:
    """Return the slug of the letters of a text in their own script; "" where it has none."""
    text = _one_form(_NOT_SPELLING.sub("", text))
    # Small letters of the Turkish İ are an i and a dot, which would stand on it twice.
    lower = text.lower().replace("i\u0307", "i")
    spelled = unicodedata.normalize("NFC", "".join(_spelling(lower)))
    return _cut(re.sub("-+", "-", spelled).strip("-_"), most)


def _one_form(text: str) -> str:
    """Return a text with wide, narrow and other forms of a letter as that letter."""
    parts = _OWN_FORM.split(text)
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    return "".join(parts)


def _spelling(text: str) -> list[str]:
    """Return the characters of a text that a slug keeps."""
    kept: list[str] = []
    after_letter = False
    for at, char in enumerate(text):
        if char.isalnum() or char == "_":
            kept.append(char)
            after_letter = True
        elif _is_mark(char):
            if after_letter:
                kept.append(char)
        elif char in (_ZWNJ, _ZWJ):
            if after_letter and _joins(char, kept, text[at + 1 : at + 2]):
                kept.append(char)
        else:
            after_letter = False
            if char in _BETWEEN_WORDS or char.isspace():
                kept.append("-")
    return kept


def _is_mark(char: str) -> bool:
    # Not those that enclose, as a keycap does.
    return unicodedata.category(char) in ("Mn", "Mc")


def _joins(joiner: str, before: list[str], after: str) -> bool:
    """Whether a word is spelled with a joiner at this place."""
    if not after.isalnum():
        return False
    if unicodedata.combining(before[-1]) == 9:  # a virama
        return True
    letter = next((char for char in reversed(before) if not _is_mark(char)), "-")
    is_arabic = [unicodedata.bidirectional(char) == "AL" for char in (letter, after)]
    return joiner == _ZWNJ and all(is_arabic)


def _cut(slug: str, most: int) -> str:
    """Return the start of a slug, with no mark or joiner parted from its letter."""
    end = most if len(slug) > most else len(slug)
    while 0 < end < len(slug) and (_is_mark(slug[end]) or slug[end] in (_ZWNJ, _ZWJ)):
        end -= 1
    return slug[:end].strip("-_" + _ZWNJ + _ZWJ)


def _in_ascii(char: str) -> str:
    # A Chinese character is a word, or part of one: "shu-ju-ku" can be read, "shujuku" hardly.
    is_han = "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff"
    return f"-{anyascii(char)}-" if is_han else anyascii(char)


def _names_of_signs(text: str) -> str:
    """Return the names of the first signs of a text, each once; letters of flags as letters."""
    names: dict[str, None] = {}
    flags = {code: ord("a") + number for number, code in enumerate(_FLAG_LETTERS)}
    for flag in re.findall("[\U0001f1e6-\U0001f1ff]+", text):
        names[flag.translate(flags)] = None
    signs = unicodedata.normalize("NFC", text)
    names |= dict.fromkeys(_name(char) for char in signs if _is_sign(char))
    return " ".join([*names][:_MOST_SIGNS])


def _is_sign(char: str) -> bool:
    # What this Python's Unicode does not have yet (Cn) is most often an emoji.
    category = unicodedata.category(char)
    return (category[0] in "PS" or category in ("Cn", "Co")) and ord(char) not in _NO_SIGNS


def _name(char: str) -> str:
    return unicodedata.name(char, f"u{ord(char):x}")


def _names(text: str) -> str:
    """Return the names of the first letters of a text, each once."""
    return " ".join([*dict.fromkeys(map(_name, filter(str.isalnum, text)))][:_MOST_SIGNS])


def is_slug(text: str) -> bool:
    """Whether a text can be part of an address as a slug: all that any version ever made is."""
    if not text or _is_mark(text[0]) or text[0] in (_ZWNJ, _ZWJ):
        return False
    return all(char.isalnum() or char in "-_\u200c\u200d" or _is_mark(char) for char in text)
