import time
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from blog.lib.constraints import REFUSALS, explain
from blog.transfer.folders.importing import import_folder, kinds
from blog.transfer.folders.tree import FolderError


class Command(BaseCommand):
    help = "Brings essays and pages from a folder of Markdown: Hugo, Jekyll, Eleventy and others."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="the folder that holds the blog’s settings")
        parser.add_argument(
            "--from",
            dest="kind",
            default="",
            choices=kinds(),
            help="the program that made the folder, if its files do not show it",
        )
        parser.add_argument(
            "--permalink",
            default="",
            metavar="PATTERN",
            help="how old addresses were made, such as /:categories/:title/ (Jekyll)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="do all of it, report, and change nothing"
        )
        parser.add_argument(
            "--author", metavar="USERNAME", help="whose the essays become that name no author"
        )

    def handle(self, *, folder, kind, permalink, dry_run, author, verbosity, **options):
        user = None
        if author is not None:
            user = get_user_model().objects.filter(username=author).first()
            if user is None:
                raise CommandError(_("No user is called %(name)s.") % {"name": author})
        progress = self.progress if self.stderr.isatty() else None
        given = {"kind": kind, "permalink": permalink, "author": user, "dry_run": dry_run}
        try:
            report = import_folder(folder, progress=progress, **given)
        except FolderError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            said = _("Nothing was imported. %(why)s") % {"why": error.strerror or error}
            raise CommandError(said) from error
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
