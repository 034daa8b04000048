"""How many words a text has, and how long it takes to read, in any script.

Chinese and Japanese are counted by characters, as people who write them do. Thai and other scripts
without spaces have a word for every five characters, as typists count. Everything else is counted
by what stands between spaces, or between signs of Ethiopic that part words, where it has a letter
or a digit.

The rates are for reading silently. Of English, 238 words a minute: the mean of 190 studies of
non-fiction (Brysbaert 2019, doi 10.1016/j.jml.2019.104047), taken for every language without a
rate below. Chinese, Japanese and Arabic were read aloud at 255 and 357 characters and 138 words a
minute (Trauzettel-Klosinski and Dietz 2012, doi 10.1167/iovs.11-8284); people read silently faster
by 238 to 183 (Brysbaert), so these become 332, 464 and 180. Kana have the rate that makes 464 of a
Japanese text of which two fifths are Chinese characters. Korean: 202 words a minute (Rhiu and
others 2017, doi 10.3341/kjo.2016.0042). Five characters a word, for Thai, are 1,190 a minute; 14
languages with letters were read aloud at 882 (Trauzettel-Klosinski and Dietz), silently that is
1,147.

The desk counts by the same rule while somebody writes: static/js/desk/counts.js reads `for_script`.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
# Thai, Lao, Tibetan, Burmese, Khmer, and scripts of their neighbours; Bopomofo, Yi, Balinese and
# Javanese.
UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u0f40-\u0fbc\u1000-\u1049\u1050-\u109f"
    "\u1780-\u17d3\u1950-\u1974\u1980-\u19c9\u1a20-\u1a5e\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaadf"
    "\u3105-\u312f\u31a0-\u31bf\ua000-\ua48c\u1b00-\u1b4c\ua980-\ua9c0"
)
HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"
ARABIC = "\u0620-\u06ef\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc"

# The space and the stops of Ethiopic.
PARTING = "\u1361-\u1368"

# What is read in a minute: characters of the first two, words of the others.
RATES = {"han": 332, "kana": 630, "unspaced": 238, "hangul": 202, "arabic": 180, "other": 238}
CHARACTERS_OF_A_WORD = 5

_SIGN = rf"[^\s{PARTING}]"
# The kinds in the order they are looked for, as patterns of JavaScript: characters, then words.
_IN_SCRIPTS = {
    "han": f"[{HAN}]",
    "kana": f"[{KANA}]",
    "unspaced": f"[{UNSPACED}]",
    "hangul": rf"(?<!{_SIGN})(?={_SIGN}*[{HANGUL}]){_SIGN}+",
    "arabic": rf"(?<!{_SIGN})(?={_SIGN}*[{ARABIC}]){_SIGN}+",
    "other": rf"(?<!{_SIGN})(?={_SIGN}*[\p{{L}}\p{{N}}]){_SIGN}+",
}


class Counted(NamedTuple):
    words: int
    seconds: int


def counted(text: str) -> Counted:
    """Return how many words a text has, and the seconds it takes to read."""
    found = dict.fromkeys(RATES, 0)
    if not text.isascii():
        text = re.sub(f"[{PARTING}]", " ", text)
        for name, kind in (("han", HAN), ("kana", KANA), ("unspaced", UNSPACED)):
            text, found[name] = re.subn(f"[{kind}]", " ", text)
    found["unspaced"] = -(-found["unspaced"] // CHARACTERS_OF_A_WORD)
    for word in text.split():
        if any(map(str.isalnum, word)):
            found[_kind_of(word)] += 1
    minutes = sum(found[name] / rate for name, rate in RATES.items())
    return Counted(sum(found.values()), math.ceil(round(minutes * 60, 3)))


def for_script() -> list[tuple[str, int, int]]:
    """Return the rule for the desk's script: of each kind its pattern, size of a word and rate."""
    sizes = {"unspaced": CHARACTERS_OF_A_WORD}
    return [(kind, sizes.get(name, 1), RATES[name]) for name, kind in _IN_SCRIPTS.items()]


def _kind_of(word: str) -> str:
    if word.isascii():
        return "other"
    if re.search(f"[{HANGUL}]", word):
        return "hangul"
    return "arabic" if re.search(f"[{ARABIC}]", word) else "other"
