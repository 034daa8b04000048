"""Requests no browser sends: raw bytes, other client addresses, chosen cookies."""

import http.client
import re
import socket
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from server import PATIENCE

LOGIN = "/desk/login/"
ESSAY = "/2026/11/room-in-the-margin/"


def ask(site, path, method="GET", body=None, source="127.0.0.1", **headers):
    """Return the answer to one request, sent from an address of this machine's own network."""
    line = http.client.HTTPConnection(
        "127.0.0.1", site.port, timeout=PATIENCE, source_address=(source, 0)
    )
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        line.request(method, path, body, headers)
        response = line.getresponse()
        return SimpleNamespace(
            status=response.status, headers=response.headers, body=response.read().decode()
        )
    finally:
        line.close()


def send_raw(site, data, wait=1.5, first=None):
    """Return all that comes back for these bytes, until the line is closed or nothing comes.

    What comes `first` may take longer than `wait`, in seconds: on a busy machine every answer may.
    """
    with socket.create_connection(("127.0.0.1", site.port)) as line:
        line.settimeout(first or wait)
        line.sendall(data)
        found = b""
        try:
            while part := line.recv(65536):
                found += part
                line.settimeout(wait)
        except (TimeoutError, ConnectionError):
            pass
        return found


class Browser:
    """Keeps cookies and form tokens, as a browser does."""

    def __init__(self, site, source="127.0.0.1"):
        self.site, self.source, self.cookies = site, source, {}

    def ask(self, path, method="GET", form=None, **headers):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if cookie:
            headers["Cookie"] = cookie
        if form is not None:
            headers["Content_Type"] = "application/x-www-form-urlencoded"
            form = urlencode(form)
        answer = ask(self.site, path, method, form, self.source, **headers)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def token(self, path=LOGIN):
        return re.search(r'csrfmiddlewaretoken" value="(\w+)"', self.ask(path).body)[1]

    def sign_in(self, name, password):
        form = {"username": name, "password": password, "csrfmiddlewaretoken": self.token()}
        return self.ask(LOGIN, "POST", form)


@pytest.fixture
def site(attacked):
    return attacked


@pytest.fixture(autouse=True)
def still_up(site):
    yield
    assert ask(site, "/").status == 200


def read(site, path=ESSAY):
    """Return the page as any other reader gets it: status, cookies, and words."""
    answer = ask(site, path, Accept_Encoding="identity")
    return answer.status, answer.headers.get_all("Set-Cookie"), answer.body
