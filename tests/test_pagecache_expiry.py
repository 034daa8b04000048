"""How long a kept page is answered: after changes, by age, and while something fails."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from page_cache import application, ask, cache, clock, fresh

from blog.pages.cache import PageCache
from blog.pages.generation import Freshness
from blog.pages.policy import MAX_AGE, RENEW_AGE, SHORT_AGE
from blog.web.cache_control import FOR_ALL
from blog.web.limits import BUSY

__all__ = ["application", "cache", "clock", "fresh"]  # fixtures


# --- How long ---------------------------------------------------------------------------------


def test_after_a_change_no_old_page_is_answered(cache, application, fresh):
    ask(cache)
    application.body = b"New."
    fresh.change()
    assert ask(cache).body == b"New."


def test_page_rendered_during_a_change_is_not_kept(cache, application, fresh):
    application.meanwhile = fresh.change
    ask(cache)
    application.meanwhile = lambda: None
    application.body = b"New."
    assert ask(cache).body == b"New."


def test_no_page_exceeds_its_maximum_age(cache, application, clock):
    ask(cache)
    application.body = b"New."
    clock.now += MAX_AGE - 1
    assert ask(cache).body != b"New."
    clock.now += 1
    assert ask(cache).body == b"New."


@pytest.fixture
def later(cache):
    """What the cache wants done behind an answer."""
    work = []
    cache.renew_by(work.append)
    return work


def test_page_is_renewed_in_the_background_before_it_expires(cache, application, clock, later):
    old = ask(cache).body
    application.body = b"New."
    clock.now += RENEW_AGE - 1
    assert (ask(cache).body, later) == (old, [])
    clock.now += 1
    assert [ask(cache).body for _ in range(3)] == [old] * 3
    (renew,) = later
    renew()
    assert ask(cache).body == b"New."
    assert len(application.asked) == 2


def test_missing_renewal_does_not_extend_the_maximum_age(cache, application, clock, later):
    ask(cache)
    clock.now += RENEW_AGE
    ask(cache)
    application.body = b"New."
    clock.now += MAX_AGE - RENEW_AGE
    assert ask(cache).body == b"New."


def test_failed_renewal_keeps_the_page(cache, application, clock, later):
    old = ask(cache).body
    clock.now += RENEW_AGE
    ask(cache)
    application.status, application.headers = "503 Service Unavailable", []
    later.pop()()
    clock.now += MAX_AGE - RENEW_AGE - 1
    assert ask(cache).body == old
    assert len(application.asked) == 2


def test_busy_request_goes_to_django(cache, application):
    ask(cache)
    assert ask(cache, busy=True).body == application.body
    assert application.asked[-1][BUSY]


def test_absences_are_answered_from_memory_at_once(cache, application):
    application.status = "404 Not Found"
    ask(cache)
    environ = {**application.asked[0], "wsgi.url_scheme": "http", "HTTP_HOST": "blog.example.org"}
    assert cache.look(environ)[0] == "404 Not Found"


def test_page_expires_when_an_essay_is_due(application, fresh, clock):
    due = timezone.now() + timedelta(seconds=20)
    cache = PageCache(application, fresh=fresh, turns=lambda: (None, due), room=2**20)
    ask(cache)
    application.body = b"New."
    clock.now += 19
    assert ask(cache).body != b"New."
    clock.now += 1.1
    assert ask(cache).body == b"New."


def test_next_due_time_is_read_once_per_change(application, fresh, clock):
    asked = []
    cache = PageCache(
        application, fresh=fresh, turns=lambda: asked.append(1) or (None, None), room=2**20
    )
    for number in range(5):
        ask(cache, f"/{number}/")
    assert len(asked) == 1
    fresh.change()
    ask(cache)
    assert len(asked) == 2


def test_failing_page_is_answered_from_its_last_copy(cache, application, clock):
    whole = ask(cache).body
    clock.now += MAX_AGE
    application.status, application.headers = "500 Internal Server Error", []
    assert ask(cache).body == whole
    asked = len(application.asked)
    assert ask(cache).body == whole
    assert len(application.asked) == asked  # left alone for a while
    clock.now += SHORT_AGE
    application.status, application.body = "200 OK", b"New."
    application.headers = [("Cache-Control", FOR_ALL)]
    assert ask(cache).body == b"New."


def test_changed_page_is_never_served_again(cache, application, fresh):
    ask(cache)
    fresh.change()
    application.status, application.body = "500 Internal Server Error", b"Broken."
    assert (ask(cache).status, ask(cache).body) == (500, b"Broken.")


def test_missing_database_is_reported_by_django(application, fresh, clock):
    def away():
        raise OperationalError

    cache = PageCache(application, fresh=fresh, turns=away, room=2**20)
    application.status, application.headers = "500 Internal Server Error", []
    assert ask(cache).status == 500


@pytest.mark.parametrize("cookie", ["", "postil_mine=abc"])
def test_old_pages_are_served_while_database_is_down(application, fresh, clock, cookie):
    away = []
    cache = PageCache(
        application, fresh=fresh, turns=lambda: (None, None), room=2**20, is_away=lambda: away
    )
    whole = ask(cache).body
    clock.now += 10 * MAX_AGE
    away.append(True)
    given = {"cookie": cookie} if cookie else {}
    application.body = b"New."
    assert [ask(cache, **given).body for _ in range(3)] == [whole] * 3
    assert len(application.asked) == 1
    away.clear()
    assert ask(cache, **given).body == b"New."


def test_changed_pages_are_not_served_while_database_is_down(application, fresh):
    cache = PageCache(
        application, fresh=fresh, turns=lambda: (None, None), room=2**20, is_away=lambda: True
    )
    ask(cache)
    fresh.change()
    application.status, application.body = "503 Service Unavailable", b"Not just now."
    assert ask(cache).status == ask(cache, cookie="postil_mine=abc").status == 503


def test_hanging_render_falls_back_to_the_old_page(cache, application, clock, monkeypatch):
    monkeypatch.setattr("blog.pages.cache.RENEWING_SECONDS", 0.01)
    whole = ask(cache).body
    clock.now += MAX_AGE
    asked, go_on = threading.Event(), threading.Event()
    application.meanwhile = lambda: asked.set() or go_on.wait(10)
    hangs = threading.Thread(target=lambda: ask(cache))
    hangs.start()
    asked.wait(10)
    assert ask(cache).body == whole
    go_on.set()
    hangs.join(10)


def test_due_essay_shows_within_a_minute_after_clock_change(application, fresh, clock):
    due = [timezone.now() + timedelta(hours=1)]
    cache = PageCache(application, fresh=fresh, turns=lambda: (None, due[0]), room=2**20)
    ask(cache)
    due[0] = timezone.now() + timedelta(seconds=5)  # as it appears after the jump
    clock.now += MAX_AGE
    ask(cache)
    application.body = b"New."
    clock.now += 5.1
    assert ask(cache).body == b"New."


# --- On a disk that takes nothing ---------------------------------------------------------------


def test_unwritable_generation_still_changes_in_its_process(fresh, tmp_path):
    """As on a disk that became read-only: no write to memory, which would kill the process."""
    file, before = fresh.file, fresh.generation
    fresh.file = os.open(tmp_path / "pages", os.O_RDONLY)
    fresh.change()
    apart = fresh.generation
    os.close(fresh.file)
    fresh.file = file
    fresh.change()
    others = Freshness(tmp_path / "pages")
    assert len({before, apart, fresh.generation}) == 3
    assert others.generation == fresh.generation


def test_a_number_without_a_file_changes_too(tmp_path):
    alone = Freshness(tmp_path / "nowhere" / "pages")
    before = alone.generation
    alone.change()
    assert alone.generation != before
