"""What a person typed into a search box: words, "phrases", -without, tag:name and year:2024.

Any text is a fair query. What is looked for is written in the language of either database, of
folded words only, so no query can be a syntax error.
"""

import re
import unicodedata
from typing import NamedTuple

from blog.lib.folding import fold, pairs, runs
from blog.lib.stems import stem
from blog.posts.models.search_words import OFTEN, STEM, TITLE

# Characters of a query that are looked at; nobody types more into a search box.
QUERY_LENGTH = 200
# Words of a query that are looked for, so that a pasted page costs what a sentence costs.
QUERY_WORDS = 20
# Letters that a word has at least to be taken for the beginning of one.
SHORTEST_BEGINNING = 2

QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | dict.fromkeys("−–—－", "-"))
PARTS = re.compile(r'(?P<minus>-?)(?:(?P<by>tag|year):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))')


class Term(NamedTuple):
    """One word, or several that follow each other; the last may be the beginning of one."""

    words: tuple[str, ...]
    # As they are to be marked in a text: words, and runs of signs that are not cut.
    runs: tuple[tuple[str, bool], ...]
    is_open: bool = False
    # A word that is found in each of its forms.
    has_forms: bool = False
    # Where too much begins as the last word does, the words that it is taken for.
    completions: tuple[str, ...] = ()

    @property
    def can_go_on(self):
        """Whether its last word may be a beginning: signs in pairs are found as they are."""
        run, is_paired = self.runs[-1]
        return not is_paired and len(run) >= SHORTEST_BEGINNING


class Query(NamedTuple):
    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    without_years: tuple[int, ...] = ()
    # Whether the last term was being typed.
    goes_on: bool = False

    @property
    def is_empty(self):
        """Whether nothing is looked for; what is to be left out is not enough."""
        return not (self.terms or self.tags or self.years)

    @property
    def can_be_met(self):
        return not self.is_empty and len(self.years) < 2

    @property
    def typed_further(self):
        """The query with its last word as the beginning of one, or None."""
        if not (self.goes_on and self.terms[-1].can_go_on):
            return None
        last = self.terms[-1]._replace(is_open=True)
        return self._replace(terms=(*self.terms[:-1], last))


def clean_query(text):
    """Return what a person typed with control characters and long tails taken off."""
    composed = unicodedata.normalize("NFC", text[: 4 * QUERY_LENGTH])
    printable = "".join(c if c.isprintable() else " " for c in composed)
    return " ".join(printable.split())[:QUERY_LENGTH]


def parse(text):
    """Return the Query of a text."""
    found = {name: [] for name in Query._fields}
    for part in PARTS.finditer(text.translate(QUOTES)):
        given = part["bare"] if part["quoted"] is None else part["quoted"]
        kind, value = what_is_meant(part["by"], given, is_quoted=part["quoted"] is not None)
        if value:
            found[f"without_{kind}".removesuffix("_terms") if part["minus"] else kind].append(value)
            found["goes_on"] = kind == "terms" and not part["minus"] and bool(part["bare"])
    goes_on = bool(found.pop("goes_on")) and len(found["terms"]) <= QUERY_WORDS
    kept = {name: once_each(values[:QUERY_WORDS]) for name, values in found.items()}
    return Query(**kept, goes_on=goes_on)


def once_each(values):
    """Return values once each, where each stands last."""
    return (*reversed(dict.fromkeys(reversed(values))),)


def what_is_meant(by, given, *, is_quoted):
    """Return the kind of a part of a query, and its value; a falsy one means nothing."""
    if by == "tag" and (name := tag_key(given)):
        return "tags", name
    if by == "year" and re.fullmatch(r"\d{1,4}", fold(given)) and int(fold(given)) > 0:
        return "years", int(fold(given))
    return "terms", term_of(f"{by or ''} {given}", is_quoted=is_quoted or by is not None)


def tag_key(name):
    """Return what the names and the slug of a tag have in common: letters and digits."""
    return "".join(run for run, _is_paired in runs(fold(name)))


def term_of(text, *, is_quoted):
    """Return the Term of a part of a query; None where it has no word."""
    found = [*runs(fold(text))]
    if not found:
        return None
    words = []
    for run, is_paired in found:
        words += pairs(run) if is_paired else [run]
    last, is_paired = found[-1]
    if is_paired and len(last) > 1:
        words.pop()  # the run may go on in the text
    has_forms = len(found) == 1 and not is_paired and not is_quoted
    # One sign alone begins a pair, or stands at the end of a run.
    is_open = is_paired and len(last) == 1
    return Term((*words,), (*found,), is_open=is_open, has_forms=has_forms)


# --- In the language of a database ------------------------------------------------------------


class Fts5:
    """https://sqlite.org/fts5.html, section 3"""

    def word(self, word, *, is_open=False):
        return f'"{word}" *' if is_open else f'"{word}"'

    def phrase(self, words, *, is_open=False):
        return self.word(" ".join(words), is_open=is_open)

    def all(self, parts):
        return f"({' AND '.join(parts)})"

    def any(self, parts):
        return f"({' OR '.join(parts)})"

    def without(self, wanted, unwanted):
        return f"({wanted} NOT {unwanted})"


class TsQuery:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html, tsquery.

    It has no places of words, so that a text may be of any length: phrases are looked for in the
    texts that have all their words (`likes`).
    """

    def word(self, word, *, is_open=False):
        return f"'{word}':*" if is_open else f"'{word}'"

    def phrase(self, words, *, is_open=False):
        *first, last = words
        return self.all([*map(self.word, first), self.word(last, is_open=is_open)])

    def all(self, parts):
        return f"({' & '.join(parts)})"

    def any(self, parts):
        return f"({' | '.join(parts)})"

    def without(self, wanted, unwanted):
        return f"({wanted} & !{unwanted})"


def matching(language, term):
    """Return what finds a term."""
    if term.completions:
        *first, _last = term.words
        return language.any([language.phrase([*first, last]) for last in term.completions])
    if not term.has_forms:
        return language.phrase(term.words, is_open=term.is_open)
    (word,) = term.words
    root = stem(word)
    ways = [language.word(root)]
    if root.isascii():
        ways.append(language.word(STEM + root))
    if term.is_open:
        ways.append(language.word(word, is_open=True))
    return language.any(ways)


def heading(language, term, marks):
    """Return what finds an entry that has each word of a term in its title, or otherwise marked."""
    *first, last = term.words
    found = [language.any([language.word(mark + stem(word)) for mark in marks]) for word in first]
    ways = [language.word(mark + stem(last)) for mark in marks]
    if term.is_open:
        ways += [language.word(mark + last, is_open=True) for mark in marks]
    return language.all([*found, language.any(ways)])


def in_titles(language, query):
    return [heading(language, term, [TITLE]) for term in query.terms]


def in_titles_or_often(language, query):
    return [heading(language, term, [TITLE, OFTEN]) for term in query.terms]


def likes(query):
    """Return patterns of the words in a row: of phrases wanted, and of phrases not wanted."""
    return [
        [
            f"% {' '.join(term.words)}{'%' if term.is_open else ' %'}"
            for term in terms
            if len(term.words) > 1
        ]
        for terms in (query.terms, query.without)
    ]
