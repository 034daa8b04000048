"""What every request and answer passes through, whatever page it is."""

import ipaddress
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from blog.codings import CODINGS, COMPRESS_FROM, IDENTITY, best_coding
from blog.errors import refused, unavailable
from blog.limits import REFUSED
from blog.outage import away
from blog.scripts import DRAFT_SOURCE
from blog.stylesheet import csp_source

Handler = Callable[[HttpRequest], HttpResponseBase]


def trusted_proxies(get_response: Handler) -> Handler:
    """Believe forwarding headers only when they come from TRUSTED_PROXIES.

    The client is then the right-most address in X-Forwarded-For that is no proxy of ours: what
    stands left of it was written by the client and proves nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.META["wsgi.url_scheme"] = scheme_of(request.META)
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        if is_proxy(client := request.META.get("REMOTE_ADDR", "")):
            for hop in reversed(forwarded.split(",")):
                # What is no address was not written by a proxy of ours, nor was what is before it.
                if (address := address_of(hop)) is None:
                    break
                client = str(address)
                if not is_proxy(client):
                    break
            request.META["REMOTE_ADDR"] = client
        return get_response(request)

    return middleware


def scheme_of(environ: dict[str, Any]) -> str:
    """Return http or https: as the server met it, or as a proxy of ours says it did."""
    scheme: str = environ["wsgi.url_scheme"]
    # Asked for first, because a look at Django's settings costs more than the rest of this.
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO")
    if forwarded in ("http", "https") and is_proxy(environ.get("REMOTE_ADDR", "")):
        return str(forwarded)
    return scheme


def is_proxy(address: str) -> bool:
    """Whether this is the address of one of TRUSTED_PROXIES."""
    return within(address, tuple(settings.TRUSTED_PROXIES))


@lru_cache(maxsize=512)
def within(text: str, networks: tuple[Any, ...]) -> bool:
    address = address_of(text)
    return address is not None and any(address in network for network in networks)


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an IP address, an IPv4 one where IPv6 only wraps it; None for anything else."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def only_utf8(get_response: Handler) -> Handler:
    """Read every form and query as UTF-8, the charset of our pages, whatever its sender says.

    Django would take any name that Python knows: "hex", which no text can be read by, or "utf-7",
    which makes lone surrogates that no answer can be written with.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.encoding:
            request.encoding = "utf-8"
        return get_response(request)

    return middleware


def refuse(get_response: Handler) -> Handler:
    """Answer what blog.limits refused with a page that says so."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if status := request.META.get(REFUSED):
            return refused(request, status)
        return get_response(request)

    return middleware


def without_database(get_response: Handler) -> Handler:
    """While the database is away, say so at once to whoever needs it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return unavailable(request) if away.is_set() else get_response(request)

    return middleware


def security_headers(get_response: Handler) -> Handler:
    """Send the Content-Security-Policy and Permissions-Policy of the settings with every answer.

    On readers' pages our one script runs and no other, even if it were a file of this site, and the
    one stylesheet that stands in them. The admin has files of its own for both.
    """
    policy = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items())
    for_readers = f"{policy}; script-src {DRAFT_SOURCE}; style-src {csp_source()}"
    admin = f"/{settings.ADMIN_PATH}/"

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        fitting = policy if request.path.startswith(admin) else for_readers
        response.headers.setdefault("Content-Security-Policy", fitting)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    return middleware


def compress(get_response: Handler) -> Handler:
    """Compress text as the reader accepts, what pagecache.py did not already.

    Pages of a signed-in person stay as they are: they hold form tokens, and a compressed answer's
    length lets an onlooker guess such secrets (BREACH, breachattack.com).
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponse) or response.has_header("Content-Encoding"):
            return response
        if response.headers.get("Content-Type", "").startswith("image/"):
            return response  # compressed already
        # Said with a 304 and a short answer too, so that caches keep one page by one rule.
        patch_vary_headers(response, ["Accept-Encoding"])
        if etag := response.headers.get("ETag"):
            # The same page in another coding is another set of bytes (RFC 9110, section 8.8.1).
            response.headers["ETag"] = etag if etag.startswith("W/") else f"W/{etag}"
        if len(response.content) < COMPRESS_FROM or response.cookies or request.COOKIES:
            return response
        coding = best_coding(request.headers.get("Accept-Encoding", ""))
        if coding != IDENTITY:
            response.content = CODINGS[coding](response.content)
            response.headers["Content-Encoding"] = coding
            response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware
