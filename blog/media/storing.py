"""Keeping files that were prepared, wherever this site keeps them."""

import logging

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from .files import put
from .names import still_of

logger = logging.getLogger(__name__)


def store(prepared):
    """Keep the picture's file, and its first frame where it moves; what is there is the same.

    Raises ValidationError with a sentence where the storage does not take it.
    """
    try:
        # The first frame comes first, so that it is there wherever the picture is.
        if prepared.still:
            keep(still_of(prepared.name), prepared.still)
        keep(prepared.name, prepared.content)
    except OSError as error:
        logger.warning("An image could not be stored: %s", error)
        raise ValidationError(
            _("The image could not be stored just now: %(why)s Try again in a moment.")
            % {"why": f"{error.strerror or error}".rstrip(".") + "."}
        ) from error


def keep(name, content):
    if not default_storage.exists(name):
        put(name, content)
