"""What each answer says to caches on the way: the same for all, for one reader, or for nobody."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Pages that are the same for all: to be asked for each time, by the ETag, which costs a 304.
FOR_ALL = "public, max-age=0, must-revalidate"
FOR_ONE = "private, no-cache"
# All other answers (blog.web.middleware.private_by_default).
PRIVATE = "private, no-store"
# Every cookie of ours is named so, and a reader who brings one gets pages of their own.
OUR_COOKIES = "postil_"


def same_for_all(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Mark a view whose pages depend on their address alone, save for whoever has our cookies.

    Those with status 200 are kept in memory, and may be kept by caches on the way.
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
