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
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from blog.lib.base_path import unbased

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
    """Collect and compress all static files, and keep a record of it."""
    call_command("collectstatic", verbosity=0, interactive=False)
    # Written last, so that whatever stops it before has it done again.
    with contextlib.suppress(OSError):  # it is done again then, which is only slow
        record().write_text(describe())


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
