"""Which names read as another's: by the letters people see, whatever characters they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from comments.text.names import visible

# Words beside a name that say who someone is here, and are no further name.
_ROLES = frozenset(
    "admin administrator author blogger dr editor founder host me mod moderator mr mrs ms mx "
    "official op original owner prof professor real sir staff support team the verified writer "
    "webmaster autor autora autorin auteur autrice autore editeur redaktion herr frau "
    "автор админ модератор редактор συγγραφέας المؤلف کاتب نویسنده מחבר 作者 管理员 管理員 站长 "
    "本人 著者 作家 編集者 운영자 작성자".split()
)

# Marks over, under and through letters that set no other letter apart at a glance.
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]")

# What sets a part of a name off from the rest, a hyphen between words but not within one.
_SET_OFF = re.compile(r"[()\[\]{}<>,;:|/\\~*•·–—\"“”„«»=+]|\s[-.']|[-.']\s")

_TABLE = Path(__file__).with_name("confusables.txt")

# What each letter of a name can look like, small or capital.
_Letters = tuple[tuple[str, ...], ...]


class _Name(NamedTuple):
    letters: _Letters
    words: int


class _Word(NamedTuple):
    looks: str  # its skeleton
    plain: str
    part: int  # of a name that brackets or commas divide, the number of the part it stands in

    @property
    def is_beside(self) -> bool:
        """Whether it is a role, a title or no word, beside which a name is the same name."""
        return self.plain.casefold() in _ROLES or not self.plain[:1].isalpha()

    @property
    def is_name(self) -> bool:
        """Whether it reads as a further name."""
        return not (self.is_beside or self.plain[0].islower())


def read_as(given: str, names: Iterable[str]) -> str:
    """Return the first of the names that people could take a given one for, or "".

    They could where the same is left after NFKC, case, letters that look alike (UTS 39), what
    shows nothing, marks on letters, punctuation and spaces; with the last word first; and beside
    titles and roles ("Dr. Anna Author (author)"). A name of two words and more is also seen in a
    longer one, unless that goes on with a further name: "Juan García López" is not Juan García.
    """
    readings = [(" ".join(word.looks for word in way), way) for way in _readings(given)]
    for name in names:
        orders = _letters_of(name)
        if any(_is_said(orders, text, words) for text, words in readings):
            return name
    return ""


def _is_said(orders: tuple[_Name, ...], text: str, words: tuple[_Word, ...]) -> bool:
    """Return whether the words of a text say a name, and nothing that makes it another's."""
    for name in orders:
        start = 0
        for first, word in enumerate(words):
            if text.startswith(name.letters[0], start):
                for end in _ends(name.letters, text, start):
                    last = first + text.count(" ", start, end)
                    if _is_meant(name, words[first : last + 1], words[:first] + words[last + 1 :]):
                        return True
            start += len(word.looks) + 1
    return False


def _is_meant(name: _Name, said: tuple[_Word, ...], beside: tuple[_Word, ...]) -> bool:
    """Return whether the other words leave it the same name."""
    if name.words == 1:
        return all(other.is_beside for other in beside)
    parts = {word.part for word in said}
    return not any(other.is_name and other.part in parts for other in beside)


def _ends(letters: _Letters, text: str, start: int) -> list[int]:
    """Return where these letters end that begin there, at ends of words, whatever parts them."""
    places = {start}
    for looks in letters:
        # Spaces may stand anywhere: "A n n a".
        places |= {at + 1 for at in places if at > start and text[at : at + 1] == " "}
        places = {at + len(look) for at in places for look in looks if text.startswith(look, at)}
        if not places:
            break
    return [at for at in places if text[at : at + 1] in ("", " ")]


def _readings(name: str) -> list[tuple[_Word, ...]]:
    """Return the ways a name can be read: as words, with signs for letters, without numbers."""
    shown = _shown(name)
    parts = enumerate(_SET_OFF.split(shown))
    words = [(word, number) for number, part in parts for word in _words(part)]
    signs = [(word, 0) for word in shown.split()]  # | is a letter in Mar|ow
    bare = [(word.rstrip("0123456789") or word, number) for word, number in words]
    ways = [words]
    ways += [way for way in (signs, bare) if [word for word, _ in way] != [w for w, _ in words]]
    return [
        tuple(
            _Word(looks, "".join(_words(word)), number)
            for word, number in way
            if (looks := _skeleton(word))
        )
        for way in ways
    ]


def _shown(name: str) -> str:
    return unicodedata.normalize("NFKC", visible(name))


def _words(text: str) -> list[str]:
    """Return the letters, marks and numbers of a text, without all that parts them."""
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text).split()


@lru_cache(maxsize=4096)
def _letters_of(name: str) -> tuple[_Name, ...]:
    """Return what the letters of a name can look like: as it is, and with its last word first."""
    words = [tuple(filter(None, map(_looks, _decomposed(word)))) for word in _words(_shown(name))]
    words = [word for word in words if word]
    orders = dict.fromkeys((sum(words, ()), sum(words[-1:] + words[:-1], ())))
    return tuple(_Name(letters, len(words)) for letters in orders if letters)


@lru_cache(maxsize=4096)
def _looks(char: str) -> tuple[str, ...]:
    cases = {char, char.lower(), char.upper(), char.title(), char.casefold()}
    if "σ" in cases:
        cases.add("ς")  # at the end of a word
    return tuple({look for case in cases if (look := _skeleton(case))})


def _skeleton(word: str) -> str:
    """Return what a word looks like (UTS 39, section 4), less marks and what is no letter."""
    looks = _decomposed(_decomposed(word).translate(_alike()))
    return "".join(_words(_MARKS.sub("", looks)))


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@cache
def _alike() -> dict[int, str]:
    """Return the prototype of each character that has another than itself."""
    table: dict[int, str] = {}
    for line in _TABLE.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            prototype, alike = line.split(";")
            text = "".join(chr(int(point, 16)) for point in prototype.split())
            table.update((int(point, 16), text) for point in alike.split())
    return table
