"""Opening an export, as it is or packed as .gz; anything else is refused in a sentence."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext as _

from .said import DiscussionError

_GZIP = b"\x1f\x8b"
_PACKED = (b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")


@contextmanager
def opened(path: Path, system: str) -> Iterator[IO[bytes]]:
    """Give an export open for reading; what fails while it is read becomes a DiscussionError.

    `system` is the name of the program that wrote it.
    """
    names = {"file": path, "system": system}
    try:
        with path.open("rb") as file:
            head = file.read(4096)
            file.seek(0)
            if head.startswith(_GZIP):
                with gzip.open(file) as unpacked:
                    yield _checked(cast("IO[bytes]", unpacked), names)
            else:
                yield _checked(file, names)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        said = _("%(file)s is packed, and broken: pack it or fetch it again.")
        raise DiscussionError(said % names) from error
    except OSError as error:
        said = _("%(file)s cannot be read: %(reason)s.")
        raise DiscussionError(said % (names | {"reason": error.strerror or error})) from error


def _checked(file: IO[bytes], names: dict[str, object]) -> IO[bytes]:
    """Return the file, from its start; raises DiscussionError for what its first bytes show."""
    head = file.read(4096)
    file.seek(0)
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not start:
        raise DiscussionError(_("%(file)s is empty.") % names)
    if head.startswith(_PACKED):
        raise DiscussionError(
            _("%(file)s is packed: unpack it, then import the file in it.") % names
        )
    if start.startswith((b"<!doctype html", b"<html")):
        said = _("%(file)s is a web page, not an export of %(system)s: perhaps a page to log in.")
        raise DiscussionError(said % names)
    return file
