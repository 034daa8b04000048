"""Finds names that people could take for another's, comparing letters by how they look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from blog.markup.names import visible

# Words beside a name that are a role or title, and not part of the name.
_ROLES = frozenset(
    "admin administrator author blogger dr editor founder host me mod moderator mr mrs ms mx "
    "official op original owner prof professor real sir staff support team the verified writer "
    "webmaster autor autora autorin auteur autrice autore editeur redaktion herr frau "
    "автор админ модератор редактор συγγραφέας المؤلف کاتب نویسنده מחבר 作者 管理员 管理員 站长 "
    "本人 著者 作家 編集者 운영자 작성자".split()
)

# Marks over, under and through letters that set no other letter apart at a glance.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ua670-\ua672]"
)

# What sets a part of a name off from the rest, a hyphen between words but not within one.
_SET_OFF = re.compile(
    r"[()\[\]{}<>,;:|/\\~*•·–—\"“”„«»=+]|\s[-.']|[-.']\s|(?<=\w)['’ʼ´`]s(?!\w)", re.IGNORECASE
)

# Words in lower case that stand within names; others tell something of who has the name.
_PARTICLES = frozenset(
    "a af al am an auf av bat bar ben bin binti bint d da dal dalla das de degli dei del dela "
    "della delle den der des di do dos du e el i ibn l la las le lo los na nic of san st te ten "
    "ter the und van vande vander vom von y ye z zu zum zur и".split()
)
# Words that do so in capitals too.
_TELLING = frozenset("aka at for from here via with".split())

_KANA = re.compile("[\u3005-\u30ff\uff70\uff9e\uff9f]")

_TABLE = Path(__file__).with_name("confusables.txt")

# For each letter of a name, all it can look like, in lower and upper case.
_Letters = tuple[tuple[str, ...], ...]


class _Name(NamedTuple):
    letters: _Letters
    words: int


class _Word(NamedTuple):
    looks: str  # its skeleton
    plain: str
    part: int  # the number of the part it stands in: commas, brackets and some words divide a name

    @property
    def is_beside(self) -> bool:
        """Whether it is a role, a title or not a word, so that the name is the same without it."""
        return self.plain.casefold() in _ROLES or not self.plain[:1].isalpha()

    @property
    def is_lower(self) -> bool:
        # Georgian is written in letters that count as small ones.
        return self.plain[:1].islower() and not "\u10d0" <= self.plain[0] <= "\u10ff"

    @property
    def is_telling(self) -> bool:
        """Whether it says something about a person (a role, a place) and is not another name."""
        plain = self.plain.casefold()
        return plain in _TELLING or (self.is_lower and plain not in _PARTICLES)

    @property
    def is_name(self) -> bool:
        """Whether it reads as a further name."""
        return not (self.is_beside or self.is_telling or self.is_lower)


def read_as(given: str, names: Iterable[str]) -> str:
    """Return the first of `names` that people could take the given name for, or "".

    They could where the same is left after NFKC, case, letters that look alike (UTS 39), what
    shows nothing, marks on letters, punctuation and spaces; with the last word first; and beside
    titles and roles ("Dr. Anna Author (author)"), or said again. A name of two words and more is
    also seen in a longer one, unless that goes on with a further name: "Juan García López" is not
    Juan García, "Juan García from Berlin" is.
    """
    readings = [(" ".join(word.looks for word in way), way) for way in _readings(given)]
    for name in names:
        orders = _letters_of(name)
        if any(_is_said(orders, text, words) for text, words in readings):
            return name
    return ""


def _is_said(orders: tuple[_Name, ...], text: str, words: tuple[_Word, ...]) -> bool:
    """Return whether the words say a name, once or again, and nothing that makes it another's."""
    said: set[int] = set()
    for name in orders:
        said.update(*_places(name, text, words))
    if not said:
        return False
    beside = [word for at, word in enumerate(words) if at not in said]
    if orders[0].words == 1:
        return all(other.is_beside for other in beside)
    parts = {words[at].part for at in said}
    return not any(other.is_name and other.part in parts for other in beside)


def _places(name: _Name, text: str, words: tuple[_Word, ...]) -> Iterator[range]:
    """Yield which words say a name, wherever it is said."""
    start = 0
    for first, word in enumerate(words):
        if text.startswith(name.letters[0], start):
            for end in _ends(name.letters, text, start):
                yield range(first, first + text.count(" ", start, end) + 1)
        start += len(word.looks) + 1


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
    """Return the ways a name can be read, with and without what is written small or as a sign."""
    forms = dict.fromkeys((_shown(name), _shown("".join(map(_plain, visible(name))))))
    return list(dict.fromkeys(way for shown in forms for way in _ways(shown)))


def _ways(shown: str) -> Iterator[tuple[_Word, ...]]:
    """Yield a name as words, with signs for letters (| is one in Mar|ow), without numbers."""
    yield _read(_SET_OFF.split(shown), _words)
    yield _read([shown], str.split)
    yield _read(_SET_OFF.split(re.sub(r"\d+", " ", shown)), _words)


def _read(parts: list[str], words: Callable[[str], list[str]]) -> tuple[_Word, ...]:
    read: list[_Word] = []
    part = 0
    for text in parts:
        part += 1
        for word in words(text):
            if looks := _skeleton(word):
                read.append(_Word(looks, "".join(_words(word)), part))
                part += read[-1].is_telling
    return tuple(read)


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """Return a space for a sign, and for what is small beside letters: ™, ª, ②, ˈ, but not ー."""
    is_small = unicodedata.decomposition(char).startswith(("<super>", "<sub>"))
    category = unicodedata.category(char)
    is_sign = category[0] == "S" or category in ("No", "Nl")
    is_modifier = category == "Lm" and not _KANA.match(char)
    return " " if is_small or is_sign or is_modifier else char


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
