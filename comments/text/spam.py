"""The filter that learns from the moderator: what in a comment speaks for spam, and how much.

Pure functions on text and counts; models/filter_counts.py keeps the counts. A comment is a set of
tokens: its words, pairs of words and a few facts. Each token is counted once for each comment it
was in, apart for spam and for the rest, so that undoing a decision is taking one away.

The numbers were chosen by cross-validation within each of four collections of decisions; what they
give from one collection to another is printed by tests/benchmarks/spam.py.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from comments.text.duplicates import COURTESY, normalise

# The filter says nothing before it has seen so many comments of each kind.
FEWEST = 20

# Points above which a comment waits for a person. Not the middle, 50: what spam is about repeats
# itself, what people are about does not, so that comments about something new lean to spam.
HOLD_ABOVE = 60

# What is looked at of a longer comment: so many tokens, of so many bytes at its beginning and its
# end, where links stand; bytes, because a sign that takes more of them takes more time. Of 720 real
# comments 4 % are longer.
MOST_TOKENS = 150
MOST_READ = 1000

# Each token counts as if it had been in so many more comments of each kind, so that what was met
# once is not believed wholly; and as if so large a share of all tokens had been new words, which
# makes rare words lean to the kind whose comments hold fewer tokens (Laplace's rule, as naive Bayes
# on words has it; Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 13.2).
SMOOTHING = 0.3
NEW_WORDS = 0.3

# How many tokens are named as those that weighed most.
MOST_NAMED = 6

# Counted once for each comment, so that its counts are how many of each kind were learned, and
# once for each token, so that comments full of words are not taken for spam for their length.
EVERY = "every comment"
ALL = "all tokens"

# Words longer than this are also counted by their beginning: subscribe, subscriber, subscribed.
STEM = 5

# Longest word, host or name that is kept; what is longer is cut.
_LONGEST = 60

# Addresses, with a scheme or without: of those, only under endings that end no sentence.
_LINK = re.compile(
    r"https?://[^\s<>()\[\]\"]+"
    r"|(?<![\w.@-])[\w-][\w.-]{1,80}\.(?:com|net|org|info|biz|ru|tv|me|ly|de|io|uk|xyz|site|online"
    r"|top|shop|club)\b(?:/[^\s<>()\[\]\"]*)?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_HOST_END = re.compile(r"[/?#:]")
# Scripts that put no space between words: each sign is a word, each two a pair.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+")
_LONG_NUMBER = re.compile(r"\d{3}")

FACTS = {
    "no link": _("no link"),
    "one link": _("one link"),
    "a few links": _("two or three links"),
    "many links": _("more than three links"),
    "website": _("a website was given"),
    "no website": _("no website was given"),
    "no name": _("no name was given"),
    "capitals": _("mostly capitals"),
    "number": _("a long number"),
    "repeat": _("nearly the same as an earlier comment"),
}


class Score(NamedTuple):
    """What the filter says of a comment."""

    points: int  # 0 to 100; 50 is as likely spam as not
    weighed: list[tuple[str, float]]  # the tokens that weighed most, above 0 towards spam


@dataclass
class Trial:
    """How the filter did on comments whose decision is known."""

    file_above: int  # points above which a comment is filed under Spam
    caught: int = 0  # spam that was held or filed
    missed: int = 0
    passed: int = 0  # what is not spam and was not held
    held: int = 0  # what is not spam and was held, or filed
    filed: int = 0  # of these, filed under Spam

    def add(self, points: int, spam: bool) -> None:
        """Count what the filter gave a comment that is spam or not."""
        stopped = points > HOLD_ABOVE
        if spam:
            self.caught += stopped
            self.missed += not stopped
        else:
            self.held += stopped
            self.passed += not stopped
            self.filed += points > self.file_above

    @property
    def count(self) -> int:
        return self.caught + self.missed + self.passed + self.held

    @property
    def accuracy(self) -> float:
        return (self.caught + self.passed) / (self.count or 1)

    @property
    def precision(self) -> float:
        return self.caught / (self.caught + self.held or 1)

    @property
    def recall(self) -> float:
        return self.caught / (self.caught + self.missed or 1)

    @property
    def f1(self) -> float:
        return 2 * self.caught / (2 * self.caught + self.held + self.missed or 1)

    @property
    def filed_wrongly(self) -> float:
        """The share of what is not spam that was filed under Spam."""
        return self.filed / (self.passed + self.held or 1)


def features(text: str, name: str = "", url: str = "", *, repeat: bool = False) -> list[str]:
    """Return the tokens of a comment, at most MOST_TOKENS, the facts first.

    `url` is the website its writer gave, or the page a mention comes from; `repeat` says that
    nearly the same was said before. Takes any str.
    """
    text, name, url = _ends(text), _ends(name), _ends(url)
    links = _LINK.findall(text)
    bare = _LINK.sub(" ", text)
    words = _words(bare)
    facts = [_links(len(links)), "website" if url else "no website"]
    facts += [f"link {_host(link)}" for link in [*links[:10], *filter(None, [url])]]
    facts += [f"name {word}" for word in _words(name)[:10]] or ["no name"]
    facts += _about_letters(bare) + (["repeat"] if repeat else [])
    if len(whole := " ".join(words)) >= COURTESY:
        facts.append(f"again {key_of(whole)}")
    said = [f"word {word}" for word in words]
    said += [f"stem {word[:STEM]}" for word in words if len(word) > STEM]
    said += [f"pair {one} {two}" for one, two in pairwise(words)]
    said += [f"word {word}" for link in links for word in _words(link)]
    said = list(dict.fromkeys(said))
    room = MOST_TOKENS - len(facts)
    if len(said) > room:
        # By a checksum, so that no place in a long text is safe from being read, and comments
        # that share words are looked at for the same ones.
        said = sorted(said, key=lambda token: zlib.crc32(token.encode()))[:room]
    return list(dict.fromkeys([*facts, *said]))


def counted(tokens: Collection[str]) -> dict[str, int]:
    """Return by how much learning a comment with these tokens raises the count of each."""
    return {EVERY: 1, ALL: len(tokens)} | dict.fromkeys(tokens, 1)


def score(
    tokens: Iterable[str], counts: Mapping[str, tuple[int, int]], fewest: int = FEWEST
) -> Score | None:
    """Return what the counts say of these tokens, or None below `fewest` comments of each kind.

    `counts` holds in how many spam comments and in how many others a token was, under EVERY how
    many there were, under ALL how many tokens these had; what it does not hold was never met. The
    weights are log-odds; their sum is divided by the root of their number, because words that
    stand together say much the same, and a long comment is not therefore more certain.
    """
    if min(counts.get(EVERY, (0, 0))) < fewest:
        return None
    in_spam, in_ham = counts[ALL]
    unmet = SMOOTHING * NEW_WORDS * (in_spam + in_ham)
    usual = math.log((in_ham + unmet) / (in_spam + unmet))
    weights = {
        token: math.log((counts[token][0] + SMOOTHING) / (counts[token][1] + SMOOTHING)) + usual
        for token in tokens
        if token not in (EVERY, ALL) and any(counts.get(token, ()))
    }
    total = sum(weights.values()) / math.sqrt(len(weights) or 1)
    heaviest = sorted(weights, key=lambda token: (-abs(weights[token]), token))[:MOST_NAMED]
    return Score(
        round(100 / (1 + math.exp(-total))),
        [(token, round(weights[token], 1)) for token in heaviest],
    )


def describe(token: str) -> str:
    """Return a token in words for a moderator, in the language of the moment."""
    kind, _space, rest = token.partition(" ")
    if token in FACTS:
        return str(FACTS[token])
    said: str = {
        "word": pgettext("a word of a comment", "“%s”"),
        "pair": pgettext("two words of a comment", "“%s”"),
        "stem": pgettext("the beginning of a word of a comment", "“%s…”"),
        "link": gettext("a link to %s"),
        "name": gettext("the name “%s”"),
        "script": gettext("the script %s"),
        "again": gettext("the same words as another comment"),
    }.get(kind, "%s")
    return said % rest if "%s" in said else said


def key_of(token: str) -> int:
    """Return the 64-bit number a token is kept as, from -2**63.

    Not the token itself, so that no name and no word of an erased comment stays readable. Among a
    million tokens the odds that any two meet are one in 37 million.
    """
    digest = hashlib.blake2b(token.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _ends(text: str) -> str:
    """Return the first and the last bytes of a text, without what no database stores."""
    half = MOST_READ // 2
    if len(text) > MOST_READ:
        # Cut first: encoding the whole would take as long as it is.
        text = f"{text[:half]} {text[-half:]}"
    read = text.replace("\0", " ").encode("utf-8", "replace")
    if len(read) > MOST_READ + 1:
        read = read[:half] + b" " + read[-half:]
    return read.decode("utf-8", "ignore")


def _words(text: str) -> list[str]:
    found: list[str] = _WORD.findall(normalise(text))
    return [word[:_LONGEST] for word in found]


def _links(count: int) -> str:
    if count < 2:
        return "one link" if count else "no link"
    return "a few links" if count < 4 else "many links"


def _host(link: str) -> str:
    return _HOST_END.split(_SCHEME.sub("", link, count=1), 1)[0].lower()[:_LONGEST]


def _about_letters(text: str) -> list[str]:
    facts = []
    # The first hundred letters are enough to know what script someone writes, and whether loudly.
    letters = [char for char in text[:400] if char.isalpha()][:100]
    if len(letters) >= 8 and 2 * sum(map(str.isupper, letters)) > len(letters):
        facts.append("capitals")
    if _LONG_NUMBER.search(text):
        facts.append("number")
    if letters:
        scripts = Counter(unicodedata.name(char, "?").partition(" ")[0] for char in letters)
        facts.append(f"script {scripts.most_common(1)[0][0].capitalize()}")
    return facts
