"""The threads that run Django in `serve`: who gets one, and who has waited too long."""

import threading

import pytest

from blog.ops import pool
from blog.ops.pool import READ, WRITE, Pool


class Held:
    """Work that stays in its thread until it is let go, as a query that hangs does."""

    def __init__(self):
        self.began, self.let_go, self.late = threading.Semaphore(0), threading.Event(), []

    def __call__(self, is_late):
        self.late.append(is_late)
        self.began.release()
        self.let_go.wait(10)


@pytest.fixture
def held():
    held = Held()
    yield held
    held.let_go.set()


def done(threads, kind):
    """Whether work of this kind is done at once."""
    ran = threading.Event()
    assert threads.submit(kind, lambda is_late: ran.set())
    return ran.wait(0.2)


@pytest.mark.parametrize(("kind", "most", "other"), [(WRITE, 2, READ), (READ, 3, WRITE)])
def test_neither_kind_takes_every_thread(held, kind, most, other):
    threads = Pool(4)
    for _ in range(10):
        threads.submit(kind, held)
    for _ in range(most):
        assert held.began.acquire(timeout=10)
    assert done(threads, other)
    assert len(held.late) == most
    held.let_go.set()
    for _ in range(10 - most):
        assert held.began.acquire(timeout=10)


def test_a_single_thread_does_both_in_turn(held):
    threads = Pool(1)
    assert done(threads, READ)
    assert done(threads, WRITE)


def test_work_that_waited_too_long_is_told_so(held, monkeypatch):
    threads, late = Pool(2), Held()
    late.let_go.set()
    threads.submit(WRITE, held)
    held.began.acquire(timeout=10)
    monkeypatch.setitem(pool.PATIENCE, WRITE, -1)
    threads.submit(WRITE, late)
    held.let_go.set()
    assert late.began.acquire(timeout=10)
    assert (held.late, late.late) == ([False], [True])


def test_more_than_may_wait_is_refused(held, monkeypatch):
    monkeypatch.setitem(pool.MOST_WAITING, WRITE, 1)
    threads = Pool(2)
    threads.submit(WRITE, held)
    held.began.acquire(timeout=10)
    assert threads.submit(WRITE, held)
    assert not threads.submit(WRITE, held)
    assert done(threads, READ)


def test_larger_bodies_than_may_wait_are_refused(held, monkeypatch):
    monkeypatch.setattr(pool, "MOST_BYTES", 100)
    threads = Pool(2)
    threads.submit(WRITE, held)
    held.began.acquire(timeout=10)
    assert threads.submit(WRITE, held, 150)  # alone, however large
    assert not threads.submit(WRITE, held, 1)
    held.let_go.set()
    assert held.began.acquire(timeout=10)
    assert threads.submit(WRITE, held, 1)


def test_work_that_fails_leaves_its_thread_for_others(caplog):
    threads = Pool(1)
    threads.submit(READ, lambda is_late: 1 / 0)
    assert done(threads, READ)
    assert "A request could not be answered." in caplog.text
