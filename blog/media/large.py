"""Keeping large files in little memory: each is there as a whole or not at all."""

import contextlib
import logging
import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

# Where parts of files lie, and among them what is not whole yet: backups leave all of it out, and a
# folder that belongs to no upload goes within a day.
PARTS, HALF = "parts", "parts/half"
# Bytes that are copied at a time.
AT_ONCE = 1 << 20

logger = logging.getLogger(__name__)


def store_file(name, file, size):
    """Keep a file; one of this name and size that is there is the same.

    Raises ValidationError with a sentence where the storage does not take it.
    """
    file.seek(0)
    try:
        if default_storage.exists(name) and default_storage.size(name) == size:
            return
        try:
            path = Path(default_storage.path(name))
        except NotImplementedError:  # a bucket, which keeps no half of a file
            default_storage.save(name, File(file))
            return
        with written_aside(path, path.parent / HALF) as half:
            shutil.copyfileobj(file, half, AT_ONCE)
    except OSError as error:
        logger.warning("A file could not be stored: %s", error)
        raise ValidationError(
            _("The file could not be stored just now: %(why)s Try again in a moment.")
            % {"why": f"{error.strerror or error}".rstrip(".") + "."}
        ) from error


@contextlib.contextmanager
def written_aside(path, folder):
    """Open a file to write in a folder; it takes the path's place once it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as half:
        try:
            yield half
            half.close()
            os.chmod(half.name, settings.FILE_UPLOAD_PERMISSIONS)
            os.replace(half.name, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(half.name)
            raise
