"""A backup made a site again: here, elsewhere, on the other database, by a later version.

An archive of an older schema is loaded into tables of that schema, which are then migrated on.
The full-text index is not in it: both databases make their own as the rows come in.
"""

import contextlib
import hashlib

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.feed_ids import made_at
from blog.media.files import pieces_of
from blog.posts.models import Image
from blog.posts.search.earlier import is_replaced
from blog.posts.search.indexing import is_incomplete
from blog.posts.tasks import catch_up, index_essays
from comments.tasks import index_comments

from . import theme
from .archive import ArchiveError, Reader, table_member
from .databases import alone, has_tables, replaced, scratch
from .tables import (
    AT_ONCE,
    TablesError,
    empty,
    finish,
    lines,
    load,
    migrate_to,
    tables_of,
    unknown_migrations,
)


def restore(path, *, overwrite=False, progress=None, waits=lambda: None):
    """Put the site in the archive into the database and the storage of this one.

    Returns the manifest and sentences that say what is not as it was. Nothing is changed unless
    the archive is whole and unchanged, of a known version, and gives the same rows here as it was
    made of; a database that has tables is replaced only with `overwrite`. Files that are here and
    not in the archive stay. A start that comes meanwhile waits; `waits()` is called if another
    one is preparing the database, which is waited for.

    Raises ArchiveError and DatabaseBusy, each with one sentence.
    """
    with Reader(path) as archive, alone(waits):
        check_version(archive)
        if has_tables() and not overwrite:
            raise ArchiveError(
                _("There is a site here already. To replace all of it, add --overwrite.")
            )
        with replaced():
            said = load_tables(archive, progress=progress)
            migrate_on(archive)
            load_media(archive, progress=progress)
            said += theme.put_back(archive)
            if Image.objects.exists():
                # The archive has none of the narrower pictures that pages offer.
                catch_up.enqueue(every=True)
            if is_replaced() and is_incomplete():
                # It was made while a site was reading its texts again.
                index_essays.enqueue()
                index_comments.enqueue()
        return archive.manifest, said


def verify(path, *, progress=None):
    """Restore into a scratch database and compare; the site is not touched.

    Returns and raises as `restore` does. The scratch database is SQLite whatever made the archive.
    """
    with Reader(path) as archive:
        check_version(archive)
        with scratch():
            said = load_tables(archive, progress=progress)
            migrate_on(archive)
        return archive.manifest, said


def migrate_on(archive):
    """Bring what was loaded to this version, permissions it did not have included."""
    with made_at(archive.manifest.site), connection.execute_wrapper(_settled):
        call_command("migrate", verbosity=0, interactive=False)


def _settled(execute, sql, params, many, context):
    """Have PostgreSQL check rows before it changes tables, as all is in one transaction here."""
    if connection.vendor == "postgresql" and sql.lstrip().startswith(("ALTER", "CREATE", "DROP")):
        connection.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return execute(sql, params, many, context)


def check_version(archive):
    """Raise ArchiveError if it comes from a version that knows more than this one."""
    manifest = archive.manifest
    if unknown := unknown_migrations(manifest.migrations):
        raise ArchiveError(
            _("%(file)s was made by a newer Postil (%(version)s) or one with other parts: this "
              "one does not know %(what)s.")
            % {
                "file": archive.path,
                "version": manifest.postil[:40],
                "what": ".".join(unknown[0])[:100],
            }
        )  # fmt: skip
    if set(tables_of(manifest.migrations)) != set(manifest.tables):
        raise archive.bad(_("its tables are not those of its version"))


def load_tables(archive, *, progress=None):
    """Fill an empty database, and compare every table with what the archive was made of."""
    manifest, notes = archive.manifest, []
    migrate_to(manifest.migrations)
    tables, said_of = tables_of(manifest.migrations), manifest.tables
    with _in_sentences(archive), transaction.atomic():
        empty(tables)
        for name, model in tables.items():
            with contextlib.closing(archive.lines(table_member(name))) as read:
                count = load(model, _watched(read, name, progress))
            if count:
                said = ngettext(
                    "%(table)s: %(count)d row had a NUL, which PostgreSQL does not keep.",
                    "%(table)s: %(count)d rows had a NUL, which PostgreSQL does not keep.",
                    count,
                )
                notes.append(said % {"table": name, "count": count})
            elif not _same(model, said_of[name]):
                raise archive.bad(_("%(table)s comes out differently here") % {"table": name})
        finish(tables)
    return notes


@contextlib.contextmanager
def _in_sentences(archive):
    try:
        yield
    except TablesError as error:
        raise archive.bad(str(error).rstrip(".")) from error


def _same(model, said):
    """Whether a table now gives the very lines it was loaded from."""
    sum_, count = hashlib.sha256(), -1
    for line in lines(model):
        sum_.update(line)
        count += 1
    return (count, sum_.hexdigest()) == (said["rows"], said["sha256"])


def _watched(read, name, progress):
    for count, line in enumerate(read):
        if progress and count and count % AT_ONCE == 0:
            progress(name, count)
        yield line


def load_media(archive, *, progress=None):
    """Put the uploaded files into the storage, under the names they had."""
    for number, name in enumerate(archive.manifest.media, 1):
        if progress:
            progress(_("media"), number)
        with archive.open(f"media/{name}") as member:
            if default_storage.exists(name):
                sum_ = hashlib.sha256()
                for piece in pieces_of(name):
                    sum_.update(piece)
                if sum_.hexdigest() == archive.manifest.members[f"media/{name}"]["sha256"]:
                    continue
                default_storage.delete(name)
            default_storage.save(name, File(member))
