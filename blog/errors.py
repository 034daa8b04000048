"""What a reader gets when there is no page, or when we broke: the site's own words and look."""

import errno
import logging
import sys
import time
from http import HTTPStatus

from django.db import Error, InterfaceError, InternalError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from blog.context_processors import site
from blog.outage import is_unsure

logger = logging.getLogger(__name__)

# A disk that takes nothing more. SQLite's and PostgreSQL's word for it is an OperationalError;
# a database that takes no writes is PostgreSQL's InternalError.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
OUTAGES = (OperationalError, InterfaceError, InternalError)
# Seconds after which a visitor may try again, and in which the same fault is logged once.
AGAIN, SAID_ONCE = 10, 60
said: dict[str, float] = {}

# Where a request's environment says that it was refused, with which status (limits.py), or that no
# thread has time for it (server.py).
REFUSED, BUSY = "postil.refused", "postil.busy"
# What is said of a request that was refused.
REFUSALS = {
    400: (
        _("This could not be read."),
        _("What was sent broke off on the way. Go back: your words are still in the form."),
    ),
    411: (
        _("This could not be read."),
        _("Send a body with its length (Content-Length), not in chunks."),
    ),
    413: (
        _("This is too large."),
        _("Go back: your words are still in the form. Send less of them, or a smaller file."),
    ),
    414: (
        _("This address is too long."),
        _("Shorten it, or begin at the front page."),
    ),
    503: (
        _("It is busy here just now."),
        _("Go back: your words are still in the form. Wait ten seconds and try again."),
    ),
}


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request was too large or broken: a form cut off, a file where words belong."""
    return HttpResponseBadRequest(render_to_string("400.html", site(request)))


def refused(request: HttpRequest, status: int) -> HttpResponse:
    """Say why a request was refused before it was read, and what to do; needs no database."""
    heading, advice = REFUSALS[status]
    context = site(request) | {"status": status, "heading": heading, "advice": advice}
    response = HttpResponse(render_to_string("refused.html", context), status=status)
    response.headers["Cache-Control"] = "no-store"
    # Django would write a line about each, and strangers can have thousands of them.
    response._has_been_logged = True
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "10"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Render with nothing that could break again: no session, no database."""
    error = sys.exc_info()[1]
    if isinstance(error, OUTAGES) or (isinstance(error, OSError) and error.errno in FULL):
        say_once(f"{type(error).__name__}: {error}".strip())
        return unavailable(request, unsure=isinstance(error, Error) and is_unsure(error))
    return HttpResponseServerError(render_to_string("500.html", site(request)))


def unavailable(request: HttpRequest, *, unsure: bool = False) -> HttpResponse:
    """Say that nothing can be stored or looked up just now, and give back what was written.

    With `unsure`, it may have been stored all the same. What is given back goes to where it was
    sent, with the form's own tokens and no new ones, so it may do nothing more than it did.
    """
    context = site(request) | {"unsure": unsure, "path": request.get_full_path()}
    if request.method == "POST" and not any("password" in name for name in request.POST):
        fields = [(name, it) for name, values in request.POST.lists() for it in values]
        context["texts"] = [field for field in fields if is_text(*field)]
        context["hidden"] = [field for field in fields if not is_text(*field)]
    response = HttpResponse(render_to_string("503.html", context, request=None), status=503)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Retry-After"] = str(AGAIN)
    # Django would write a traceback of each; say_once does.
    response._has_been_logged = True
    return response


def is_text(name: str, value: str) -> bool:
    return name == "body" or "\n" in value


def say_once(fault: str) -> None:
    """Log a fault as one line, and not again within a minute, however many met it."""
    fault = " ".join(fault.split())
    now = time.monotonic()
    if now > said.get(fault, float("-inf")) + SAID_ONCE:
        if len(said) > 100:
            said.clear()
        said[fault] = now
        logger.error("What was asked could not be stored or looked up. %s", fault)
