"""`manage.py serve`: everything a site needs, from an empty folder to a running server."""

import contextlib
import os
import secrets
import signal

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from blog.jobs.keeper import aside, beside, let_go
from blog.jobs.worker import Worker
from blog.ops import metrics
from blog.ops.server import FORMER, Replaced, Server, listening_socket, workers_for
from blog.ops.serving import written_down
from blog.ops.static_files import are_collected, collect
from blog.pages.invalidation import changed
from blog.posts.models import Post
from blog.transfer.archive import ArchiveError
from blog.transfer.backup import BEFORE_UPGRADE, back_up
from blog.transfer.databases import has_tables
from blog.transfer.demo import load_demo
from blog.transfer.places import Folder, PlaceError
from blog.transfer.tables import applied_migrations, pending_migrations, unknown_migrations
from comments.models import ThreadPage
from comments.tasks import refresh_stale_threads

# Threads of a process below which none waits for a pingback’s source.
SPARE = 3
# Backups made before upgrades that are kept.
KEPT_UPGRADES = 3


class Command(BaseCommand):
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
            default=workers_for(len(os.sched_getaffinity(0))),
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
            help="leaves mail and other jobs to `manage.py worker`, here or on another machine",
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
            pending = pending_migrations()
            self.keep_before_upgrade(pending, no_backup)
            password = self.prepare(pending)
            # Templates, settings or the program may be others now.
            changed()
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

    def prepare(self, pending):
        """Bring all that pages need up to date; return the password of a site that is new."""
        if pending:
            with self.step(_("Preparing the database")):
                call_command("migrate", verbosity=0, interactive=False)
        if not are_collected():
            with self.step(_("Collecting static files")):
                # Compressing takes 32 MiB, which would stay with the server as long as it runs.
                aside(collect)
        password = None
        if not Post.objects.exists() and not get_user_model().objects.exists():
            with self.step(_("Loading the demo")):
                load_demo()
                password = create_admin()
        if ThreadPage.objects.stale_posts().exists():
            # A job, because a large site has an hour's work there: until it is done, threads are
            # rendered as they are read.
            refresh_stale_threads.enqueue()
        call_command("render", later=True)
        call_command("reindex", later=True)
        return password

    def keep_before_upgrade(self, pending, no_backup):
        """Make a backup if there is a database that migrating will change; the last few stay."""
        if not has_tables() or not (applied := applied_migrations()):
            return
        if unknown := unknown_migrations(applied):
            raise CommandError(
                _(
                    "A newer Postil made this database (%(what)s). Start that one, or go back to "
                    "a backup: docs/upgrade.md, Downgrade."
                )
                % {"what": ".".join(unknown[-1])}
            )
        if no_backup or not pending:
            return
        with self.step(_("Backing up before the upgrade")):
            aside(self.back_up)

    def back_up(self):
        there = Folder(settings.DATA_DIR / "backups")
        try:
            name, _manifest = back_up(there, kind=BEFORE_UPGRADE, keep=KEPT_UPGRADES)
        except (ArchiveError, PlaceError) as error:
            why = str(error)
        except OSError as error:
            why = _("The backup could not be made: %(why)s.") % {"why": error.strerror or error}
        else:
            self.stdout.write(f"{there.said(name)} … ", ending="")
            return 0
        self.stderr.write(
            _("%(why)s Nothing was changed. --no-backup upgrades without one.") % {"why": why}
        )
        return 1

    def step(self, what):
        return Step(self.stdout, what)

    def announce(self, host, port, password):
        here = f"http://{host}:{port}{settings.BASE_PATH}"
        lines = [
            "",
            _("Postil is running. Ctrl-C stops it."),
            "",
            f"  {_('Read')}     {here}/",
            f"  {_('Write')}    {here}/{settings.ADMIN_PATH}/",
        ]
        if password:
            lines += [
                f"  {_('Name')}     admin",
                f"  {_('Password')} {password}   {_('(shown this once; write it down)')}",
            ]
        self.stdout.write("\n".join([*lines, ""]))
        self.stdout.flush()


class Step:
    """Says on the terminal what is being done while it is done."""

    def __init__(self, out, what):
        self.out, self.what = out, what

    def __enter__(self):
        self.out.write(f"{self.what} … ", ending="")
        self.out.flush()

    def __exit__(self, failed, *rest):
        self.out.write("" if failed else _("done"))


def spare_threads():
    """Let no thread of a process wait for a pingback's source."""
    # For processes that are forked, and for those that read the settings again.
    settings.LINKBACK_WAITS = 0
    os.environ["LINKBACK_WAITS"] = "0"


def work(parent):
    return Worker(parent=parent).run()


def create_admin():
    """Create the user `admin` who may do everything; return the random password."""
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password)
    return password
