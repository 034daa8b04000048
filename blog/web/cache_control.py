"""The Cache-Control headers: for pages that are the same for all, for one reader, or private."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Pages that are the same for all: caches ask each time by ETag, which costs a 304.
FOR_ALL = "public, max-age=0, must-revalidate"
FOR_ONE = "private, no-cache"
# All other answers (blog.web.middleware.private_by_default).
PRIVATE = "private, no-store"
# The prefix of all our cookies; a reader with one gets pages of their own.
OUR_COOKIES = str(settings.COOKIE_NAMES)


def same_for_all(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Mark a view whose pages depend only on their address, except for visitors with our cookies.

    Pages with status 200 are kept in memory, and other caches may keep them.
    """

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and not response.has_header("Cache-Control"):
            mark(request, response)
        return response

    return marked


def mark(request: HttpRequest, response: HttpResponseBase) -> None:
    """Mark an answer as the same for all, except for visitors with our cookies."""
    mine = any(OUR_COOKIES in name for name in request.COOKIES)
    response.headers["Cache-Control"] = FOR_ONE if mine else FOR_ALL
