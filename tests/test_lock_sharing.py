"""Jobs leave SQLite's one lock to commenters: short transactions, and a rest after each."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.jobs import slices
from blog.jobs.alive import running
from blog.jobs.models import Job
from blog.lib.database import LONGEST_REST, Rests
from blog.posts.models import Post
from blog.posts.search.indexing import count_common_words
from blog.posts.tasks import redraw_cards
from comments.models import Comment


class Clock:
    """A clock that queries and rests move."""

    def __init__(self):
        self.now, self.rested = 100.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.rested.append(round(seconds, 3))
        self.now += seconds


def rests_of(*queries):
    """Return the rests before these queries, each a statement, its seconds and if it is inside."""
    clock = Clock()
    rests = Rests(clock, clock.sleep)
    for sql, seconds, inside in queries:

        def execute(*given, seconds=seconds):
            clock.now += seconds

        rests(execute, sql, (), False, {"connection": SimpleNamespace(in_atomic_block=inside)})
    return clock.rested


@pytest.mark.parametrize("sql", ["INSERT INTO t", "UPDATE t", "DELETE FROM t", "BEGIN IMMEDIATE"])
def test_next_write_comes_after_as_long_a_rest(sql):
    assert rests_of(("UPDATE t", 0.1, False), (sql, 0.1, False)) == [0.1]


def test_rest_counts_all_of_a_transaction_but_its_wait():
    transaction = [("BEGIN IMMEDIATE", 9, False), ("SELECT 1", 0.1, True), ("UPDATE t", 0.05, True)]
    assert rests_of(*transaction, ("UPDATE t", 0, False)) == [0.15]


def test_rest_has_an_end():
    assert rests_of(("UPDATE t", 60, False), ("UPDATE t", 0, False)) == [LONGEST_REST]


def test_reading_waits_for_no_rest():
    assert rests_of(("UPDATE t", 0.1, False), ("SELECT 1", 0, False)) == []


@pytest.mark.django_db
def test_many_rows_change_in_short_transactions(write, say, monkeypatch):
    post, clock, sizes = write(), Clock(), []
    for number in range(30):
        say(post, f"Comment {number}.", status="pending")
    monkeypatch.setattr(slices, "time", SimpleNamespace(monotonic=clock))

    def change(rows):
        sizes.append(rows.update(network=""))
        clock.now += 0.05 * sizes[-1]
        return sizes[-1]

    job = SimpleNamespace(taken_at=0)
    with running(job):
        assert slices.in_slices(Comment.objects.all(), change) == 30
    assert sizes == [20, 2, 2, 2, 2, 2]
    assert job.taken_at  # so it does not count as hanging


@pytest.mark.django_db
def test_common_words_are_read_before_the_transaction():
    with CaptureQueriesContext(
        connection,
    ) as asked:
        count_common_words()
    kinds = [query["sql"].split()[0] for query in asked]
    reads = next(n for n, q in enumerate(asked) if q["sql"].startswith("SELECT"))
    assert reads < kinds.index("SAVEPOINT")


def later():
    call_command("cards", "--later")


@pytest.mark.django_db
@pytest.mark.parametrize("add", [later, redraw_cards.func])
def test_cards_are_all_found_before_jobs_are_added(write, monkeypatch, add):
    write("Of margins")
    write("Of ink")
    jobs, added = Job.objects.count(), []

    def needed(post):
        added.append(Job.objects.count() - jobs)
        return "card"

    monkeypatch.setattr(Post, "needed_for_sharing", needed)
    add()
    assert (added, Job.objects.count() - jobs) == ([0, 0], 2)
