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
    """What is read: a file or a folder, and what was sent beside it, if anything."""

    path: Path
    files: Path | None = None
    # Which essay an old address was (discussions/old_table.py).
    table: Path | None = None


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
    # What its file may leave open, by the names `run` has for it; `table` is a file (Source).
    asks: tuple[str, ...] = ()


def _wordpress(source: Source, **how: Any) -> Report:
    from .wordpress import import_wordpress  # noqa: PLC0415 - see above

    return import_wordpress(source.path, media=source.files, **how)


def _blogger(source: Source, **how: Any) -> Report:
    from .blogger.importing import import_blogger  # noqa: PLC0415 - see above

    return import_blogger(source.path, media=source.files, table=source.table, **how)


def _movable_type(source: Source, **how: Any) -> Report:
    from .movable_type.importing import import_movabletype  # noqa: PLC0415 - see above

    return import_movabletype(source.path, media=source.files, **how)


def _ghost(source: Source, **how: Any) -> Report:
    from .ghost.importing import import_ghost  # noqa: PLC0415 - see above

    return import_ghost(source.path, media=source.files, **how)


def _folder(kind: str) -> Callable[..., Report]:
    def run(source: Source, **how: Any) -> Report:
        from .folders.importing import import_folder  # noqa: PLC0415 - see above

        return import_folder(source.path, kind=kind, **how)

    return run


def _comments(system: str) -> Callable[..., Report]:
    def run(source: Source, **how: Any) -> Report:
        from .discussions.bringing import import_discussion  # noqa: PLC0415 - see above
        from .discussions.readers import READERS  # noqa: PLC0415

        return import_discussion(READERS[system](source.path), table=source.table, **how)

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
    "blogger": Importer(
        name=_("Blogger"),
        help=_("Takeout’s .zip or the feed.atom in it, or the .xml that Blogger itself exported."),
        endings=(".xml", ".atom"),
        run=_blogger,
        takes_files=True,
        takes_both=True,
        asks=("url", "table"),
    ),
    "movable-type": Importer(
        name=_("Movable Type or TypePad"),
        help=_("The text that it exports: a .txt, or that packed as .zip or .gz."),
        endings=(".txt",),
        run=_movable_type,
        takes_files=True,
        asks=("url", "permalink", "time_zone", "encoding"),
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
    for kind in FOLDERS
}
# Comments alone, of essays that are here already.
OF_COMMENTS = ("hosts", "table")
IMPORTERS |= {
    "disqus": Importer(
        name=_("Disqus (comments)"),
        help=_("The file that Disqus sends a link to when you export, as it is."),
        endings=(".xml",),
        run=_comments("disqus"),
        asks=OF_COMMENTS,
    ),
    "commento": Importer(
        name=_("Commento or Comentario (comments)"),
        help=_("The file that its dashboard exports, as it is."),
        endings=(".json",),
        run=_comments("commento"),
        asks=OF_COMMENTS,
    ),
    "isso": Importer(
        name=_("Isso (comments)"),
        help=_(
            "Its database, the file that isso.cfg names as dbpath; stop Isso before you copy it."
        ),
        endings=(".db", ".sqlite", ".sqlite3"),
        run=_comments("isso"),
        asks=OF_COMMENTS,
    ),
    "remark42": Importer(
        name=_("Remark42 (comments)"),
        help=_("A backup, such as backup-site-20231105.gz, as it is."),
        endings=(".json", ".gz"),
        run=_comments("remark42"),
        asks=OF_COMMENTS,
    ),
    "comments": Importer(
        name=_("JSON (comments of anything else)"),
        help=_("A file in the form that docs/move-in-comments.md describes."),
        endings=(".json", ".jsonl", ".ndjson"),
        run=_comments("comments"),
        asks=OF_COMMENTS,
    ),
}
