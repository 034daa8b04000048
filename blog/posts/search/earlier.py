"""The index that Postil 0.1 had, asked as it was until the present one is complete.

After an upgrade a large site needs minutes to read its texts again, and readers are served
meanwhile. Where the present index is complete, this one is dropped: it has no rows in a new site.
"""

import re

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import mark_safe

from blog.posts.models import Post, SearchEntry

from . import earlier_tables

QUERY_WORDS, MOST_RESULTS = 20, 200
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


replaced = set[str]()  # names of the databases that this process knows to have no such index


def is_replaced():
    """Whether the present index is complete and this one gone; a process asks until it is."""
    name = str(connection.settings_dict["NAME"])
    if name not in replaced and not earlier_tables.is_there():
        replaced.add(name)
    return name in replaced


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
