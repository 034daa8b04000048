"""Checks what a site needs on this machine: database, worker, disk, mail, cache and the rest."""

import os
import secrets
import shutil
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from blog.accounts.models import Passkey
from blog.accounts.where import host, why_none
from blog.jobs.models import FAILED, SILENT, Job, Sign
from blog.lib.base_path import home
from blog.lib.figures import ago, figure
from blog.lib.listing import listed
from blog.lib.mail_errors import mail_error_in_words
from blog.lib.progress import reason
from blog.lib.whereabouts import COMMAND
from blog.ops.health import ROOM, room_at
from blog.posts.models import Post
from blog.transfer.backup import KIND
from blog.transfer.databases import has_tables
from blog.transfer.places import PlaceError, place
from blog.transfer.tables import applied_migrations, pending_migrations, unknown_migrations
from comments.mail.notifications import unreachable_superusers
from comments.models import Mail

from . import BROKEN, LOOK, OK, Finding

# Bytes of free disk below which the doctor warns.
SCARCE = 1_000_000_000
# How much clocks may differ before it matters.
SKEW = timedelta(seconds=5)
HOW_WITHOUT = _lazy(
    "Its people sign in with their password and a recovery code, and add passkeys again; "
    "without a code: manage.py let_in NAME --without-second-step."
)
# Django's four warnings about a site without https; a check of ours warns once, if it is public.
OF_HTTPS = {"security.W004", "security.W008", "security.W012", "security.W016"}


def database():
    subject = "database"
    try:
        if not has_tables():
            yield no_tables()
            return
        if connection.vendor == "sqlite":
            name = f"SQLite {sqlite3.sqlite_version}"
        else:
            number = connection.pg_version
            name = f"PostgreSQL {number // 10000}.{number % 10000}"
        applied, pending = applied_migrations(), pending_migrations()
    except DatabaseError as error:
        yield Finding(
            subject,
            BROKEN,
            _("The database cannot be asked: %s.") % reason(error),
            _("Start it, or correct DATABASE_URL."),
        )
        return
    yield Finding(subject, OK, _("%s answers.") % name)
    if unknown := unknown_migrations(applied):
        said = _("A newer Postil made this database (%s).") % ".".join(unknown[-1])
        yield Finding(subject, BROKEN, said, _("Start that one: docs/backup.md, Downgrade."))
    elif pending:
        said = ngettext(
            "%(count)s migration is pending.", "%(count)s migrations are pending.", len(pending)
        ) % {"count": len(pending)}
        yield Finding(subject, BROKEN, said, _("Restart the site: serve makes a backup first."))
    if not pending:
        yield from writes_to_database()


def no_tables():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')")
            if not cursor.fetchone()[0]:
                said = _("This account may not make tables in the database.")
                return Finding("database", BROKEN, said, _("Make it the database’s owner."))
    said = _("The database does not exist yet.")
    return Finding("database", BROKEN, said, _("Start the site: serve."))


def writes_to_database():
    try:
        with transaction.atomic():
            Sign.objects.give("doctor", timezone.now())
            transaction.set_rollback(True)
    except DatabaseError as error:
        said = _("The database cannot be written to: %s.") % reason(error)
        todo = _("Look at its disk and at the rights of this account; a replica takes no writes.")
        yield Finding("database", BROKEN, said, todo)
    else:
        yield Finding("database", OK, _("It can be written to, and no migration is pending."))


def worker():
    now = timezone.now()
    age = Sign.objects.ages(now).get(Sign.WORKER)
    if age is None or age >= SILENT:
        said = _("No worker has ever run.")
        if age is not None:
            said = _("A worker gave its last sign of life %(ago)s.") % {"ago": roughly(age)}
        todo = _("Run %s worker, or serve without --no-worker.") % COMMAND
        yield Finding("worker", BROKEN, said, todo)
    else:
        said = _("A worker gave a sign of life %(ago)s.") % {"ago": roughly(age)}
        yield Finding("worker", OK, said)
    if failed := Job.objects.filter(status=FAILED).count():
        said = ngettext("%(count)s job failed for good.", "%(count)s jobs failed for good.", failed)
        said %= {"count": figure(failed)}
        yield Finding("worker", LOOK, said, _("Look at Jobs in the admin, and try them again."))


def backup():
    """Look in BACKUP_TO itself, which also has backups from before a restore or an upgrade."""
    if not settings.BACKUP_DAYS:
        yield Finding("backup", OK, _("BACKUP_DAYS is 0: old backups are not reported."))
        return
    todo = _("Have %s backup run every day, as docs/backup.md says.") % COMMAND
    try:
        newest = place(settings.BACKUP_TO).newest(KIND)
        age = Sign.objects.ages(timezone.now()).get(Sign.BACKUP)
    except PlaceError as error:
        yield Finding("backup", BROKEN, str(error), _("Correct BACKUP_TO."))
        return
    except DatabaseError:
        age = None
    ages = [age] if age is not None else []
    if newest:
        ages.append(abs(timezone.now() - newest))
    if not ages:
        said = _("No backup was ever made in %s.") % settings.BACKUP_TO
        yield Finding("backup", LOOK, said, todo)
        return
    said = _("The newest backup was made %(ago)s.") % {"ago": roughly(min(ages))}
    is_old = min(ages) > timedelta(days=settings.BACKUP_DAYS)
    yield Finding("backup", LOOK if is_old else OK, said, todo if is_old else "")


def folders():
    places = [settings.DATA_DIR, Path(tempfile.gettempdir())]
    for folder in places:
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix="doctor-") as file:
                file.write(b"x" * 4096)
                file.flush()
            free, whole = room_at(folder), shutil.disk_usage(folder).total
        except OSError as error:
            said = _("%(folder)s cannot be written to: %(why)s.")
            todo = _("Give this account the right to, or name another: DATA_DIR, TMPDIR.")
            said %= {"folder": folder, "why": reason(error)}
            yield Finding("disk", BROKEN, said, todo)
            continue
        said = _("%(folder)s can be written to; %(free)s MB of %(whole)s are free.") % {
            "folder": folder,
            "free": free // 10**6,
            "whole": whole // 10**6,
        }
        level = BROKEN if free < ROOM else LOOK if free < SCARCE else OK
        yield Finding("disk", level, said, "" if level == OK else _("Make room."))


def pages():
    path = settings.DATA_DIR / "pages"
    if not settings.PAGE_CACHE_MB:
        said = _("PAGE_CACHE_MB is 0: every page is rendered for every reader.")
        yield Finding("pages", LOOK, said, _("Remove that setting."))
    elif not path.exists():
        yield Finding("pages", OK, _("The first start creates the file for kept pages."))
    elif not os.access(path, os.R_OK | os.W_OK) or path.stat().st_size < 16:
        said = _("%s cannot be written to, so pages may be a minute old.") % path
        yield Finding("pages", BROKEN, said, _("Delete it, and restart the site."))
    else:
        yield Finding("pages", OK, _("Pages are kept in memory, and changes are noticed."))


def cache():
    kept, key = caches["default"], f"doctor-{secrets.token_hex(8)}"
    if kept.__class__.__name__ == "LocMemCache":
        yield Finding("cache", OK, _("Each process has its own memory; CACHE_URL is not set."))
        return
    try:
        kept.set(key, "x", 60)
        came_back = kept.get(key) == "x"
        kept.delete(key)
    except Exception as error:  # each library has errors of its own
        said = _("The cache cannot be used: %s.") % reason(error)
        yield Finding("cache", BROKEN, said, _("Start it, or correct CACHE_URL."))
        return
    if came_back:
        yield Finding("cache", OK, _("The cache works."))
    else:
        said = _("The cache loses what is stored in it.")
        yield Finding("cache", BROKEN, said, _("Correct CACHE_URL."))


def media():
    name = f"doctor-{secrets.token_hex(8)}.txt"
    try:
        name = default_storage.save(name, ContentFile(b"x"))
        with default_storage.open(name) as file:
            came_back = file.read() == b"x"
        default_storage.delete(name)
    except Exception as error:  # each kind of storage has errors of its own
        said = _("Uploads cannot be kept: %s.") % reason(error)
        todo = _("Give this account the right to write to %s.") % settings.MEDIA_ROOT
        yield Finding("uploads", BROKEN, said, todo)
        return
    if came_back:
        yield Finding("uploads", OK, _("Uploads can be kept."))
    else:
        yield Finding("uploads", BROKEN, _("Uploads come back as something else."))


def mail(to=None):
    """Connect and sign in; with an address, send one mail there."""
    if not settings.MAIL_IS_SET_UP:
        said = _("No mail server is set: nobody gets mail about comments that wait.")
        yield Finding("mail", LOOK, said, _("Set EMAIL_URL, as the README says under Mail."))
        return
    line = get_connection()
    try:
        line.open()
        if to:
            words = _("This mail was sent by %(command)s doctor of %(site)s.")
            words %= {"command": COMMAND, "site": home()}
            EmailMessage(_("Mail works"), words, to=[to], connection=line).send()
        line.close()
    except OSError as error:  # smtplib's errors are OSErrors too
        said = _("Mail cannot be sent: %s.") % mail_error_in_words(error).rstrip(".")
        yield Finding("mail", BROKEN, said, _("Correct EMAIL_URL, or ask who runs the server."))
        return
    said = _("The mail server took a mail for %s.") % to if to else _("The mail server answers.")
    yield Finding("mail", OK, said)
    if count := Mail.objects.failing().count():
        said = ngettext(
            "%(count)s mail waits to be tried again.",
            "%(count)s mails wait to be tried again.",
            count,
        )
        said %= {"count": figure(count)}
        yield Finding("mail", LOOK, said, _("Look at Mails in the admin."))
    if names := list(unreachable_superusers().values_list("username", flat=True)):
        said = ngettext(
            "The superuser %(names)s has no email address, so nothing can be mailed to them.",
            "The superusers %(names)s have no email address, so nothing can be mailed to them.",
            len(names),
        )
        said %= {"names": listed(names)}
        yield Finding("mail", LOOK, said, _("Add one in the admin, under People."))


def clock():
    if connection.vendor != "postgresql":
        yield Finding("clock", OK, _("The database goes by this machine’s clock."))
        return
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        theirs, after = cursor.fetchone()[0], timezone.now()
    yield clock_finding(_("the database’s"), theirs - before - (after - before) / 2)


def clock_finding(whose, differs):
    """Return the finding about a clock that differs this much from this machine's."""
    said = _("This machine’s clock and %(whose)s differ by %(much)s.") % {
        "whose": whose,
        "much": _("%(number)s seconds") % {"number": figure(abs(differs.total_seconds()), 1)},
    }
    if abs(differs) <= SKEW:
        return Finding("clock", OK, said)
    return Finding("clock", BROKEN, said, _("Have both set by NTP, such as systemd-timesyncd."))


def path():
    """Look for a page whose address at the site is taken for the path that the site lives below."""
    for name in settings.BASE_PATH.split("/")[1:2]:
        if Post.objects.filter(kind=Post.Kind.PAGE, path=name).exists():
            said = _(
                "A page is called %(name)s, as BASE_PATH is: links to it lead to the first page."
            )
            yield Finding("path", LOOK, said % {"name": name}, _("Give that page another slug."))


def unsafe():
    """Report what `check --deploy` reports."""
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=True)
        if message.level >= checks.INFO and (settings.HTTPS or message.id not in OF_HTTPS)
    ]
    for message in found:
        level = BROKEN if message.level >= checks.ERROR else LOOK
        yield Finding("settings", level, f"{message.msg} ({message.id})", str(message.hint or ""))
    if not found:
        yield Finding("settings", OK, _("check --deploy finds nothing unsafe."))


def roughly(age):
    """Say how long ago something was, in the largest unit of which there are at least two."""
    seconds = int(age.total_seconds())
    if seconds < 120:
        said = ngettext("%(count)s second ago", "%(count)s seconds ago", seconds)
        return said % {"count": seconds}
    return ago(age, least=2)


def passkeys():
    """Say which passkeys no browser offers, because the site has another address now."""
    try:
        count, here = Passkey.objects.count(), Passkey.objects.of_here().count()
    except DatabaseError:
        return  # which the findings about the database say
    if not count:
        return
    if why := why_none():
        yield Finding("passkeys", LOOK, why, HOW_WITHOUT)
    elif here < count:
        said = ngettext(
            "%(count)d passkey belongs to an address that the site had before.",
            "%(count)d passkeys belong to an address that the site had before.",
            count - here,
        )
        yield Finding("passkeys", LOOK, said % {"count": count - here}, HOW_WITHOUT)
    else:
        said = ngettext(
            "%(count)d passkey belongs to %(host)s.",
            "%(count)d passkeys belong to %(host)s.",
            count,
        )
        yield Finding("passkeys", OK, said % {"count": count, "host": host()})
