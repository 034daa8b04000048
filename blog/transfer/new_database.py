"""The tables of a new database, made at once as all migrations leave them.

One by one, each of Postil's would have Django put together the models of its time and SQLite copy
whole tables that are empty: ten seconds, of which nothing is left in the end.

What a migration does beside tables is done here on the newest ones, which are empty: a function
given to RunPython has to work with these as well.
"""

from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, migrations, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _


def make_tables():
    """Bring a database that no migration of Postil has seen to the last of them; return if so.

    One that has some stays as it is. On an error nothing of Postil's is there. Raises
    ImproperlyConfigured if another program's tables have names of ours.
    """
    executor = MigrationExecutor(connection)
    ours = our_apps()
    if any(app in ours for app, _name in executor.loader.applied_migrations):
        return False
    refuse_tables_of_others(ours)
    leaves = executor.loader.graph.leaf_nodes()
    executor.migrate([key for key in leaves if key[0] not in ours])
    with _all_or_nothing():
        executor = MigrationExecutor(connection)
        state = executor.loader.project_state(leaves)
        with connection.schema_editor() as editor:
            for model in state.apps.get_models():
                if model._meta.app_label in ours and model._meta.can_migrate(connection):
                    editor.create_model(model)
        for migration, _backwards in executor.migration_plan(leaves):
            for operation in migration.operations:
                _fill(operation, state)
            executor.recorder.record_applied(migration.app_label, migration.name)
    return True


def our_apps():
    """Return the labels of Postil's own apps."""
    return {
        app.label
        for app in apps.get_app_configs()
        if app.name.partition(".")[0] in ("blog", "comments")
    }


def refuse_tables_of_others(ours):
    names = {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in ours and not model._meta.proxy
    }
    if taken := sorted(names.intersection(connection.introspection.table_names())):
        said = _(
            "the database has a table %(table)s of another program. Give Postil one of its own."
        )
        raise ImproperlyConfigured(said % {"table": taken[0]})


def _fill(operation, state):
    """Do what an operation does beside tables: write first rows, make indexes and triggers."""
    if isinstance(operation, migrations.RunPython):
        with connection.schema_editor() as editor:
            operation.code(state.apps, editor)


@contextmanager
def _all_or_nothing():
    # SQLite cannot stop checking within a transaction, as its schema editors ask.
    with connection.constraint_checks_disabled(), transaction.atomic():
        yield
