"""What the commands have in common that bring comments of other systems."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.constraints import REFUSALS, explain
from blog.lib.listing import sentences
from blog.transfer.discussions.bringing import import_discussion
from blog.transfer.report import Spool


class CommentsCommand(BaseCommand):
    """`reader` is the class of blog.transfer.discussions that reads the file."""

    reader = None
    file_help = "the file"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help=self.file_help)
        parser.add_argument(
            "--dry-run", action="store_true", help="do all of it, report, and change nothing"
        )
        parser.add_argument(
            "--map",
            dest="table",
            type=Path,
            metavar="TABLE",
            help="a CSV with the columns old,new that says which essay an old address was",
        )
        parser.add_argument(
            "--host",
            dest="hosts",
            action="append",
            default=[],
            metavar="HOST",
            help="a host that the old blog had, if this site does not know it; can be given often",
        )

    def handle(self, *, file, dry_run, table, hosts, verbosity, **options):
        try:
            report = import_discussion(
                self.discussion(file, **options),
                dry_run=dry_run,
                table=table,
                hosts=hosts,
                progress=self.progress if self.stderr.isatty() else None,
                sink=Spool() if verbosity > 1 else None,
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        except REFUSALS as error:
            said = sentences(explain(error).messages)
            raise CommandError(_("Nothing was imported. %(why)s") % {"why": said}) from error
        for line in report.lines(limit=None if verbosity > 1 else 20):
            self.stdout.write(line)

    def discussion(self, file, **options):
        return self.reader(file)

    last_said = 0.0

    def progress(self, done, total):
        """Say how far it is, once a second."""
        if time.monotonic() - self.last_said >= 1:
            self.last_said = time.monotonic()
            said = ngettext(
                "%(done)d of %(total)d comment", "%(done)d of %(total)d comments", total
            )
            self.stderr.write(said % {"done": done, "total": total})
