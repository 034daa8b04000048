"""Notices that fail are retried over a day, given up, or refused for good."""

import socket
import struct
from datetime import timedelta
from email.utils import format_datetime

import pytest
from notices import TAKEN, WEBMENTION, Target, at, clock, linking, notify, target, the_page
from peers import HERE, Trap, forever, moved, page, silent

from blog.jobs.models import Job
from comments.linkbacks.notify import Outcome
from comments.linkbacks.sending import send_notice, tell_linked_pages
from comments.models import LinkedPage
from comments.models.linked_page import RESTS

__all__ = ["clock", "target"]  # fixtures

pytestmark = pytest.mark.django_db

BUSY = page(b"", "503 Service Unavailable")


def reset(connection, peer):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.fixture
def hurried(monkeypatch):
    """Wait for nobody, so that a test of silence is short."""
    monkeypatch.setattr("comments.linkbacks.notify.NOTICE_SECONDS", 0.3)


def tries(clock):
    """Let time pass until all is done; return the minutes between the attempts."""
    clock.forward()
    rests = []
    while the_page().is_tried_again:
        due = the_page().due_at
        rests.append((due - clock.now).total_seconds() / 60)
        clock.now = due
        clock.run_due_jobs()
    return rests


# --- Again ------------------------------------------------------------------------------------


def test_sending_retries_5xx_over_a_day_then_gives_up(clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=BUSY)
    write(body=linking(target.url()))
    assert tries(clock) == [1, 5, 30, 180, 720, 1440]
    assert len(target.posts) == 7
    row = the_page()
    assert (row.state, row.why, row.due_at) == ("failed", "It answers “503”.", None)
    assert not Job.objects.exclude(status="SUCCESSFUL").exists()


def test_sending_retries_end_once_accepted(clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=[BUSY, BUSY, TAKEN])
    write(body=linking(target.url()))
    assert tries(clock) == [1, 5]
    assert the_page().state == "sent"
    assert len(target.posts) == 3


@pytest.mark.parametrize(
    "misbehaviour",
    [
        page(b"", "429 Too Many Requests"),
        page(b"", "500 Internal Server Error"),
        page(b"", "502 Bad Gateway"),
        page(b"", "504 Gateway Timeout"),
        reset,
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx",
    ],
)
@pytest.mark.parametrize("where", ["root", "endpoint"])
def test_sending_retries_temporary_failures(clock, write, target, where, misbehaviour):
    target.answer = at(**{"root": WEBMENTION, "endpoint": TAKEN, where: misbehaviour})
    _target, row = notify(clock, write, target)
    assert (row.state, row.is_tried_again, row.attempts) == ("waiting", True, 1)
    assert row.why.endswith(".")


@pytest.mark.parametrize("silence", [silent, forever(b"x", every=0.05)])
@pytest.mark.parametrize("where", ["root", "endpoint"])
@pytest.mark.usefixtures("hurried")
def test_sending_retries_after_a_timeout(clock, write, target, where, silence):
    target.answer = at(**{"root": WEBMENTION, "endpoint": TAKEN, where: silence})
    _target, row = notify(clock, write, target)
    target.over.set()
    assert (row.is_tried_again, row.why) == (True, "The page did not answer in time.")


def test_sending_retries_unreachable_pages(settings, clock, write):
    with Trap() as trap:
        gone = trap.url()
        settings.LINKBACK_PRIVATE_HOSTS = [trap.place]
    write(body=linking(gone))
    clock.forward()
    assert (the_page().is_tried_again, the_page().why) == (True, "The page cannot be reached.")


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [("7200", 120), ("5", 1), ("99999999999", 1440), ("soon", 1), ("-3", 1), ("", 1)],
)
def test_sending_retries_follow_retry_after_up_to_a_day(clock, write, target, asked, minutes):
    target.answer = at(root=WEBMENTION, endpoint=page(b"", "429 Wait", retry_after=asked))
    _target, row = notify(clock, write, target)
    assert row.due_at - clock.now == timedelta(minutes=minutes)


def test_sending_retries_retry_after_can_be_a_date(clock, write, target):
    then = clock.now + timedelta(hours=5)
    answer = page(b"", "503 Wait", retry_after=format_datetime(then))
    target.answer = at(root=WEBMENTION, endpoint=answer)
    _target, row = notify(clock, write, target)
    assert abs(row.due_at - then) < timedelta(minutes=1)


# --- Not again --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 418, 451])
@pytest.mark.parametrize("where", ["root", "endpoint"])
def test_sending_retries_4xx_is_final(clock, write, target, where, status):
    answers = {"root": WEBMENTION, "endpoint": TAKEN, where: page(b"", f"{status} No")}
    target.answer = at(**answers)
    write(body=linking(target.url()))
    assert tries(clock) == []
    assert (the_page().state, the_page().status) == ("refused", status)


def test_sending_retries_no_redirect_loops(clock, write, target):
    for answer in (moved("/"), moved("ftp://a.example/"), moved("http://[/")):
        target.answer = at(root=answer)
        _target, row = notify(clock, write, target)
        assert row.state == "refused"
        row.post.delete()


# --- Twice ------------------------------------------------------------------------------------


def test_sending_once_if_the_job_runs_twice(clock, write, target):
    _target, row = notify(clock, write, target)
    send_notice.call(row.pk, row.round)
    tell_linked_pages.call(row.post_id)
    clock.until_settled()
    assert len(target.posts) == 1


def test_job_of_an_earlier_attempt_does_nothing(clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=BUSY)
    _target, row = notify(clock, write, target)
    send_notice.call(row.pk, row.round - 1)
    assert len(target.posts) == 1


def test_old_result_does_not_overwrite_a_newer_notice(clock, write, target):
    _target, row = notify(clock, write, target)
    LinkedPage.objects.schedule([row], "x", clock.now)
    old = the_page()
    LinkedPage.objects.schedule([the_page()], "y", clock.now)
    assert not old.begin("x", clock.now)
    assert not old.settle(Outcome("later"), clock.now)
    assert not old.settle(Outcome("refused"), clock.now)
    assert (the_page().state, the_page().attempts) == ("waiting", 0)


def test_sending_retries_span_one_to_two_days():
    assert timedelta(days=1) < sum(RESTS, timedelta()) < timedelta(days=2)


def test_quick_page_does_not_wait_for_slow_ones(settings, clock, write, hurried):
    with Target(root=silent) as slow, Target() as quick:
        settings.LINKBACK_PRIVATE_HOSTS = [f"{HERE}:{peer.port}" for peer in (slow, quick)]
        write(body=linking(*[slow.url(f"/?{n}") for n in range(20)], quick.url()))
        clock.forward()
        assert (len(slow.requests), len(quick.posts)) == (1, 1)
