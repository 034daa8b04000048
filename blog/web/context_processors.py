"""The variables that every template has."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from blog.media.cards import name_of_site_card
from blog.web.copying import is_copied
from blog.web.stylesheet import stylesheet

# Returns what the site is called and leads to. `blog.site`, which stands above this room, sets it.
source: list[Callable[[], Any]] = []


def site(request: HttpRequest) -> dict[str, object]:
    """Return the site's identity, and this page's canonical address on it.

    The canonical address is built from SITE_URL, never from the Host header, so that nobody can
    make a page, or a cache in front of it, name another host.
    """
    now = source[-1]()
    request.stylesheet = css = stylesheet()
    return {
        "site": now,
        "site_card": now.picture or name_of_site_card(now.title, now.tagline),
        "here": request.path if now.leads_to(request.path_info) else "",
        "stylesheet": css,
        "copied": is_copied(),
        "canonical": settings.SITE_URL + request.path,
    }
