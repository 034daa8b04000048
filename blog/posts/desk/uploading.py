"""Files that come to the desk in parts, each a request of its own (media/parts.py).

A part is the plain body of a POST. Each answer says which bytes are there, so that a script goes on
from them after whatever happened; that to the last missing part has the line for the text.
"""

import contextlib
import logging
import tempfile
from functools import wraps
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from blog.lib.numbers import number_in
from blog.media import parts
from blog.posts.models import TooMuch, Upload

from .access import may_upload
from .keeping import kept_file
from .pasting import refusal

logger = logging.getLogger(__name__)


def needs_storage(view):
    """Decorate a view to answer 503 while the disk or the bucket takes or gives nothing."""

    @wraps(view)
    def asked(desk, request, **given):
        try:
            return view(desk, request, **given)
        except OSError as error:
            logger.warning("An upload has to wait: %s", error)
            return later()

    return asked


@needs_storage
def begin(desk, request):
    """Begin an upload of so many bytes; the body may be its first part already."""
    if not may_upload(desk, request):
        raise PermissionDenied
    name = PurePath(request.GET.get("name", "")).name or _("file")
    size, most = number_in(request.GET.get("bytes", "")), settings.RECORDING_MB
    if not size:
        return refused(_("%(name)s was not added: it is empty.") % {"name": name})
    if size > most * 1_000_000:
        said = _("%(name)s was not added: it has %(size)d MB; %(most)d are the most.")
        return refused(said % {"name": name, "size": size / 1e6, "most": most}, 413)
    if request.body and not parts.fits(0, len(request.body), size):
        return misfit()
    try:
        found = Upload.objects.begin(name, size, request.user)
    except TooMuch as error:
        return refused(str(error), 429)
    return taken(found, 0, request.body)


@needs_storage
def upload(desk, request, key):
    """Take a part, tell what is there, or forget the whole."""
    found = get_object_or_404(Upload.objects.select_related("by", "image", "recording"), key=key)
    if found.by != request.user or not may_upload(desk, request):
        raise PermissionDenied
    if request.method == "DELETE":
        if not found.made:
            found.delete()
        return JsonResponse({})
    if found.made:
        return line_of(found.made)
    if request.method != "POST":
        return progress(found, parts.there(key))
    at = number_in(request.GET.get("at", ""))
    if at is None or (request.body and not parts.fits(at, len(request.body), found.bytes)):
        return misfit()
    return taken(found, at, request.body)


def taken(found, at, content):
    """Keep a part where none is yet; answer with what is there, or with what became of all."""
    there = parts.there(found.key)
    if content and not any(start < at + len(content) and at < end for start, end in there):
        parts.keep(found.key, at, content)
        there = parts.there(found.key)
    return finished(found) if there == [(0, found.bytes)] else progress(found, there)


def finished(found):
    """Make of a whole file what an essay shows, and answer with its line or why it is refused."""
    with scratch() as whole:
        try:
            parts.put_together(found.key, found.bytes, whole)
        except parts.Incomplete:
            # Another request has finished it meanwhile, or part of it has gone.
            found.refresh_from_db()
            return line_of(found.made) if found.made else progress(found, parts.there(found.key))
        file = File(whole, found.name)
        try:
            made = kept_file(file, found.by)
        except ValidationError as error:
            return not_kept(found, file, error)
    found.finish(made)
    return line_of(made)


def not_kept(found, file, error):
    """Answer that a whole file was not kept: it is refused and forgotten, or may be tried again."""
    if error.code == "busy":
        return progress(found, parts.there(found.key))
    if error.code == "storage":
        return later()
    found.delete()
    return refused(refusal(file, error))


def later():
    return JsonResponse({}, status=503, headers={"Retry-After": "10"})


def scratch():
    """Return a file of no name on the disk; /tmp may be in memory."""
    with contextlib.suppress(OSError):
        return tempfile.TemporaryFile(dir=settings.DATA_DIR)
    return tempfile.TemporaryFile()


def progress(found, there):
    """Say which stretches are there, and with which byte the first that is not begins."""
    address = reverse("admin:posts_post_upload", args=[found.key])
    first = there[0][1] if there and not there[0][0] else 0
    return JsonResponse({"upload": address, "there": there, "next": first})


def line_of(made):
    return JsonResponse({"markdown": made.markdown, made._meta.model_name: made.pk})


def refused(sentence, status=400):
    return JsonResponse({"error": sentence}, status=status)


def misfit():
    return refused(_("This part does not fit the file. Load the page again, then try again."))
