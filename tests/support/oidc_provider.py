"""A provider of OpenID Connect on loopback, in its own process: oidc-provider-mock, by Authlib.

Run as a program it serves, and prints its address.
"""

import json
import os
import subprocess
import sys
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest


class Stays(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class RealProvider:
    """What a test asks of the provider as its operator, and as a person with a browser."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
        )
        self.url = self.process.stdout.readline().strip()
        assert self.url, "the provider did not start"

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def person(self, subject, **claims):
        """Say who somebody is there from now on."""
        body = json.dumps(claims).encode()
        request = Request(f"{self.url}/users/{subject}", body, method="PUT")
        request.add_header("content-type", "application/json")
        build_opener().open(request).close()

    def answer(self, address, **form):
        """Return where the provider sends a browser that came by this address and says this."""
        with pytest.raises(HTTPError) as moved:
            build_opener(Stays).open(address, urlencode(form).encode()).close()
        with moved.value as answer:
            assert answer.code == 302, answer.read()
            return answer.headers["Location"]


def path_of(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


if __name__ == "__main__":
    import oidc_provider_mock
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, oidc_provider_mock.app(), threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
