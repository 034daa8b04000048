"""The layer that takes BASE_PATH off each request, before all that looks at its path.

A proxy passes the path on as it came, which is the usual way. One that takes it off itself says so
in X-Forwarded-Prefix, and is believed if it is one of TRUSTED_PROXIES; a WSGI server says so in
SCRIPT_NAME. Health checks and metrics are also answered without it, for they ask past the proxy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from blog.lib.base_path import home
from blog.lib.languages import site_language
from blog.web.forwarding import is_proxy
from blog.web.plain_answer import say

Environ = dict[str, Any]


class BelowBasePath:
    """The layer around `application`; `direct` are paths that are answered without it as well."""

    def __init__(self, application: WSGIApplication, direct: Iterable[str] = ()) -> None:
        self.application, self.direct = application, frozenset(direct)
        self.base = str(settings.BASE_PATH)
        self.look_behind = getattr(application, "look", None)
        self.renew_by = getattr(application, "renew_by", None)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not self.takes_off(environ):
            return self.refuse(environ, start_response)
        if not environ.get("PATH_INFO"):
            return self.add_slash(environ, start_response)
        return self.application(environ, start_response)

    def look(self, environ: Environ) -> Any:
        """Return the answer that is in memory; the path is taken off the request in any case."""
        if self.takes_off(environ) and environ["PATH_INFO"] and self.look_behind:
            return self.look_behind(environ)
        return None

    def takes_off(self, environ: Environ) -> bool:
        """Part BASE_PATH from a request's path, once; return whether the request is below it."""
        if environ.get("SCRIPT_NAME") == self.base:
            return True
        path = environ.get("PATH_INFO", "")
        if path == self.base or path.startswith(f"{self.base}/"):
            environ["PATH_INFO"] = path[len(self.base) :]
        elif path not in self.direct and not self.was_taken_off(environ):
            return False
        environ["SCRIPT_NAME"] = self.base
        return True

    def was_taken_off(self, environ: Environ) -> bool:
        prefix = environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
        return bool(prefix == self.base and is_proxy(environ.get("REMOTE_ADDR", "")))

    def refuse(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with translation.override(site_language()):
            words = _("There is nothing here. This site is at %(home)s/.") % {"home": home()}
        return say(environ, start_response, "404 Not Found", words=words)

    def add_slash(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING")
        to = f"{self.base}/?{query}" if query else f"{self.base}/"
        return say(environ, start_response, "301 Moved Permanently", ("Location", to))
