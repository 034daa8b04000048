"""What the commands have in common that bring a whole blog from a file."""

import time
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.constraints import REFUSALS, explain
from blog.lib.listing import sentences
from blog.transfer.report import Spool


class EssaysCommand(BaseCommand):
    """`bring` is the importer; a command adds arguments of its own, by the names it has there.

    Without `media_help` its pictures lie in the folder that is brought.
    """

    file_name, file_help = "file", ""
    media_help = ""
    own_options = ()

    def bring(self, file, **given):
        raise NotImplementedError

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar=self.file_name, help=self.file_help)
        parser.add_argument(
            "--dry-run", action="store_true", help="do all of it, report, and change nothing"
        )
        parser.add_argument(
            "--author", metavar="USERNAME", help="whose the essays become that name no author"
        )
        if self.media_help:
            parser.add_argument("--media", type=Path, metavar="FOLDER", help=self.media_help)

    def add_url(self, parser):
        parser.add_argument(
            "--url",
            default="",
            metavar="ADDRESS",
            help="where the blog was read, if its file does not say it",
        )

    def handle(self, *, file, dry_run, author, verbosity, media=None, **options):
        if media is not None and not media.is_dir():
            raise CommandError(_("%(folder)s is not a folder.") % {"folder": media})
        user = None
        if author is not None:
            user = get_user_model().objects.filter(username=author).first()
            if user is None:
                raise CommandError(_("No user is called %(name)s.") % {"name": author})
        own = {name: options[name] for name in self.own_options}
        if self.media_help:
            own["media"] = media
        try:
            report = self.bring(
                file,
                author=user,
                dry_run=dry_run,
                progress=self.progress if self.stderr.isatty() else None,
                sink=Spool() if verbosity > 1 else None,
                **own,
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            said = _("Nothing was imported. %(why)s") % {"why": error.strerror or error}
            raise CommandError(said) from error
        except REFUSALS as error:
            said = sentences(explain(error).messages)
            raise CommandError(_("Nothing was imported. %(why)s") % {"why": said}) from error
        for line in report.lines(limit=None if verbosity > 1 else 20):
            self.stdout.write(line)

    last_said = 0.0

    def progress(self, done, total):
        """Say how far it is, once a second."""
        if time.monotonic() - self.last_said >= 1:
            self.last_said = time.monotonic()
            said = ngettext("%(done)d of %(total)d step", "%(done)d of %(total)d steps", total)
            self.stderr.write(said % {"done": done, "total": total})
