"""The files of a theme, in DATA_DIR/theme: read when a process begins, with DEBUG at each change.

So that all pages of a process are of one theme, even while files are copied there. What cannot be
used is a fault, and its place is taken by nothing: a page that asks for it is made of ours.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.figures import figure
from blog.lib.lines import with_plain_breaks

from .names import is_joined, may_replace, may_serve

TEMPLATES, STATIC = "templates", "static"
# Bytes of a template, of a stylesheet or a script; files in all.
MOST_OF_ONE, MOST_OF_TEXT, MOST_FILES = 1_000_000, 10_000_000, 5000


class ThemeError(Exception):
    """A theme's file cannot be used; the message is a sentence that says why."""


class Fault(NamedTuple):
    """A file of the theme that is not used, and why."""

    name: str
    said: str


class Theme:
    """What was found there: templates by name with their text, static files with their place."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.templates: dict[str, str] = {}
        self.static: dict[str, Path] = {}
        self.faults: list[Fault] = []
        # Of those, templates that pages may ask for.
        self.broken: dict[str, str] = {}
        for folder in (TEMPLATES, STATIC):
            for name, path in found_in(root / folder):
                self.take(folder, name, path)
        self.revision = self.summed()

    def summed(self) -> str:
        """Return a digest of all of it, the same on each machine that has the same files."""
        sums = blake2b(digest_size=6)
        for name, text in sorted(self.templates.items()):
            sums.update(f"{name}\0{text}\0".encode(errors="replace"))
        for name, path in sorted(self.static.items()):
            sums.update(f"{name}\0".encode(errors="replace"))
            with contextlib.suppress(OSError), path.open("rb") as file:
                sums.update(file_digest(file, blake2b).digest())
        for fault in self.faults:
            sums.update(fault.name.encode(errors="replace"))
        return sums.hexdigest()

    def take(self, folder: str, name: str, path: Path) -> None:
        """Take a file, or say why not."""
        try:
            if not name.isprintable():
                name = ascii(name)[1:-1]
                raise ThemeError(_("Its name cannot be used. Give it another one."))
            if folder == TEMPLATES:
                if may_replace(name):
                    self.templates[name] = self.read(path, MOST_OF_ONE)
            elif may_serve(name):
                if name.endswith((".css", ".js", ".mjs")):
                    check_style(name, self.read(path, MOST_OF_TEXT))
                self.static[name] = checked(path, self.root)
        except ThemeError as error:
            said = error.args[0]
            self.faults.append(Fault(f"{folder}/{name}", said))
            if folder == TEMPLATES:
                self.broken[name] = said

    def read(self, path: Path, most: int) -> str:
        try:
            with checked(path, self.root).open("rb") as file:
                content = file.read(most + 1)
        except OSError as error:
            raise ThemeError(unreadable(error)) from error
        if len(content) > most:
            said = ngettext(
                "It is larger than %(count)s byte.", "It is larger than %(count)s bytes.", most
            )
            raise ThemeError(said % {"count": figure(most)})
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ThemeError(_("It is not UTF-8 text. Save it as UTF-8.")) from error
        if "\0" in text:
            raise ThemeError(_("It is not UTF-8 text. Save it as UTF-8."))
        return with_plain_breaks(text)

    @property
    def has_styles(self) -> bool:
        """Whether pages may link to a stylesheet of it, besides the one they have inlined."""
        return any(name.endswith(".css") and not is_joined(name) for name in self.static)

    @property
    def has_scripts(self) -> bool:
        return any(name.endswith((".js", ".mjs")) for name in self.static)


def checked(path: Path, root: Path) -> Path:
    """Return the path of a plain file that is within the theme; raises ThemeError."""
    try:
        real = path.resolve(strict=True)
        is_file = stat.S_ISREG(real.stat().st_mode)
    except (OSError, RuntimeError, ValueError) as error:
        raise ThemeError(unreadable(error)) from error
    if not real.is_relative_to(root):
        raise ThemeError(_("It is a link that leads out of the theme. Put the file itself there."))
    if not is_file:
        raise ThemeError(_("It is not a file. Put a file there, or give it another name."))
    return path


def files_of(top: Path, folder: str) -> Iterator[tuple[str, Path]]:
    """Yield the plain files in a folder of the theme, whether they can be used or not."""
    root = top.resolve()
    for name, path in found_in(root / folder):
        with contextlib.suppress(ThemeError):
            yield name, checked(path, root)


def unreadable(error: Exception) -> str:
    why = getattr(error, "strerror", None) or str(error)
    return str(_("It cannot be read: %s.") % why)


def check_style(name: str, text: str) -> None:
    """Refuse what would end the style element that a stylesheet stands in."""
    if name.endswith(".css") and name.startswith("css/") and "</" in text:
        raise ThemeError(_("“</” cannot stand in a stylesheet. Take it out."))


def found_in(top: Path) -> Iterator[tuple[str, Path]]:
    """Yield what is in a folder by its name there, in order; hidden files and copies are left out.

    A folder with the name of a template is one of them, as are a link to a folder, and a folder
    that cannot be read.
    """
    count, unread = 0, list[OSError]()
    for folder, folders, files in os.walk(top, onerror=unread.append):
        folders[:] = sorted(each for each in folders if is_shown(each))
        odd = [each for each in folders if is_odd(Path(folder, each))]
        for each in sorted({*odd, *filter(is_shown, files)}):
            if (count := count + 1) > MOST_FILES:
                return
            path = Path(folder, each)
            yield path.relative_to(top).as_posix(), path
    for error in unread:
        if (path := Path(error.filename)) != top or path.exists():
            yield path.relative_to(top).as_posix(), path


def is_odd(folder: Path) -> bool:
    return folder.suffix in (".html", ".txt", ".xml") or folder.is_symlink()


def is_shown(name: str) -> bool:
    return not (name.startswith(".") or name.endswith(("~", ".swp", ".bak", ".orig", ".pyc")))


def stamp(root: Path) -> object:
    """Return what differs once a file of the theme does, without reading it."""
    seen = []
    for folder in (TEMPLATES, STATIC):
        for name, path in found_in(root / folder):
            try:
                about = path.stat()
                seen.append((folder, name, about.st_mtime_ns, about.st_size, about.st_ino))
            except OSError:
                seen.append((folder, name, 0, 0, 0))
    return seen


_kept: tuple[Path, object, Theme | None] | None = None


def theme() -> Theme | None:
    """Return the theme of this process; None where there is none."""
    global _kept
    top = settings.THEME_DIR
    if _kept is None or _kept[0] != top or (settings.DEBUG and _kept[1] != stamp(top)):
        _kept = (top, stamp(top), read_theme(top))
    return _kept[2]


def read_theme(top: Path) -> Theme | None:
    """Return the theme that is on the disk now."""
    try:
        found = Theme(top.resolve())
    except (OSError, RuntimeError):
        return None
    return found if found.templates or found.static or found.faults else None


def forget() -> None:
    """Read it again when it is next asked for."""
    global _kept
    _kept = None


def revision_now() -> str:
    """Return the digest of the theme in use; "" without one."""
    over = theme()
    return over.revision if over else ""


def record() -> Path:
    """Return the file that says which theme the site was started with."""
    return Path(settings.DATA_DIR, "theme.digest")


def put_in_use() -> None:
    with contextlib.suppress(OSError):  # then nobody is reminded to start again
        record().write_text(revision_now())


def in_use() -> str | None:
    """Return the digest of the theme the site was started with; None if it was not."""
    try:
        return record().read_text()
    except OSError:
        return None
