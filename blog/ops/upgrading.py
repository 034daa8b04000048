"""What an upgrade to this version would change, looked up without changing anything.

The data is what the version before left, so nothing here may ask for a table or a column that only
a pending migration makes.
"""

import json
import shutil
import zipfile
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, migrations
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog import __version__
from blog.lib.figures import figure
from blog.lib.folding import VERSION as FOLDING
from blog.lib.listing import labelled, listed
from blog.lib.progress import reason
from blog.lib.whereabouts import COMMAND
from blog.posts.models import SearchWords
from blog.transfer.archive import LONGEST_MANIFEST, MANIFEST
from blog.transfer.backup import BEFORE_UPGRADE, KIND
from blog.transfer.databases import looking
from blog.transfer.places import Bucket, PlaceError, place
from blog.transfer.tables import applied_migrations, pending_migrations, unknown_migrations

from .doctor import BROKEN, LOOK, OK, Finding
from .renderings import columns_of, comments, essays

# Rows from which on it takes long to go through a table.
MANY = 20_000
# What a migration does that goes through all rows of a table; with SQLite, which makes most tables
# again to change one, nearly all.
GOES_THROUGH = (
    *(migrations.AddIndex, migrations.AddConstraint, migrations.AlterField),
    *(migrations.AddField, migrations.RemoveField, migrations.AlterUniqueTogether),
)
RUNS_CODE = (migrations.RunPython, migrations.RunSQL)


def found(progress=None):
    """Yield findings; one that is broken is the last."""
    path = Path(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not path.exists():
        yield nothing_there()
        return
    said = _("Postil %(version)s looks at %(where)s.")
    yield Finding("version", OK, said % {"version": __version__, "where": where()})
    with looking():
        try:
            yield from found_there(path, progress)
        except DatabaseError as error:
            said = _("The database cannot be asked: %s.") % reason(error)
            yield Finding("database", BROKEN, said, _("Start it, or correct DATABASE_URL."))


def nothing_there():
    said = _("No site was found at %s.") % where()
    todo = _("Set DATA_DIR or DATABASE_URL as the site has them; serve makes a new one.")
    return Finding("database", BROKEN, said, todo)


def found_there(path, progress):
    if not (applied := applied_migrations()):
        yield nothing_there()
        return
    if unknown := unknown_migrations(applied):
        said = _("A newer Postil made this database (%s).") % ".".join(unknown[-1])
        yield Finding("database", BROKEN, said, _("Use that one: docs/upgrade.md, Downgrade."))
        return
    yield from migrating(pending := pending_migrations())
    if pending:
        yield from room(path)
    yield from looks(progress)
    yield from search()


def where():
    """Return what a person knows the database by; an address may hold a password."""
    if connection.vendor == "sqlite":
        return connection.settings_dict["NAME"]
    given = connection.settings_dict
    return _("the database %(name)s at %(host)s") % {
        "name": given["NAME"],
        "host": given["HOST"] or "localhost",
    }


# --- The database ---------------------------------------------------------------------------


def migrating(pending):
    """Say which migrations are pending, app by app, and which of them may take long."""
    if not pending:
        yield Finding("database", OK, _("No migration is pending."))
        return
    said = ngettext(
        "%(count)s migration is pending; serve makes a backup before.",
        "%(count)s migrations are pending; serve makes a backup before.",
        len(pending),
    )
    yield Finding("database", LOOK, said % {"count": len(pending)})
    on_disk = MigrationLoader(None, replace_migrations=False).disk_migrations
    apps = {app: [] for app, _name in pending}
    rows = rows_of(apps)
    for key in pending:
        apps[key[0]].append(key)
    for app, keys in apps.items():
        names = listed(in_words(name) for _app, name in keys)
        yield Finding("database", LOOK, f"{labelled(app, names)}.")
        for key in keys:
            many = rows_gone_through(on_disk[key], rows)
            if many >= MANY:
                said = ngettext(
                    "%(name)s may take long: it goes through up to %(count)s row.",
                    "%(name)s may take long: it goes through up to %(count)s rows.",
                    many,
                )
                said %= {"name": f"{app} {in_words(key[1])}", "count": figure(many)}
                yield Finding("database", LOOK, said)


def in_words(name):
    """Return `0010_linked_pages` as a person says it."""
    number, _line, words = name.partition("_")
    return f"{number} {words.replace('_', ' ')}"


def rows_gone_through(migration, rows):
    """Return how many rows a migration goes through at most, as far as one can tell."""
    app, most = f"{migration.app_label}_", 0
    operations = list(migration.operations)
    for operation in operations:
        operations += getattr(operation, "database_operations", [])
        if isinstance(operation, RUNS_CODE):
            # Which table it is for, nothing says.
            mine = [count for table, count in rows.items() if table.startswith(app)]
            most = max([most, *mine])
        elif isinstance(operation, GOES_THROUGH):
            named = getattr(operation, "model_name", None) or operation.name
            most = max(most, rows.get(app + named.lower(), 0))
    return most


def rows_of(apps):
    """Return how many rows each table of these apps has."""
    counts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.partition("_")[0] in apps:
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
                counts[table] = cursor.fetchone()[0]
    return counts


def room(path):
    """Compare what the backup before it may take with what is free; it holds uploaded files too."""
    files = [file for file in Path(settings.MEDIA_ROOT).rglob("*") if file.is_file()]
    if connection.vendor == "sqlite":
        files.append(path)
    most = sum(file.stat().st_size for file in files)
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < most:
        said = _("The backup before it may take %(most)d MB, and %(free)d MB are free.")
        said %= {"most": most // 10**6 + 1, "free": free // 10**6}
        yield Finding("disk", LOOK, said, _("Make room: without it nothing will be changed."))


# --- What readers see -----------------------------------------------------------------------


def looks(progress=None):
    """Say how many texts look different, of those that an earlier version rendered."""
    kinds = (
        (essays, _("Essays that will look different: %(changed)d of %(total)d.")),
        (comments, _("Comments that will look different: %(changed)d of %(total)d.")),
    )
    for texts, said in kinds:
        changed = total = 0
        for text in texts(of_earlier_markup=True):
            total += 1
            changed += text.now != text.before
            if progress:
                progress(_("texts rendered to compare"), total)
        todo = f"{COMMAND} render --dry-run" if changed else ""
        said %= {"changed": changed, "total": total}
        yield Finding("looks", LOOK if changed else OK, said, todo and _("How: %s") % todo)


def search():
    """Say whether the worker will read all texts again."""
    there = connection.introspection.table_names()
    is_there = SearchWords._meta.db_table in there and "version" in columns_of(SearchWords)
    if is_there and not SearchWords.objects.filter(version__lt=FOLDING).exists():
        return
    said = _(
        "The worker will read all texts again for search; readers search as before until then."
    )
    yield Finding("search", LOOK, said)


# --- Backups --------------------------------------------------------------------------------


def backups():
    """Say of which version the newest backup is, and whether this one can restore it."""
    subject = "backup"
    try:
        there = place(settings.BACKUP_TO)
        kinds = KIND, BEFORE_UPGRADE
        newest = max(filter(None, map(there.newest_name, kinds)), key=moment, default=None)
    except PlaceError as error:
        yield Finding(subject, LOOK, str(error), _("Correct BACKUP_TO."))
        return
    if newest is None:
        said = _("There is none in %s.") % settings.BACKUP_TO
        yield Finding(subject, LOOK, said, _("Make one first: %s backup") % COMMAND)
        return
    name = there.said(newest)
    if isinstance(there, Bucket):
        yield Finding(subject, OK, _("The newest is %s.") % name)
        return
    try:
        version, unknown = version_of(Path(name))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        said = _("The newest, %(name)s, cannot be read: %(why)s.")
        said %= {"name": name, "why": reason(error)}
        yield Finding(subject, LOOK, said, _("Make another first: %s backup") % COMMAND)
        return
    said = _("The newest, %(name)s, was made by Postil %(version)s.")
    said %= {"name": name, "version": version}
    if unknown:
        todo = _("This version cannot restore it, because a newer one made it.")
        yield Finding(subject, LOOK, said, todo)
    else:
        yield Finding(subject, OK, said)


def moment(name):
    return name[-len("2026-11-30T12-00-00Z.zip") :]


def version_of(path):
    """Return which version made a backup, and those of its migrations that are not known here."""
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
            raise ValueError(_("its manifest is too long"))
        said = json.loads(archive.read(MANIFEST))
    done = [(str(app), str(name)) for app, name in said["migrations"]]
    return str(said["postil"])[:40], unknown_migrations(done)
