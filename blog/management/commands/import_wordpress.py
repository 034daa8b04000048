import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.constraints import REFUSALS, explain
from blog.lib.listing import sentences
from blog.lib.progress import reason
from blog.transfer.beside import bring_files
from blog.transfer.fetching import Fetching
from blog.transfer.report import Spool
from blog.transfer.wordpress import import_wordpress
from blog.transfer.wxr import WxrError


class Command(BaseCommand):
    help = "Brings essays, pages, tags, authors and comments from a WordPress export (WXR)."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the .xml file from Tools, Export in WordPress")
        parser.add_argument(
            "--dry-run", action="store_true", help="do all of it, report, and change nothing"
        )
        parser.add_argument(
            "--skip-duplicates",
            action="store_true",
            help="leave out what a writer said under the same post before, in the same words",
        )
        parser.add_argument(
            "--author",
            metavar="USERNAME",
            help="whose the posts become that name no author the file knows",
        )

        parser.add_argument(
            "--media",
            type=Path,
            metavar="FOLDER",
            help="a copy of wp-content/uploads, whose pictures, sounds and films come along",
        )
        parser.add_argument(
            "--fetch",
            action="store_true",
            help="fetch files that are not in FOLDER from the old blog, which must still be there",
        )

    def handle(self, *, file, dry_run, skip_duplicates, author, media, fetch, verbosity, **options):
        if media is not None and not media.is_dir():
            raise CommandError(_("%(folder)s is not a folder.") % {"folder": media})
        user = None
        if author is not None:
            user = get_user_model().objects.filter(username=author).first()
            if user is None:
                raise CommandError(_("No user is called %(name)s.") % {"name": author})
        progress = None
        if self.stderr.isatty():
            self.stderr.write(_("Reading %(file)s …") % {"file": file})
            progress = self.progress
        try:
            report = import_wordpress(
                file,
                author=user,
                dry_run=dry_run,
                skip_duplicates=skip_duplicates,
                progress=progress,
                media=media,
                fetch=Fetching(settings.DATA_DIR / "fetched") if fetch else None,
                sink=Spool() if verbosity > 1 else None,
            )
        except WxrError as error:
            raise CommandError(str(error)) from error
        except REFUSALS as error:
            said = sentences(explain(error).messages)
            raise CommandError(_("Nothing was imported. %(why)s") % {"why": said}) from error
        for line in report.lines(limit=None if verbosity > 1 else 20):
            self.stdout.write(line)
        if not dry_run:
            self.bring_files(file.parent / "media", user)

    def bring_files(self, folder, user):
        """Keep what `export` put beside the file, for the essays that show it."""
        try:
            count = bring_files(folder, user)
        except OSError as error:
            said = _("The storage failed: %(why)s. Run this again to go on.")
            raise CommandError(said % {"why": reason(error)}) from error
        if count:
            said = _("Pictures, sounds and films from %(folder)s: %(count)d.")
            self.stdout.write(said % {"folder": folder, "count": count})

    last_said = 0.0

    def progress(self, done, total):
        """Say how far it is, once a second."""
        if time.monotonic() - self.last_said >= 1:
            self.last_said = time.monotonic()
            said = ngettext("%(done)d of %(total)d item", "%(done)d of %(total)d items", total)
            self.stderr.write(said % {"done": done, "total": total})
