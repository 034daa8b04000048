"""Files that come in parts, each a request of its own (media/parts.py), as the desk's do.

Each answer says which bytes are there, so that a script goes on from them after whatever happened.
"""

import logging
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from blog.lib.numbers import number_in
from blog.lib.readonly import RUNS_SITE
from blog.media import parts

from .forms import begun
from .models import Parcel, TooMuch, place

logger = logging.getLogger(__name__)


def sends_parts(view):
    """Decorate a view to be for owners, and to answer 503 while the storage does not."""

    @wraps(view)
    def asked(request, **given):
        if not request.user.has_perm(RUNS_SITE):
            raise PermissionDenied
        if request.content_type == "multipart/form-data":  # a form, whose body is read already
            return misfit()
        try:
            return view(request, **given)
        except OSError as error:
            logger.warning("An upload has to wait: %s", error)
            return JsonResponse({}, status=503, headers={"Retry-After": "10"})

    return asked


@sends_parts
def begin(request):
    """Begin an upload of so many bytes; the body may be its first part already."""
    if request.method != "POST":
        return JsonResponse({}, status=405, headers={"Allow": "POST"})
    size = number_in(request.GET.get("bytes", "")) or 0
    if request.body and not parts.fits(0, len(request.body), size):
        return misfit()
    try:
        parcel = begun(request.GET.get("name", ""), size, request.user)
    except TooMuch as error:
        return JsonResponse({"error": str(error)}, status=400)
    return taken(parcel, 0, request.body)


@sends_parts
def upload(request, key):
    """Take a part, say what is there, or delete the file."""
    parcel = get_object_or_404(Parcel, key=key, by=request.user, move=None)
    if request.method == "DELETE":
        Parcel.objects.filter(pk=parcel.pk).delete()
        return JsonResponse({})
    if request.method != "POST":
        return progress(parcel, parts.there(place(key)))
    at = number_in(request.GET.get("at", ""))
    if at is None or (request.body and not parts.fits(at, len(request.body), parcel.bytes)):
        return misfit()
    return taken(parcel, at, request.body)


def taken(parcel, at, content):
    """Keep a part where none is yet; answer with what is there."""
    there = parts.there(place(parcel.key))
    if content and not any(start < at + len(content) and at < end for start, end in there):
        parts.keep(place(parcel.key), at, content)
        there = parts.there(place(parcel.key))
    return progress(parcel, there)


def progress(parcel, there):
    """Say which stretches are there and where the first that is not begins; the key of a whole."""
    if there == [(0, parcel.bytes)]:
        return JsonResponse({"whole": parcel.key})
    address = reverse("admin:moving_move_upload", args=[parcel.key])
    first = there[0][1] if there and not there[0][0] else 0
    return JsonResponse({"upload": address, "there": there, "next": first})


def misfit():
    said = _("This part does not fit the file. Load the page again, then try again.")
    return JsonResponse({"error": said}, status=400)
