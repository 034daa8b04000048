"""A worker's part: it fetches what was sent, tries it or brings it here, and keeps what is said."""

import errno
import shutil
import time
import zipfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from blog.jobs.alive import still_working
from blog.lib.constraints import REFUSALS, explain
from blog.media import parts
from blog.transfer.course import Stretches
from blog.transfer.importers import IMPORTERS, Source
from blog.transfer.unpacking import IntakeError, unpack_all, unpack_one

from .models import Line, Move, Parcel, place
from .trial import Trial

# Lines of a report in memory, and seconds between two notes of how far it is.
AT_ONCE, EVERY = 500, 1.0
# Seconds between two stretches of an import. SQLite has those who wait for its lock look ten times
# a second, so without a rest none of them would ever find it free.
REST = 0.12
# Seconds after which a folder is surely one that a killed worker left.
LEFT_FOR = 7 * 24 * 3600


class Lines:
    """Lines of a report on their way into the database, a few hundred at a time.

    `outside` makes the block of a write work on the real database.
    """

    def __init__(self, move, outside=ExitStack):
        self.move, self.outside, self.waiting = move, outside, []

    def __call__(self, heading, text):
        given = {"move": self.move, "is_of_trial": self.move.is_trial}
        self.waiting.append(Line(heading=heading, text=text, **given))
        if len(self.waiting) >= AT_ONCE:
            self.flush()

    def flush(self):
        waiting, self.waiting = self.waiting, []
        if waiting:
            with self.outside():
                Line.objects.bulk_create(waiting)


def work_on(move):
    """Do what a move waits for, and write down what came of it; raises Superseded."""
    act = try_out if move.is_trial else bring_here
    try:
        with fetched(move) as source, named_as_sent(move, source):
            act(move, source)
    except IntakeError as error:
        refused(move, str(error))
    except REFUSALS as error:
        said = " ".join(explain(error).messages)
        refused(move, _("The database refuses it: %(why)s") % {"why": said})
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise  # the storage is away: the job is tried again later
        refused(move, _("The disk of the machine that reads it is full. Free some space."))


@contextmanager
def named_as_sent(move, source):
    """Have an importer's sentence about a file call it what its sender does."""
    try:
        yield
    except ValueError as error:
        said = str(error).replace(str(source.path), move.name)
        if source.table:
            said = said.replace(str(source.table), source.table.name)
        raise IntakeError(said) from error


def refused(move, said):
    """End without having brought everything. What an import brought before stays."""
    move.end(Move.State.REFUSED if move.is_trial else Move.State.STOPPED, said)


@contextmanager
def fetched(move):
    """Give the file or folder that was sent, unpacked into a folder that goes again."""
    importer = IMPORTERS.get(move.kind)
    if importer is None:
        raise IntakeError(_("This version of Postil does not read this kind of blog."))
    folder = folder_of(move)
    sweep(folder)
    folder.mkdir(mode=0o700, parents=True)
    try:
        path = gathered(move, Parcel.BLOG, folder / "blog")
        if path is None:
            raise IntakeError(_("The file was deleted. Send it again."))
        if importer.takes_folder or (importer.takes_both and zipfile.is_zipfile(path)):
            path = unpack_all(path, path.parent)
        else:
            path = unpack_one(path, path.parent, importer.endings)
        files = gathered(move, Parcel.FILES, folder / "files")
        table = gathered(move, Parcel.TABLE, folder / "table")
        yield Source(path, files and unpack_all(files, files.parent), table)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def folder_of(move):
    return settings.DATA_DIR / "moving" / str(move.pk)


def sweep(folder):
    """Remove what killed workers left on this machine: in this folder, and long ago beside it."""
    old = time.time() - LEFT_FOR
    for other in folder.parent.glob("*"):
        if other == folder or other.stat().st_mtime < old:
            shutil.rmtree(other, ignore_errors=True)


def gathered(move, role, folder):
    """Return the path of what was sent, put together in a folder; None if there is none."""
    parcel = move.parcels.filter(role=role).first()
    if parcel is None:
        return None
    folder.mkdir()
    path = folder / (Path(parcel.name).name or "file")[-100:]
    still_working()
    try:
        with path.open("xb") as whole:
            parts.put_together(place(parcel.key), parcel.bytes, whole)
    except parts.Incomplete as error:
        raise IntakeError(_("Part of the file is missing. Send it again.")) from error
    return path


class Pace:
    """Says how far the work is, once a second, and that its job still works."""

    def __init__(self, move, outside=ExitStack):
        self.move, self.outside, self.said = move, outside, 0.0

    def __call__(self, done, total):
        still_working()
        if time.monotonic() - self.said >= EVERY:
            self.said = time.monotonic()
            with self.outside():
                self.move.change(done=done, total=total)


def try_out(move, source):
    move.lines.all().delete()
    author = move.by  # read before, from the real database
    with Trial(folder_of(move)) as trial:
        lines = Lines(move, trial.outside)
        pace = Pace(move, trial.outside)
        report = IMPORTERS[move.kind].run(
            source, author=author, dry_run=True, progress=pace, sink=lines, **move.how
        )
    lines.flush()
    move.end(Move.State.TRIED, trial=report.as_json(), summary=" ".join(report.sums()))


def rest():
    still_working()
    if connection.vendor == "sqlite":
        time.sleep(REST)


def bring_here(move, source):
    if not move.steps:
        move.lines.all().delete()
    lines = Lines(move)

    def save(steps, report):
        lines.flush()
        move.change(steps=steps, report=report.as_json(), done=far[0], total=far[1])

    def progress(done, total):
        still_working()
        far[:] = done, total

    def sink(heading, text):
        if not course.is_repeating:
            lines(heading, text)

    far = [move.done, move.total]
    course = Stretches(save, done=move.steps, said=move.report, pause=rest)
    report = IMPORTERS[move.kind].run(
        source, author=move.by, course=course, progress=progress, sink=sink, **move.how
    )
    move.end(Move.State.DONE, report=report.as_json(), summary=" ".join(report.sums()))
