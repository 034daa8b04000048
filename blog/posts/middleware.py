"""Send readers of an old address on to the essay or the tag that moved."""

import re
import unicodedata

from django.db.models import Q
from django.http import HttpResponsePermanentRedirect

from .models import OldAddress, Post, Tag

_OF_TAG = re.compile("/tags/([^/]+)(/.*)?")


def old_addresses(get_response):
    """Answer 301 in place of a 404 where the path is an old address of a post or a tag.

    Only what would have been a 404 is looked up, so a page that exists pays nothing for this.
    """

    def middleware(request):
        response = get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        if "\0" in request.path:  # PostgreSQL refuses even to look for it
            return response
        place = moved_to(request.path)
        return HttpResponsePermanentRedirect(place) if place else response

    return middleware


def moved_to(path):
    """Return where the readers of a path that is not there are sent; None for nowhere."""
    # Addresses are kept in NFC; some programs take letters and their marks apart.
    composed = unicodedata.normalize("NFC", path)
    was_apart, name = composed != path, composed.strip("/")
    old = OldAddress.objects.select_related("post").filter(path__in={path.strip("/"), name}).first()
    if old is not None:
        return old.post.get_absolute_url() if old.post.was_public else None
    if found := _OF_TAG.fullmatch(composed):
        slug, rest = found.groups()
        is_meant = Q(old_slugs__slug=slug) | (Q(slug=slug) if was_apart else Q())
        tag = Tag.objects.public().filter(is_meant).first()
        return tag and tag.get_absolute_url().rstrip("/") + (rest or "/")
    if was_apart and Post.objects.published().filter(path=name).exists():
        return f"/{name}/"
    return None
