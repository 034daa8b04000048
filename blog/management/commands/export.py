import argparse
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from blog.lib.progress import progress, reason
from blog.transfer.export import ExportError, export


class Command(BaseCommand):
    help = "Writes all that an owner needs to leave: Markdown, media, comments, WordPress's format."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="a folder that is new or empty")

        parser.add_argument(
            "--versions",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="every version of every essay as well (default)",
        )

    def handle(self, *, folder, versions, **options):
        try:
            counts = export(folder, versions=versions, progress=progress(self.stderr))
        except ExportError as error:
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError) as error:
            raise CommandError(
                _("Nothing was exported: %(why)s.") % {"why": reason(error)}
            ) from error
        self.stdout.write(
            _(
                "%(folder)s: %(posts)d essays and pages, %(comments)d comments and mentions, "
                "%(addresses)d old addresses, %(media)d files."
            )
            % {"folder": folder, **counts}
        )
