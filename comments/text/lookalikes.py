"""Finds names that people could take for another's, comparing letters by how they look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from comments.text.names import visible

# Words beside a name that are a role or title, and not part of the name.
_ROLES = frozenset(
    "admin administrator author blogger dr editor founder host me mod moderator mr mrs ms mx "
    "official op original owner prof professor real sir staff support team the verified writer "
    "webmaster autor autora autorin auteur autrice autore editeur redaktion herr frau "
    "автор админ модератор редактор συγγραφέας المؤلف کاتب نویسنده מחבר 作者 管理员 管理員 站长 "
    "本人 著者 作家 編集者 운영자 작성자".split()
)

# Marks over, under and through letters, which are easily overlooked.
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]")

# What divides a name into parts; a hyphen only between spaces.
_SET_OFF = re.compile(r"[()\[\]{}<>,;:|/\\~*•·–—\"“”„«»=+]|\s[-.']|[-.']\s")

_TABLE = Path(__file__).with_name("confusables.txt")

# For each letter of a name, all it can look like, in lower and upper case.
_Letters = tuple[tuple[str, ...], ...]


class _Name(NamedTuple):
    letters: _Letters
    words: int


class _Word(NamedTuple):
    looks: str  # its skeleton
    plain: str
    part: int  # the number of the part it is in, as divided by brackets or commas

    @property
    def is_beside(self) -> bool:
        """Whether it is a role, a title or not a word, so that the name is the same without it."""
        return self.plain.casefold() in _ROLES or not self.plain[:1].isalpha()

    @property
    def is_name(self) -> bool:
        """Whether it looks like another part of the name."""
        return not (self.is_beside or self.plain[0].islower())


def read_as(given: str, names: Iterable[str]) -> str:
    """Return the first of `names` that people could take the given name for, or "".

    Differences of case, letters that look alike (UTS 39), invisible characters, marks on letters,
    punctuation and spaces do not count, nor titles and roles ("Dr. Anna Author (author)"), nor
    whether the last word comes first. A name of two or more words is also found in a longer one,
    unless that has another name in it: "Juan García López" is not Juan García.
    """
    readings = [(" ".join(word.looks for word in way), way) for way in _readings(given)]
    for name in names:
        orders = _letters_of(name)
        if any(_is_said(orders, text, words) for text, words in readings):
            return name
    return ""


def _is_said(orders: tuple[_Name, ...], text: str, words: tuple[_Word, ...]) -> bool:
    """Return whether a text holds a name, and nothing that makes it another name."""
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
    """Return whether it is still the same name with the words `beside` it."""
    if name.words == 1:
        return all(other.is_beside for other in beside)
    parts = {word.part for word in said}
    return not any(other.is_name and other.part in parts for other in beside)


def _ends(letters: _Letters, text: str, start: int) -> list[int]:
    """Return the ends of words at which these letters, starting at `start`, can end."""
    places = {start}
    for looks in letters:
        # Spaces may be anywhere: "A n n a".
        places |= {at + 1 for at in places if at > start and text[at : at + 1] == " "}
        places = {at + len(look) for at in places for look in looks if text.startswith(look, at)}
        if not places:
            break
    return [at for at in places if text[at : at + 1] in ("", " ")]


def _readings(name: str) -> list[tuple[_Word, ...]]:
    """Return the ways to read a name: as words, with signs as letters, and without numbers."""
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
    """Return the words of a text: its letters, marks and numbers."""
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text).split()


@lru_cache(maxsize=4096)
def _letters_of(name: str) -> tuple[_Name, ...]:
    """Return what the letters of a name can look like, also with its last word first."""
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
    """Return a word's skeleton (UTS 39, section 4), without marks and signs."""
    looks = _decomposed(_decomposed(word).translate(_alike()))
    return "".join(_words(_MARKS.sub("", looks)))


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@cache
def _alike() -> dict[int, str]:
    """Return the prototype of each character that has one."""
    table: dict[int, str] = {}
    for line in _TABLE.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            prototype, alike = line.split(";")
            text = "".join(chr(int(point, 16)) for point in prototype.split())
            table.update((int(point, 16), text) for point in alike.split())
    return table
