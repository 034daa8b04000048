import sys

from django.utils.translation import gettext as _

from blog import __version__
from blog.lib.listing import labelled, listed
from blog.lib.progress import progress
from blog.lib.whereabouts import COMMAND
from blog.management.findings import FindingsCommand
from blog.management.preparing import PreparingCommand
from blog.ops import unread, upgrading
from blog.ops.doctor import BROKEN
from blog.pages.invalidation import changed


class Command(FindingsCommand, PreparingCommand):
    help = (
        "Brings the data up to date with this version, as serve does when it starts: first a "
        "backup, then the database and static files. With --check it says what would change, and "
        "changes nothing; it ends with 1 if this version cannot take the data."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--check",
            action="store_true",
            help="says what would change: migrations, what essays look like, settings that are "
            "not read, the backup there is",
        )
        parser.add_argument(
            "--no-backup", action="store_true", help="changes the database without a backup"
        )

    def handle(self, *, check, no_backup, **options):
        if check:
            self.check_upgrade()
            return
        password = self.prepare(no_backup=no_backup)
        changed()
        said = _("The data is up to date with Postil %s.")
        self.stdout.write(said % __version__)
        if password:
            given = labelled(_("Name"), "admin"), labelled(_("Password"), password)
            self.stdout.write(listed(given))
        else:
            said = _("A server or worker that still runs is of the version before: restart it.")
            self.stdout.write(said)

    def check_upgrade(self):
        found = []
        for findings in (upgrading.found(progress(self.stderr)), unread.found()):
            for finding in findings:
                found.append(finding)
                self.say([finding])
        if any(finding.level == BROKEN for finding in found):
            self.stdout.flush()
            sys.exit(1)
        self.say(upgrading.backups())
        self.stdout.write("")
        self.stdout.write(_("Nothing was changed. %s serve upgrades the data.") % COMMAND)
