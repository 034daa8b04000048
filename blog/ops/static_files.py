"""Static files are collected when they have changed, and only then."""

import contextlib
import re
from collections.abc import Iterable
from hashlib import blake2b, file_digest
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from blog.lib.base_path import unbased
from blog.web.theme.engine import note
from blog.web.theme.files import theme
from blog.web.theme.finder import Finder

# Programs whose next version may make other files of the same sources.
MADE_BY = "django", "whitenoise", "brotli"


class LinkedCompressor(Compressor):  # type: ignore[misc]
    """Compresses only files with a digest in their name: no page links to the others."""

    def should_compress(self, filename: str) -> bool:
        has_digest = re.search(r"\.[0-9a-f]{12}\.[^./]+$", filename) is not None
        return has_digest and super().should_compress(filename)


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also puts names with digests into the imports of scripts, so that a desk's parts fit."""

    support_js_module_import_aggregation = True

    def hashed_name(self, name: str, *given: Any, **more: Any) -> str:
        try:
            return str(super().hashed_name(name, *given, **more))
        except ValueError:
            # A theme's stylesheet names a file that is not there: `doctor` says so.
            if theme() is None:
                raise
            return name

    def create_compressor(self, **given: Any) -> Compressor:
        return LinkedCompressor(**given)


def record() -> Path:
    """Return the file that tells what was collected, and what came of it."""
    return Path(settings.STATIC_ROOT).with_suffix(".digest")


def are_collected() -> bool:
    """Tell whether the files collected here are whole, and what would be made again.

    It reads every byte of them and of their sources: that takes 0.05 s where collecting and
    compressing takes three, and a file that was changed, cut or lost on either side is seen.
    """
    try:
        return record().read_text() == describe()
    except OSError:
        return False


def collect() -> None:
    """Collect and compress all static files, and keep a record of it.

    Without those of the theme, if they cannot be: its pages that name them are then made of ours.
    """
    try:
        collect_found()
    except (ValueError, RuntimeError, OSError, CommandError) as error:
        over = theme()
        if over is None or not over.static:
            raise
        note("static", over, error)
        Finder.is_left_out = True
        try:
            collect_found()
        finally:
            Finder.is_left_out = False
    # Written last, so that whatever stops it before has it done again.
    with contextlib.suppress(OSError):  # it is done again then, which is only slow
        record().write_text(describe())


def collect_found() -> None:
    """Collect what is found, even where the copy is newer: themes come and go with older files."""
    seen: set[str] = set()
    for finder in get_finders():
        for name, storage in finder.list(None):
            copy = Path(settings.STATIC_ROOT, name)
            source = Path(storage.path(name))
            is_known = name in seen or not copy.is_file()
            if not is_known and copy.read_bytes() != source.read_bytes():
                copy.unlink()  # pages link to names with digests, which stay
            seen.add(name)
    call_command("collectstatic", verbosity=0, interactive=False)


def describe() -> str:
    """Return a digest of all sources and one of all that was collected."""
    # What is collected names its own files from where it stands, so BASE_PATH changes none.
    made_how = [
        unbased(settings.STATIC_URL),
        str(settings.STORAGES["staticfiles"]),
        *map(version, MADE_BY),
    ]
    sources = (
        (path, storage.open(path))
        for finder in get_finders()
        for path, storage in finder.list(None)
    )
    root = settings.STATIC_ROOT
    collected = (
        (str(path.relative_to(root)), path.open("rb"))
        for path in sorted(root.rglob("*"))
        if path.is_file()
    )
    return f"{digest(sources, made_how)} {digest(collected)}"


def digest(files: Iterable[tuple[str, Any]], words: Iterable[str] = ()) -> str:
    """Return a digest of these files, their names, and these words before them."""
    whole = blake2b(digest_size=32)
    for word in words:
        whole.update(word.encode() + b"\0")
    for name, file in files:
        with file:
            whole.update(name.encode() + b"\0" + file_digest(file, blake2b).digest())
    return whole.hexdigest()
