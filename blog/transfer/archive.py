"""The file a backup is: a zip whose manifest names all that is in it, sealed by one sum.

    tables/NAME.jsonl   the rows of a table (tables.py)
    media/...           uploaded files
    theme/...           the owner's own templates and static files, if there are any
    settings.env        the settings it was made with, without secrets
    manifest.json       what made it, and the bytes, rows and SHA-256 of each member

The zip's comment ends with the SHA-256 of all that is before it, so that an archive that was cut
or changed anywhere is known before anything in it is read. A zip because any system opens one,
its members can be written without knowing their size first, and each can be read alone.
"""

import hashlib
import json
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.utils import validate_file_name
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.figures import figure
from blog.lib.listing import listed

FORMAT = 2
# What it is without a theme, so that earlier versions take it.
WITHOUT_THEME = 1
SEAL = b"Postil backup, SHA-256 of all before this: "
_HEX = 64
MANIFEST = "manifest.json"
SETTINGS = "settings.env"
CHUNK = 1 << 20
# Bytes of one row and of the manifest beyond which neither can be ours.
LONGEST_LINE = 256 << 20
LONGEST_MANIFEST = 256 << 20


class ArchiveError(ValueError):
    """The archive was refused. The message is one translated sentence that says why."""


@dataclass
class Manifest:
    """What an archive says of itself."""

    postil: str
    made_at: str
    site: str
    database: str
    migrations: list[tuple[str, str]]
    format: int = WITHOUT_THEME
    # By name: bytes, sha256 and, of a table, rows.
    members: dict[str, dict] = field(default_factory=dict)

    @property
    def tables(self):
        """The names of its tables, each with what stands in `members`."""
        inside = {Path(name): said for name, said in self.members.items()}
        return {path.stem: said for path, said in inside.items() if path.parts[0] == "tables"}

    @property
    def media(self):
        """The names of its uploaded files, as the storage knows them."""
        return [name[6:] for name in self.members if name.startswith("media/")]

    @property
    def theme(self):
        """The names of the theme's files, as they are below its folder."""
        return [name[6:] for name in self.members if name.startswith("theme/")]

    @property
    def amount(self):
        """How much it holds, in words."""
        rows = sum(said["rows"] for said in self.tables.values())
        files = len(self.media) + len(self.theme)
        in_rows = ngettext("%(count)s row", "%(count)s rows", rows) % {"count": figure(rows)}
        in_files = ngettext("%(count)d file", "%(count)d files", files) % {"count": files}
        return listed([in_rows, in_files])


def table_member(name):
    return f"tables/{name}.jsonl"


class Writer:
    """An archive being made; `written` counts the bytes its members had."""

    def __init__(self, path: Path, manifest: Manifest):
        self.path, self.manifest, self.written = path, manifest, 0

    def __enter__(self):
        self.path.touch(mode=0o600)  # it holds people's addresses: for its owner alone
        self.zip = zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        return self

    def __exit__(self, failed, *rest):
        if failed:
            # What was begun is of no use to anyone, and closing it may fail as writing did.
            self.zip.fp.close()
            self.zip.fp = None
            return
        about = json.dumps(self.manifest.__dict__, indent=1, ensure_ascii=False)
        self.zip.writestr(MANIFEST, about)
        self.zip.comment = SEAL + b"0" * _HEX
        self.zip.close()
        _seal(self.path)

    def add(self, name, pieces, *, packed=True):
        """Add a member of these pieces of bytes; return what the manifest says of it."""
        info = zipfile.ZipInfo(name, time.gmtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        sum_, size = hashlib.sha256(), 0
        with self.zip.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                sum_.update(piece)
                size += len(piece)
                member.write(piece)
        self.written += size
        said = {"bytes": size, "sha256": sum_.hexdigest()}
        self.manifest.members[name] = said
        return said


class Reader:
    """A whole, unchanged archive: opening it reads it once from end to end.

    Raises ArchiveError, before anything is touched, for what is cut, changed, foreign or hostile.
    """

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self):
        _check_seal(self.path)
        try:
            self.zip = zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ArchiveError(_("%(file)s is not a zip file.") % {"file": self.path}) from error
        try:
            self.manifest = self._read_manifest()
            self._check_members()
        except BaseException:
            self.zip.close()
            raise
        return self

    def __exit__(self, *_rest):
        self.zip.close()

    @contextmanager
    def open(self, name):
        """Open a member; raises ArchiveError if it cannot be unpacked."""
        try:
            with self.zip.open(name) as member:
                yield member
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
            raise self.bad(_("%(member)s cannot be unpacked") % {"member": name}) from error

    def lines(self, name):
        """Yield the lines of a member."""
        with self.zip.open(name) as member:
            while line := member.readline(LONGEST_LINE):
                yield line

    def bad(self, why):
        return ArchiveError(_("%(file)s is damaged: %(why)s.") % {"file": self.path, "why": why})

    def _read_manifest(self):
        try:
            if self.zip.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
                raise self.bad(_("its manifest is too long"))
            with self.open(MANIFEST) as member:
                said = json.loads(member.read(LONGEST_MANIFEST))
            if said["format"] > FORMAT:
                raise ArchiveError(
                    _("%(file)s was made by a newer Postil (%(version)s): restore it with that.")
                    % {"file": self.path, "version": str(said.get("postil"))[:40]}
                )
            said["migrations"] = [(app, name) for app, name in said["migrations"]]
            manifest = Manifest(**said)
            _check_types(manifest)
        except ArchiveError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise self.bad(_("its manifest cannot be read")) from error
        return manifest

    def _check_members(self):
        names = self.zip.namelist()
        if sorted(names) != sorted([*self.manifest.members, MANIFEST]):
            raise self.bad(_("it does not hold what its manifest names"))
        for name, said in self.manifest.members.items():
            if not _is_safe(name):
                raise self.bad(_("it holds a file with the name %(name)r") % {"name": name[:100]})
            sum_, left = hashlib.sha256(), said["bytes"]
            with self.open(name) as member:
                # Not a byte more than it says, whatever a few bytes can be unpacked to.
                while piece := member.read(min(CHUNK, left + 1)):
                    sum_.update(piece)
                    left -= len(piece)
                    if left < 0:
                        break
            if left or sum_.hexdigest() != said["sha256"]:
                raise self.bad(_("%(member)s is not what it was") % {"member": name})


def _check_types(manifest):
    """Raise TypeError for what no manifest of ours says, and what could upset a terminal."""
    for text in (manifest.postil, manifest.made_at, manifest.site, manifest.database):
        if not isinstance(text, str) or not text.isprintable() or len(text) > 300:
            raise TypeError(text)
    for name, said in manifest.members.items():
        counts = [said["bytes"]] + ([said["rows"]] if name.startswith("tables/") else [])
        if any(type(count) is not int or count < 0 for count in counts):
            raise TypeError(name)
        if not isinstance(said["sha256"], str):
            raise TypeError(name)


def _is_safe(name):
    """Return whether a member's name is one of ours and leads nowhere else."""
    if name == SETTINGS:
        return True
    folder, _slash, rest = name.partition("/")
    if folder not in ("tables", "media", "theme") or "\\" in name or not name.isprintable():
        return False
    try:
        validate_file_name(rest, allow_relative_path=True)
    except SuspiciousFileOperation:
        return False
    return rest == Path(rest).as_posix() and (folder != "tables" or "/" not in rest)


# --- The seal -------------------------------------------------------------------------------


def _sum_before_seal(path):
    sum_, left = hashlib.sha256(), path.stat().st_size - _HEX
    with path.open("rb") as file:
        while piece := file.read(min(CHUNK, left)):
            sum_.update(piece)
            left -= len(piece)
    return sum_.hexdigest().encode()


def _seal(path):
    sealed = _sum_before_seal(path)
    with path.open("r+b") as file:
        file.seek(-_HEX, 2)
        file.write(sealed)


def _check_seal(path):
    try:
        with path.open("rb") as file:
            head, size = file.read(4), file.seek(0, 2)
            file.seek(max(0, size - len(SEAL) - _HEX))
            tail = file.read()
        if size == 0:
            raise ArchiveError(_("%(file)s is empty.") % {"file": path})
        if head != b"PK\x03\x04":
            raise ArchiveError(_("%(file)s is not a backup of Postil.") % {"file": path})
        if not tail.startswith(SEAL):
            raise ArchiveError(
                _("%(file)s is not a backup of Postil, or its end is missing.") % {"file": path}
            )
        if _sum_before_seal(path) != tail[-_HEX:]:
            raise ArchiveError(
                _("%(file)s was changed since it was made: its sum is another.") % {"file": path}
            )
    except OSError as error:
        raise ArchiveError(
            _("%(file)s cannot be read: %(why)s.") % {"file": path, "why": error.strerror}
        ) from error
