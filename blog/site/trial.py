"""A page of the site as it would be under other settings, before they are saved."""

from io import BytesIO

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import resolve
from django.utils import translation

from blog.lib.languages import site_language

from .reading import trying

# Of the request that asked, what says nothing of who did.
KEPT = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST", "wsgi.url_scheme")


def page_at(request, path, values):
    """Return the page that a reader would get at this path of the site."""
    asked = WSGIRequest(
        {
            **{name: request.META[name] for name in KEPT if name in request.META},
            **{
                "REQUEST_METHOD": "GET",
                "PATH_INFO": path,
                "SCRIPT_NAME": settings.BASE_PATH,
                "QUERY_STRING": "",
            },
            **{"REMOTE_ADDR": request.META.get("REMOTE_ADDR", ""), "wsgi.input": BytesIO()},
        }
    )
    asked.user = AnonymousUser()
    found = resolve(path)
    with trying(values), translation.override(site_language()):
        response = found.func(asked, *found.args, **found.kwargs)
        if hasattr(response, "render"):
            response.render()
    # Its policy, its links and its being kept are those of no page of the admin.
    request.shows_readers_page, request.stylesheet = True, getattr(asked, "stylesheet", None)
    return HttpResponse(response.content, status=response.status_code)
