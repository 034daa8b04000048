"""Whatever comes to the desk as a file: kept as a picture, a sound or a film by its content."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from blog.media.recordings.preparing import Refused, kind_of, prepare
from blog.media.storing import store_file
from blog.posts.models import Recording
from blog.posts.models.recording import title_of

from .pasting import kept


def kept_file(file, by):
    """Keep a file, which is changed, and return its row; raises ValidationError."""
    file.seek(0)
    if not kind_of(file.read(16)):
        return kept(file, "", by)
    most = settings.RECORDING_MB
    if file.size > most * 1_000_000:
        said = _("It has %(size)d MB; %(most)d are the most.")
        raise ValidationError(said % {"size": file.size / 1e6, "most": most})
    try:
        prepared = prepare(file)
    except Refused as error:
        raise ValidationError(str(error)) from error
    # Stored before there is a row that names it; the same file is stored once.
    store_file(prepared.name, file, prepared.bytes)
    given = {"title": title_of(file.name), "bytes": prepared.bytes, "uploaded_by": by}
    return Recording.objects.get_or_create(file=prepared.name, defaults=given)[0]
