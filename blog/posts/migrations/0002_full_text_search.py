"""The database's own full-text index over posts_searchentry, kept in step by the database."""

from django.db import migrations

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

POSTGRESQL = [
    """
    ALTER TABLE posts_searchentry ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title), 'A') || to_tsvector('english', left(text, 500000))
    ) STORED
    """,
    "CREATE INDEX posts_searchentry_words ON posts_searchentry USING gin(words)",
]
POSTGRESQL_REVERSE = ["ALTER TABLE posts_searchentry DROP COLUMN words"]


def run(schema_editor, sqlite, postgresql):
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forwards(apps, schema_editor):
    run(schema_editor, SQLITE, POSTGRESQL)


def backwards(apps, schema_editor):
    run(schema_editor, SQLITE_REVERSE, POSTGRESQL_REVERSE)


class Migration(migrations.Migration):
    dependencies = [("posts", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
