"""What a reader gets when there is no page, or when we broke: the site's own words and look."""

from http import HTTPStatus

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

# What is said of a request that blog.limits refuses.
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
    return HttpResponseServerError(render_to_string("500.html", site(request)))
