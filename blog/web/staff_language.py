"""The language in which somebody has the admin: kept in their session, so no page asks for it."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
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


def language_of(user: AbstractBaseUser | None) -> str:
    """Return the language that somebody has the admin in, for a mail to them (one query)."""
    chosen = getattr(getattr(user, "profile", None), "language", "")
    return chosen if chosen in dict(translated()) else site_language()


def speak(request: HttpRequest) -> None:
    """Answer this request in the session's language. The next one begins in the site's."""
    chosen = request.session.get(KEY)
    translation.activate(chosen if chosen in dict(translated()) else site_language())
