"""What a browser can prove without an account: that it read the form, and what it wrote here.

Both are signed with SECRET_KEY and need no row and no session. A name or an e-mail address typed
in a form proves nothing.
"""

import time

from django.conf import settings
from django.core import signing

# Seconds. A person needs longer than the first to read and type; a page open for more than the
# second gets a new token and one more press.
QUICKEST = 3
LONGEST = 24 * 3600
# Comments one browser's proof remembers: the newest.
MOST_KEPT = 30

COOKIE = "postil_mine"
REMEMBERED = "postil_me"
COOKIE_AGE = 180 * 24 * 3600


def make_token(post, *, exact=False):
    """Return a token for the form under `post` that carries the time it was made.

    On a page that every reader gets it carries the full hour, so that their bytes are the same
    and can be cached; on one made for a single person (`exact`), the second.
    """
    now = int(time.time())
    made = now if exact else now // 3600 * 3600
    return signing.Signer(salt="comments.form").sign(f"{post.pk}.{signing.b62_encode(made)}")


def token_age(token, post):
    """Return the token's age in seconds, or None if it is none of ours for this essay."""
    try:
        number, _, made = signing.Signer(salt="comments.form").unsign(token).partition(".")
    except signing.BadSignature:
        return None
    return time.time() - signing.b62_decode(made) if number == str(post.pk) else None


def written_here(request):
    """Return the numbers of the comments this browser proves it wrote."""
    cookie = request.COOKIES.get(COOKIE, "")
    try:
        numbers = signing.loads(cookie, salt="comments.mine", max_age=COOKIE_AGE) if cookie else []
    except signing.BadSignature:
        return []
    return [number for number in numbers if isinstance(number, int)]


def remember(request, response, comment):
    """Give this browser the proof that it wrote `comment`."""
    numbers = [*written_here(request), comment.pk]
    response.set_cookie(
        COOKIE,
        signing.dumps(numbers[-MOST_KEPT:], salt="comments.mine"),
        max_age=COOKIE_AGE,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def signed_in(request):
    """Ask for the account only where a session exists, so that readers' pages depend on none."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def keep_name(request, response, given):
    """Remember name, e-mail and website in this browser, only if its owner asked for that."""
    if given["remember"]:
        kept = {name: given[name] for name in ("name", "email", "url")}
        value = signing.dumps(kept, salt="comments.me")
        safe = {"httponly": True, "secure": settings.HTTPS, "samesite": "Lax"}
        response.set_cookie(REMEMBERED, value, max_age=COOKIE_AGE, **safe)
    elif REMEMBERED in request.COOKIES:
        response.delete_cookie(REMEMBERED)


def remembered(request):
    """Return the name, e-mail and website this browser was asked to remember, if any."""
    cookie = request.COOKIES.get(REMEMBERED, "")
    try:
        return signing.loads(cookie, salt="comments.me") | {"remember": True} if cookie else {}
    except signing.BadSignature:
        return {}
