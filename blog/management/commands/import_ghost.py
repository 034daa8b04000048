import time
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from blog.lib.constraints import REFUSALS, explain
from blog.transfer.ghost.importing import import_ghost
from blog.transfer.report import Spool


class Command(BaseCommand):
    help = "Brings essays, pages, tags, authors and comments from an export of Ghost."

    def add_arguments(self, parser):
        parser.add_argument(
            "file",
            type=Path,
            help="the .json from Settings, Migration tools, Export; or a .zip or folder with it",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="do all of it, report, and change nothing"
        )
        parser.add_argument(
            "--author", metavar="USERNAME", help="whose the essays become that name no author"
        )
        parser.add_argument(
            "--media",
            type=Path,
            metavar="FOLDER",
            help="a copy of Ghost’s content folder, whose pictures, sounds and films come along",
        )

    def handle(self, *, file, dry_run, author, media, verbosity, **options):
        if media is not None and not media.is_dir():
            raise CommandError(_("%(folder)s is not a folder.") % {"folder": media})
        user = None
        if author is not None:
            user = get_user_model().objects.filter(username=author).first()
            if user is None:
                raise CommandError(_("No user is called %(name)s.") % {"name": author})
        progress = self.progress if self.stderr.isatty() else None
        sink = Spool() if verbosity > 1 else None
        given = {"media": media, "author": user, "dry_run": dry_run}
        try:
            report = import_ghost(file, progress=progress, sink=sink, **given)
        except ValueError as error:
            raise CommandError(str(error)) from error
        except REFUSALS as error:
            said = " ".join(explain(error).messages)
            raise CommandError(_("Nothing was imported. %(why)s") % {"why": said}) from error
        for line in report.lines(limit=None if verbosity > 1 else 20):
            self.stdout.write(line)

    last_said = 0.0

    def progress(self, done, total):
        """Say how far it is, once a second."""
        if time.monotonic() - self.last_said >= 1:
            self.last_said = time.monotonic()
            self.stderr.write(_("%(done)d of %(total)d steps") % {"done": done, "total": total})
