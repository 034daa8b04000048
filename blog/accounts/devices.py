"""The browsers an account is known in: a signed cookie, sent to the admin alone.

It lets nobody in. It only gives a browser that signed in before its own count of failed attempts,
so that strangers who use up the account's cannot keep its owner out (OWASP, "Device cookies").
"""

import secrets

from django.conf import settings
from django.core import signing

from .models import key_of

COOKIE = f"{settings.COOKIE_NAMES}known"
COOKIE_AGE = 180 * 24 * 3600
SALT = "accounts.device"
# Seconds that a link from `manage.py let_in` works.
LINK_AGE = 600


def device_of(request, name):
    """Return the id of this browser if `name` signed in here before; else ""."""
    try:
        key, device = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return device if key == key_of(name) else ""


def remember_device(request, response, name):
    """Make this browser one that `name` is known in."""
    device = device_of(request, name) or secrets.token_hex(16)
    response.set_cookie(
        COOKIE,
        signing.dumps([key_of(name), device], salt=SALT),
        max_age=COOKIE_AGE,
        path=f"{settings.COOKIE_PATH}{settings.ADMIN_PATH}/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def make_link_token(name):
    """Return a token that makes a browser a known one, for ten minutes."""
    return signing.dumps(name, salt="accounts.let_in")


def read_link_token(token):
    """Return the name in it; raises BadSignature for one that is wrong or too old."""
    return signing.loads(token, salt="accounts.let_in", max_age=LINK_AGE)
