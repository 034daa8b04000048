"""Somebody types, and at random something is taken away, again and again: no word is lost.

`make test-long` interrupts 200 times; any other run a few times. `-s` shows the figures.
"""

import random
import time

import pytest
from desk_site import CSRF, SERVE, Writer, full, locked, site_on_disk
from trials import in_full

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.long]

SEED = 20261129
TIMES = in_full(200, 5)


@pytest.fixture
def writer(browser, tmp_path):
    with site_on_disk(tmp_path) as site:
        writer = Writer(browser.new_context(reduced_motion="reduce"), site)
        yield writer
        writer.context.close()


class Typing:
    """Words with a number each, so that one that is missing is known by its name."""

    def __init__(self, writer, chance):
        self.writer, self.chance, self.count = writer, chance, 0

    def some(self):
        many = self.chance.randint(1, 4)
        words = [f"w{self.count + number}." for number in range(many)]
        self.count += many
        self.writer.type("".join(f"{word} " for word in words))
        # Now and then a pause, in which it is saved.
        if self.chance.random() < 0.5:
            self.writer.pass_time(self.chance.choice([0.5, 1.9, 2.1, 16]))

    def missing(self, text):
        there = {*text.split()}
        return [number for number in range(self.count) if f"w{number}." not in there]


def server_is_killed(writer, typing):
    writer.site.kill()
    typing.some()
    writer.site.start(*SERVE)


def line_is_cut(writer, typing):
    with writer.offline():
        typing.some()
        writer.pass_time()
        typing.some()


def tab_is_closed(writer, typing):
    """As after a crash: in the new tab the words the site has not are seen again."""
    unsaved = writer.kept_here()
    writer.reopen()
    if unsaved:
        see_again(writer, typing)


def see_again(writer, typing):
    """Press the offer of the words that the new tab lacks, unless the site had them already."""
    button, deadline = writer.page.get_by_role("button", name="See them"), time.monotonic() + 15
    while typing.missing(writer.text):
        if button.is_visible():
            button.click()
            return
        assert time.monotonic() < deadline
        writer.page.wait_for_timeout(50)


def tab_is_closed_off_line(writer, typing):
    with writer.offline():
        typing.some()
        address = writer.page.url
        writer.page.close()
        writer.page = writer.context.new_page()
    writer.open(address.removeprefix(writer.site.url))
    see_again(writer, typing)


def session_ends(writer, typing):
    writer.end_sessions()
    typing.some()
    writer.pass_time()
    writer.sign_in()
    typing.some()


def cookie_is_lost(writer, typing):
    writer.forget(CSRF)
    typing.some()


def database_is_locked(writer, typing):
    with locked(writer.site):
        typing.some()
        writer.pass_time()
        typing.some()


def disk_is_full(writer, typing):
    if writer.site.disk is None:
        return line_is_cut(writer, typing)
    with full(writer.site.disk):
        typing.some()
        writer.pass_time()
        typing.some()


def answer_is_lost(writer, typing):
    def lose(route):
        route.fetch()
        route.abort()

    writer.page.route("**/autosave/", lose, times=1)
    typing.some()
    writer.pass_time()
    typing.some()


INTERRUPTIONS = [
    *(server_is_killed, line_is_cut, tab_is_closed, tab_is_closed_off_line, disk_is_full),
    *(session_ends, cookie_is_lost, database_is_locked, answer_is_lost),
]


def test_no_word_is_lost_whatever_happens(writer):
    chance = random.Random(SEED)
    typing = Typing(writer, chance)
    began, happened = time.monotonic(), []
    # Each at least once in a short run too, but for the slow one, which has its own test.
    for number in range(TIMES):
        typing.some()
        what = INTERRUPTIONS[-1 - number] if number < 4 else chance.choice(INTERRUPTIONS)
        happened.append(what.__name__)
        what(writer, typing)
        typing.some()
        assert typing.missing(writer.text) == [], happened
        if number % 5 == 4:
            settle(writer)
    settle(writer)
    assert typing.missing(writer.kept_by_site()) == []
    assert writer.site.rows("SELECT count(*) FROM posts_post WHERE body = ''") == [(1,)]
    print(f"{typing.count} words, {TIMES} interruptions in {time.monotonic() - began:.0f} s")


def settle(writer):
    """Give the desk the pauses it takes until all is saved."""
    deadline = time.monotonic() + 60
    while writer.kept_by_site() != writer.text:
        assert time.monotonic() < deadline, writer.page.inner_text("#trouble")
        if "You were signed out" in writer.page.inner_text("#trouble"):
            writer.sign_in()  # the answer to an ended session came late, and took the new cookie
        # To pass more time would give up what was just asked of a busy machine.
        if not writer.page.inner_text("#saved").startswith("Saving"):
            writer.pass_time(31)
        writer.page.wait_for_timeout(100)
