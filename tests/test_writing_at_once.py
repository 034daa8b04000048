"""The same comment from many hands at once, over HTTP, to a server of two processes."""

import http.client
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from server import Site

pytestmark = pytest.mark.xdist_group("serve")

ESSAY = "/2026/11/room-in-the-margin/"
ROUNDS, AT_ONCE = 10, 32


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    site = Site(folder, COMMENT_RATE_PER_NETWORK="none", COMMENT_RATE_SITE="none")
    site.start("--workers", "2")
    yield site
    site.stop(signal.SIGTERM)


def ask(site, method, path, given=None):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, urlencode(given) if given else None, kind if given else {})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def test_identical_comments_at_once_make_one_row_and_no_error(site):
    _status, page = ask(site, "GET", ESSAY)
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    before = len(site.kept()["comments"])
    for number in range(ROUNDS):
        given = {"body": f"At once, round {number}.", "name": "Lou Barba", "token": token}
        with ThreadPoolExecutor(AT_ONCE) as senders:
            sent = [
                senders.submit(ask, site, "POST", f"{ESSAY}comments/", given)
                for _ in range(AT_ONCE)
            ]
        statuses = sorted(done.result()[0] for done in sent)
        assert statuses == [303] + [409] * (AT_ONCE - 1)
    assert len(site.kept()["comments"]) == before + ROUNDS
