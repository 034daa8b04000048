"""Unpacking what somebody sent: within limits, into one folder, and nothing but plain files.

What is packed says how large it is and where it belongs, and either can be a lie. So bytes are
counted as they come out, and each name is taken apart.
"""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.jobs.alive import still_working

# Bytes that come out of one file, files and folders in an archive, and bytes of its list of them,
# which is read into memory.
MOST_BYTES, MOST_FILES, MOST_LIST = 4_000_000_000, 20_000, 4_000_000
# Characters of a path, and folders in it.
LONGEST, DEEPEST = 500, 40
# Bytes that have to stay free on the disk.
FREE = 100_000_000
AT_ONCE = 1 << 20
# What reading a broken archive raises.
_BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, zlib.error, struct.error),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
ENDING, ENDING_64, LISTED_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"


class IntakeError(ValueError):
    """What was sent is refused. The message is one translated sentence saying what to do."""


class Room:
    """How much may still be written into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.left = folder, MOST_BYTES
        self.check(0)

    def check(self, length: int) -> None:
        still_working()
        self.left -= length
        if self.left < 0:
            raise IntakeError(
                _("Unpacked it has more than %(most)d MB, so it was refused. Send it in pieces.")
                % {"most": MOST_BYTES // 1_000_000}
            )
        need_room(self.folder, length)

    def copy(self, source: IO[bytes], path: Path) -> None:
        with path.open("xb") as target:
            while piece := source.read(AT_ONCE):
                self.check(len(piece))
                target.write(piece)


def need_room(folder: Path, length: int) -> None:
    """Raise IntakeError if the disk has no room for so many bytes and some more."""
    if shutil.disk_usage(folder).free < length + FREE:
        raise IntakeError(_("The disk of the machine that reads it is full. Free some space."))


def unpack_one(path: Path, folder: Path, endings: tuple[str, ...]) -> Path:
    """Return the one file that is meant: this one, or what it is the packing of."""
    with path.open("rb") as file:
        head = file.read(4)
    try:
        if head.startswith(b"\x1f\x8b"):
            target = folder / "unpacked"
            with gzip.open(path) as source:
                Room(folder).copy(source, target)
            return target
        if head.startswith(b"PK"):
            return _only_one(path, folder, endings)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged() from error
    return path


def _only_one(path: Path, folder: Path, endings: tuple[str, ...]) -> Path:
    with _opened(path) as archive:
        found = [entry for entry in _entries(archive) if entry.filename.lower().endswith(endings)]
        if len(found) != 1:
            raise IntakeError(
                ngettext(
                    "The archive holds %(count)d file that ends in %(ending)s. It should hold one.",
                    "The archive holds %(count)d files that end in %(ending)s. It should hold one.",
                    len(found),
                )
                % {"count": len(found), "ending": endings[0]}
            )
        target = folder / "unpacked"
        _take_out(archive, found[0], target, Room(folder))
    return target


def unpack_all(path: Path, folder: Path) -> Path:
    """Unpack an archive into a new folder, and return the one its files begin in."""
    top = folder / "unpacked"
    top.mkdir()
    with _opened(path) as archive:
        room = Room(folder)
        for entry in _entries(archive):
            target = top.joinpath(*parts_of(entry.filename))
            try:
                if entry.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _take_out(archive, entry, target, room)
            except (FileExistsError, NotADirectoryError) as error:
                raise IntakeError(
                    _("“%(name)s” stands twice in the archive. Pack the folder again.")
                    % {"name": shown(entry.filename)}
                ) from error
    inside = list(top.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else top


def _opened(path: Path) -> zipfile.ZipFile:
    _refuse_long_lists(path)
    try:
        return zipfile.ZipFile(path)
    except (*_BROKEN, OSError) as error:
        raise _damaged() from error


def _refuse_long_lists(path: Path) -> None:
    """Raise IntakeError if the list of what is in an archive is too long to be read."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65_557))  # the ending, with the longest remark
        tail = file.read()
        at = tail.rfind(ENDING)
        if at < 0 or len(tail) < at + 22:
            raise _damaged()
        count = int.from_bytes(tail[at + 10 : at + 12], "little")
        length = int.from_bytes(tail[at + 12 : at + 16], "little")
        if tail[at - 20 : at - 16] == ENDING_64:
            file.seek(max(0, size - len(tail) + at - 76))
            far = file.read(56)
            if far.startswith(LISTED_64):
                count = int.from_bytes(far[32:40], "little")
                length = int.from_bytes(far[40:48], "little")
    if count > MOST_FILES or length > MOST_LIST:
        raise _too_many()


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return what is in an archive, without what other systems add; raises IntakeError."""
    if len(archive.infolist()) > MOST_FILES:
        raise _too_many()
    entries = []
    for entry in archive.infolist():
        parts = parts_of(entry.filename)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise IntakeError(
                _(
                    "“%(name)s” is a link and no file, so the archive was refused. Pack the folder"
                    " again, with the files in place of links."
                )
                % {"name": shown(entry.filename)}
            )
        if entry.flag_bits & 1:
            raise IntakeError(
                _("The archive needs a password, so it was refused. Pack the folder without one.")
            )
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise IntakeError(
                _("The archive is packed in a rare way, which is not read here. Pack it as .zip.")
            )
        if parts and parts[0] != "__MACOSX" and parts[-1] != ".DS_Store":
            entries.append(entry)
    return entries


def parts_of(name: str) -> list[str]:
    """Return the folders and the name of a path in an archive; raises IntakeError."""
    parts = name.rstrip("/").split("/")
    is_odd = any(
        part in ("", ".", "..") or len(part.encode(errors="replace")) > 255 for part in parts
    )
    is_odd = is_odd or any(sign in name for sign in "\\\0") or (name[1:2] == ":")
    if is_odd or not name.isprintable() or len(name) > LONGEST or len(parts) > DEEPEST:
        raise IntakeError(
            _(
                "A file cannot have the path “%(name)s” here, so the archive was refused."
                " Pack the folder again."
            )
            % {"name": shown(name)}
        )
    return parts


def _take_out(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, room: Room) -> None:
    try:
        with archive.open(entry) as source:
            room.copy(source, to)
    except IntakeError:
        raise
    except _BROKEN as error:
        raise _damaged() from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # it says that it begins before the archive
            raise _damaged() from error
        raise


def shown(name: str) -> str:
    """Return a name as a sentence can show it."""
    return "".join(sign if sign.isprintable() else "�" for sign in name[:80])


def _too_many() -> IntakeError:
    return IntakeError(
        ngettext(
            "The archive holds more than %(count)s file, so it was refused. Send it in pieces.",
            "The archive holds more than %(count)s files, so it was refused. Send it in pieces.",
            MOST_FILES,
        )
        % {"count": number_format(MOST_FILES, force_grouping=True)}
    )


def _damaged() -> IntakeError:
    return IntakeError(_("The archive is damaged. Pack it again, then send it again."))
