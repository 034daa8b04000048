"""The threads that run Django in `serve`: who gets one, and who waited too long."""

import threading
from http import HTTPStatus
from types import SimpleNamespace

import pytest

from blog.ops import pool
from blog.ops.pool import READ, WRITE, Pool
from blog.ops.server import GIVING_BACK, dispatched
from blog.web.limits import BUSY, RECEIVED


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


def done(threads, kind, network=""):
    """Whether work of this kind is done at once."""
    ran = threading.Event()
    assert threads.submit(kind, lambda is_late: ran.set(), network=network)
    return ran.wait(0.2)


@pytest.mark.parametrize(("kind", "most", "other"), [(WRITE, 2, READ), (READ, 3, WRITE)])
def test_no_kind_of_request_takes_every_thread(held, kind, most, other):
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


def test_work_that_waited_too_long_is_refused(held, monkeypatch):
    threads, late = Pool(2), Held()
    late.let_go.set()
    threads.submit(WRITE, held)
    held.began.acquire(timeout=10)
    monkeypatch.setitem(pool.WAIT_SECONDS, WRITE, -1)
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


def test_one_network_does_not_hold_every_writer(held):
    threads = Pool(8)
    for _ in range(6):
        threads.submit(WRITE, held, network="203.0.113.0/24")
    for _ in range(2):
        assert held.began.acquire(timeout=10)
    assert done(threads, WRITE, "198.51.100.0/24")
    assert done(threads, WRITE)
    assert len(held.late) == 2
    held.let_go.set()
    for _ in range(4):
        assert held.began.acquire(timeout=10)


def test_networks_take_turns(held):
    threads, order, over = Pool(2), [], threading.Event()
    threads.submit(WRITE, held)
    held.began.acquire(timeout=10)
    for network in ["a", "a", "a", "b", "c", "b"]:
        threads.submit(WRITE, lambda is_late, n=network: order.append(n), network=network)
    threads.submit(WRITE, lambda is_late: over.set(), network="a")
    held.let_go.set()
    assert over.wait(10)
    assert order == ["a", "b", "c", "a", "b", "a"]


def test_one_network_has_a_share_of_the_waiting_room(held, monkeypatch):
    monkeypatch.setitem(pool.MOST_WAITING, WRITE, 8)
    monkeypatch.setattr(pool, "MOST_BYTES", 400)
    threads = Pool(2)
    threads.submit(WRITE, held)
    held.began.acquire(timeout=10)
    assert [threads.submit(WRITE, held, network="a") for _ in "123"] == [True, True, False]
    assert threads.submit(WRITE, held, 200, "b")  # alone, however large
    assert not threads.submit(WRITE, held, 1, "b")
    assert threads.submit(WRITE, held, 100, "c")


def test_work_that_fails_leaves_its_thread_for_others(caplog):
    threads = Pool(1)
    threads.submit(READ, lambda is_late: 1 / 0)
    assert done(threads, READ)
    assert "A request could not be answered." in caplog.text


def test_few_threads_in_front_give_words_back(held):
    """However many requests find no place to wait: readers need these threads."""

    def application(line, request):
        if request.get(BUSY):
            held(True)

    full = SimpleNamespace(submit=lambda *task: False)
    leaving = SimpleNamespace(has_begun=False)
    answer = dispatched(
        *(lambda request: None, full, lambda request: None, leaving),
        *(lambda whichever: application, None),
    )
    line = SimpleNamespace(response_bytes=None)
    requests = [{"REQUEST_METHOD": "POST", "PATH_INFO": "/"} for _ in range(GIVING_BACK + 1)]
    for request in requests[:-1]:
        threading.Thread(target=answer, args=[line, request]).start()
        assert held.began.acquire(timeout=10)
    answer(line, requests[-1])
    assert requests[-1][RECEIVED] == HTTPStatus.SERVICE_UNAVAILABLE
    assert BUSY not in requests[-1]
