"""Asks the site itself for its pages, as a stranger without a cookie would, within this process."""

import io
import sys
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

from blog.lib.base_path import unbased, use_base_path
from blog.web.copying import for_a_copy


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes

    @property
    def kind(self):
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def leads_to(self):
        """The path and fragment it sends to; "" for none."""
        return self.headers.get("location", "").removeprefix(settings.SITE_URL)


class Asking:
    """Called with an address of this site; returns its answer."""

    def __init__(self):
        self.application = WSGIHandler()
        self.site = urlsplit(settings.SITE_URL)

    def __call__(self, address):
        use_base_path()
        # Without the signals around a request, which close a database that is in a transaction.
        with for_a_copy():
            response = self.application.get_response(WSGIRequest(self._environ(address)))
            body = b"".join(response)
        headers = {name.lower(): value for name, value in response.items()}
        return Answer(response.status_code, headers, body)

    def _environ(self, address):
        path, _mark, query = unbased(address).partition("?")
        port = self.site.port or (443 if self.site.scheme == "https" else 80)
        return {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": settings.BASE_PATH,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": self.site.hostname,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": self.site.netloc,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.site.scheme,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
