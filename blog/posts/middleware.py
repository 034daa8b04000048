"""Send readers of an old address on to the essay or the tag that moved."""

from django.conf import settings
from django.http import HttpResponsePermanentRedirect

from blog.lib.base_path import based

from .moved import moved_to


def old_addresses(get_response):
    """Answer 301 in place of a 404 where the path is an old address of a post or a tag.

    Only what would have been a 404 is looked up, so a page that exists pays nothing for this.
    """

    def middleware(request):
        response = get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        if "\0" in request.path_info:  # PostgreSQL refuses even to look for it
            return response
        place = moved_to(request.path_info)
        if not place and settings.BASE_PATH:  # of a blog that was below the same path
            place = moved_to(request.path)
        return HttpResponsePermanentRedirect(based(place)) if place else response

    return middleware
