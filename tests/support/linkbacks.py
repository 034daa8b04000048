"""Helpers for tests of receiving linkbacks: senders, and source pages."""

import json
import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.utils import timezone
from peers import Peer, page

from blog.jobs.models import Job
from comments.linkbacks.protocols.pingback import render_call
from comments.models import Comment, Linkback, Look

FORM = "application/x-www-form-urlencoded"


def at(post):
    """Return the address of an essay as others write it."""
    return settings.SITE_URL + post.get_absolute_url()


def linking(target, words="as she says", title="A reply", more=""):
    """Return the HTML of a page that links to a target."""
    page = f"<title>{title}</title>{more}<p>Read this, <a href='{target}'>{words}</a>, again."
    return page.encode()


def ping(client, source, target, **how):
    """Send a pingback; return the fault code, or the words of success."""
    given = {"data": render_call(source, target), "content_type": "text/xml"} | how
    response = client.post("/pingback/", **given)
    assert response.status_code == 200
    return fault_or_words(response.content.decode())


def fault_or_words(answer):
    """Return what an XML-RPC answer says: the code of a fault, or the words of success."""
    if fault := re.search(r"<int>(-?\d+)</int>", answer):
        return int(fault[1])
    return re.search(r"<string>(.*)</string>", answer)[1]


def mention(client, source, target, **how):
    """Send a webmention; return the response."""
    form = urlencode({"source": source, "target": target})
    return client.post("/webmention/", form, FORM, **how)


def look_all(now=None):
    """Run all jobs that are due by then, as a worker does."""
    now = now or timezone.now()
    while job := Job.objects.claim("test", now):
        job.perform(lambda: now)
        job.refresh_from_db()
        assert job.status == "SUCCESSFUL", job.traceback


def looks_begun():
    return Look.objects.exclude(began_at=None).count()


@pytest.fixture(autouse=True)
def nobody_waits(settings):
    settings.LINKBACK_WAITS = 0


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def peer(settings, post):
    """A page elsewhere that links to the essay, until a test says otherwise."""
    with Peer(page(linking(at(post)))) as peer:
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
        yield peer


@pytest.fixture
def receive(client, peer, post):
    """Send a mention of a page of the peer, verify it, and return its comment, if any."""

    def receive(path="/reply/", by=mention):
        by(client, peer.url(path), at(post))
        look_all()
        comment = Comment.objects.mentions().order_by("pk").last()
        return comment

    return receive


def status(client):
    """Return what the status page of the only linkback says, as JSON."""
    where = Linkback.objects.get().get_absolute_url()
    return json.loads(client.get(where, headers={"accept": "application/json"}).content)


def readers_see(client, post, words):
    return words in client.get(post.get_absolute_url()).content.decode()
