"""A trigger that refuses to take the site from its last owner, by whatever statement.

Deletions are refused by signals, as Django empties tables by them.
"""

from django.db import migrations

from blog.accounts.trigger import POSTGRESQL, SQLITE


def make_trigger(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(POSTGRESQL if postgresql else SQLITE, params=None)


def drop_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER IF EXISTS accounts_last_owner ON auth_user")
        schema_editor.execute("DROP FUNCTION IF EXISTS accounts_last_owner()")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS accounts_last_owner")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_owners_and_authors")]
    operations = [migrations.RunPython(make_trigger, drop_trigger)]
