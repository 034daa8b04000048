"""`manage.py serve`: everything a site needs, from an empty folder to a running server."""

import contextlib
import os
import signal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from blog.jobs.keeper import beside, let_go
from blog.jobs.worker import Worker
from blog.management.preparing import PreparingCommand
from blog.ops import metrics
from blog.ops.server import FORMER, Replaced, Server, cores, listening_socket, workers_for
from blog.ops.serving import written_down
from blog.pages.invalidation import changed
from blog.web.theme.files import put_in_use

# Threads of a process below which none waits for a pingback’s source.
SPARE = 3


class Command(PreparingCommand):
    help = (
        "Prepares the database and static files, then serves the site until Ctrl-C. "
        "SIGHUP replaces it by the program and the settings as they are then; nobody is refused."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: PORT")
        parser.add_argument(
            "--workers",
            type=int,
            default=workers_for(cores()),
            help="processes that serve pages, default %(default)s here: one for two cores",
        )
        parser.add_argument(
            "--threads",
            type=int,
            default=4,
            help="threads in each that make pages and store, default 4",
        )
        parser.add_argument(
            "--no-worker",
            action="store_true",
            help="leaves mail and other jobs to the command worker, here or on another machine",
        )
        parser.add_argument(
            "--no-backup",
            action="store_true",
            help="changes the database's schema, when an upgrade needs that, without a backup",
        )

    def handle(self, *, host, port, workers, threads, no_worker, no_backup, **options):
        # Until there is something to replace.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with listening_socket(host, port) as listener:
            password = self.prepare(no_backup=no_backup)
            # Templates, settings, the theme or the program may be others now.
            changed()
            put_in_use()
            self.announce(host, port, password)
            if threads < SPARE:
                spare_threads()
            if settings.METRICS_TOKEN and FORMER not in os.environ:
                metrics.begin()
            let_go()
            server = Server(listener, workers=workers, threads=threads)
            try:
                with (
                    written_down(listener),
                    contextlib.nullcontext() if no_worker else beside(work),
                ):
                    server.run()
            except Replaced:
                server.replace()

    def announce(self, host, port, password):
        here = f"http://{host}:{port}{settings.BASE_PATH}"
        shown = {
            pgettext("before the address of the site", "Read"): f"{here}/",
            pgettext("before the address of the admin", "Write"): f"{here}/{settings.ADMIN_PATH}/",
        }
        if password:
            once = _("(shown this once; write it down)")
            shown |= {_("Name"): "admin", _("Password"): f"{password}   {once}"}
        wide = max(map(len, shown))
        lines = [f"  {label.ljust(wide)} {value}" for label, value in shown.items()]
        begun = ["", _("Postil is running. Ctrl-C stops it."), ""]
        self.stdout.write("\n".join([*begun, *lines, ""]))
        self.stdout.flush()


def spare_threads():
    """Let no thread of a process wait for a pingback's source."""
    # For processes that are forked, and for those that read the settings again.
    settings.LINKBACK_WAITS = 0
    os.environ["LINKBACK_WAITS"] = "0"


def work(parent):
    return Worker(parent=parent).run()
