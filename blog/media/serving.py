"""How uploaded files are served: from the site itself, whichever machine or bucket they lie in."""

import logging

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from .names import instead_of
from .ranges import answer

TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
# For a file by itself: it may load, run and be framed as nothing, even if it were a page.
POLICY = "default-src 'none'; sandbox"
# A name is one content, so it is kept for ever. What is shown in place of a rendition that is not
# made yet is asked for again soon.
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=20"

logger = logging.getLogger(__name__)


@require_safe
def media(request, name):
    """Answer with a file. Only names we make lead here, so none can lead elsewhere.

    A rendition that is not made yet has the nearest one that is there in its place: a reader waits
    for no making, and a request writes nothing.
    """
    found, kind = name, TYPES[name.rpartition(".")[2]]
    try:
        if kind.startswith("image/"):
            found, content = first_there(name)
            response = HttpResponse(content, content_type=TYPES[found.rpartition(".")[2]])
        else:
            response = answer(request, name, kind)
    except FileNotFoundError as error:
        raise Http404(name) from error
    except OSError as error:
        logger.warning("%s could not be read: %s", name, error)
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    if response.status_code < 400:
        response.headers["Cache-Control"] = FOR_EVER if found == name else FOR_NOW
    response.headers["ETag"] = f'"{found}"'
    response.headers["Content-Security-Policy"] = POLICY
    return response


def first_there(name):
    """Return a file's name and content: this one's, else the nearest in its place."""
    for tried in (name, *instead_of(name)):
        try:
            with default_storage.open(tried) as file:
                return tried, file.read()
        except FileNotFoundError:
            continue
    raise FileNotFoundError(name)
