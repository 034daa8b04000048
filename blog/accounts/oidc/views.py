"""To the provider and back, and its word that somebody signed out there."""

import json
import logging
import time
from contextlib import contextmanager
from functools import wraps

from django.conf import settings
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from blog.accounts.devices import device_of
from blog.accounts.models import Attempt, key_of
from blog.accounts.session import SIGNED_IN_BY, begin_session, let_in
from blog.lib.rates import network_of

from . import flow, tokens
from .joining import admitted, holds
from .models import Identity
from .provider import provider, turn
from .refused import TOO_MANY, Refused, shown

logger = logging.getLogger(__name__)

# Characters of a token that a session keeps, to say at the provider who signs out.
LONGEST_HINT = 4000


def only_where_set_up(view):
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if not settings.OIDC_ISSUER:
            raise Http404
        response = view(request, *args, **kwargs)
        # The address of an answer holds a code; no other site is to learn it.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(wrapped)


def sign_in_page(request, refused, onward):
    """Show the page for signing in again, with why nobody was signed in."""
    logger.warning("OpenID Connect: nobody was signed in: %s", refused.why)
    said = {"refused": refused.sentence, "app_path": reverse("admin:login"), "next": onward}
    response = admin.site.sign_in_page(request, said)
    response.status_code = refused.status
    if refused.status == 503:
        response.headers["Retry-After"] = "60"
    return response


@only_where_set_up
@require_GET
def begin(request):
    """Lead to the provider. It is a link, as a form may lead to no other site (form-action)."""
    onward = flow.here(request.GET.get("next"), reverse("admin:index"))
    kept = flow.begin(onward[:1000], request.GET.get("invitation", "")[:100])
    try:
        with turn() as clock:
            address = flow.address(provider.document(clock), kept)
    except Refused as refused:
        return sign_in_page(request, refused, onward)
    response = HttpResponseRedirect(address)
    flow.keep(response, kept)
    return response


@only_where_set_up
@require_GET
def back(request):
    """Take the provider's answer, and sign in whom it names."""
    kept = flow.kept_of(request)
    onward = flow.here(kept and kept["next"], reverse("admin:index"))
    try:
        claims, raw, document = answer(request, kept)
        identity = admitted(claims, kept["invitation"])
    except Refused as refused:
        response = sign_in_page(request, refused, onward)
    else:
        response = signed_in(request, identity, claims, onward)
        request.session[SIGNED_IN_BY] = {
            "identity": identity.pk,
            "sid": tokens.text_of(claims, "sid"),
            "leave": leave_address(document, raw),
        }
    flow.drop(response)
    return response


@sensitive_variables()
def answer(request, kept):
    """Return what the provider says of who comes back, its token and its description."""
    # Before anything is called: a stranger's answer costs no call, and made-up codes are counted.
    flow.code_of(request, kept, {})
    with counted(request), turn() as clock:
        document = provider.document(clock)
        code = flow.code_of(request, kept, document)
        given = provider.tokens(code, kept["verifier"], flow.back_address(), clock)
        raw = given.get("id_token")
        claims = tokens.signed(raw, lambda newer: provider.keys(clock, newer=newer))
        mine = {"issuer": settings.OIDC_ISSUER, "client": settings.OIDC_CLIENT_ID}
        tokens.check(claims, **mine, now=time.time())
        tokens.check_sign_in(claims, kept["nonce"])
        return with_userinfo(claims, given.get("access_token"), clock), raw, document


@contextmanager
def counted(request):
    """Count an answer as a failed sign-in of its network, unless it proves who somebody is."""
    network = network_of(request.META.get("REMOTE_ADDR", ""))
    attempt = Attempt.objects.begin(name=f"an answer to {network}", network=network)
    if attempt.wait:
        raise Refused(TOO_MANY, "too many answers from that network proved nothing", 429)
    try:
        yield
    except Refused as refused:
        if refused.status == 503:  # which was up to the provider
            attempt.delete()
        raise
    attempt.delete()


def with_userinfo(claims, access_token, clock):
    """Add what only the userinfo endpoint says, where the token lacks something that is used."""
    wanted = {"email", *(name.partition(".")[0] for _group, name, _value in settings.OIDC_ROLES)}
    if wanted <= claims.keys() or not isinstance(access_token, str):
        return claims
    more = provider.said_of(access_token, clock)
    if more and more.get("sub") != claims["sub"]:
        raise tokens.not_proven(f"userinfo is about {shown(more.get('sub'))}, the token is not")
    if "email" in claims:  # an address and whether it is verified come from one place
        more = {name: value for name, value in more.items() if name != "email_verified"}
    about_the_token = {"iss", "aud", "exp", "iat", "nonce", "acr", "amr", "sid", "azp"}
    return {name: more[name] for name in more.keys() - about_the_token} | claims


def signed_in(request, identity, claims, onward):
    """Begin a session, after this site's own second step where it is asked for.

    The provider's sign-in stands for the password alone, unless it says that it took a second step
    itself, by a claim that OIDC_SECOND_STEP_BY names.
    """
    name = identity.user.get_username()
    attempt = Attempt.objects.create(
        name=name,
        key=key_of(name),
        network=network_of(request.META.get("REMOTE_ADDR", "")),
        device=device_of(request, name),
        outcome=Attempt.Outcome.PASSWORD,
    )
    if holds(claims, settings.OIDC_SECOND_STEP_BY):
        return let_in(request, identity.user, attempt, onward, second_step=True)
    return begin_session(request, identity.user, attempt, onward)


def leave_address(document, raw):
    """Return the provider's page for signing out; "" where it has none."""
    if not (page := document.get("end_session_endpoint")):
        return ""
    query = {
        "client_id": settings.OIDC_CLIENT_ID,
        "post_logout_redirect_uri": settings.SITE_URL + reverse("admin:login"),
    }
    if len(raw) <= LONGEST_HINT:
        query = {"id_token_hint": raw} | query
    return flow.with_query(page, query)


@csrf_exempt
@only_where_set_up
@require_POST
def signed_out_there(request):
    """End the sessions of somebody who signed out at the provider (Back-Channel Logout 1.0)."""
    try:
        claims = sign_out_said(request.POST.get("logout_token"))
    except Refused as refused:
        logger.warning("OpenID Connect: nobody was signed out: %s", refused.why)
        status = 400 if refused.status < 500 else refused.status
        said = json.dumps({"error": "invalid_request"})
        return HttpResponse(said, content_type="application/json", status=status)
    of = Identity.objects.filter(issuer=settings.OIDC_ISSUER)
    if subject := tokens.text_of(claims, "sub"):
        of = of.filter(subject=subject)
    end_sessions(set(of.values_list("pk", flat=True)), tokens.text_of(claims, "sid"))
    return HttpResponse()


def sign_out_said(raw):
    """Return what a token of the back channel says (its chapter 2.6); raises Refused."""
    with turn() as clock:
        claims = tokens.signed(raw, lambda newer: provider.keys(clock, newer=newer))
    mine = {"issuer": settings.OIDC_ISSUER, "client": settings.OIDC_CLIENT_ID}
    tokens.check(claims, **mine, now=time.time())
    events = claims.get("events")
    if not isinstance(events, dict) or tokens.LOGOUT not in events or "nonce" in claims:
        raise tokens.not_proven("the token is not one that signs somebody out")
    return claims


def end_sessions(identities, sid):
    """End what these people began by the provider: all, or the one that the provider names.

    Sessions are those of the people who write here, and a stored one says by whom it was begun.
    """
    ended = 0
    # Read at once: SQLite lets no connection write what others wrote to while it reads.
    for session in list(Session.objects.filter(expire_date__gt=timezone.now())):
        by = session.get_decoded().get(SIGNED_IN_BY) or {}
        if by.get("identity") in identities and sid in ("", by.get("sid")):
            ended += bool(session.delete()[0])
    logger.info("OpenID Connect: %s sessions ended, as the provider says", ended)
