"""The full-text index over folded words, the same on SQLite and PostgreSQL.

The index of before (0002) stays until every text was read again, which the worker does while
readers are served by it (blog.posts.search.indexing). A new site has no text, and drops it here.
"""

import django.db.models.deletion
from django.db import migrations, models

from blog.posts.fields import PlaceField
from blog.posts.search import earlier_tables

# An external-content FTS5 table: the words are stored once, in posts_searchwords. The tokenizer
# takes all that is not ASCII for letters, so words end at spaces only; nothing is ranked by it.
SQLITE = [
    """
    CREATE VIRTUAL TABLE posts_words USING fts5(
        words, terms, content='posts_searchwords', content_rowid='place', columnsize=0,
        tokenize="ascii tokenchars '~<^=|'"
    )
    """,
    """
    CREATE TRIGGER posts_words_insert AFTER INSERT ON posts_searchwords BEGIN
        INSERT INTO posts_words(rowid, words, terms) VALUES (new.place, new.words, new.terms);
    END
    """,
    """
    CREATE TRIGGER posts_words_delete AFTER DELETE ON posts_searchwords BEGIN
        INSERT INTO posts_words(posts_words, rowid, words, terms)
        VALUES ('delete', old.place, old.words, old.terms);
    END
    """,
    """
    CREATE TRIGGER posts_words_update AFTER UPDATE OF place, words, terms ON posts_searchwords BEGIN
        INSERT INTO posts_words(posts_words, rowid, words, terms)
        VALUES ('delete', old.place, old.words, old.terms);
        INSERT INTO posts_words(rowid, words, terms) VALUES (new.place, new.words, new.terms);
    END
    """,
]
SQLITE_REVERSE = [
    "DROP TRIGGER posts_words_update",
    "DROP TRIGGER posts_words_delete",
    "DROP TRIGGER posts_words_insert",
    "DROP TABLE posts_words",
]
POSTGRESQL = [
    """
    ALTER TABLE posts_searchwords ADD COLUMN lexemes tsvector GENERATED ALWAYS AS (
        array_to_tsvector(string_to_array(btrim(words || ltrim(terms)), ' '))
    ) STORED
    """,
    "CREATE INDEX posts_searchwords_lexemes ON posts_searchwords USING gin(lexemes)",
]
POSTGRESQL_REVERSE = ["ALTER TABLE posts_searchwords DROP COLUMN lexemes"]


def forwards(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL if postgresql else SQLITE:
        schema_editor.execute(statement)
    if not apps.get_model("posts", "SearchEntry").objects.exists():
        earlier_tables.drop()


def backwards(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL_REVERSE if postgresql else SQLITE_REVERSE:
        schema_editor.execute(statement)
    if not earlier_tables.is_there():
        earlier_tables.make()
        earlier_tables.fill()


class Migration(migrations.Migration):
    dependencies = [("posts", "0027_ids_in_feeds")]

    operations = [
        migrations.CreateModel(
            name="SearchWords",
            fields=[
                ("place", PlaceField(primary_key=True, serialize=False)),
                ("version", models.PositiveSmallIntegerField(db_index=True, default=1)),
                ("words", models.TextField()),
                ("terms", models.TextField()),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.post",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="indexed",
                        to="posts.searchentry",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CommonWord",
            fields=[
                ("word", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("entries", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunPython(forwards, backwards, elidable=False),
    ]
