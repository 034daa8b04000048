"""The order of names in lists, as the site's language has it, without a library of its own.

Capitals and accents make no difference, but where a language counts a letter with one as a letter
of its own, that stands where its alphabet has it.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from django.conf import settings

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_NORDIC = _LATIN + "æøå"
_SWEDISH = _LATIN + "åäö"
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
    "hr": "abcčćdđefghijklmnopqrsštuvwxyzž",
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
}
_DOTTED = {"tr", "az"}  # where a capital I is that of ı
_TWO_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d"})


_Place = tuple[int, str, int]


def place_of(name: str) -> tuple[_Place, ...]:
    """Return what to sort a name by among others, in the site's language."""
    language = settings.LANGUAGE_CODE.partition("-")[0]
    if language in _DOTTED:
        name = name.replace("I", "ı").replace("İ", "i")
    own = _letters(language)
    letters = unicodedata.normalize("NFC", name.casefold())
    return *(place for letter in letters for place in _places(letter, own)), (0, name, 0)


def _places(letter: str, own: dict[str, _Place]) -> list[_Place]:
    if letter in own:
        return [own[letter]]
    # Without accents and points; й is a letter wherever it is used.
    parts = letter if letter == "й" else unicodedata.normalize("NFKD", letter)
    parts = "".join(part for part in parts if unicodedata.combining(part) < 10)
    return [own.get(part, (1, part, 0)) for part in parts.translate(_TWO_LETTERS)]


@cache
def _letters(language: str) -> dict[str, _Place]:
    """Return the place of each letter of an alphabet: beside a letter in the order of Unicode."""
    places, anchor = dict[str, _Place](), ""
    for number, letter in enumerate(_ALPHABETS.get(language, ""), 1):
        anchor = max(anchor, letter) if letter.isascii() or "а" <= letter <= "я" else anchor
        places[letter] = (1, anchor, number)
    return places
