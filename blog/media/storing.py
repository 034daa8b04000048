"""Keeping files that were prepared, wherever this site keeps them."""

import contextlib
import logging

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from .files import length_of, put, put_file
from .names import still_of

logger = logging.getLogger(__name__)


def store(prepared):
    """Keep a picture's file, and its first frame where it moves; what is there is the same.

    Raises ValidationError with a sentence where the storage does not take it.
    """
    with refused_in_words():
        # The first frame comes first, so that it is there wherever the picture is.
        if prepared.still and not default_storage.exists(still_of(prepared.name)):
            put(still_of(prepared.name), prepared.still)
        if not default_storage.exists(prepared.name):
            put(prepared.name, prepared.content)


def store_file(name, file, size):
    """Keep a large file, in little memory; one of this name and size that is there is the same.

    Raises ValidationError with a sentence where the storage does not take it.
    """
    with refused_in_words():
        if length_of(name) != size:
            put_file(name, file)


@contextlib.contextmanager
def refused_in_words():
    try:
        yield
    except OSError as error:
        logger.warning("A file could not be stored: %s", error)
        raise ValidationError(
            _("The file could not be stored just now: %(why)s Try again in a moment.")
            % {"why": f"{error.strerror or error}".rstrip(".") + "."},
            code="storage",
        ) from error
