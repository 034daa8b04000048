"""One consistent copy of a site in one file, made while it runs.

Rows are kept as lines of JSON and not as the database's own dump, because one way then restores
SQLite into SQLite, PostgreSQL into PostgreSQL and each into the other, and needs no pg_dump of the
right version. Each table is streamed from one snapshot, so memory stays the same for any size.
"""

import contextlib
import os
import re
from datetime import UTC, datetime

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from blog import __version__
from blog.jobs.models import Sign
from blog.lib.base_path import home
from blog.media.files import PARTS, pieces_of
from blog.media.names import original_of

from . import theme
from .archive import SETTINGS, ArchiveError, Manifest, Writer, table_member
from .databases import has_tables, snapshot
from .places import new_name
from .tables import AT_ONCE, applied_migrations, lines, tables_of, unknown_migrations

KIND = "postil"
# Those that `serve` makes have a name of their own, so that neither kind crowds out the other.
BEFORE_UPGRADE = "before-upgrade"


def back_up(place, *, kind=KIND, keep=None, progress=None):
    """Make a backup in a place (places.py); return its name and its manifest.

    Then all but the newest `keep` of its kind are deleted. `progress` is called with what is being
    copied and how many rows or files of it are. Raises ArchiveError and PlaceError.
    """
    name = new_name(kind)
    with place.new(name) as path:
        manifest = write(path, progress=progress)
    if kind == KIND:
        # For the admin and `doctor` to see how old it is. A database that cannot be written to can
        # be backed up all the same.
        with contextlib.suppress(DatabaseError):
            Sign.objects.give(Sign.BACKUP, timezone.now())
    if keep:
        place.keep(keep, kind)
    return name, manifest


def write(path, *, progress=None):
    """Write a backup to `path` and return its manifest."""
    if not has_tables():
        raise ArchiveError(_("The database does not exist yet, so there is nothing to back up."))
    with snapshot():
        migrations = applied_migrations()
        if unknown := unknown_migrations(migrations):
            raise ArchiveError(
                _("A newer Postil made this database (%(what)s): back it up with that.")
                % {"what": ".".join(unknown[-1])}
            )
        manifest = Manifest(
            postil=__version__,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            site=home(),
            database=connection.vendor,
            migrations=migrations,
        )
        with Writer(path, manifest) as archive:
            for table, model in tables_of(migrations).items():
                read = _Counted(lines(model), table, progress)
                said = archive.add(table_member(table), gathered(read))
                said["rows"] = read.count - 1  # the first line names the columns
            archive.add(SETTINGS, [settings_without_secrets().encode()])
            # After the rows, so that a file they name is there.
            add_media(archive, progress=progress)
            theme.add(archive)
    return manifest


def add_media(archive, *, progress=None):
    """Add the uploaded files; one that is deleted meanwhile is one that nothing names any more."""
    for number, name in enumerate(stored_files(), 1):
        if progress:
            progress(_("media"), number)
        try:
            pieces = pieces_of(name)
        except FileNotFoundError:
            continue
        archive.add(f"media/{name}", pieces, packed=False)


def gathered(read):
    """Yield lines in larger pieces, which are quicker to pack."""
    piece, size = [], 0
    for line in read:
        piece.append(line)
        size += len(line)
        if size > 1 << 16:
            yield b"".join(piece)
            piece, size = [], 0
    yield b"".join(piece)


class _Counted:
    """Lines, counted as they go by."""

    def __init__(self, read, what, progress):
        self.read, self.what, self.progress, self.count = read, what, progress, 0

    def __iter__(self):
        for line in self.read:
            self.count += 1
            if self.progress and self.count % AT_ONCE == 0:
                self.progress(self.what, self.count)
            yield line


def stored_files(folder=""):
    """Yield the names of all uploaded files, wherever the default storage keeps them.

    Parts of files that are on their way are of no use elsewhere, and what was made of a picture is
    made of it again.
    """
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    above = f"{folder}/" if folder else ""
    yield from (above + name for name in sorted(files) if name and not original_of(name))
    for name in sorted(folders):
        if name and above + name != PARTS:
            yield from stored_files(above + name)


# --- Settings -------------------------------------------------------------------------------

_SECRET = re.compile("KEY|SECRET|TOKEN|PASSWORD|DSN|_URL$")


def settings_without_secrets():
    """Return the variables that are set, as lines of `.env`; a secret one only by its name.

    Which variables there are is read from .env.example. An address that can hold a password is
    taken for a secret, all but SITE_URL.
    """
    documented = (settings.BASE_DIR / ".env.example").read_text()
    made = [
        _("# The settings of %(site)s when this was made.") % {"site": settings.SITE_URL},
        _("# Secrets are not kept: set those named here again."),
    ]
    for name in re.findall(r"^#?([A-Z][A-Z0-9_]*)=", documented, re.MULTILINE):
        value = os.environ.get(name, "")
        if not value or name == "ENV_FILE":
            continue
        if name != "SITE_URL" and (_SECRET.search(name) or "://" in value):
            made.append(f"#{name}=")
        else:
            # As django-environ reads it back, on one line.
            escaped = re.sub(r'([\\"])', r"\\\1", " ".join(value.splitlines()))
            made.append(f'{name}="{escaped}"')
    return "\n".join([*made, ""])
