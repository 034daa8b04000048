"""What a browser can prove without an account: that it read the form, and what it wrote here.

Both are signed with SECRET_KEY and need no row and no session. A name or an e-mail address typed
in a form proves nothing.
"""

import secrets
import time

from django.conf import settings
from django.core import signing

from comments.models import AddressUse, Comment
from comments.models.queries import BROWSER_KEPT
from comments.text.names import clean_name

# Seconds. A page open for longer gets a new token and one more press.
LONGEST = 24 * 3600
# Comments one browser's proof remembers: the newest.
MOST_KEPT = 30

COOKIE = "postil_mine"
REMEMBERED = "postil_me"
COOKIE_AGE = int(BROWSER_KEPT.total_seconds())


def make_token(post):
    """Return a token for the form under `post` that carries the hour it was made in.

    Only the hour, so that all readers get the same bytes, which can be cached.
    """
    made = int(time.time()) // 3600 * 3600
    return signing.Signer(salt="comments.form").sign(f"{post.pk}.{signing.b62_encode(made)}")


def token_age(token, post):
    """Return the token's age in seconds, or None if it is none of ours for this essay."""
    try:
        number, _, made = signing.Signer(salt="comments.form").unsign(token).partition(".")
    except signing.BadSignature:
        return None
    return time.time() - signing.b62_decode(made) if number == str(post.pk) else None


def essay_of(token):
    """Return the number of the essay a token was made for, or None if it is none of ours."""
    try:
        return int(signing.Signer(salt="comments.form").unsign(token).partition(".")[0])
    except signing.BadSignature:
        return None


def own_comment_ids(request):
    """Return the numbers of the comments this browser proves it wrote."""
    return [kept for kept in _kept(request) if isinstance(kept, int)]


def key_of(request) -> str:
    """Return the random key of this browser, by which its comments belong together.

    "" where it has none: before its first comment, or with a cookie of before there were keys.
    """
    return next((kept for kept in _kept(request) if isinstance(kept, str)), "")


def new_key() -> str:
    """Return a key for a browser that has none, of 128 random bits."""
    return secrets.token_urlsafe(16)


def remember(request, response, comment):
    """Give this browser the proof that it wrote `comment`, and the key stored with that."""
    numbers = [*own_comment_ids(request), comment.pk]
    key = key_of(request) or comment.browser
    response.set_cookie(
        COOKIE,
        # Versions before the key take the numbers alone from such a list.
        signing.dumps([key, *numbers[-MOST_KEPT:]], salt="comments.mine"),
        max_age=COOKIE_AGE,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def _kept(request):
    """Return what the signed cookie holds: the browser's key, if it has one, and numbers."""
    cookie = request.COOKIES.get(COOKIE, "")
    try:
        return signing.loads(cookie, salt="comments.mine", max_age=COOKIE_AGE) if cookie else []
    except signing.BadSignature:
        return []


def is_known(request):
    """Return whether a comment of this browser's person was approved (one or two queries).

    It was theirs by the cookie, or was left in a browser for which the owner of an address
    confirmed it as they did for this one.
    """
    approved = Comment.objects.approved()
    if (numbers := own_comment_ids(request)) and approved.filter(pk__in=numbers).exists():
        return True
    # Asked for together, either of them is looked for among all that was approved.
    key = key_of(request)
    return bool(key) and approved.filter(browser__in=AddressUse.objects.same_person(key)).exists()


def signed_in(request):
    """Ask for the account only where a session exists, so that readers' pages depend on none."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def keep_name(request, response, given):
    """Remember name, e-mail and website in this browser, only if its owner asked for that."""
    if given["remember"]:
        kept = {name: given[name] for name in ("name", "email", "url")}
        # Browsers drop a cookie of more than 4,096 bytes (RFC 6265bis, section 5.6). So the longest
        # name, address and website still fit.
        value = signing.dumps(kept, salt="comments.me", compress=True)
        safe = {"httponly": True, "secure": settings.HTTPS, "samesite": "Lax"}
        response.set_cookie(REMEMBERED, value, max_age=COOKIE_AGE, **safe)
    elif REMEMBERED in request.COOKIES:
        response.delete_cookie(REMEMBERED)


def remembered(request):
    """Return the name, e-mail and website this browser was asked to remember, if any."""
    cookie = request.COOKIES.get(REMEMBERED, "")
    try:
        kept = signing.loads(cookie, salt="comments.me") if cookie else None
    except signing.BadSignature:
        return {}
    # It may be of a version that cleaned names less.
    return kept | {"name": clean_name(kept["name"]), "remember": True} if kept else {}
