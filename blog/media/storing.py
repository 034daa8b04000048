"""Keeping files that were prepared, wherever this site keeps them."""

import logging
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


def store(prepared):
    """Keep the picture's file; one that is there already is the same.

    Raises ValidationError with a sentence where the storage does not take it.
    """
    try:
        if not default_storage.exists(prepared.name):
            default_storage.save(prepared.name, File(BytesIO(prepared.content)))
    except OSError as error:
        logger.warning("An image could not be stored: %s", error)
        raise ValidationError(
            _("The image could not be stored just now: %(why)s Try again in a moment.")
            % {"why": f"{error.strerror or error}".rstrip(".") + "."}
        ) from error
