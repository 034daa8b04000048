"""`manage.py serve`: everything a site needs, from an empty folder to a running server."""

import contextlib
import os
import secrets
import socket

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from granian import Granian
from granian.constants import Interfaces

from blog.freshness import changed
from blog.jobs.keeper import aside, beside
from blog.jobs.worker import Worker
from blog.posts.models import Post
from blog.transfer.demo import load_demo
from comments.models import ThreadPage

# Threads of each process, unless --threads says otherwise.
THREADS = 4
# Threads of a process below which none waits for a pingback's source: two stay for readers.
SPARE = 3


class Command(BaseCommand):
    help = "Prepares the database and static files, then serves the site until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: PORT")
        parser.add_argument("--workers", type=int, default=1, help="processes, default 1")
        parser.add_argument(
            "--threads", type=int, default=THREADS, help=f"threads in each, default {THREADS}"
        )
        parser.add_argument(
            "--no-worker",
            action="store_true",
            help="leaves mail and other jobs to `manage.py worker`, here or on another machine",
        )

    def handle(self, *, host, port, workers, threads, no_worker, **options):
        check_port_is_free(host, port)
        with self.step(_("Preparing the database")):
            call_command("migrate", verbosity=0, interactive=False)
        with self.step(_("Collecting static files")):
            # Compressing takes 32 MiB, which would stay with the server as long as it runs.
            aside(lambda: call_command("collectstatic", verbosity=0, interactive=False))
        password = None
        if not Post.objects.exists() and not get_user_model().objects.exists():
            with self.step(_("Loading the demo")):
                load_demo()
                password = create_admin()
        if ThreadPage.objects.stale().exists():
            with self.step(_("Rendering threads anew")):
                ThreadPage.objects.refresh_stale()
        # Templates, settings or the program may be others now.
        changed()
        self.announce(host, port, password)
        if threads < SPARE:
            # For processes that are forked, and for those that read the settings anew.
            settings.LINKBACK_WAITS = 0
            os.environ["LINKBACK_WAITS"] = "0"
        server = server_for("blog.wsgi:application", host, port, workers, threads)
        with contextlib.nullcontext() if no_worker else beside(work):
            server.serve()

    def step(self, what):
        return Step(self.stdout, what)

    def announce(self, host, port, password):
        here = f"http://{host}:{port}"
        lines = [
            "",
            _("Postil is running. Ctrl-C stops it."),
            "",
            f"  {_('Read')}     {here}/",
            f"  {_('Write')}    {here}/admin/",
        ]
        if password:
            lines += [
                f"  {_('Name')}     admin",
                f"  {_('Password')} {password}   {_('(shown this once; write it down)')}",
            ]
        self.stdout.write("\n".join([*lines, ""]))
        self.stdout.flush()


class Step:
    """Says what is being done while it is done, for whoever waits at a terminal."""

    def __init__(self, out, what):
        self.out, self.what = out, what

    def __enter__(self):
        self.out.write(f"{self.what} … ", ending="")
        self.out.flush()

    def __exit__(self, failed, *rest):
        self.out.write("" if failed else _("done"))


def server_for(target, host="127.0.0.1", port=8000, workers=1, threads=THREADS):
    """Return the server that runs a WSGI application, named as module:name."""
    return Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        log_level="warning",
        respawn_failed_workers=True,
        # Seconds a worker may finish its requests in, once told to stop.
        workers_kill_timeout=10,
    )


def check_port_is_free(host, port):
    """Raise CommandError with what to do when something else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                _("Cannot listen on %(host)s, port %(port)d: %(why)s. Try another: PORT=8001")
                % {"host": host, "port": port, "why": error.strerror}
            ) from error


def work(parent):
    return Worker(parent=parent).run()


def create_admin():
    """Create the user `admin` who may do everything; return the random password."""
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password)
    return password
