"""The order of names in lists, as the site's language has it, without a library of its own.

Capitals and accents make no difference, but where a language counts a letter with one as a letter
of its own, that stands where its alphabet has it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from .languages import site_language

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_NORDIC = _LATIN + "æøå"
_SWEDISH = _LATIN + "åäö"
_CROATIAN = "abcčćdđefghijklmnopqrsštuvwxyzž"
# Only letters that are neither in the order of Unicode nor beside the letter they are made of.
_ALPHABETS = {
    "da": _NORDIC,
    "nb": _NORDIC,
    "nn": _NORDIC,
    "sv": _SWEDISH,
    "fi": _SWEDISH,
    "is": "aábcdðeéfghiíjklmnoóprstuúvwxyýzþæö",
    "et": "abcdefghijklmnopqrsšzžtuvwõäöüxy",
    "es": "abcdefghijklmnñopqrstuvwxyz",
    "pl": "aąbcćdeęfghijklłmnńoóprsśtuvwxyzźż",
    "cs": "abcčdefghijklmnopqrřsštuvwxyzž",
    "sk": "abcčdefghijklmnopqrsštuvwxyzž",
    "hr": _CROATIAN,
    "bs": _CROATIAN,
    "sl": "abcčdefghijklmnopqrsštuvwxyzž",
    "lt": "abcčdefghiyjklmnopqrsštuvwxzž",
    "lv": "abcčdefgģhijkķlļmnņoprsštuvwxyzž",
    "ro": "aăâbcdefghiîjklmnopqrsștțuvwxyz",
    "hu": "abcdefghijklmnoöpqrstuüvwxyz",
    "tr": "abcçdefgğhıijklmnoöpqrsştuüvwxyz",
    "az": "abcçdeəfgğhxıijkqlmnoöprsştuüvyz",
    "vi": "aăâbcdđeêghiklmnoôơpqrstuưvxy",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "sr": _CROATIAN + "абвгдђежзијклљмнњопрстћуфхцчџш",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ky": "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя",
    "mn": "абвгдеёжзийклмноөпрстуүфхцчшщъыьэюя",
    "tt": "аәбвгдеёжҗзийклмнңоөпрстуүфхһцчшщъыьэюя",
    "tg": "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя",
    "fa": "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی",
    "ur": "ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیے",
}
_DOTTED = {"tr", "az"}  # where a capital I is that of ı
# Vowels of Thai and Lao that are written before the consonant they are spoken after.
_LEADING = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])|([\u0ec0-\u0ec4])([\u0e81-\u0eae])")
_WHOLE = "й\u0e33\u0eb3"  # й is a letter wherever it is used, and so is the AM of Thai and Lao
_TWO_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d"})


_Place = tuple[int, str, int]


def place_of(name: str) -> tuple[_Place, ...]:
    """Return what to sort a name by among others, in the site's language."""
    language = site_language().partition("-")[0]
    if language in _DOTTED:
        name = name.replace("I", "ı").replace("İ", "i")
    own = _letters(language)
    letters = _LEADING.sub(r"\2\1\4\3", unicodedata.normalize("NFC", name.casefold()))
    return *(place for letter in letters for place in _places(letter, own)), (0, name, 0)


def _places(letter: str, own: dict[str, _Place]) -> list[_Place]:
    if letter in own:
        return [own[letter]]
    # Without accents and points.
    parts = letter if letter in _WHOLE else unicodedata.normalize("NFKD", letter)
    parts = "".join(part for part in parts if unicodedata.combining(part) < 10)
    return [own.get(part, (1, part, 0)) for part in parts.translate(_TWO_LETTERS)]


@cache
def _letters(language: str) -> dict[str, _Place]:
    """Return the place of each letter of an alphabet: beside a letter in the order of Unicode."""
    places, anchor = dict[str, _Place](), ""
    for number, letter in enumerate(_ALPHABETS.get(language, ""), 1):
        if letter.isascii() or "а" <= letter <= "я" or "ا" <= letter <= "ي":
            anchor = max(anchor, letter)
        places[letter] = (1, anchor, number)
    return places
