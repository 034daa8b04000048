"""The variables that every template has."""

from django.conf import settings
from django.http import HttpRequest

from blog.media.cards import name_of_site_card
from blog.web.stylesheet import stylesheet


def site(request: HttpRequest) -> dict[str, object]:
    """Return the site's identity, and this page's canonical address on it.

    The canonical address is built from SITE_URL, never from the Host header, so that nobody can
    make a page, or a cache in front of it, name another host.
    """
    return {
        "site": {
            "title": settings.SITE_TITLE,
            "tagline": settings.SITE_TAGLINE,
            "author": settings.SITE_AUTHOR,
            "url": settings.SITE_URL,
            "language": settings.LANGUAGE_CODE,
            "card": name_of_site_card(settings.SITE_TITLE, settings.SITE_TAGLINE),
        },
        "stylesheet": stylesheet(),
        "canonical": settings.SITE_URL + request.path,
    }
