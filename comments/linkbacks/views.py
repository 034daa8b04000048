"""The endpoints for pingbacks and webmentions, and the status page of a webmention.

The endpoints take requests from anywhere without a CSRF token, because they read no cookie and so
no session can be misused. Every request gets an answer below 500, and none fetches the source.
"""

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from comments.linkbacks.protocols import pingback as wire
from comments.linkbacks.protocols.webmention import FormError, parse_form
from comments.linkbacks.protocols.xmlrpc import MAX_BYTES
from comments.linkbacks.receive import Limited, receive, receive_pingback
from comments.models import Linkback

FORM = "application/x-www-form-urlencoded"
# Bytes: two addresses of 2,000 characters, up to twelve bytes for each, and some more.
MAX_FORM = 64 * 1024

STATE_SENTENCES = {
    Linkback.State.PENDING: gettext_lazy(
        "The mention was received. The source page will be read soon."
    ),
    Linkback.State.ACCEPTED: gettext_lazy(
        "The mention was received. It is shown once it is approved."
    ),
    Linkback.State.REJECTED: gettext_lazy("The mention was rejected."),
}


@csrf_exempt  # programs send it, and it reads no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def pingback(request):
    """Answer an XML-RPC call; an error is a fault in an answer with HTTP status 200.

    A GET gets a short explanation.
    """
    if request.method != "POST":
        said = _(
            "Programs send pingbacks here, by XML-RPC. You can send a mention by hand as well."
        )
        return answer(request, 200, said, by_default="text/html")
    if "Content-Encoding" in request.headers:
        return HttpResponse(status=415)
    try:
        call = wire.parse_call(
            read_up_to(request, MAX_BYTES), request.headers.get("Content-Type", "")
        )
        said = receive_pingback(call, request.META.get("REMOTE_ADDR", ""))
        made = wire.render_success(said)
    except wire.Fault as fault:
        made = wire.render_fault(fault)
    return HttpResponse(made, content_type=wire.CONTENT_TYPE)


@csrf_exempt  # programs send it, and it reads no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def webmention(request):
    """Receive a webmention and answer with its status page; a GET gets a short explanation."""
    if request.method != "POST":
        return answer(request, 200, _("Webmentions are sent here."), by_default="text/html")
    try:
        pair = parse_form(form_of(request))
        address = request.META.get("REMOTE_ADDR", "")
        received = receive(Linkback.Protocol.WEBMENTION, pair.source, pair.target, address)
    except FormError as error:
        return answer(request, 400, str(error))
    except Limited as fault:
        response = answer(request, 429, str(fault))
        response.headers["Retry-After"] = str(fault.wait)
        return response
    except wire.Fault as fault:
        return answer(request, 403 if fault.code == wire.ACCESS_DENIED else 400, str(fault))
    where = settings.SITE_URL + received.linkback.get_absolute_url()
    response = answer(request, 201, str(STATE_SENTENCES[Linkback.State.PENDING]), where=where)
    response.headers["Location"] = where
    return response


@require_safe
def status(request, token):
    """Show whether a mention was verified; what moderators decided is not shown."""
    linkback = get_object_or_404(Linkback, token=token)
    state = linkback.announced_state
    said = str(STATE_SENTENCES[state])
    if state == Linkback.State.REJECTED and linkback.fault is not None:
        said = f"{said} {wire.Fault(linkback.fault)}"
    return answer(request, 200, said, state=state, linkback=linkback, by_default="text/html")


def read_up_to(request, most):
    """Return the body, cut after `most` + 1 bytes; b"" if the connection broke."""
    try:
        return request.read(most + 1)
    except OSError:
        return b""


def form_of(request):
    """Return the fields of the form, or raise FormError if it is not a form or too long."""
    if request.content_type != FORM or "Content-Encoding" in request.headers:
        raise FormError(_("Send source and target as application/x-www-form-urlencoded."))
    body = read_up_to(request, MAX_FORM)
    if len(body) > MAX_FORM:
        raise FormError(_("The request is too long."))
    try:
        return QueryDict(body, encoding="utf-8")
    except TooManyFieldsSent:
        raise FormError(_("Send source and target, and nothing else.")) from None


def answer(request, code, said, *, state="", linkback=None, where="", by_default="text/plain"):
    """Return the answer as HTML, JSON or text, as the Accept header asks."""
    types = ["text/plain", "text/html", "application/json"]
    types.sort(key=lambda kind: kind != by_default)
    kind = request.get_preferred_type(types) or by_default
    if kind == "application/json":
        given = {"status": str(state)} if state else {}
        given |= {"error" if code >= 400 else "message": said}
        if where:
            given["location"] = where
        response = JsonResponse(given, status=code)
    elif kind == "text/html":
        context = {"said": said, "state": state, "linkback": linkback, "where": where}
        context |= {"refused": code >= 400}
        response = render(request, "comments/webmention.html", context, status=code)
    else:
        response = HttpResponse(f"{said}\n", "text/plain; charset=utf-8", status=code)
    patch_vary_headers(response, ["Accept"])
    return response
