"""The middleware for all requests: proxies, refusals, security headers, caching, compression."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from blog.lib.database import away
from blog.lib.languages import site_language
from blog.web.cache_control import FOR_ONE, PRIVATE, mark
from blog.web.codings import CODINGS, COMPRESS_FROM, IDENTITY, best_coding
from blog.web.errors import given_back, not_found, refused, unavailable
from blog.web.forwarding import client_of, scheme_of
from blog.web.limits import BUSY, REFUSED
from blog.web.scripts import EDIT_SOURCE, READERS_SOURCE
from blog.web.stylesheet import files_source, source_of, stylesheet

# Redirects that browsers may keep for ever anyway.
LASTING = {301, 308}

Handler = Callable[[HttpRequest], HttpResponseBase]


def private_by_default(get_response: Handler) -> Handler:
    """Forbid caching of every answer that is not marked as the same for all.

    Marked are pages of cache_control.same_for_all, 404 pages and lasting redirects; images and
    static files have headers of their own.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        said = response.headers.get("Cache-Control", "")
        if not said and response.status_code in LASTING:
            mark(request, response)
        elif said != FOR_ONE and "public" not in said:
            response.headers["Cache-Control"] = PRIVATE
        return response

    return middleware


def trusted_proxies(get_response: Handler) -> Handler:
    """Believe forwarding headers only when they come from TRUSTED_PROXIES (forwarding.py)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.META["wsgi.url_scheme"] = scheme_of(request.META)
        request.META["REMOTE_ADDR"] = client_of(request.META)
        for header in ("X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_PREFIX", "FORWARDED"):
            request.META.pop(f"HTTP_{header}", None)
        return get_response(request)

    return middleware


def in_site_language(get_response: Handler) -> Handler:
    """Answer in the language that is set now, which may change while this process runs."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        translation.activate(site_language())
        return get_response(request)

    return middleware


def only_utf8(get_response: Handler) -> Handler:
    """Read every form and query as UTF-8, the charset of our pages, and ignore other names.

    Django would use any encoding that Python knows: "hex", which cannot decode text, or "utf-7",
    which makes lone surrogates that cannot be written into an answer.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.encoding:
            request.encoding = "utf-8"
        return get_response(request)

    return middleware


def without_null(get_response: Handler) -> Handler:
    """Answer 404 for an address with a NUL, because PostgreSQL refuses to search for it.

    Query parameters are cleaned where they are read (blog.web.door in the admin).
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return not_found(request) if "\0" in request.path_info else get_response(request)

    return middleware


def refuse(get_response: Handler) -> Handler:
    """Answer requests that were refused before Django with a page that says why."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if status := request.META.get(REFUSED):
            return refused(request, status)
        if request.META.get(BUSY):
            return unavailable(request)
        return get_response(request)

    return middleware


def words_back(get_response: Handler) -> Handler:
    """Give back what was sent to a page that takes no forms; Django would send an empty page."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        page = given_back(request, response.status_code)
        if page is None:
            return response
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return middleware


def without_database(get_response: Handler) -> Handler:
    """While the database is away, answer 503 at once."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return unavailable(request) if away.is_set() else get_response(request)

    return middleware


def security_headers(get_response: Handler) -> Handler:
    """Send the Content-Security-Policy and Permissions-Policy of the settings with every answer.

    On readers' pages only our one inlined script and stylesheet are allowed, and files of this site
    only where a theme has some; who may write has a second script there, and then
    `request.may_edit` is set. The admin has files for both.
    """
    policy = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items())
    admin = f"/{settings.ADMIN_PATH}/"

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        fitting = policy
        if getattr(request, "shows_readers_page", not request.path_info.startswith(admin)):
            # The stylesheet that the page was made with: an owner may change it meanwhile.
            css = getattr(request, "stylesheet", None) or stylesheet()
            scripts = READERS_SOURCE + files_source("scripts")
            if getattr(request, "may_edit", False):
                scripts = f"{scripts} {EDIT_SOURCE}"
            styles = source_of(css) + files_source("styles")
            fitting = f"{policy}; script-src {scripts}; style-src {styles}"
        response.headers.setdefault("Content-Security-Policy", fitting)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    return middleware


def compress(get_response: Handler) -> Handler:
    """Compress text as the reader accepts, if pages/cache.py has not done so.

    Pages for requests with cookies are not compressed: they hold form tokens, and the length of a
    compressed answer helps an attacker to guess such secrets (BREACH, breachattack.com).
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponse) or response.has_header("Content-Encoding"):
            return response
        if response.headers.get("Content-Type", "").startswith(("image/", "audio/", "video/")):
            return response  # compressed already
        # Also for a 304 and for short answers, so that caches use the same rule for a page.
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


def newer_session_stays(get_response: Handler) -> Handler:
    """Let no answer to a script take the session's cookie away, below SessionMiddleware.

    Asked with the cookie of an ended session and answered late, it would take that of a session
    begun meanwhile, because browsers know it by the same name. Pages still take it away.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.headers.get("Sec-Fetch-Dest", "document") != "document":
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return response

    return middleware
