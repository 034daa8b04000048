"""A cache in front of the site is purged after changes: by a job, over HTTP, to a local server."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from django.utils import timezone

from blog.jobs.models import FAILED, READY, SUCCESSFUL, Job
from blog.pages import purge

pytestmark = pytest.mark.django_db


class Edge(BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers as its server says."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.purges.append((self.command, self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PURGE = do_BAN = answer

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Edge)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cache(server, settings):
    server.purges, server.status = [], 200
    settings.CDN_PURGE_URL = f"http://127.0.0.1:{server.server_port}/purge?all=1"
    settings.CDN_PURGE_METHOD, settings.CDN_PURGE_BODY = "POST", ""
    settings.CDN_PURGE_HEADERS = {}
    return server


@pytest.fixture
def essay(cache, write, django_capture_on_commit_callbacks):
    """An essay whose publication was purged already."""
    connection.run_on_commit.clear()  # its author
    with django_capture_on_commit_callbacks(execute=True):
        post = write()
    work()
    assert len(cache.purges) == 1
    cache.purges.clear()
    # A test is one transaction, which would purge only once.
    connection.run_on_commit.clear()
    return post


def purges():
    return Job.objects.filter(task_path=purge.purge.module_path)


def work(later=timedelta(0)):
    """Run the jobs that are due by then, as a worker does."""
    now = timezone.now() + later
    while job := Job.objects.claim("harrow", now):
        job.perform(lambda: now)


def test_visible_change_purges_the_cache(cache, essay, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        essay.title = "On wider margins"
        essay.save()
    work()
    [(method, path, headers, body)] = cache.purges
    assert (method, path, body) == ("POST", "/purge?all=1", "")
    assert headers["Surrogate-Key"] == headers["Cache-Tag"] == "postil"
    assert headers["Content-Length"] == "0"


def test_waiting_comment_purges_nothing(cache, essay, say, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        say(essay, status="pending")
    work()
    assert cache.purges == []


def test_many_changes_purge_once(cache):
    for _change in range(50):
        purge.purge_soon()
    work()
    assert len(cache.purges) == 1
    purge.purge_soon()
    work()
    assert len(cache.purges) == 2, "a later change purges again"


def test_change_during_a_purge_is_purged_too(cache):
    purge.purge_soon()
    job = Job.objects.claim("harrow", timezone.now())
    purge.purge_soon()  # after the request may have gone out
    job.perform(timezone.now)
    work()
    assert len(cache.purges) == 2


@pytest.mark.parametrize("status", [301, 403, 500])
def test_refused_purge_is_retried(cache, status):
    cache.status = status
    purge.purge_soon()
    work()
    job = purges().get()
    assert job.status == READY
    assert f"NotPurged: 127.0.0.1 answers {status}" in job.traceback
    cache.status = 200
    work()
    assert len(cache.purges) == 1, "it waits first"
    work(timedelta(minutes=2))
    assert purges().get().status == SUCCESSFUL
    assert len(cache.purges) == 2


def test_unreachable_cache_is_given_up_and_shown(cache, settings):
    settings.CDN_PURGE_URL = "http://127.0.0.1:1/"
    purge.purge_soon()
    for days in range(1, 8):
        work(timedelta(days=days))
    assert purges().get().status == FAILED
    settings.CDN_PURGE_URL = f"http://127.0.0.1:{cache.server_port}/"
    purge.purge_soon()
    work()
    assert len(cache.purges) == 1, "the next change still purges"


def test_next_change_retries_a_waiting_purge(cache):
    """A cache that was down for an hour is purged with the next change, not hours later."""
    cache.status = 503
    purge.purge_soon()
    for minutes in (0, 2, 10, 60):
        work(timedelta(minutes=minutes))
    assert purges().get().run_after > timezone.now() + timedelta(hours=1)
    cache.status = 200
    purge.purge_soon()
    assert purges().count() == 1
    work()
    assert purges().get().status == SUCCESSFUL


def test_varnish_gets_its_own_method_and_header(cache, settings):
    settings.CDN_PURGE_METHOD = "BAN"
    settings.CDN_PURGE_HEADERS = {"Host": "blog.example.org", "X-Purge-Key": "between us"}
    purge.purge_soon()
    work()
    [(method, _path, headers, _body)] = cache.purges
    assert method == "BAN"
    assert (headers["Host"], headers["X-Purge-Key"]) == ("blog.example.org", "between us")


def test_cloudflare_gets_json(cache, settings):
    settings.CDN_PURGE_HEADERS = {"Authorization": "Bearer token"}
    settings.CDN_PURGE_BODY = '{"purge_everything":true}'
    purge.purge_soon()
    work()
    [(_method, _path, headers, body)] = cache.purges
    assert headers["Content-Type"] == "application/json"
    assert headers["Authorization"] == "Bearer token"
    assert body == '{"purge_everything":true}'


def test_a_purge_of_the_version_before_is_sent(cache):
    purge.purge_soon()
    purges().update(task_path="blog.edge.purge")
    work()
    assert len(cache.purges) == 1
