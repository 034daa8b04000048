"""A page cache in front of an application that a test controls."""

import io
from types import SimpleNamespace

import pytest

from blog.pages.cache import PageCache
from blog.pages.generation import Freshness
from blog.web.cache_control import FOR_ALL
from blog.web.limits import BUSY

PATH = "/somewhere/"


class Application:
    """An application in place of Django: counts its requests, and answers as a test says."""

    def __init__(self):
        self.asked = []
        self.status, self.body = "200 OK", b"A page. " * 100
        self.headers = [("Content-Type", "text/html"), ("Cache-Control", FOR_ALL)]
        self.meanwhile = lambda: None

    def __call__(self, environ, start_response):
        self.asked.append(environ)
        self.meanwhile()
        start_response(self.status, self.headers)
        return [self.body]


@pytest.fixture
def clock(monkeypatch):
    """The monotonic clock, to be turned by hand."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("blog.pages.cache.monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def fresh(tmp_path):
    fresh = Freshness(tmp_path / "pages")
    fresh.change()
    return fresh


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def cache(application, fresh, clock):
    return PageCache(application, fresh=fresh, turns=lambda: (None, None), room=2**20)


def ask(cache, path=PATH, method="GET", query="", busy=False, **headers):
    """Return status, headers and body of the answer to a request."""
    started = []
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "198.51.100.7",
        "HTTP_HOST": "blog.example.org",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    }
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    if busy:
        environ[BUSY] = True
    body = b"".join(cache(environ, lambda *given: started.extend(given)))
    return SimpleNamespace(status=int(started[0][:3]), headers=dict(started[1]), body=body)
