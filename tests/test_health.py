"""/healthz and /readyz: whether the site is alive and ready, under any host name."""

import signal
import threading
import time
import urllib.error
import urllib.request
from collections import namedtuple
from datetime import timedelta

import prepared
import pytest
from django.db import connection
from django.utils import timezone
from inputs import every

from blog.jobs.models import BEAT, SILENT, Sign
from blog.jobs.worker import Worker
from blog.ops import health
from blog.ops.health import Readiness, what_is_wrong, with_health

Answer = namedtuple("Answer", "status headers body")


def ask(path, ready=lambda: True, **environ):
    """Ask the layer itself, in front of an application that is not to be reached."""
    said = []
    application = with_health(lambda *_: [b"the application"], ready)
    given = {"REQUEST_METHOD": "GET", "PATH_INFO": path} | environ
    body = application(given, lambda *head: said.extend(head))
    return Answer(said[0] if said else "", dict(said[1]) if said else {}, b"".join(body))


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@every("host", ["10.0.0.9:8000", "", "evil.example", "\n", None])
def test_health_answers_under_any_host(path, host):
    answer = ask(path, **({} if host is None else {"HTTP_HOST": host}))
    assert (answer.status, answer.body) == ("200 OK", b"OK\n")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_site_that_is_not_ready_still_lives():
    assert ask("/readyz", lambda: False)[::2] == (
        "503 Service Unavailable",
        b"Service Unavailable\n",
    )
    assert ask("/healthz", lambda: False).status == "200 OK"


def test_head_has_no_body():
    assert ask("/readyz", REQUEST_METHOD="HEAD")[::2] == ("200 OK", b"")


def test_nothing_can_be_sent_there():
    answer = ask("/healthz", REQUEST_METHOD="POST")
    assert (answer.status, answer.headers["Allow"]) == ("405 Method Not Allowed", "GET, HEAD")


@every("path", ["/", "/healthz/", "/healthzero", "/readyz/x"])
def test_other_addresses_are_the_sites(path):
    assert ask(path).body == b"the application"


# --- What ready means -------------------------------------------------------------------------


@pytest.fixture
def well(db):
    """A site whose worker has just given a sign of life."""
    Sign.objects.give(Sign.WORKER, timezone.now())


@pytest.mark.usefixtures("well")
def test_a_site_that_is_well_is_ready(django_assert_num_queries):
    what_is_wrong()
    with django_assert_num_queries(3):  # the migrations (is there a table, its rows), the signs
        assert what_is_wrong() == []


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize("late", [SILENT, -2 * SILENT])
def test_not_ready_while_worker_is_silent_or_ahead(late):
    Sign.objects.give(Sign.WORKER, timezone.now() - late)
    assert what_is_wrong() == ["no worker gives a sign of life"]


@pytest.mark.django_db
def test_not_ready_if_no_worker_ever_ran():
    assert what_is_wrong() == ["no worker gives a sign of life"]


@pytest.mark.usefixtures("well")
def test_not_ready_while_migrations_are_pending():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'jobs'")
    assert what_is_wrong() == ["migrations are pending"]


@pytest.mark.usefixtures("well")
def test_not_ready_on_a_full_disk(monkeypatch):
    monkeypatch.setattr(health, "ROOM", 2**62)
    assert what_is_wrong() == ["the disk is full"]


@pytest.mark.usefixtures("well")
def test_not_ready_without_its_data(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert what_is_wrong() == ["DATA_DIR cannot be read"]


@pytest.mark.django_db
def test_worker_sends_a_heartbeat_seldom(django_assert_num_queries):
    worker = Worker()
    worker.beat()
    assert Sign.objects.ages(timezone.now())[Sign.WORKER] < timedelta(seconds=5)
    with django_assert_num_queries(0):
        worker.beat()
    worker.beaten -= BEAT.total_seconds()
    Sign.objects.give(Sign.WORKER, timezone.now() + timedelta(days=1))
    worker.beat()
    assert Sign.objects.ages(timezone.now())[Sign.WORKER] < timedelta(seconds=5)


# --- Asking often -----------------------------------------------------------------------------


def test_frequent_requests_check_once():
    looks = []
    ready = Readiness(lambda: looks.append(1) or [])
    assert [ready() for _ in range(50)] == [True] * 50
    assert len(looks) == 1
    ready.checked -= health.HOLDS
    assert ready()
    assert len(looks) == 2


def test_hanging_database_delays_only_one_request(caplog):
    go_on, looks = threading.Event(), []
    ready = Readiness(lambda: looks.append(1) or (go_on.wait() and []), patience=0.05)
    assert [ready() for _ in range(50)] == [False] * 50
    assert looks == [1]
    assert [record.getMessage() for record in caplog.records] == [
        "Not ready: the database does not answer in time."
    ]
    go_on.set()
    while ready.checking:
        pass
    assert ready()


def test_problem_is_logged_once_and_not_shown(caplog):
    wrong = ["the disk is full"]
    ready = Readiness(lambda: wrong)
    for _ in range(3):
        assert not ready()
        ready.checked -= health.HOLDS
    wrong = []
    assert ready()
    said = [record.getMessage() for record in caplog.records]
    assert said == ["Not ready: the disk is full.", "Ready again."]


def test_failing_check_is_not_ready_and_logged(caplog):
    ready = Readiness(lambda: 1 / 0)
    assert not ready()
    assert "ZeroDivisionError" in caplog.text


# --- A real site ------------------------------------------------------------------------------


@pytest.mark.server
def test_running_site_reports_ready_and_not_ready(tmp_path):
    site = prepared.started(tmp_path)
    site.start("--no-worker", "--workers=1")

    def status(path):
        request = urllib.request.Request(site.url + path, headers={"Host": "balancer.internal"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    try:
        assert (status("/healthz"), status("/readyz"), status("/")) == (200, 503, 400)
        with site.database() as database:
            database.execute("INSERT INTO jobs_sign VALUES ('worker', datetime('now'))")
            database.commit()
        while status("/readyz") != 200:
            time.sleep(0.1)
    finally:
        said = site.stop(signal.SIGTERM).said
    assert "Not ready: no worker gives a sign of life." in said
    assert "Ready again." in said
