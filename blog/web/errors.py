"""The error pages, which also give back what was written in a form."""

import errno
import logging
import sys
import time
from http import HTTPStatus
from typing import Any, TypeAlias

from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import Error, InterfaceError, InternalError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from blog.lib.database import is_unsure
from blog.web.cache_control import mark
from blog.web.context_processors import site
from blog.web.returned import Returned, returned

StrOrPromise: TypeAlias = str | Promise

logger = logging.getLogger(__name__)

# A disk that takes nothing more. SQLite's and PostgreSQL's word for it is an OperationalError;
# a database that takes no writes is PostgreSQL's InternalError.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
OUTAGES = (OperationalError, InterfaceError, InternalError)
# Seconds after which a visitor may try again, and in which the same fault is logged once.
AGAIN, SAID_ONCE = 10, 60
said: dict[str, float] = {}

# What the page of a refused request says, by status.
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


# The pages that give back what was sent, by status: whether it can be sent again from there, a
# heading, and what happened and what to do.
GIVEN_BACK = {
    400: (
        True,
        _("This could not be read."),
        _(
            "What was sent is too large or has too many parts, so nothing was stored. Your words "
            "are below: copy them, then send less of them at once."
        ),
    ),
    403: (
        False,
        _("You may not do this."),
        _(
            "Nothing was stored, because you may not change this, or no longer. Your words are "
            "below: copy them before you leave this page."
        ),
    ),
    404: (
        False,
        _("There is no page here."),
        _(
            "The page you wrote to was removed, so nothing was stored. Your words are below: "
            "copy them before you leave this page."
        ),
    ),
    405: (
        False,
        _("Nothing can be sent here."),
        _(
            "This page takes no forms, so nothing was stored. Your words are below: copy them "
            "before you leave this page."
        ),
    ),
    500: (
        True,
        _("Something broke here."),
        _(
            "It is our fault, not yours, and it is written down. Your words are below: keep a "
            "copy, wait a minute, and look whether they were stored. If not, send them again."
        ),
    ),
}
# What is said where even the template of these pages is broken.
BROKEN = _("It is our fault, not yours, and it is written down. Go back and try again in a minute.")
AWAY, WAIT = _("Not just now."), _("Nothing can be stored just now. Wait a minute, then try again.")
NOT_TRUSTED = (
    True,
    _("This form could not be trusted."),
    _(
        "Nothing was stored. You may have signed out, or in again, since you opened it. Your words "
        "are below: keep a copy, sign in in another window, and send them again from here."
    ),
)


SIGNED_OUT = (
    True,
    _("You were signed out."),
    _(
        "Nothing was stored. Your words are below: sign in in another window, and send them again "
        "from here."
    ),
)
# Its session ended while it was being answered, after the view.
ENDED_MEANWHILE = (
    False,
    _("You were signed out."),
    _(
        "That happened while this was being stored. Your words are below: keep a copy, sign in in "
        "another window, and look whether they were stored."
    ),
)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if back := given_back(request, 404):
        return back
    request.shows_readers_page = True
    response = render(request, "404.html", status=404)
    mark(request, response)
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request was too large or broken: a form cut off, a file where words belong.

    Django answers so as well where the session ended meanwhile, as by signing out elsewhere, and
    where the database failed while the session was stored, as it takes that for the same.
    """
    if isinstance(exception, SessionInterrupted):
        if outage := outage_behind(exception):
            say_once(f"{type(outage).__name__}: {outage}".strip())
            return unavailable(request, unsure=True)
        if request.method in ("GET", "HEAD"):  # asked again, it is a stranger's
            return HttpResponseRedirect(request.get_full_path())
        return given_back(request, 403, ENDED_MEANWHILE) or render_refusal(
            request, 403, ENDED_MEANWHILE[1], _("Sign in, and look whether it was done.")
        )
    page = given_back(request, 400)
    return page or HttpResponseBadRequest(filled_in("400.html", request, {}))


def outage_behind(error: BaseException) -> BaseException | None:
    """Return the failure of the database that led to an error, or None."""
    before = error.__context__
    while before and not isinstance(before, OUTAGES):
        before = before.__context__
    return before


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if page := given_back(request, 403):
        return page
    said = (_("You may not do this."), _("Ask who runs this site for the permission, or go back."))
    return render_refusal(request, 403, *said)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form without the token of its session, and give back what it held."""
    if page := given_back(request, 403, NOT_TRUSTED):
        return page
    advice = _("Go back, load the page again, and send the form once more.")
    return render_refusal(request, 403, NOT_TRUSTED[1], advice)


def signed_out(request: HttpRequest) -> HttpResponse | None:
    """Give back what somebody wrote whose session has ended; None if nothing was."""
    sent = returned(request)
    written = sent and any(text.strip() for _name, text in sent.texts)
    return given_back(request, 403, SIGNED_OUT) if written else None


def given_back(
    request: HttpRequest, status: int, said: tuple[bool, StrOrPromise, StrOrPromise] | None = None
) -> HttpResponse | None:
    """Return a page with what was written in a form that failed; None if nothing was."""
    send_again, heading, advice = said or GIVEN_BACK[status]
    sent = returned(request, send_again=send_again)
    if sent is None:
        return None
    context = {"status": status, "heading": heading, "advice": advice, "sent": sent}
    response = HttpResponse(rendered("given_back.html", request, context), status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def rendered(template: str, request: HttpRequest, context: dict[str, Any]) -> str:
    """Render one of these pages; if that fails, a plain one of `heading`, `advice` and `sent`.

    The plain page uses no template, because people's words are lost if it fails too.
    """
    try:
        return filled_in(template, request, context)
    except Exception:
        logger.exception("%s could not be rendered.", template)
        return plain_page(str(context["heading"]), str(context["advice"]), context["sent"])


def filled_in(template: str, request: HttpRequest, context: dict[str, Any]) -> str:
    """Render one of these pages; it looks like those of readers, in the admin too."""
    request.shows_readers_page = True
    return str(render_to_string(template, site(request) | context))


def plain_page(heading: str, advice: str, sent: Returned | None) -> str:
    """Return the least page that says what happened, and gives back what was sent."""
    sent = sent or Returned(path="", can_be_sent=False)
    shown = "".join(
        f'<p><textarea name="{escape(name)}" rows="12" cols="80">\n{escape(text)}</textarea></p>'
        for name, text in sent.texts
    )
    if sent.can_be_sent:
        shown += "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in sent.hidden
        )
        button = f"<p><button>{escape(_('Send again'))}</button></p>"
        shown = f'<form method="post" action="{escape(sent.path)}">{shown}{button}</form>'
    return (
        f'<!DOCTYPE html><meta charset="utf-8"><title>{escape(heading)}</title>'
        f"<h1>{escape(heading)}</h1><p>{escape(advice)}</p>{shown}"
    )


def refused(request: HttpRequest, status: int) -> HttpResponse:
    """Say why a request was refused before it was read, and what to do; needs no database."""
    response = render_refusal(request, status, *REFUSALS[status])
    # Django would write a line about each, and strangers can have thousands of them.
    response._has_been_logged = True
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "10"
    return response


def render_refusal(
    request: HttpRequest, status: int, heading: StrOrPromise, advice: StrOrPromise
) -> HttpResponse:
    context = {"status": status, "heading": heading, "advice": advice}
    response = HttpResponse(filled_in("refused.html", request, context), status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Render with nothing that could break again: no session, no database."""
    error = sys.exc_info()[1]
    if isinstance(error, OUTAGES) or (isinstance(error, OSError) and error.errno in FULL):
        say_once(f"{type(error).__name__}: {error}".strip())
        return unavailable(request, unsure=isinstance(error, Error) and is_unsure(error))
    if page := given_back(request, 500):
        return page
    context = {"heading": GIVEN_BACK[500][1], "advice": BROKEN, "sent": None}
    return HttpResponseServerError(rendered("500.html", request, context))


def unavailable(request: HttpRequest, *, unsure: bool = False) -> HttpResponse:
    """Say that nothing can be stored or looked up just now, and give back what was written.

    With `unsure`, it may have been stored anyway.
    """
    context = {"unsure": unsure, "sent": returned(request), "heading": AWAY, "advice": WAIT}
    response = HttpResponse(rendered("503.html", request, context), status=503)
    response.headers["Retry-After"] = str(AGAIN)
    # Django would write a traceback of each; say_once does.
    response._has_been_logged = True
    return response


def say_once(fault: str) -> None:
    """Log a fault as one line, at most once a minute."""
    fault = " ".join(fault.split())
    now = time.monotonic()
    if now > said.get(fault, float("-inf")) + SAID_ONCE:
        if len(said) > 100:
            said.clear()
        said[fault] = now
        logger.error("The database or the disk failed: %s", fault)
