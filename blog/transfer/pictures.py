"""Pictures, sounds and films that imported texts show, brought from a folder into the library.

    pictures = Pictures(report, MediaFolder(Path("wp-content/uploads"), originals=True), by=author)
    pictures.bring("https://old.example/wp-content/uploads/2020/05/red.png", "“My essay”")
    pictures.markdown("../images/red.png", "“My essay”, line 7", alt="A red one", beside=folder)

The same bytes become the same file once, however often they are named. What is missing or refused
is noted in the report with its place. Files are kept at once, each by itself, so call this outside
of the transaction in which texts are written; one that was killed goes on where it was.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.jobs.alive import still_working
from blog.lib.base_path import unbased
from blog.lib.listing import labelled
from blog.markup import one_line
from blog.media.names import FOLDER
from blog.media.pictures.preparing import prepare as prepare_picture
from blog.media.recordings.preparing import Refused, kind_of
from blog.media.recordings.preparing import prepare as prepare_recording
from blog.posts.desk.keeping import kept_file
from blog.posts.models import Image, Recording

from .media_folder import MediaFolder
from .report import Report

# Seconds that an import waits for its turn, while others read pictures.
PATIENCE = 300
# Gets a file that is not in the folder, from elsewhere; returns where it lies now, or None.
Elsewhere = Callable[[str], Path | None]


class Pictures:
    """The files of one import, on their way into the library.

    Without a folder nothing is found. `elsewhere` is asked for what the folder does not have. A
    dry run reads each file, keeps none, and answers with the same addresses.
    """

    def __init__(
        self,
        report: Report,
        folder: MediaFolder | None = None,
        *,
        by: Any = None,
        dry_run: bool = False,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.report = report
        self.folder = folder
        self.by = by
        self.dry_run = dry_run
        self.elsewhere = elsewhere
        self.begun = timezone.now()
        self.brought: dict[str, Image | Recording] = {}  # by the names of the files here
        self._read: dict[Path, Image | Recording | str] = {}  # a sentence where it was refused
        self._noted: set[tuple[str, str]] = set()

    def bring(
        self,
        address: str,
        where: str,
        *,
        alt: str = "",
        beside: Path | None = None,
        quietly: bool = False,
    ) -> Image | Recording | None:
        """Return the library's row for the file that an address means; None where it has none.

        `where` names the place in the report, `alt` what a new picture shows; a file that the
        library has already keeps its own words.
        """
        path = self.folder.find(address, beside) if self.folder else None
        if path is None and self.elsewhere:
            path = self.elsewhere(address)
        if path is None:
            if not quietly:
                self.note(self.not_found(), where, address)
            return None
        if path not in self._read:
            still_working()
            self._read[path] = self._kept(path, alt)
        made = self._read[path]
        if isinstance(made, str):
            self.note(_("Files that could not be brought"), where, address, made)
            return None
        return made

    def not_found(self) -> str:
        """Return the heading under which the report names what was not found."""
        if self.folder or self.elsewhere:
            return _("Files that were not found")
        return _("Files that stayed behind: import it again with the folder that holds them")

    def address(self, address: str, where: str, **given: Any) -> str | None:
        """Return where the file is here, without a host; None where it could not be brought."""
        made = self.bring(address, where, **given)
        return unbased(made.get_absolute_url()) if made else None

    def markdown(
        self, address: str, where: str, *, alt: str = "", title: str = "", **given: Any
    ) -> str:
        """Return what a text writes to show the file, with what it said of it.

        What is missing becomes a link that says so.
        """
        made = self.bring(address, where, alt=alt, **given)
        if made is None:
            return f"[{_in_brackets(missing_words(address, alt))}]({_in_parentheses(address)})"
        words = one_line(title).replace("&", "&amp;").replace('"', "&quot;")
        said = f' "{words}"' if words else ""
        return f"![{_in_brackets(alt)}]({unbased(made.get_absolute_url())}{said})"

    def note(self, heading: str, where: str, address: str, why: str = "") -> None:
        """Note a file in the report, once for each place."""
        line = labelled(where, address)
        if (heading, line) not in self._noted:
            self._noted.add((heading, line))
            self.report.note(heading, labelled(line, why) if why else line)

    # --- Keeping --------------------------------------------------------------------------

    def _kept(self, path: Path, alt: str) -> Image | Recording | str:
        """Keep a file; returns its row, or a sentence that says why it was refused."""
        try:
            with _copy_of(path) as file:
                made = self._prepared(file) if self.dry_run else self._stored(file)
        except ValidationError as error:
            return " ".join(error.messages)
        except Refused as error:
            return str(error)
        except OSError as error:
            return error.strerror or str(error)
        if made.file.name not in self.brought:
            self.brought[made.file.name] = made
            self.report.added["file"] += made.pk is None or made.uploaded_at >= self.begun
            self._describe(made, alt)
        return made

    def _stored(self, file: Any) -> Image | Recording:
        made: Image | Recording = _patiently(kept_file, file, self.by)
        return made

    def _describe(self, made: Image | Recording, alt: str) -> None:
        """Give a picture its words, unless it has some."""
        words = one_line(alt)
        if isinstance(made, Image) and words and not made.alt:
            made.alt = words[: Image._meta.get_field("alt").max_length]
            if not self.dry_run:
                made.save(update_fields=["alt"])

    def _prepared(self, file: Any) -> Image | Recording:
        """Return what a file would become; the row is not stored."""
        file.seek(0)
        if kind_of(file.read(16)):
            recording = prepare_recording(file)
            return Recording(file=recording.name, bytes=recording.bytes)
        picture = _patiently(prepare_picture, file)
        known = Image.objects.filter(file=picture.name).first()
        return known or Image(file=picture.name, width=picture.width, height=picture.height)


def missing_words(address: str, alt: str) -> str:
    """Return what stands where a file is missing."""
    name = re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2]
    said = _("missing file: %(name)s") % {"name": name}
    return f"{one_line(alt)} ({said})" if alt.strip() else said


def is_here(address: str) -> bool:
    """Return whether an address is that of a file of this site."""
    return address.startswith(FOLDER)


def _patiently(work: Callable[..., Any], *given: Any) -> Any:
    """Do it again while other pictures are being read."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return work(*given)
        except ValidationError as error:
            busy = any(part.code == "busy" for part in error.error_list)
            if not busy or time.monotonic() > until:
                raise


@contextlib.contextmanager
def _copy_of(path: Path) -> Iterator[File[bytes]]:
    """Open a copy of a recording, which is changed where it lies, or a picture itself."""
    with path.open("rb") as file:
        if not kind_of(file.read(16)):
            yield File(file, path.name)
            return
        file.seek(0)
        with _scratch() as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
            yield File(copy, path.name)


def _scratch() -> IO[bytes]:
    """Return a file of no name on the disk; /tmp may be in memory."""
    with contextlib.suppress(OSError):
        return tempfile.TemporaryFile(dir=settings.DATA_DIR)
    return tempfile.TemporaryFile()


def _in_brackets(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", one_line(text))


def _in_parentheses(address: str) -> str:
    return re.sub(r"[\s()<>`\\\"]", lambda found: f"%{ord(found[0]):02X}", address.strip())
