"""What a site needs before it is served: its tables, after a backup, static files, and the demo."""

import secrets

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_permission_codename, get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from blog.jobs.keeper import aside
from blog.lib.locked import locked
from blog.ops.static_files import are_collected, collect
from blog.posts.models import Post
from blog.transfer.archive import ArchiveError
from blog.transfer.backup import BEFORE_UPGRADE, back_up
from blog.transfer.databases import alone, has_tables
from blog.transfer.demo import load_demo
from blog.transfer.new_database import our_apps
from blog.transfer.places import Folder, PlaceError
from blog.transfer.tables import applied_migrations, pending_migrations, unknown_migrations
from comments.models import ThreadPage
from comments.tasks import refresh_stale_threads

# Backups made before upgrades that are kept.
KEPT_UPGRADES = 3


class PreparingCommand(BaseCommand):
    """A command that brings the site up to date with this program."""

    def prepare(self, *, no_backup):
        """Bring all that pages need up to date; return the password of a site that is new."""
        self.bring_up_to_date(no_backup)
        with locked(settings.DATA_DIR):  # which several machines may share
            if not are_collected():
                with self.step(_("Collecting static files")):
                    # Compressing takes 32 MiB, which would stay with the server while it runs.
                    aside(collect)
        password = self.begin()
        if ThreadPage.objects.stale_posts().exists():
            # A job, because a large site has an hour's work there: until it is done, threads are
            # rendered as they are read.
            refresh_stale_threads.enqueue()
        call_command("render", later=True)
        call_command("reindex", later=True)
        return password

    def bring_up_to_date(self, no_backup):
        """Migrate the database, after a backup."""
        with alone(waiting(self.stdout)):
            pending = pending_migrations()
            self.keep_before_upgrade(pending, no_backup)
            if pending or lacks_permissions():
                with self.step(_("Preparing the database")):
                    call_command("migrate", verbosity=0, interactive=False)

    def begin(self):
        """Give a new site the demo and an account, or neither; return the account's password."""
        with alone(waiting(self.stdout)):
            if Post.objects.exists() or get_user_model().objects.exists():
                return None
            with self.step(_("Loading the demo")), transaction.atomic():
                load_demo()
                return create_admin()

    def keep_before_upgrade(self, pending, no_backup):
        """Make a backup if there is a database that migrating will change; the last few stay."""
        if not has_tables() or not (applied := applied_migrations()):
            return
        if our_apps().isdisjoint(app for app, _name in applied):
            return  # as after a first start that was cut off
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


class Step:
    """Says on the terminal what is being done while it is done."""

    def __init__(self, out, what):
        self.out, self.what = out, what

    def __enter__(self):
        self.out.write(f"{self.what} … ", ending="")
        self.out.flush()

    def __exit__(self, failed, *rest):
        self.out.write("" if failed else pgettext("a step of the start", "done"))


def waiting(out):
    """Return a function that says that another process prepares the database."""
    return lambda: out.write(f"{_('Preparing the database')} …")


def lacks_permissions():
    """Whether a start was cut off after its migrations, before Django made what permits."""
    wanted = {
        (model._meta.app_label, codename)
        for model in apps.get_models()
        for codename in codenames(model._meta)
    }
    there = Permission.objects.values_list("content_type__app_label", "codename")
    return not wanted.issubset(there)


def codenames(options):
    """Return those of a model's permissions."""
    usual = (get_permission_codename(act, options) for act in options.default_permissions)
    return [*usual, *(codename for codename, _name in options.permissions)]


def create_admin():
    """Create the user `admin` who may do everything; return the random password."""
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password)
    return password
