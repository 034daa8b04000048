"""What every request and answer passes through, whatever page it is."""

import gzip
import ipaddress
from collections.abc import Callable

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from blog.errors import refused
from blog.limits import REFUSED
from blog.scripts import DRAFT_INTEGRITY

Handler = Callable[[HttpRequest], HttpResponseBase]

# Brotli's level 5 gives 94 % of level 11's saving on our essays for an eightieth of its time:
# 0.4 ms in place of 30. Levels 6 to 9 gain 1 % at most.
BROTLI_QUALITY = 5
# Under this many bytes the headers outweigh what compression saves.
COMPRESS_FROM = 400


def trusted_proxies(get_response: Handler) -> Handler:
    """Believe forwarding headers only when they come from TRUSTED_PROXIES.

    The client is then the right-most address in X-Forwarded-For that is no proxy of ours: what
    stands left of it was written by the client and proves nothing.
    """
    networks = settings.TRUSTED_PROXIES

    def middleware(request: HttpRequest) -> HttpResponseBase:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        proto = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        client = address_of(request.META.get("REMOTE_ADDR", ""))
        if client and any(client in network for network in networks):
            for hop in reversed(forwarded.split(",")):
                # What is no address was not written by a proxy of ours, nor was what is before it.
                if (address := address_of(hop)) is None:
                    break
                client = address
                if not any(client in network for network in networks):
                    break
            request.META["REMOTE_ADDR"] = str(client)
            if proto in ("http", "https"):
                request.META["wsgi.url_scheme"] = proto
        return get_response(request)

    return middleware


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


def security_headers(get_response: Handler) -> Handler:
    """Send the Content-Security-Policy and Permissions-Policy of the settings with every answer.

    On readers' pages our one script runs and no other, even if it were a file of this site. The
    admin has scripts of its own; they are files of this site.
    """
    policy = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items())
    for_readers = f"{policy}; script-src '{DRAFT_INTEGRITY}'"
    admin = f"/{settings.ADMIN_PATH}/"

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        fitting = policy if request.path.startswith(admin) else for_readers
        response.headers.setdefault("Content-Security-Policy", fitting)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    return middleware


def compress(get_response: Handler) -> Handler:
    """Compress text with brotli or gzip, as the reader accepts.

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
        accepted = accepted_encodings(request.headers.get("Accept-Encoding", ""))
        if "br" in accepted:
            encoding, body = "br", brotli.compress(response.content, quality=BROTLI_QUALITY)
        elif "gzip" in accepted:
            encoding, body = "gzip", gzip.compress(response.content, compresslevel=6, mtime=0)
        else:
            return response
        response.content = body
        response.headers["Content-Encoding"] = encoding
        response.headers["Content-Length"] = str(len(body))
        return response

    return middleware


def accepted_encodings(header: str) -> set[str]:
    """Return the codings an Accept-Encoding header takes (RFC 9110, section 12.5.3)."""
    accepted = set()
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            accepted.add(coding.strip())
    return accepted
