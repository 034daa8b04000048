"""What the tables hold after the migrations, and the way back to it.

Django empties all tables after each test that commits, and makes content types and permissions
again, which takes half a second; here it is a few milliseconds. What migrations put into tables
comes back as well.
"""

from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction

kept = {}  # for each database, by its name: the columns and rows of each of its tables


def keep(alias="default"):
    connection = connections[alias]
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    kept[connection.settings_dict["NAME"]] = {
        name: rows_of(connection, name) for name in sorted(names)
    }


def kept_here(alias):
    """Return the columns and rows of each table as they were; None for an unknown database."""
    return kept.get(connections[alias].settings_dict["NAME"])


def come_back(alias):
    """Take out of the tables what was not in them, and put back what is missing."""
    connection, tables = connections[alias], kept_here(alias)
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        filled = filled_of(cursor, tables)
        # Each by itself is quick, and constraints are looked at when the transaction ends.
        changed = [
            name
            for name, rows in tables.items()
            if (name in filled or rows[1]) and rows_of(connection, name) != rows
        ]
        for name in changed:
            cursor.execute(f'DELETE FROM "{name}"')
        for name in changed:
            columns, rows = tables[name]
            if rows:
                cursor.executemany(insert_into(name, columns), rows)
    ContentType.objects.clear_cache()


def filled_of(cursor, tables):
    ask = " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM \"{t}\")" for t in tables)
    cursor.execute(ask)
    return {name for (name,) in cursor.fetchall()}


def rows_of(connection, name):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{name}" ORDER BY 1')
        return [column[0] for column in cursor.description], cursor.fetchall()


def insert_into(name, columns):
    listed = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{name}" ({listed}) VALUES ({", ".join(["%s"] * len(columns))})'
