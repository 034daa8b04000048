"""A trigger that refuses to take the site from its last owner, by whatever statement.

Deletions are refused by signals, as Django empties tables by them.
"""

from django.db import migrations

OWNS = """({row}.is_active AND {row}.is_staff AND ({row}.is_superuser OR EXISTS (
    SELECT 1 FROM auth_user_groups AS m JOIN auth_group AS g ON g.id = m.group_id
    WHERE m.user_id = {row}.id AND g.name = 'Owners')))"""
WAS, IS, OTHER = (OWNS.format(row=row) for row in ("OLD", "NEW", "other"))
ANOTHER = f"EXISTS (SELECT 1 FROM auth_user AS other WHERE other.id <> OLD.id AND {OTHER})"  # noqa: S608

SQLITE = f"""
    CREATE TRIGGER accounts_last_owner
    BEFORE UPDATE OF is_active, is_staff, is_superuser ON auth_user
    WHEN {WAS} AND NOT {IS} AND NOT {ANOTHER}
    BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: last_owner'); END
"""
# Each statement of the function sees what was committed before it, so after its turn has come.
POSTGRESQL = f"""
    CREATE FUNCTION accounts_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {WAS} AND NOT {IS} THEN
            PERFORM pg_advisory_xact_lock(7305011);
            IF NOT {ANOTHER} THEN
                RAISE EXCEPTION 'The last owner of the site stays.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'last_owner';
            END IF;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER accounts_last_owner
    BEFORE UPDATE OF is_active, is_staff, is_superuser ON auth_user
    FOR EACH ROW EXECUTE FUNCTION accounts_last_owner();
"""


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
