from django.core.management.commands import migrate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from blog.management.preparing import waiting
from blog.transfer.databases import alone
from blog.transfer.new_database import make_tables

# With any of these, Django's command is asked for something other than the newest tables.
OTHERWISE = ("app_label", "fake", "fake_initial", "plan", "check_unapplied", "prune")


class Command(migrate.Command):
    def handle(self, *args, **options):
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        with alone(waiting(self.stdout)):
            made = not any(options[name] for name in OTHERWISE) and make_tables()
            if made and options["verbosity"] > 0:
                done = pgettext("a step of the start", "done")
                self.stdout.write(f"{_('Preparing the database')} … {done}")
            super().handle(*args, **options)
