"""Full-text search over essays, pages and approved comments.

One small interface, `find()`, over what each database does best: FTS5 on SQLite (sqlite.org/fts5),
`tsvector` on PostgreSQL. Both keep their index themselves, by triggers or a generated column made
in migration 0002. Any text at all is a fair query: words are taken out of it and passed as
parameters, so no query can be a syntax error.
"""

import re
import unicodedata

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import mark_safe

from .models import Post, SearchEntry

# Characters of a query that are looked at; nobody types more into a search box.
QUERY_LENGTH = 200
# Words of a query that are looked for, so that a pasted page costs what a sentence costs.
QUERY_WORDS = 20
# Best matches that are ranked and shown; people who need the 201st add a word.
MOST_RESULTS = 200
# Words around a match.
SNIPPET_WORDS = 30

# Stand around a match between the database and the page; no stored text holds them, because the
# renderer removes control characters.
START, END = "\x02", "\x03"
# Marks that would make PostgreSQL see hosts, files and tags where words are (migration 0002). For
# its snippets they are swapped for control characters, one for one, and back again after.
MARKS = "<>&/.@+-"
HIDDEN = "".join(chr(number) for number in range(0x0E, 0x0E + len(MARKS)))

# Best matches first, a word in the title counting ten times one in the text. Sorted by `rank`,
# FTS5 makes snippets of the best only; and asked with EXISTS, it is read before the posts are.
SQLITE = """
    SELECT rowid, snippet(posts_search, 1, %s, %s, '…', %s) FROM posts_search
    WHERE posts_search MATCH %s AND rank MATCH 'bm25(10.0, 1.0)' AND EXISTS (
        SELECT 1 FROM posts_searchentry WHERE id = posts_search.rowid AND post_id IN ({public})
    )
    ORDER BY rank LIMIT %s
"""
POSTGRESQL = """
    SELECT id, ts_headline('posts', translate(text, %s, %s), query, %s) FROM (
        SELECT id, text, query, ts_rank_cd(words, query) AS rank
        FROM posts_searchentry, to_tsquery('posts', %s) query
        WHERE words @@ query AND post_id IN ({public})
        ORDER BY rank DESC, id DESC LIMIT %s
    ) best
    ORDER BY rank DESC, id DESC
"""


def clean_query(text):
    """Return what a person typed with control characters and long tails taken off."""
    # Composed, because an accent that follows its letter would end the word.
    composed = unicodedata.normalize("NFC", text[: 4 * QUERY_LENGTH])
    printable = "".join(c if c.isprintable() else " " for c in composed)
    return " ".join(printable.split())[:QUERY_LENGTH]


def find(query):
    """Return SearchEntry objects that match, best first, at most MOST_RESULTS (two queries).

    Each has `snippet`: HTML with the matches in `<mark>`. Words are joined by and; "words in
    quotes" are a phrase; the last word matches as a beginning, for readers still typing.
    """
    phrases = phrases_of(query)
    if not phrases:
        return []
    rows = (find_postgres if connection.vendor == "postgresql" else find_sqlite)(phrases)
    snippets = dict(rows)
    entries = SearchEntry.objects.filter(pk__in=snippets).select_related("post")
    found = entries.defer("text", "post__body", "post__body_html", "post__annotated_html").in_bulk()
    results = [found[key] for key in snippets if key in found]
    for entry in results:
        entry.snippet = marked(snippets[entry.pk])
    return results


def phrases_of(query):
    """Return the phrases of a query, each a list of words; a bare word is a phrase of one."""
    phrases = []
    for quoted, bare in re.findall(r'"([^"]*)"|([^\s"]+)', query):
        words = re.findall(r"\w+", quoted or bare)
        if words:
            phrases.append(words)
    return phrases[:QUERY_WORDS]


def public_posts():
    """Return SQL, and its parameters, for the ids of what readers may see.

    Asked of the index at once, not of what it found: a hidden match takes no visible one's place.
    """
    return Post.objects.published().order_by().values("pk").query.sql_with_params()


def find_sqlite(phrases):
    # Each phrase is quoted, so FTS5 sees words only and never its own operators.
    match = " ".join(f'"{" ".join(words)}"' for words in phrases) + " *"
    public, public_parameters = public_posts()
    with connection.cursor() as cursor:
        parameters = [START, END, SNIPPET_WORDS, match, *public_parameters, MOST_RESULTS]
        cursor.execute(SQLITE.format(public=public), parameters)
        return cursor.fetchall()


def find_postgres(phrases):
    phrases_to_match = [" <-> ".join(words) for words in phrases]
    phrases_to_match[-1] += ":*"
    match = " & ".join(f"({phrase})" for phrase in phrases_to_match)
    options = (
        f"StartSel={START}, StopSel={END}, MaxFragments=1, "
        f"MinWords={SNIPPET_WORDS // 2}, MaxWords={SNIPPET_WORDS}"
    )
    public, public_parameters = public_posts()
    with connection.cursor() as cursor:
        parameters = [MARKS, HIDDEN, options, match, *public_parameters, MOST_RESULTS]
        cursor.execute(POSTGRESQL.format(public=public), parameters)
        shown = str.maketrans(HIDDEN, MARKS)
        return [(key, snippet.translate(shown)) for key, snippet in cursor.fetchall()]


def marked(snippet):
    """Return a snippet as HTML, escaped, with the matches in `<mark>`."""
    html = escape(" ".join(snippet.split(" ")))
    return mark_safe(html.replace(START, "<mark>").replace(END, "</mark>"))  # noqa: S308
