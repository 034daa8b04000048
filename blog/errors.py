"""What a reader gets when there is no page, or when we broke: the site's own words and look."""

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template.loader import render_to_string

from blog.context_processors import site


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request was too large or broken: a form cut off, a file where words belong."""
    return HttpResponseBadRequest(render_to_string("400.html", site(request)))


def server_error(request: HttpRequest) -> HttpResponse:
    """Render with nothing that could break again: no session, no database."""
    return HttpResponseServerError(render_to_string("500.html", site(request)))
