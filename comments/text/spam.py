"""The spam filter, which learns from moderators: splits comments into tokens and scores them.

Pure functions on text and counts; models/filter_counts.py stores the counts. A comment is a set of
tokens: its words, pairs of words and a few facts. Each token is counted once for each comment that
has it, separately for spam and other comments, so a decision is undone by subtracting one.

The numbers were chosen by cross-validation within each of four collections of decisions;
tests/benchmarks/spam.py prints the results across collections.
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
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from comments.text.duplicates import COURTESY, normalise

# The filter gives no score before it has learned this many comments of each kind.
FEWEST = 20

# Points above which a comment waits for a person. More than the middle, 50, because comments about
# a new subject get more points: spam repeats its subjects, people do not.
HOLD_ABOVE = 60

# Limits for long comments: the number of tokens, and the bytes read from the beginning and the end,
# where links are; bytes, because characters with more bytes take more time. 4 % of 720 real
# comments are longer.
MOST_TOKENS = 150
MOST_READ = 1000

# Each token counts as if it had been in SMOOTHING more comments of each kind, so that a token seen
# once does not weigh too much; and as if NEW_WORDS of all tokens had been new words, which moves
# rare words towards the kind whose comments have fewer tokens (Laplace's rule for naive Bayes on
# words; Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 13.2).
SMOOTHING = 0.3
NEW_WORDS = 0.3

# How many tokens are named as those that weighed most.
MOST_NAMED = 6

# Two special tokens: EVERY counts the comments of each kind, and ALL their tokens, so that long
# comments are not taken for spam because of their length.
EVERY = "every comment"
ALL = "all tokens"

# Words longer than this are also counted by their first letters: subscribe, subscriber, subscribed.
STEM = 5

# Words, hosts and names are cut to this length.
_LONGEST = 60

# Addresses with a scheme, or without one under common endings.
_LINK = re.compile(
    r"https?://[^\s<>()\[\]\"]+"
    r"|(?<![\w.@-])[\w-][\w.-]{1,80}\.(?:com|net|org|info|biz|ru|tv|me|ly|de|io|uk|xyz|site|online"
    r"|top|shop|club)\b(?:/[^\s<>()\[\]\"]*)?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_HOST_END = re.compile(r"[/?#:]")
# In scripts without spaces between words, each character is a word.
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
    """The filter's result for a comment."""

    points: int  # 0 to 100; 50 is as likely spam as not
    weighed: list[tuple[str, float]]  # the tokens that weighed most, above 0 towards spam


@dataclass
class Trial:
    """Counts how often the filter was right on comments whose decision is known."""

    file_above: int  # points above which a comment is filed as spam
    caught: int = 0  # spam that was held or filed
    missed: int = 0  # spam that was neither
    passed: int = 0  # other comments that were not held
    held: int = 0  # other comments that were held or filed
    filed: int = 0  # other comments that were filed as spam

    def add(self, points: int, spam: bool) -> None:
        """Count the filter's points for a comment that is spam or not."""
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
        """The share of other comments that were filed as spam."""
        return self.filed / (self.passed + self.held or 1)


def features(text: str, name: str = "", url: str = "", *, repeat: bool = False) -> list[str]:
    """Return the tokens of a comment, at most MOST_TOKENS, the facts first.

    `url` is the writer's website, or the source of a mention; `repeat` says that nearly the same
    was said before.
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
        # Chosen by checksum, so that spammers cannot know which part of a long text is read, and
        # the same words are chosen from similar comments.
        said = sorted(said, key=lambda token: zlib.crc32(token.encode()))[:room]
    return list(dict.fromkeys([*facts, *said]))


def increments_of(tokens: Collection[str]) -> dict[str, int]:
    """Return how much the count of each token rises when a comment with these is learned."""
    return {EVERY: 1, ALL: len(tokens)} | dict.fromkeys(tokens, 1)


def score(
    tokens: Iterable[str], counts: Mapping[str, tuple[int, int]], fewest: int = FEWEST
) -> Score | None:
    """Return the score of these tokens, or None below `fewest` learned comments of each kind.

    `counts` has for each token the number of spam comments and of others that had it; under EVERY
    the number of comments, and under ALL the number of their tokens. Missing tokens are new. The
    weights are log-odds. Their sum is divided by the root of their number, because neighbouring
    words say much the same, so a long comment is not more certain.
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
    """Return a token in words for moderators, in the active language."""
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
    """Return the signed 64-bit number that a token is stored as.

    The token itself is not stored, so that no name or word of an erased comment can be read. Among
    a million tokens the odds of any collision are one in 37 million.
    """
    digest = hashlib.blake2b(token.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _ends(text: str) -> str:
    """Return the first and the last bytes of a text, without NUL and lone surrogates."""
    half = MOST_READ // 2
    if len(text) > MOST_READ:
        # Cut first, so that not the whole text is encoded.
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
    # The first hundred letters are enough to find the script and whether they are capitals.
    letters = [char for char in text[:400] if char.isalpha()][:100]
    if len(letters) >= 8 and 2 * sum(map(str.isupper, letters)) > len(letters):
        facts.append("capitals")
    if _LONG_NUMBER.search(text):
        facts.append("number")
    if letters:
        scripts = Counter(map(_script_of, letters))
        facts.append(f"script {scripts.most_common(1)[0][0].capitalize()}")
    return facts


@lru_cache(maxsize=4096)
def _script_of(char: str) -> str:
    return unicodedata.name(char, "?").partition(" ")[0]
