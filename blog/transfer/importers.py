"""What can be brought here: each kind of blog by its name, and the function that reads it.

An importer reads a file or a folder and returns a Report. It changes nothing when the file is
broken, and adds nothing when it is run again (see course.py). What it raises for a file that it
refuses is a ValueError whose message is a sentence.

What importers need to read other people's HTML takes a sixth of the time in which a process starts,
and memory as long as it runs. So each of them is imported when it is first run.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from .report import Report


class Source(NamedTuple):
    """What is read: a file or a folder, and where its pictures and other files are, if anywhere."""

    path: Path
    files: Path | None = None


class Importer(NamedTuple):
    """`endings` are those of the files it takes; it is given a folder if `takes_folder`."""

    name: Any
    # Where the file is to be had.
    help: Any
    endings: tuple[str, ...]
    run: Callable[..., Report]
    takes_folder: bool = False
    # Whether its pictures lie in a folder of their own, which can be sent as an archive.
    takes_files: bool = False


def _wordpress(source: Source, **how: Any) -> Report:
    from .wordpress import import_wordpress  # noqa: PLC0415 - see above

    return import_wordpress(source.path, media=source.files, **how)


def _folder(kind: str) -> Callable[..., Report]:
    def run(source: Source, **how: Any) -> Report:
        from .folders.importing import import_folder  # noqa: PLC0415 - see above
        from .folders.tree import FolderError  # noqa: PLC0415

        try:
            return import_folder(source.path, kind=kind, **how)
        except FolderError as error:
            raise ValueError(str(error)) from error

    return run


# The kinds of folders that are read here, our own export among them (folders/importing.py).
OWN = "postil"
FOLDERS = (OWN, "hugo", "jekyll", "eleventy", "pelican", "nikola")
PACKED = _("The folder of the whole blog, with its settings, packed as .zip.")
EXPORTED = _("The folder that export wrote, packed as .zip.")
IMPORTERS = {
    "wordpress": Importer(
        name=_("WordPress"),
        help=_("The file from Tools, Export, All content: an .xml, or that packed as .zip or .gz."),
        endings=(".xml", ".wxr"),
        run=_wordpress,
        takes_files=True,
    ),
} | {
    kind: Importer(
        name=kind.capitalize(),
        help=EXPORTED if kind == OWN else PACKED,
        endings=(".zip",),
        run=_folder(kind),
        takes_folder=True,
    )
    for kind in FOLDERS
}
