"""Cleans the names and titles that people give, and says whether there is anything to see."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from . import one_line

# Invisible characters: Unicode's Default_Ignorable_Code_Point (directions, joiners, fillers,
# variation selectors, tags), and the other controls.
_UNSEEN = (
    "\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_UNSEEN_CHARACTER = re.compile(f"[{_UNSEEN}]")
_NON_JOINER, _JOINER = "\u200c", "\u200d"
# A flag such as that of Wales is a black flag with invisible letters and an end mark.
_UNSEEN_PART = re.compile(
    f"(?<=\U0001f3f4)[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{1,30}}\U000e007f|[{_UNSEEN}]"
)

# Unicode's Extended_Pictographic, in a few ranges that hold all of it.
_PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001faff"
)
_PICTURE = re.compile(f"[{_PICTURES}]")
_PICTURE_BEFORE = re.compile(f"[{_PICTURES}][\ufe0f\U0001f3fb-\U0001f3ff]{{0,2}}$")
_KEYCAP = re.compile("[0-9#*]\ufe0f\u20e3")
_IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MONGOLIAN = re.compile("[\u1820-\u18aa]")

# Letters that join the next one, and letters that join the one before (Joining_Type,
# ArabicShaping.txt of Unicode 15.0).
_JOIN_NEXT = (
    "620 626 628 62A-62E 633-63F 641-647 649-64A 66E-66F 678-687 69A-6BF 6C1-6C2 6CC 6CE 6D0-6D1 "
    "6FA-6FC 6FF 712-714 71A-71D 71F-727 729 72B 72D-72E 74E-758 75C-76A 76D-770 772 775-777 "
    "77A-77F 7CA-7EA 841-845 848 84A-853 855 860 862-865 868 886 889-88D 8A0-8A9 8AF-8B0 8B3-8B8 "
    "8BA-8C8 1807 1820-1878 1887-18A8 18AA A840-A872 10AC0-10AC4 10ACD 10AD3-10ADC 10ADE-10AE0 "
    "10AEB-10AEE 10B80 10B82 10B86-10B88 10B8A-10B8B 10B8D 10B90 10BAD-10BAE 10D00-10D21 10D23 "
    "10F30-10F32 10F34-10F44 10F51-10F53 10F70-10F73 10F76-10F81 10FB0 10FB2-10FB3 10FB8 "
    "10FBB-10FBC 10FBE-10FBF 10FC1 10FC4 10FCA-10FCB 1E900-1E943"
)
_JOIN_BEFORE = (
    "620 622-63F 641-64A 66E-66F 671-673 675-6D3 6D5 6EE-6EF 6FA-6FC 6FF 710 712-72F 74D-77F "
    "7CA-7EA 840-858 860 862-865 867-86A 870-882 886 889-88E 8A0-8AC 8AE-8C8 1807 1820-1878 "
    "1887-18A8 18AA A840-A871 10AC0-10AC5 10AC7 10AC9-10ACA 10ACE-10AD6 10AD8-10AE1 10AE4 "
    "10AEB-10AEF 10B80-10B91 10BA9-10BAE 10D01-10D23 10F30-10F44 10F51-10F54 10F70-10F81 10FB0 "
    "10FB2-10FB6 10FB8-10FBF 10FC1-10FC4 10FC9-10FCA 1E900-1E943"
)

# Categories of characters that show nothing by themselves.
_NOTHING = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn"})
_BLANK = "\u2800"  # braille without a dot

# How many characters around a joiner are searched for the letters that it joins.
_NEAR = 8


def clean_name(text: str) -> str:
    """Return a name as one line without invisible characters and direction marks.

    The joiners ZWJ and ZWNJ stay where a script needs them (UAX 31, contexts A1, A2 and B, and
    before a virama, as in the Bengali ya-phala) and in emoji; variation selectors stay after
    characters that have variants. Cleaning the result again does not change it.
    """
    name = text.replace(_BLANK, " ")
    while True:
        cleaned = one_line(_less_unseen(name))
        if cleaned == name:
            return name
        name = cleaned


def name_of_person(text: str) -> str:
    """Return a cleaned name; "" where it has no letter, figure or picture."""
    name = clean_name(text)
    return name if any(c.isalnum() or unicodedata.category(c) == "So" for c in name) else ""


def title_line(text: str) -> str:
    """Return a title as one line; "" where there is nothing to see.

    Unlike names, titles keep soft hyphens and the like.
    """
    line = one_line(text)
    return line if is_seen(line) else ""


def is_seen(text: str) -> bool:
    """Whether there is anything to see in a text."""
    return any(
        unicodedata.category(char) not in _NOTHING for char in visible(text) if char != _BLANK
    )


def visible(text: str) -> str:
    """Return a name without all invisible characters, joiners included, for comparing."""
    return _UNSEEN_CHARACTER.sub("", text)


def _less_unseen(text: str) -> str:
    """Return a text without the invisible characters that are not needed."""
    kept, end = "", 0
    for part in _UNSEEN_PART.finditer(text):
        kept += text[end : part.start()]
        end = part.end()
        # Other invisible characters nearby do not count.
        if _is_needed(part[0], kept[-_NEAR:], visible(text[end : end + 2 * _NEAR])):
            kept += part[0]
    return kept + text[end:]


def _is_needed(char: str, before: str, after: str) -> bool:
    """Return whether invisible characters are needed between the text before and after them."""
    if len(char) > 1:
        return True  # the letters of a flag
    if char == _NON_JOINER:
        return _parts_letters(before, after) or (_ends_in_virama(before) and after[:1].isalpha())
    if char == _JOINER:
        picture = _PICTURE_BEFORE.search(before) and _PICTURE.match(after)
        return bool(picture) or _shapes_letters(before, after)
    if "\ufe00" <= char <= "\ufe0f" and before:
        keycap = _KEYCAP.match(before[-1] + char + after)
        return bool(keycap or _PICTURE.match(before[-1]) or _IDEOGRAPH.match(before[-1]))
    if "\U000e0100" <= char <= "\U000e01ef" and before:
        return bool(_IDEOGRAPH.match(before[-1]))
    return bool("\u180b" <= char <= "\u180f" and before and _MONGOLIAN.match(before[-1]))


def _parts_letters(before: str, after: str) -> bool:
    """UAX 31, A1: between two letters that would be joined, ignoring transparent characters."""
    last = next((c for c in reversed(before) if not _is_transparent(c)), "")
    first = next((c for c in after if not _is_transparent(c)), "")
    if not (last and first):
        return False
    return ord(last) in _set(_JOIN_NEXT) and ord(first) in _set(_JOIN_BEFORE)


def _shapes_letters(before: str, after: str) -> bool:
    """UAX 31, B: after a virama without a vowel sign after it, or between letter and virama."""
    if _ends_in_virama(before):
        return not after or unicodedata.category(after[0])[0] != "M"
    if len(after) < 2 or not before[-1:].isalpha():
        return False
    return unicodedata.combining(after[0]) == 9 and after[1].isalpha()


def _ends_in_virama(before: str) -> bool:
    """Return whether it ends in a letter with a virama, perhaps with other marks (UAX 31, A2)."""
    marks = "".join(c for c in before if unicodedata.category(c)[0] != "M")
    while before and unicodedata.combining(before[-1]) not in (0, 9):
        before = before[:-1]
    return bool(before) and unicodedata.combining(before[-1]) == 9 and marks[-1:].isalpha()


def _is_transparent(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me", "Cf")


@cache
def _set(ranges: str) -> frozenset[int]:
    found: set[int] = set()
    for part in ranges.split():
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)
