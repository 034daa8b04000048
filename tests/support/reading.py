"""Readers and a moderator of a real site over HTTP, each with their own cookies."""

import http.client
import re
from contextlib import closing
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

from server import PASSWORD, PATIENCE

QUEUE = "/admin/comments/comment/"


def fetch(url, method="GET", body=None, **headers):
    """Return status, headers and text of an answer, over a connection of its own."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(line):
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return SimpleNamespace(
            status=answer.status, headers=answer.headers, text=answer.read().decode()
        )


def insist(*request, **headers):
    """Fetch, ten times at most, until no 503 asks to send it again, as on a busy machine."""
    for _attempt in range(10):
        if (answer := fetch(*request, **headers)).status != 503:
            break
    return answer


def signed_in(site):
    """Return a browser in which the user `admin` of a prepared site is signed in."""
    browser = Browser(site)
    browser.sign_in()
    return browser


class Browser:
    """Keeps cookies, as a browser does, and follows nothing by itself."""

    def __init__(self, site):
        self.site, self.cookies = site, {}

    def ask(self, path, given=None, **headers):
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={it}" for name, it in self.cookies.items())
        body = None
        if given is not None:
            body = urlencode(given)
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            headers |= {"Origin": self.site.url, "Referer": self.site.url + path}
        answer = fetch(self.site.url + path, "POST" if body else "GET", body, **headers)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            if value and value != '""' and "Max-Age=0" not in cookie:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    def sign_in(self, name="admin", password=PASSWORD):
        page = self.ask("/admin/login/").text
        given = {"username": name, "password": password, "next": "/admin/"}
        answer = self.ask("/admin/login/", given | hidden(page, "csrfmiddlewaretoken"))
        assert answer.status == 302, "the password opens the admin"

    def sign_out(self):
        page = self.ask("/admin/").text
        self.ask("/admin/logout/", hidden(page, "csrfmiddlewaretoken"))

    def write(self, path, body, name="Lou Barba"):
        """Send a comment by the form the page shows; return the answer."""
        given = hidden(self.ask(path).text, "token", "csrfmiddlewaretoken")
        return self.ask(f"{path}comments/", given | {"body": body, "name": name})

    def press(self, verb, number, status, words=""):
        """Press a button of the queue, filtered by `?status=` and searched for `words`."""
        place = f"{QUEUE}?{urlencode({'status': status, 'q': words})}"
        page = self.ask(place).text
        button = re.search(rf'value="({verb}:{number}:[^"]*)"', page)[1]
        answer = self.ask(place, hidden(page, "csrfmiddlewaretoken") | {"decide": button})
        assert answer.status == 302
        return answer


def hidden(page, *names):
    """Return the values of these hidden fields of a page, if it has them."""
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def carried(page):
    """Return what a page of the queue carries unseen: in which version it showed each comment."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value for name, value in fields if name not in ("csrfmiddlewaretoken", "back")}
