"""Helpers for tests of sending notices: a page elsewhere, and a worker with a clock."""

import re
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from peers import Peer, page

from blog.jobs.models import Job
from comments.linkbacks.sending import SETTLE
from comments.models import LinkedPage

WEBMENTION = page(link='</endpoint>; rel="webmention"')
TAKEN = page(b"", "202 Accepted")
FORM = "application/x-www-form-urlencoded"


def at(**answers):
    """Answer each path by its name, `/` as `root`; other paths are a 404.

    An answer is bytes, or a function of the connection and the peer. A list has one for each
    request; its last one is used from then on.
    """
    left = {f"/{name}".replace("/root", "/"): given for name, given in answers.items()}

    def answer(connection, peer):
        path = re.split(r"[ ?]", peer.requests[-1].decode("latin-1"), maxsplit=2)[1]
        given = left.get(path, page(b"", "404 Not Found"))
        if isinstance(given, list):
            given = given.pop(0) if len(given) > 1 else given[0]
        if callable(given):
            given(connection, peer)
        else:
            connection.sendall(given)

    return answer


class Target(Peer):
    """A server that an essay links to; by default its pages accept webmentions."""

    def __init__(self, **answers):
        super().__init__(at(**{"root": WEBMENTION, "endpoint": TAKEN, **answers}))

    @property
    def posts(self):
        return [request for request in self.requests if request.startswith(b"POST ")]

    @property
    def lines(self):
        """The first words of each request: method and path."""
        return [request.decode("latin-1").split(" HTTP/")[0] for request in self.requests]

    @property
    def notices(self):
        """The forms that were posted, as pairs of source and target."""
        bodies = [request.partition(b"\r\n\r\n")[2].decode() for request in self.posts]
        forms = [parse_qs(body, strict_parsing=True) for body in bodies]
        return [(form["source"][0], form["target"][0]) for form in forms]


class Clock:
    """The current time, and a worker that runs the jobs due by then."""

    def __init__(self):
        self.now = timezone.now()

    def run_due_jobs(self):
        while job := Job.objects.claim("harrow", self.now):
            job.perform(lambda: self.now)
            job.refresh_from_db()
            assert job.status == "SUCCESSFUL", job.traceback

    def forward(self, by=SETTLE, **more):
        """Let time pass, and run the jobs that are due."""
        self.now += timedelta(**more) if more else by
        self.run_due_jobs()

    def until_settled(self):
        """Run all jobs, and those they add, until none is left."""
        self.forward()
        while due := Job.objects.filter(status="READY").order_by("run_after").first():
            self.now = max(self.now, due.run_after)
            self.run_due_jobs()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def target(settings):
    with Target() as target:
        settings.LINKBACK_PRIVATE_HOSTS = [target.place]
        yield target


def linking(*addresses):
    """Return the text of an essay with these links."""
    return "\n\n".join(f"See [this]({address})." for address in addresses)


def the_page():
    return LinkedPage.objects.get()


def notify(clock, write, target, path="/"):
    """Publish an essay that links to a target; return the target and its row."""
    write(body=linking(target.url(path)))
    clock.forward()
    return target, the_page()


MOMENT = timedelta(seconds=1)


def states():
    return [(row.target, row.state, row.linked) for row in LinkedPage.objects.all()]
