"""Workers killed with -9 at random while an essay's notices go out: each page gets its own."""

import random
import re
import threading
import time
from collections import Counter
from urllib.parse import parse_qs

import pytest
from peers import Peer, page
from server import PATIENCE
from test_worker import data, share, until, workers  # noqa: F401 - a fixture is one by its name here
from trials import in_full

pytestmark = pytest.mark.server

# Kills besides that of the first worker, which is sending for certain.
PAGES, KILLS = 120, 10
# Seconds an endpoint takes to answer: as one elsewhere would, so that kills meet notices half sent.
SLOWNESS = 0.1

# Each page is on a host of its own: all of 127.0.0.0/8 is loopback.
PUBLISH = """
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from blog.posts.models import Post
from comments.linkbacks import sending
sending.SETTLE = timedelta(0)
author = get_user_model().objects.create_user("ines")
links = [f"[it](http://127.0.1.{number}:%(port)d/essay)" for number in range(1, %(pages)d + 1)]
Post(title="On margins", body=" ".join(links), author=author, published_at=timezone.now()).save()
"""
STATES = "SELECT state FROM comments_linkedpage"
INTERRUPTED = """
from blog.jobs.models import Job
print(sum(job.attempts > 1 for job in Job.objects.all()))
"""


def answer(connection, peer):
    if peer.requests[-1].startswith(b"GET"):
        connection.sendall(page(link="</endpoint>; rel=webmention"))
    else:
        # The first ones are being sent when their workers are killed, however busy the machine.
        peer.first_kill.wait(PATIENCE)
        peer.over.wait(SLOWNESS)
        connection.sendall(page(b"", "202 Accepted"))


def notices_of(peer):
    """Return how many notices each page got."""
    bodies = [r.partition(b"\r\n\r\n")[2] for r in list(peer.requests) if r.startswith(b"POST")]
    return Counter(parse_qs(body.decode())["target"][0] for body in bodies)


@pytest.fixture
def peer():
    with Peer(answer, host="0.0.0.0") as peer:
        peer.first_kill = threading.Event()
        yield peer
        peer.first_kill.set()


@pytest.fixture
def site(data, peer):  # noqa: F811
    data.settings["LINKBACK_PRIVATE_HOSTS"] = f"127.0.0.0/8:{peer.port}"
    data.shell(PUBLISH % {"port": peer.port, "pages": share(PAGES, of=8)})
    return data


def all_sent(site):
    return site.rows(STATES) == [("sent",)] * share(PAGES, of=8)


@pytest.mark.long
def test_every_page_is_notified_though_workers_are_killed(site, peer, tmp_path, record_property):
    pages, kills, killed = share(PAGES, of=8), in_full(KILLS, 0), 1
    with workers(site, tmp_path, 1) as (running, start):
        until(lambda: notices_of(peer))
        victim = running.pop()
        victim.kill()
        victim.wait()
        peer.first_kill.set()
        running += [start(), start()]
        for _ in range(kills):
            seen = notices_of(peer).total()
            until(lambda seen=seen: notices_of(peer).total() > seen)
            time.sleep(random.uniform(0, 2 * SLOWNESS))
            victim = random.choice(running)
            victim.kill()
            victim.wait()
            running.remove(victim)
            running.append(start())
            killed += 1
            assert len(notices_of(peer)) < pages, "the kills came while notices were due"
        until(lambda: len(notices_of(peer)) == pages, 180)
        until(lambda: all_sent(site))
    interrupted = int(site.shell(INTERRUPTED))
    assert interrupted, "kills met workers that were sending"
    doubled = notices_of(peer).total() - pages
    # Each kill can at most double what its two threads had just handed over.
    assert doubled <= 2 * killed
    assert max(notices_of(peer).values()) <= 1 + killed
    record_property("notices doubled", doubled)
    print(f"{pages} notices, {killed} kills with -9: {interrupted} interrupted, {doubled} doubled")


@pytest.mark.long("the trial with kills shows it too, but for what a kill may double")
@pytest.mark.parametrize("data", ["sqlite"], indirect=True)
def test_without_kills_each_page_is_notified_once(site, peer, tmp_path):
    pages = share(PAGES, of=8)
    peer.first_kill.set()
    with workers(site, tmp_path, 2):
        until(lambda: len(notices_of(peer)) == pages, 120)
        until(lambda: all_sent(site))
    assert Counter(notices_of(peer).values()) == {1: pages}
    asked = [re.split(rb"[ \r]", request)[0] for request in peer.requests]
    assert Counter(asked) == {b"GET": pages, b"POST": pages}
