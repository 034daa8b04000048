"""Asks the index of either database for the best matches, in the same order on both.

Best are essays and pages that have all words in their title, then those that have each word there
or often in the text, then all others; after them come comments. Within each of these the newest
come first, so that no more of the index is read than is shown: a word that a million comments hold
costs what a rare one costs.
"""

from datetime import datetime
from functools import partial
from operator import itemgetter

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils import timezone

from blog.lib.statement import Statement
from blog.posts.models import CommonWord, Post, SearchWords, Tag
from blog.posts.models.search_words import IS, place_of

from .query import Fts5, TsQuery, in_titles, in_titles_or_often, likes, matching, tag_key

# Matches that are ranked and shown; people who need the 201st add a word, or choose a year.
MOST_RESULTS = 200
# Entries with words of one beginning that are looked through, and the words they are taken for
# where there are more.
MANY, MOST_COMPLETIONS = 10_000, 32
POST, COMMENT = "post", "comment"
# Of comments: behind everything that was written here.
LAST = 4

# Left out of the index's own answer, so that none takes a visible one's place. They are few: what
# was not published yet, and what was withdrawn with its comments.
HIDDEN = Statement(
    lambda at: SearchWords.objects.filter(post__in=Post.objects.hidden(at)).values("place"),
    datetime,
)
SQLITE = """
    SELECT * FROM (
        SELECT rowid, {tier} FROM posts_words WHERE posts_words MATCH %s{conditions}
        ORDER BY rowid DESC LIMIT %s
    )
"""
POSTGRESQL = """
    (SELECT place, {tier} FROM posts_searchwords WHERE lexemes @@ %s::tsquery{conditions}
    ORDER BY place DESC LIMIT %s)
"""

OF_POSTS = {
    "sqlite": "SELECT post_id FROM posts_words JOIN posts_searchwords ON place = posts_words.rowid"
    " WHERE posts_words MATCH %s",
    "postgresql": "SELECT post_id FROM posts_searchwords WHERE lexemes @@ %s::tsquery",
}


def matches(query, kind="", *, public=True):
    """Return the places of the best matches, best first, at most MOST_RESULTS.

    `kind` is that of a SearchEntry, or of a post. Without `public` hidden ones are found too. It
    takes one to three queries: for all, for those that begin with the last word, and for the ranks
    of what was written here.
    """
    tags = numbers_of(query.tags), numbers_of(query.without_tags)
    if not (query.can_be_met and all(tags[0])):
        return []
    ask = partial(asked, tags=tags, kind=kind, public=public)
    queries = {0: bounded(query)}
    found = ask(queries, ranked=False)
    if len(found) < MOST_RESULTS and (further := query.typed_further):
        # Behind what has the word as it stands, in the same tier.
        queries[0.5] = bounded(further)
        found = ask({0.5: queries[0.5]}, ranked=False) | found
    if query.terms and sum(tier < LAST for tier in found.values()) > 1:
        found |= ask(queries, ranked=True)
    return sorted(found, key=lambda place: (found[place], -place))[:MOST_RESULTS]


def bounded(query):
    """Return a query that looks through no more beginnings of words than it can show.

    What begins a word is looked for in all entries that have such words before the first one is
    known. Where these are many, the most common of the words are looked for instead, each by itself
    (one query, where a word is a beginning).
    """
    if not any(term.is_open for term in query.terms):
        return query
    terms = [
        term._replace(completions=common_words(term.words[-1])) if term.is_open else term
        for term in query.terms
    ]
    return query._replace(terms=(*terms,))


def common_words(beginning):
    """Return the most common words that begin so, if they are in very many entries."""
    found = CommonWord.objects.filter(word__startswith=beginning).order_by("-entries")
    found = dict(found.values_list("word", "entries")[:MOST_COMPLETIONS])
    return (*found,) if sum(found.values()) > MANY else ()


def asked(queries, *, ranked, tags, kind, public):
    """Return the tier of each place that matches; of several the best."""
    is_sqlite = connection.vendor == "sqlite"
    language, form = (Fts5(), SQLITE) if is_sqlite else (TsQuery(), POSTGRESQL)
    select, given = [], []
    for behind, query in queries.items():
        conditions, parameters = narrowed(query, is_sqlite=is_sqlite, public=public)
        for tier, match in tiers(language, query, tags, kind, ranked=ranked):
            select.append(form.format(tier=tier + behind, conditions=conditions))
            given += [match, *parameters, MOST_RESULTS]
    sql = " UNION ALL ".join(select)
    if public:
        hidden, at = HIDDEN.sql(timezone.now())
        # Begun as the reading that it is, for those who look at how a statement begins.
        sql = f"SELECT * FROM (WITH hidden AS MATERIALIZED ({hidden}) {sql}) found"  # noqa: S608
        given = [*at, *given]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows = cursor.fetchall()
    return dict(sorted(rows, key=itemgetter(1), reverse=True))


def of_posts(query):
    """Return SQL for the numbers of all posts that match, in no order; hidden ones too."""
    tags = numbers_of(query.tags), numbers_of(query.without_tags)
    if not (query.can_be_met and all(tags[0])):
        return []
    query = query.typed_further or query
    is_sqlite = connection.vendor == "sqlite"
    language = Fts5() if is_sqlite else TsQuery()
    conditions, parameters = narrowed(query, is_sqlite=is_sqlite, public=False)
    (match,) = (found for _tier, found in tiers(language, query, tags, POST, ranked=False))
    return RawSQL(OF_POSTS[connection.vendor] + conditions, [match, *parameters])  # noqa: S611


def tiers(language, query, tags, kind, *, ranked):
    """Yield tiers' numbers, and what finds them: the two that are `ranked`, or the others."""
    wanted = [matching(language, term) for term in query.terms]
    wanted += [language.any([facet(language, f"tag{pk}") for pk in pks]) for pks in tags[0]]
    exact = isinstance(language, TsQuery)  # which has no phrases: `likes` leaves these out
    left_out = [matching(language, t) for t in query.without if not (exact and len(t.words) > 1)]
    left_out += [facet(language, f"tag{pk}") for pks in tags[1] for pk in pks]

    def match(what, *further):
        all_of_it = language.all([facet(language, what), *wanted, *further])
        return language.without(all_of_it, language.any(left_out)) if left_out else all_of_it

    if ranked:
        yield 1, match(kind or POST, *in_titles(language, query))
        yield 2, match(kind or POST, *in_titles_or_often(language, query))
        return
    if kind != COMMENT:
        yield 3, match(kind or POST)
    if kind in ("", COMMENT):
        yield LAST, match(COMMENT)


def facet(language, what):
    return language.word(IS + what)


def narrowed(query, *, is_sqlite, public):
    """Return the further conditions of each SELECT and their parameters."""
    place = "posts_words.rowid" if is_sqlite else "place"
    parts, parameters = [], []
    for year in query.years[:1]:
        parts.append(f"{place} BETWEEN %s AND %s")
        parameters += places_of_year(year)
    for year in query.without_years:
        # Not as a range of the index, of which SQLite takes no number beside words.
        parts.append(f"0 + {place} NOT BETWEEN %s AND %s")
        parameters += places_of_year(year)
    if not is_sqlite:
        wanted, unwanted = likes(query)
        parts += ["words LIKE %s"] * len(wanted) + ["words NOT LIKE %s"] * len(unwanted)
        parameters += [*wanted, *unwanted]
    if public:
        parts.append(f"{place} NOT IN (SELECT place FROM hidden)")  # noqa: S608
    return "".join(f" AND {part}" for part in parts), parameters


def places_of_year(year):
    """Return the first and the last place of a year, by the site's time zone."""
    zone = timezone.get_default_timezone()
    first = place_of(datetime(year, 1, 1, tzinfo=zone)) if year > 1 else 0
    return [first, place_of(datetime(min(year + 1, 9999), 1, 1, tzinfo=zone)) - 1]


def numbers_of(names):
    """Return for each name of a tag the numbers of those that it can mean (one query)."""
    if not names:
        return []
    known = {}
    for pk, *called in Tag.objects.values_list("pk", "name", "slug"):
        for key in {*map(tag_key, called)}:
            known.setdefault(key, []).append(pk)
    return [known.get(name, []) for name in names]
