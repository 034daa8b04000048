"""PostgreSQL folds texts as blog.lib.folding does, for lists in the admin; SQLite calls that."""

from django.db import migrations

from blog.lib.folding import LEFT_OUT, LETTERS

# Where the database's own locale knows no letters but those of English.
LOCALES = ("und-x-icu", "pg_c_utf8", "C.UTF-8", "C.utf8", "en_US.utf8")


def lower_in(cursor):
    """Return what follows a text that `lower` is to make small in any script."""
    cursor.execute("SELECT lower('Ж') = 'ж'")
    if cursor.fetchone()[0]:
        return ""
    cursor.execute("SELECT collname FROM pg_collation WHERE collname = ANY(%s)", [[*LOCALES]])
    known = {name for (name,) in cursor.fetchall()}
    return next((f' COLLATE "{name}"' for name in LOCALES if name in known), "")


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        parted = f"regexp_replace(normalize(given, NFKD), '{LEFT_OUT}', '', 'g')"
        folded = f"lower({parted}{lower_in(cursor)})"
        for letter, as_two in {**LETTERS, "ß": "ss"}.items():
            if len(as_two) > 1:
                folded = f"replace({folded}, '{letter}', '{as_two}')"
        one = {letter: as_one for letter, as_one in LETTERS.items() if len(as_one) == 1}
        folded = f"translate({folded}, '{''.join(one)}', '{''.join(one.values())}')"
        cursor.execute(
            "CREATE OR REPLACE FUNCTION postil_fold(given text) RETURNS text"
            " LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
            f" AS $fold$ SELECT normalize({folded}, NFC) $fold$"
        )


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS postil_fold(text)")


class Migration(migrations.Migration):
    dependencies = [("posts", "0028_words_of_search")]

    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
