import json
import sys
from functools import partial

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from blog.management.findings import FindingsCommand
from blog.ops.doctor import BROKEN, examine, here, outside, theme


class Command(FindingsCommand):
    help = (
        "Looks at all that the site needs, and says what to do where something is amiss. "
        "Ends with 1 if anything is broken."
    )

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
                "theme": theme.theme,
                "cache": here.cache,
                "mail": partial(here.mail, mail_to),
                "site": outside.site,
                "clock": here.clock,
                "passkeys": here.passkeys,
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
