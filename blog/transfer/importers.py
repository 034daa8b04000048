"""What can be brought here: each kind of blog by its name, and the function that reads it.

An importer reads a file or a folder and returns a Report. It changes nothing when the file is
broken, and adds nothing when it is run again (see course.py). What it raises for a file that it
refuses is a ValueError whose message is a sentence.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from .blogger.importing import import_blogger
from .discussions.bringing import import_discussion
from .discussions.commento import Commento
from .discussions.disqus import Disqus
from .discussions.said import Discussion
from .folders.importing import import_folder, kinds
from .folders.own.reading import NAME as OWN
from .folders.tree import FolderError
from .ghost.importing import import_ghost
from .movable_type.importing import import_movabletype
from .report import Report
from .wordpress import import_wordpress


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
    # Whether an archive may hold its files beside the one that is read: a folder is given then.
    takes_both: bool = False


def _wordpress(source: Source, **how: Any) -> Report:
    return import_wordpress(source.path, media=source.files, **how)


def _blogger(source: Source, **how: Any) -> Report:
    return import_blogger(source.path, media=source.files, **how)


def _movable_type(source: Source, **how: Any) -> Report:
    return import_movabletype(source.path, media=source.files, **how)


def _ghost(source: Source, **how: Any) -> Report:
    return import_ghost(source.path, media=source.files, **how)


def _folder(kind: str) -> Callable[..., Report]:
    def run(source: Source, **how: Any) -> Report:
        try:
            return import_folder(source.path, kind=kind, **how)
        except FolderError as error:
            raise ValueError(str(error)) from error

    return run


def _comments(reader: Callable[[Path], Discussion]) -> Callable[..., Report]:
    def run(source: Source, **how: Any) -> Report:
        return import_discussion(reader(source.path), **how)

    return run


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
    "blogger": Importer(
        name=_("Blogger"),
        help=_("Takeout’s .zip or the feed.atom in it, or the .xml that Blogger itself exported."),
        endings=(".xml", ".atom"),
        run=_blogger,
        takes_files=True,
        takes_both=True,
    ),
    "movable-type": Importer(
        name=_("Movable Type or TypePad"),
        help=_("The text that it exports: a .txt, or that packed as .zip or .gz."),
        endings=(".txt",),
        run=_movable_type,
        takes_files=True,
    ),
    "ghost": Importer(
        name=_("Ghost"),
        help=_(
            "The .json from Settings, Migration tools, Export; alone, or packed as .zip with the"
            " folder content."
        ),
        endings=(".json",),
        run=_ghost,
        takes_files=True,
        takes_both=True,
    ),
} | {
    kind: Importer(
        name=kind.capitalize(),
        help=EXPORTED if kind == OWN else PACKED,
        endings=(".zip",),
        run=_folder(kind),
        takes_folder=True,
    )
    for kind in kinds()
}
# Comments alone, of essays that are here already.
IMPORTERS |= {
    "disqus": Importer(
        name=_("Disqus (comments)"),
        help=_("The file that Disqus sends a link to when you export, as it is."),
        endings=(".xml",),
        run=_comments(Disqus),
    ),
    "commento": Importer(
        name=_("Commento or Comentario (comments)"),
        help=_("The file that its dashboard exports, as it is."),
        endings=(".json",),
        run=_comments(Commento),
    ),
}
