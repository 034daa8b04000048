"""Many requests for one page, and how much memory pages may take."""

import threading

import pytest
from page_cache import application, ask, cache, clock, fresh

__all__ = ["application", "cache", "clock", "fresh"]  # fixtures


# --- How many ---------------------------------------------------------------------------------


def test_one_request_renders_a_missing_page_for_all(cache, application):
    here = threading.Barrier(8)
    waiting = threading.Event()
    application.meanwhile = lambda: waiting.wait(10)
    bodies = []

    def read():
        here.wait(10)
        bodies.append(ask(cache).body)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    while not application.asked:
        pass
    waiting.set()
    for reader in readers:
        reader.join(10)
    assert bodies == [application.body] * 8
    assert len(application.asked) == 1


def test_request_waiting_past_a_change_gets_the_new_page(cache, application, fresh):
    """The one who makes it came before the change, those who wait may have come after."""
    asked, go_on = threading.Event(), threading.Event()

    def slow():
        asked.set()
        go_on.wait(10)

    application.meanwhile = slow
    first, later = [], []
    one = threading.Thread(target=lambda: first.append(ask(cache).body))
    one.start()
    asked.wait(10)
    application.meanwhile = lambda: None
    old, application.body = application.body, b"New."
    fresh.change()
    two = threading.Thread(target=lambda: later.append(ask(cache).body))
    two.start()
    go_on.set()
    one.join(10)
    two.join(10)
    assert later == [b"New."]
    assert ask(cache).body == b"New."
    assert old != b"New."


def test_an_error_leaves_nobody_waiting(cache, application):
    def fail():
        raise ZeroDivisionError

    application.meanwhile = fail
    with pytest.raises(ZeroDivisionError):
        ask(cache)
    application.meanwhile = lambda: None
    assert ask(cache).status == 200


def test_cache_stays_within_its_memory(cache, application):
    application.body = bytes(range(256)) * 200  # 50 KiB that hardly pack
    for number in range(100):
        for coding in ("br", "gzip", ""):
            ask(cache, f"/{number}/", accept_encoding=coding)
    assert cache.pages.taken <= 2**20
    assert cache.pages.taken == sum(page.weight for page in cache.pages.pages.values())
    assert 5 < len(cache.pages.pages) < 20


def test_least_recently_read_pages_are_dropped(cache, application):
    application.body = b"x" * 50_000
    for number in range(100):
        ask(cache, "/read/")
        ask(cache, f"/{number}/")
    assert sum(each["PATH_INFO"] == "/read/" for each in application.asked) == 1


def test_guessed_addresses_push_no_page_out(cache, application):
    ask(cache, "/read/")
    application.status = "404 Not Found"
    for number in range(2000):
        ask(cache, f"/{number}/")
    assert cache.misses.taken <= 2**16
    asked = len(application.asked)
    ask(cache, "/read/")
    assert len(application.asked) == asked


def test_page_larger_than_the_cache_is_not_kept(cache, application):
    application.body = b"x" * 2**21
    assert ask(cache).body == ask(cache).body == application.body
    assert cache.pages.taken == 0
