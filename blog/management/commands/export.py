import argparse
from pathlib import Path

from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.listing import listed
from blog.lib.progress import progress, reason
from blog.ops.static_files import are_collected, collect
from blog.transfer.export import ExportError, export
from blog.transfer.static_copy.copy import copy_site
from blog.transfer.static_copy.folder import CopyError
from blog.transfer.static_copy.saying import sentences


class Command(BaseCommand):
    help = (
        "Writes all that an owner needs to leave: Markdown, media, comments, WordPress's format. "
        "With --static, the site as plain files for any web server."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="a folder that is new or empty")
        parser.add_argument(
            "--versions",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="every version of every essay as well (default)",
        )

        parser.add_argument(
            "--static",
            action="store_true",
            help="the pages themselves, for any web server; again, only what changed is written",
        )

    def handle(self, *, folder, versions, static, verbosity, **options):
        if static:
            self.copy(folder, verbosity)
        else:
            self.export(folder, versions)

    def copy(self, folder, verbosity):
        """Write the site as plain files; say each that is written with --verbosity 2."""
        said = self.stdout.write if verbosity > 1 else None
        try:
            if isinstance(staticfiles_storage, ManifestFilesMixin) and not are_collected():
                collect()
            made = copy_site(folder, progress=progress(self.stderr), said=said)
        except CopyError as error:
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError) as error:
            raise CommandError(
                _(
                    "The copy in %(folder)s is not complete: %(why)s. What is in it can be used; "
                    "run this again to go on."
                )
                % {"folder": folder, "why": reason(error)}
            ) from error
        for sentence in sentences(made):
            self.stdout.write(sentence)

    def export(self, folder, versions):
        try:
            counts = export(folder, versions=versions, progress=progress(self.stderr))
        except ExportError as error:
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError) as error:
            raise CommandError(
                _("Nothing was exported: %(why)s.") % {"why": reason(error)}
            ) from error
        said = _("%(folder)s: %(amount)s.")
        self.stdout.write(said % {"folder": folder, "amount": listed(amounts(**counts))})


def amounts(*, posts, comments, addresses, media, **_others):
    """Yield how much of each there is."""
    said = ngettext("%(count)d essay or page", "%(count)d essays and pages", posts)
    yield said % {"count": posts}
    said = ngettext("%(count)d comment or mention", "%(count)d comments and mentions", comments)
    yield said % {"count": comments}
    said = ngettext("%(count)d old address", "%(count)d old addresses", addresses)
    yield said % {"count": addresses}
    yield ngettext("%(count)d file", "%(count)d files", media) % {"count": media}
