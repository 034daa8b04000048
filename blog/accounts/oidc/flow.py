"""What a browser keeps while its owner is at the provider: a signed cookie, for ten minutes.

It is a cookie of this host alone and no session, so that beginning a sign-in stores nothing here.
It is taken away when the provider's answer comes, so an answer works once.
"""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from .refused import NOT_USABLE, OTHER_SIGN_IN, STOPPED_THERE, Refused, shown

AGE = 600
SALT = "accounts.oidc"
# Not one of those by which readers get pages of their own (blog/web/cache_control.py).
NAME = "oidc"
REFUSED_THERE = {"access_denied", "login_required", "consent_required", "interaction_required"}


def cookie_name():
    """Return its name, which begins as that of the session does: browsers guard both alike."""
    return settings.SESSION_COOKIE_NAME.partition("postil_")[0] + NAME


def back_address():
    """Return where the provider sends people back to: what an operator has to enter there."""
    return settings.SITE_URL + reverse("oidc_back")


def here(url, otherwise):
    """Return an address if it is one of this site, as a path; no other is ever led to."""
    return url if url and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else otherwise


def begin(onward, invitation):
    """Return what is to be kept of a new sign-in."""
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    return kept | {"next": onward, "invitation": invitation}


def address(document, kept):
    """Return the provider's page that a sign-in leads to."""
    challenge = urlsafe_b64encode(sha256(kept["verifier"].encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": back_address(),
        "scope": settings.OIDC_SCOPES,
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    classes = [value for claim, value in settings.OIDC_SECOND_STEP_BY if claim == "acr"]
    if classes:
        query["acr_values"] = " ".join(classes)
    return with_query(document["authorization_endpoint"], query)


def with_query(url, query):
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def keep(response, kept):
    response.set_cookie(
        cookie_name(),
        signing.dumps(kept, salt=SALT, compress=True),
        max_age=AGE,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def drop(response):
    response.delete_cookie(cookie_name(), path=settings.SESSION_COOKIE_PATH, samesite="Lax")
    # Browsers take no change of a cookie of this name that is not marked so.
    response.cookies[cookie_name()]["secure"] = settings.SESSION_COOKIE_SECURE or ""


def kept_of(request):
    """Return what this browser kept, None where it has nothing that is usable."""
    try:
        return signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return None


def code_of(request, kept, document):
    """Return the code in the provider's answer; raises Refused for one that is not to be taken."""
    state = request.GET.get("state", "")
    if kept is None or not constant_time_compare(state, kept["state"]):
        why = "nothing was begun in this browser" if kept is None else "the state is another one"
        raise Refused(OTHER_SIGN_IN, why)
    # RFC 9207: so that no other provider's answer is taken for this one's.
    issuer = request.GET.get("iss")
    always = document.get("authorization_response_iss_parameter_supported") is True
    if issuer != settings.OIDC_ISSUER and (issuer is not None or always):
        raise Refused(NOT_USABLE, f"the answer comes from the issuer {shown(issuer)}")
    if error := request.GET.get("error"):
        raise refused_there(error)
    code = request.GET.get("code", "")
    if not code or len(code) > 4000:
        raise Refused(NOT_USABLE, "the answer has no code")
    return code


def refused_there(error):
    why = f"the provider says {shown(error)}"
    if error in REFUSED_THERE:
        return Refused(STOPPED_THERE, why)
    return Refused(NOT_USABLE, why, 503)
