import sys
from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from blog.jobs.models import LEASE
from blog.jobs.worker import Worker


class Command(BaseCommand):
    help = "Does what waits outside requests, until Ctrl-C. `serve` runs one by itself."

    def add_arguments(self, parser):
        parser.add_argument("--at-once", type=int, default=3, help="jobs at a time, default 3")
        parser.add_argument(
            "--lease",
            type=float,
            default=LEASE.total_seconds(),
            help="seconds after which the job of a worker that fell silent goes to another",
        )

    def handle(self, *, at_once, lease, **options):
        self.stdout.write(_("The worker is running. Ctrl-C stops it."))
        self.stdout.flush()
        sys.exit(Worker(at_once, timedelta(seconds=lease)).run())
