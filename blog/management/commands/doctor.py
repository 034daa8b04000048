import json
import sys
from functools import partial

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from blog.lib.logs import one_line
from blog.ops.doctor import BROKEN, LOOK, OK, examine, here, outside


class Command(BaseCommand):
    help = (
        "Looks at all that the site needs, and says what to do where something is amiss. "
        "Ends with 1 if anything is broken."
    )
    # It says what these say, and has to run where they fail.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--mail-to", metavar="ADDRESS", help="also sends one mail there")
        parser.add_argument("--json", action="store_true", help="says it as JSON, for programs")

    def handle(self, *, mail_to, **options):
        if mail_to:
            try:
                validate_email(mail_to)
            except ValidationError as error:
                raise CommandError(_("--mail-to needs an address of mail.")) from error
        found = examine(
            {
                "database": here.database,
                "worker": here.worker,
                "backup": here.backup,
                "disk": here.folders,
                "uploads": here.media,
                "pages": here.pages,
                "cache": here.cache,
                "mail": partial(here.mail, mail_to),
                "site": outside.site,
                "clock": here.clock,
                "path": here.path,
                "settings": here.unsafe,
            }
        )
        if options["json"]:
            self.stdout.write(json.dumps([each._asdict() for each in found], indent=1, default=str))
        else:
            self.say(found)
        if any(finding.level == BROKEN for finding in found):
            self.stdout.flush()
            sys.exit(1)

    def say(self, found):
        """Write a line for each finding, with what to do behind an arrow."""
        style = {OK: self.style.SUCCESS, LOOK: self.style.WARNING, BROKEN: self.style.ERROR}
        words = {OK: _("ok"), LOOK: _("look"), BROKEN: _("broken")}
        wide = max(map(len, words.values()))
        for finding in found:
            level = style[finding.level](f"{words[finding.level]:<{wide}}")
            todo = f" → {finding.todo}" if finding.todo else ""
            line = one_line(f"{finding.subject:<8}  {finding.said}{todo}")
            self.stdout.write(f"{level}  {line}")
