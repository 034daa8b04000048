"""Asks the index of either database for the best matches, in the same order on both.

Best are essays and pages that have all words in their title, then those that have each word there
or often in the text, then all others; after them come comments. Within each of these the newest
come first, so that no more of the index is read than is shown: a word that a million comments hold
costs what a rare one costs.
"""

from datetime import datetime
from functools import partial

from django.db import connection
from django.utils import timezone

from blog.posts.models import Post, Tag
from blog.posts.models.search_words import IS, place_of

from .query import Fts5, TsQuery, in_titles, in_titles_or_often, likes, matching, tag_key

# Matches that are ranked and shown; people who need the 201st add a word, or choose a year.
MOST_RESULTS = 200
POST, COMMENT = "post", "comment"
# Of comments: behind everything that was written here.
LAST = 4

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
OF_ITS_POST = {
    "sqlite": "(SELECT post_id FROM posts_searchwords WHERE place = posts_words.rowid)",
    "postgresql": "posts_searchwords.post_id",
}


def matches(query, kind="", *, public=True):
    """Return the places of the best matches by tier, at most MOST_RESULTS (one query, or two).

    `kind` is that of a SearchEntry, or of a post. Without `public` hidden ones are found too.
    """
    tags = numbers_of(query.tags), numbers_of(query.without_tags)
    if query.is_empty or not all(tags[0]):
        return []
    ask_for = partial(ask, tags=tags, kind=kind, public=public)
    found = dict(ask_for(query))
    if len(found) < MOST_RESULTS and (further := query.typed_further):
        # Behind what has the word as it stands, in the same tier.
        for place, tier in ask_for(further):
            found.setdefault(place, tier + 0.5)
    best = sorted(found.items(), key=lambda row: (row[1], -row[0]))
    return best[:MOST_RESULTS]


def ask(query, *, tags, kind, public):
    """Return the places that match, each with its tier, the best first."""
    is_sqlite = connection.vendor == "sqlite"
    language = Fts5() if is_sqlite else TsQuery()
    select, given = [], []
    conditions, parameters = narrowed(query, is_sqlite=is_sqlite, public=public)
    for tier, match in tiers(language, query, tags, kind):
        form = SQLITE if is_sqlite else POSTGRESQL
        select.append(form.format(tier=tier, conditions=conditions))
        given += [match, *parameters, MOST_RESULTS]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(select), given)
        rows = cursor.fetchall()
    best = {}
    for place, tier in rows:
        best[place] = min(tier, best.get(place, tier))
    return sorted(best.items(), key=lambda row: (row[1], -row[0]))


def tiers(language, query, tags, kind):
    """Yield each tier's number, and what finds it."""
    wanted = [matching(language, term) for term in query.terms]
    wanted += [language.any([facet(language, f"tag{pk}") for pk in pks]) for pks in tags[0]]
    exact = isinstance(language, TsQuery)  # which has no phrases: `likes` leaves these out
    left_out = [matching(language, t) for t in query.without if not (exact and len(t.words) > 1)]
    left_out += [facet(language, f"tag{pk}") for pks in tags[1] for pk in pks]

    def match(what, *further):
        all_of_it = language.all([facet(language, what), *wanted, *further])
        return language.without(all_of_it, language.any(left_out)) if left_out else all_of_it

    if kind != COMMENT:
        what = kind or POST
        if query.terms:
            yield 1, match(what, *in_titles(language, query))
            yield 2, match(what, *in_titles_or_often(language, query))
        yield 3, match(what)
    if kind in ("", COMMENT):
        yield LAST, match(COMMENT)


def facet(language, what):
    return language.word(IS + what)


def narrowed(query, *, is_sqlite, public):
    """Return the further conditions of each SELECT and their parameters."""
    place = "rowid" if is_sqlite else "place"
    parts, parameters = [], []
    for year in query.years:
        parts.append(f"{place} BETWEEN %s AND %s")
        parameters += places_of_year(year)
    for year in query.without_years:
        parts.append(f"{place} NOT BETWEEN %s AND %s")
        parameters += places_of_year(year)
    if not is_sqlite:
        wanted, unwanted = likes(query)
        parts += ["words LIKE %s"] * len(wanted) + ["words NOT LIKE %s"] * len(unwanted)
        parameters += [*wanted, *unwanted]
    if public:
        # Asked of the index at once, not of what it found: a hidden match takes no visible one's
        # place.
        its_own = f"posts_post.id = {OF_ITS_POST[connection.vendor]}"
        posts = Post.objects.published().order_by().values("pk").extra(where=[its_own])  # noqa: S610
        sql, given = posts.query.sql_with_params()
        parts.append(f"EXISTS ({sql})")
        parameters += given
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
