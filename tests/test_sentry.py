"""Sentry gets the place of an error, and no personal data."""

import gzip
import http.server
import json
import os
import subprocess
import sys
import threading

import brotli
import pytest

# A view breaks, in its own process, for a request full of personal data.
BREAK = """
import io, django, sentry_sdk
from blog.wsgi import application
from django.urls import path
from blog import urls
def broken(request):
    secret = "local-secret"
    raise ValueError(f"{secret[:5]}: lou@example.org at 192.0.2.77 and 2001:db8::7")
urls.urlpatterns.insert(0, path("broken/", broken))
environ = {
    "REQUEST_METHOD": "POST", "PATH_INFO": "/broken/", "QUERY_STRING": "q=query-secret",
    "HTTP_HOST": "127.0.0.1", "SERVER_NAME": "h", "SERVER_PORT": "80", "CONTENT_LENGTH": "13",
    "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.77", "wsgi.url_scheme": "http",
    "HTTP_COOKIE": "postil_session=cookie-secret", "HTTP_USER_AGENT": "agent-secret",
    "CONTENT_TYPE": "application/x-www-form-urlencoded",
    "wsgi.input": io.BytesIO(b"a=form-secret"), "wsgi.errors": None,
}
from django.conf import settings
settings.MIDDLEWARE.remove("django.middleware.csrf.CsrfViewMiddleware")
from django.core.wsgi import get_wsgi_application
from blog.ops.request_log import Identified
said = []
Identified(get_wsgi_application())(environ, lambda *head: said.extend(head))
sentry_sdk.flush(20)
print(said[0], dict(said[1])["X-Request-ID"])
"""


@pytest.fixture
def sentry():
    """A server in place of Sentry: its address, and the events it received."""
    events = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress}
            events.append(unpack[self.headers["Content-Encoding"]](body).decode())
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://key@127.0.0.1:{server.server_address[1]}/1", events
    server.shutdown()
    thread.join()
    server.server_close()


def test_sentry_gets_the_place_but_no_personal_data(sentry):
    address, events = sentry
    # By way of the environment: Python 3.13 quotes what stands after -c, secrets of this test and
    # all, as source.
    given = {"DJANGO_SETTINGS_MODULE": "tests.settings", "SENTRY_DSN": address, "BREAK": BREAK}
    ran = subprocess.run(
        [sys.executable, "-c", "import os; exec(os.environ['BREAK'])"],
        env=os.environ | given,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith("500 "), ran.stderr
    (sent,) = [text for text in events if '"exception"' in text]
    event = json.loads(sent.splitlines()[-1])
    (failed,) = event["exception"]["values"]
    assert (failed["type"], failed["value"]) == ("ValueError", "local: … at … and …")
    assert failed["stacktrace"]["frames"][-1]["function"] == "broken"
    assert event["tags"] == {"request": ran.stdout.split()[-1]}
    assert event["logentry"] == {"message": "%s: %s"}
    assert not any(word in sent for word in ("-secret", "192.0.2", "lou@", os.uname().nodename))
