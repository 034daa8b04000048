"""The language in which somebody has the admin: kept in their session, so no page asks for it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import translation

from blog.lib.languages import site_language, translated

KEY = "language"


def remember(request: HttpRequest, language: str) -> None:
    """Have this session in that language from now on; "" stands for the site's."""
    if language:
        request.session[KEY] = language
    else:
        request.session.pop(KEY, None)
    speak(request)


def speak(request: HttpRequest) -> None:
    """Answer this request in the session's language. The next one begins in the site's."""
    chosen = request.session.get(KEY)
    translation.activate(chosen if chosen in dict(translated()) else site_language())
