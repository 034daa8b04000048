from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.progress import progress, reason
from blog.transfer.archive import ArchiveError
from blog.transfer.backup import KIND, back_up
from blog.transfer.places import PlaceError, fetched, place
from blog.transfer.restore import verify


class Command(BaseCommand):
    help = "Copies the whole site into one file, while it runs: rows, media, settings."
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument(
            "place",
            nargs="?",
            default=settings.BACKUP_TO,
            help="a folder, or s3://bucket/folder; default: BACKUP_TO, or backups in DATA_DIR",
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="delete all but the newest N of them there"
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help="then restore it into a scratch database and compare rows and sums",
        )

    def handle(self, *, place: str, keep, **options):
        if keep is not None and keep < 1:
            raise CommandError(_("--keep needs a number from 1."))
        try:
            self.make(place, keep, options["verify"])
        except (ArchiveError, PlaceError) as error:
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError) as error:
            raise CommandError(
                _("The backup could not be made: %(why)s.") % {"why": reason(error)}
            ) from error

    def make(self, where, keep, verifies):
        there, report = place(where), progress(self.stderr)
        name, manifest = back_up(there, progress=report)
        self.stdout.write(f"{there.said(name)}: {manifest.amount}.")
        if verifies:
            with fetched(there.said(name)) as path:
                verify(path, progress=report)
            self.stdout.write(_("Restored into a scratch database: every row and sum is the same."))
        # Only now, so that an old one that is sound never makes room for a new one that is not.
        if keep and (gone := there.keep(keep, KIND)):
            self.stdout.write(
                ngettext("Deleted %(n)d older one.", "Deleted %(n)d older ones.", len(gone))
                % {"n": len(gone)}
            )
