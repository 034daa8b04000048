"""Signed form tokens and cookies: prove without an account that a browser loaded the form, and
which comments it wrote.

They are signed with SECRET_KEY and need no row and no session.
"""

import secrets
import time

from django.conf import settings
from django.core import signing

from blog.markup.names import clean_name
from blog.posts.models.notes import Notes
from comments.models import AddressUse, Comment
from comments.models.queries import BROWSER_KEPT

# Seconds a form's token is valid. After that the reader must press Post again.
LONGEST = 24 * 3600
# How many comments a browser's cookie holds: the newest.
MOST_KEPT = 30

COOKIE = f"{settings.COOKIE_NAMES}mine"
REMEMBERED = f"{settings.COOKIE_NAMES}me"
COOKIE_AGE = int(BROWSER_KEPT.total_seconds())


def make_token(post):
    """Return a token for the form under `post` that carries the hour it was made in.

    Only the hour, so that all readers get the same page, which can be cached.
    """
    made = int(time.time()) // 3600 * 3600
    return signing.Signer(salt="comments.form").sign(f"{post.pk}.{signing.b62_encode(made)}")


def token_age(token, post):
    """Return the token's age in seconds, or None if it is not a valid token for this essay."""
    try:
        number, _, made = signing.Signer(salt="comments.form").unsign(token).partition(".")
    except signing.BadSignature:
        return None
    return time.time() - signing.b62_decode(made) if number == str(post.pk) else None


def essay_of(token):
    """Return the number of the essay a token was made for, or None if it is not valid."""
    try:
        return int(signing.Signer(salt="comments.form").unsign(token).partition(".")[0])
    except signing.BadSignature:
        return None


def own_comment_ids(request):
    """Return the numbers of the comments that this browser's cookie proves it wrote."""
    return [kept for kept in _kept(request) if isinstance(kept, int)]


def key_of(request) -> str:
    """Return the random key of this browser, which is stored with its comments.

    "" if it has none: before its first comment, or with a cookie from before there were keys.
    """
    return next((kept for kept in _kept(request) if isinstance(kept, str)), "")


def new_key() -> str:
    """Return a new browser key of 128 random bits."""
    return secrets.token_urlsafe(16)


def remember(request, response, comment):
    """Set the cookie that proves that this browser wrote `comment`, with its key."""
    numbers = [*own_comment_ids(request), comment.pk]
    _keep(response, key_of(request) or comment.browser, numbers)


def remember_key(request, response, key):
    """Set the cookie with this key for a browser that left a note on a draft."""
    _keep(response, key, own_comment_ids(request))


def _keep(response, key, numbers):
    response.set_cookie(
        COOKIE,
        # Older versions of Postil read only the numbers from such a list.
        signing.dumps([key, *numbers[-MOST_KEPT:]], salt="comments.mine"),
        max_age=COOKIE_AGE,
        path=settings.COOKIE_PATH,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def _kept(request):
    """Return what the signed cookie holds: the browser's key, if any, and comments' numbers."""
    cookie = request.COOKIES.get(COOKIE, "")
    try:
        return signing.loads(cookie, salt="comments.mine", max_age=COOKIE_AGE) if cookie else []
    except signing.BadSignature:
        return []


def is_known(request):
    """Return whether this person has an approved comment (at most two queries).

    That is one in this browser's cookie, or one from any browser that shares a confirmed e-mail
    address with this one.
    """
    numbers, key = own_comment_ids(request), key_of(request)
    if not (numbers or key):
        return False
    approved = Comment.objects.approved()
    if numbers and approved.filter(pk__in=numbers).exists():
        return True
    # A second query, because one with OR would read all approved comments.
    return bool(key) and approved.filter(browser__in=AddressUse.objects.same_person(key)).exists()


def may_write_notes(request, post):
    """Return whether notes of this reader are taken beside a post (no query if all or none are)."""
    allowed = post.notes_from
    if allowed == Notes.KNOWN:
        return signed_in(request) or is_known(request)
    return allowed == Notes.ON


def signed_in(request):
    """Return whether someone is signed in; without a session cookie this reads no session."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def keep_name(request, response, given):
    """Set the cookie with name, e-mail and website if its writer asked for it, else delete it."""
    if given["remember"]:
        kept = {name: given[name] for name in ("name", "email", "url")}
        # Compressed, because browsers drop cookies of more than 4,096 bytes (RFC 6265bis, 5.6).
        value = signing.dumps(kept, salt="comments.me", compress=True)
        safe = {"httponly": True, "secure": settings.HTTPS, "samesite": "Lax"}
        safe["path"] = settings.COOKIE_PATH
        response.set_cookie(REMEMBERED, value, max_age=COOKIE_AGE, **safe)
    elif REMEMBERED in request.COOKIES:
        response.delete_cookie(REMEMBERED, path=settings.COOKIE_PATH)


def remembered(request):
    """Return the name, e-mail and website in this browser's cookie, if any."""
    cookie = request.COOKIES.get(REMEMBERED, "")
    try:
        kept = signing.loads(cookie, salt="comments.me") if cookie else None
    except signing.BadSignature:
        return {}
    # Cleaned again, because an older version of Postil may have set the cookie.
    return kept | {"name": clean_name(kept["name"]), "remember": True} if kept else {}
