from django.core.management.commands import flush

from emptied import as_migrated


class Command(flush.Command):
    def handle(self, **options):
        if as_migrated.kept_here(options["database"]):
            as_migrated.come_back(options["database"])
        else:
            super().handle(**options)
