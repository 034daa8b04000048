from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from blog.lib.progress import progress, reason
from blog.management.preparing import waiting
from blog.pages.invalidation import changed
from blog.transfer.archive import ArchiveError
from blog.transfer.databases import DatabaseBusy
from blog.transfer.places import PlaceError, fetched
from blog.transfer.restore import restore, verify


class Command(BaseCommand):
    help = "Makes the site what it was in a backup: rows and media, on either database."
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("file", help="a file that `backup` made, here or at s3://")
        parser.add_argument(
            "--overwrite", action="store_true", help="replace the site that is here already"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="restore it into a scratch database, compare, and change nothing here",
        )

    def handle(self, *, file, overwrite, dry_run, **options):
        report = progress(self.stderr)
        try:
            with fetched(file) as path:
                if dry_run:
                    manifest, notes = verify(path, progress=report)
                else:
                    manifest, notes = restore(
                        path, overwrite=overwrite, progress=report, waits=waiting(self.stdout)
                    )
                    changed()
        except (ArchiveError, DatabaseBusy, PlaceError) as error:
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError) as error:
            raise CommandError(
                _("Nothing was restored: %(why)s.") % {"why": reason(error)}
            ) from error
        for line in notes:
            self.stdout.write(line)
        if dry_run:
            self.stdout.write(_("Nothing was changed: this was a dry run."))
        said = {"site": manifest.site, "time": manifest.made_at, "amount": manifest.amount}
        self.stdout.write(_("%(site)s of %(time)s: %(amount)s.") % said)
