"""A secret that is made on first use and kept in a file."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from .whereabouts import ONLY_LOOKS


def kept_secret(path: Path) -> str:
    """Return the secret kept at `path`, made on first use and readable by its owner alone."""
    if ONLY_LOOKS:
        return secrets.token_urlsafe(50)
    try:
        if path.exists() and not path.stat().st_size:
            path.unlink()  # what a machine that lost its power may leave
        if not path.exists():
            # Written elsewhere and then named: of several processes starting at once, one names
            # its own, and nobody reads a file that is not yet whole.
            with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
                file.write(secrets.token_urlsafe(50))
                file.flush()
                os.fsync(file.fileno())
                with contextlib.suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR must be a folder Postil may write to: {error.strerror} at {path.parent}. "
            "Or give a SECRET_KEY."
        ) from error
