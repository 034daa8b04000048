"""Many linkbacks at once, over HTTP, to a real server with its worker."""

import http.client
import json
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlencode

import prepared
import pytest
from linkbacks import fault_or_words, linking
from peers import Peer, page
from reading import insist
from server import PATIENCE
from test_worker import until
from trials import in_full

from comments.linkbacks.protocols.pingback import render_call

pytestmark = pytest.mark.server

ESSAY = "/2026/11/room-in-the-margin/"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ROUNDS, AT_ONCE = in_full(4, 2), in_full(32, 12)
# Calls to the peer's machine: more than the other tests need.
PER_HOST, SOURCES = 40, 45
ROWS = """
from comments.models import Comment, Linkback
for linkback in Linkback.objects.filter(source__contains="{name}"):
    print(linkback.source, linkback.state, Comment.objects.filter(source=linkback.source).count())
"""
EMPTY = """
from blog.jobs.models import Job
from comments.models import Call
Job.objects.filter(status="READY").delete()
Call.objects.all().delete()
"""
# How many jobs are to be done by now, some of them as soon as can be, or are being done.
DUE = """
SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status = 'RUNNING' OR
status = 'READY' AND (run_after <= CURRENT_TIMESTAMP OR run_after > '9000-01-01')
"""


@pytest.fixture(scope="module")
def peer():
    with Peer(b"") as peer:
        yield peer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request, tmp_path_factory, peer):
    settings = {
        "LINKBACK_PRIVATE_HOSTS": peer.place,
        "LINKBACK_RATE_PER_NETWORK": "none",
        "LINKBACK_RATE_PER_HOST": f"{PER_HOST}/h",
        "LINKBACK_RATE_SITE": "none",
    }
    site = prepared.started(tmp_path_factory.mktemp("site"), request.param, **settings)
    site.start("--workers", "2")
    peer.answer = page(linking(site.url + ESSAY))
    yield site
    site.stop(signal.SIGTERM)


@pytest.fixture(autouse=True)
def nothing_ahead(site, peer):
    """What one test left in the queue is neither verified nor counted in the next."""
    site.shell(EMPTY)
    site.calls_before = peer.calls


def ping(site, source, target=None):
    """Send a pingback; return the fault code, or the words of success."""
    call = render_call(source, target or site.url + ESSAY)
    answer = insist(f"{site.url}/pingback/", "POST", call, **{"Content-Type": "text/xml"})
    assert answer.status == 200
    return fault_or_words(answer.text)


def mention(site, source):
    """Send a webmention; return its status and the path of its status page."""
    given = urlencode({"source": source, "target": site.url + ESSAY})
    answer = insist(f"{site.url}/webmention/", "POST", given, **FORM)
    return answer.status, (answer.headers["Location"] or "").removeprefix(site.url)


def state(site, where):
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    with closing(line):
        line.request("GET", where, headers={"Accept": "application/json"})
        return json.load(line.getresponse())["status"]


@pytest.mark.long
@pytest.mark.parametrize("protocols", [("pingback", "webmention"), ("pingback",), ("webmention",)])
def test_abuse_32_identical_pings_at_once_are_one_row(site, peer, protocols):
    name = "-".join(protocols)
    # A round of each protocol by itself, more of both at once, where more can meet.
    rounds = ROUNDS if len(protocols) > 1 else ROUNDS // 2
    for number in range(rounds):
        source = peer.url(f"/round/{name}/{number}")
        with ThreadPoolExecutor(AT_ONCE) as senders:
            each = AT_ONCE // len(protocols)
            pings = [senders.submit(ping, site, source) for _ in range(each * ("pingback" in name))]
            mentions = [
                senders.submit(mention, site, source) for _ in range(each * ("webmention" in name))
            ]
        said = {sent.result() for sent in pings}
        assert all(answer == 48 or "was received" in str(answer) for answer in said)
        answers = {sent.result() for sent in mentions} or {mention(site, source)}
        [(status, where)] = answers  # all are led to one status page
        assert status == 201
        until(lambda where=where: state(site, where) == "accepted")
    rows = sorted(site.shell(ROWS.replace("{name}", f"/{name}/")).splitlines())
    assert rows == [f"{peer.url(f'/round/{name}/{number}')} accepted 1" for number in range(rounds)]


def test_p3_faults_quick_source_gets_its_real_fault(site, peer):
    answer = peer.answer
    assert ping(site, peer.url("/true")) == (
        "The pingback was received. It is shown once it is approved."
    )
    peer.answer = page(b"<p>No link.")
    assert ping(site, peer.url("/no-link")) == 17
    peer.answer = page(status="404 Not Found")
    assert ping(site, peer.url("/not-there")) == 16
    peer.answer = page(status="500 Error")
    assert ping(site, peer.url("/in-trouble")) == 50
    assert ping(site, "http://127.0.0.1:1/") == 16
    peer.answer = answer


def test_abuse_readers_are_answered_while_pings_wait(site, peer):
    answer, calls, over = peer.answer, peer.calls, threading.Event()
    peer.answer = lambda connection, peer: over.wait(PATIENCE)
    with ThreadPoolExecutor(8) as senders:
        pings = [senders.submit(ping, site, peer.url(f"/silent/{n}")) for n in range(8)]
        until(lambda: peer.calls > calls)
        assert site.ask("GET", ESSAY)[0] == 200
        assert not all(sent.done() for sent in pings), "one waits for the verification"
    # Those that could not wait were answered at once, the others later: none got a fault for it.
    assert {sent.result() for sent in pings} == {
        "The pingback was received. The source page will be read soon."
    }
    over.set()
    peer.answer = answer


def test_abuse_host_concurrent_requests_keep_the_limit(site, peer):
    """Two workers look at more pages of one machine than they may: some wait, none is refused."""
    # What other tests left waits for a moderator, of whom a host may ask only so much.
    until(lambda: site.rows(DUE) == [(0,)])
    site.shell("from comments.models import Linkback; Linkback.objects.all().delete()")
    with ThreadPoolExecutor(AT_ONCE) as senders:
        sources = [peer.url(f"/at-once/{number}") for number in range(SOURCES)]
        statuses = {status for status, _ in senders.map(lambda url: mention(site, url), sources)}
    assert statuses == {201}
    until(lambda: peer.calls - site.calls_before >= PER_HOST)
    until(lambda: site.rows(DUE) == [(0,)])
    assert peer.calls - site.calls_before == PER_HOST
