"""The tables, triggers and words of the index that Postil 0.1 had: made, filled and dropped."""

from contextlib import suppress

from django.db import ProgrammingError, connection, transaction

# An external-content FTS5 table (sqlite.org/fts5.html#external_content_tables): the words are
# stored once, in posts_searchentry, and three triggers keep the index in step with them.
SQLITE = [
    """
    CREATE VIRTUAL TABLE posts_search USING fts5(
        title, text, content='posts_searchentry', content_rowid='id',
        tokenize="porter unicode61 remove_diacritics 2"
    )
    """,
    """
    CREATE TRIGGER posts_search_insert AFTER INSERT ON posts_searchentry BEGIN
        INSERT INTO posts_search(rowid, title, text) VALUES (new.id, new.title, new.text);
    END
    """,
    """
    CREATE TRIGGER posts_search_delete AFTER DELETE ON posts_searchentry BEGIN
        INSERT INTO posts_search(posts_search, rowid, title, text)
        VALUES ('delete', old.id, old.title, old.text);
    END
    """,
    """
    CREATE TRIGGER posts_search_update AFTER UPDATE OF title, text ON posts_searchentry BEGIN
        INSERT INTO posts_search(posts_search, rowid, title, text)
        VALUES ('delete', old.id, old.title, old.text);
        INSERT INTO posts_search(rowid, title, text) VALUES (new.id, new.title, new.text);
    END
    """,
]
SQLITE_REVERSE = [
    "DROP TRIGGER posts_search_update",
    "DROP TRIGGER posts_search_delete",
    "DROP TRIGGER posts_search_insert",
    "DROP TABLE posts_search",
]

# How PostgreSQL reads words, made to do what FTS5 does above: the stem of every English word, the
# most common ones too, and no accents where the server has the extension for that (it is part of
# PostgreSQL, but some systems package it apart).
POSTGRESQL_WORDS = [
    "CREATE TEXT SEARCH DICTIONARY posts_stem (TEMPLATE = snowball, LANGUAGE = english)",
    "CREATE TEXT SEARCH CONFIGURATION posts (PARSER = default)",
    """
    ALTER TEXT SEARCH CONFIGURATION posts
    ADD MAPPING FOR asciiword, word, numword, int, uint, float, sfloat WITH {dictionaries}
    """,
]
# PostgreSQL would take `pen/paper` for a file and `example.org` for a host, and leave out `<b>`;
# without these marks all of them are words. earlier.py writes the same list.
POSTGRESQL = [
    """
    ALTER TABLE posts_searchentry ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('posts', translate(title, '<>&/.@+-', '        ')), 'A')
        || to_tsvector('posts', translate(left(text, 500000), '<>&/.@+-', '        '))
    ) STORED
    """,
    "CREATE INDEX posts_searchentry_words ON posts_searchentry USING gin(words)",
]
POSTGRESQL_REVERSE = [
    "ALTER TABLE posts_searchentry DROP COLUMN words",
    "DROP TEXT SEARCH CONFIGURATION posts",
    "DROP TEXT SEARCH DICTIONARY posts_stem",
]
# Whether a database has it.
ASK = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = 'posts_search'",
    "postgresql": "SELECT 1 FROM information_schema.columns WHERE table_name = 'posts_searchentry'"
    " AND column_name = 'words' AND table_schema = current_schema()",
}


def words_for_postgresql():
    """Return the statements that set up the reading of words, with unaccent where there is one."""
    dictionaries = "posts_stem"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'unaccent'")
        if cursor.fetchone():
            # An account that may not is no obstacle: the search of today does without.
            with suppress(ProgrammingError), transaction.atomic():
                cursor.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
                dictionaries = "unaccent, posts_stem"
    return [statement.format(dictionaries=dictionaries) for statement in POSTGRESQL_WORDS]


def make():
    if connection.vendor == "postgresql":
        run(words_for_postgresql() + POSTGRESQL)
    else:
        run(SQLITE)


def fill():
    """Index what is there already; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        run(["INSERT INTO posts_search(posts_search) VALUES ('rebuild')"])


def drop():
    run(POSTGRESQL_REVERSE if connection.vendor == "postgresql" else SQLITE_REVERSE)


def is_there():
    with connection.cursor() as cursor:
        cursor.execute(ASK[connection.vendor])
        return cursor.fetchone() is not None


@transaction.atomic
def run(statements):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # It alters no table of which rows are still to be compared with those of others.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)
