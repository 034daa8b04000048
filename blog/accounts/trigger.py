"""The trigger that refuses to take the site from its last owner, by whatever statement.

Deletions are refused by signals, as Django empties tables by them (owners.py).
"""

from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

MADE_BY = ("accounts", "0003_a_site_keeps_an_owner")

OWNS = """({row}.is_active AND {row}.is_staff AND ({row}.is_superuser OR EXISTS (
    SELECT 1 FROM auth_user_groups AS m JOIN auth_group AS g ON g.id = m.group_id
    WHERE m.user_id = {row}.id AND g.name = 'Owners')))"""
WAS, IS, OTHER = (OWNS.format(row=row) for row in ("OLD", "NEW", "other"))
ANOTHER = f"EXISTS (SELECT 1 FROM auth_user AS other WHERE other.id <> OLD.id AND {OTHER})"  # noqa: S608

SQLITE = f"""
    CREATE TRIGGER IF NOT EXISTS accounts_last_owner
    BEFORE UPDATE OF is_active, is_staff, is_superuser ON auth_user
    WHEN {WAS} AND NOT {IS} AND NOT {ANOTHER}
    BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: last_owner'); END
"""
# Each statement of the function sees what was committed before it, so after its turn has come.
POSTGRESQL = f"""
    CREATE OR REPLACE FUNCTION accounts_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
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


def keep_trigger(using, **kwargs):
    """Make it again on SQLite, where it is lost when a migration makes the table again."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    if MADE_BY in MigrationRecorder(connection).applied_migrations():
        with connection.cursor() as cursor:
            cursor.execute(SQLITE)
