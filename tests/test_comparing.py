"""Comparing a comment with earlier ones has a time budget, and lets other threads run."""

import random
import threading
import time

import pytest
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from comments.models import Comment
from comments.screening.look_alikes import newest_on_essay, newest_on_site
from comments.text import comparing, recent
from comments.text.comparing import BUDGET, PAUSE, SLICE, nearest
from comments.text.duplicates import KEPT, compared

ALPHABET = "abcdefghijklmnopqrst   "
# Stored words and a new text, each of the maximum length.
STORED = 3000


def text_of(chance, length=KEPT):
    return "".join(chance.choices(ALPHABET, k=length))


class Clock:
    """A clock that advances each time it is read."""

    def __init__(self, step):
        self.step, self.now, self.pauses = step, 0.0, []

    def __call__(self):
        self.now += self.step
        return self.now


@pytest.fixture(scope="module")
def long_texts():
    chance = random.Random(1)
    # All as long as the new one, so that none is ruled out by its length.
    return [(number, compared(text_of(chance))) for number in range(STORED // 10)]


def look(new, others, step):
    clock = Clock(step)
    found = nearest(new, others, clock=clock, pause=clock.pauses.append)
    return found, clock


def test_texts_not_compared_in_time_are_reported(long_texts):
    found, clock = look(text_of(random.Random(2)), long_texts, 0.004)
    assert found == (None, None, False)
    assert clock.now <= BUDGET + 2 * clock.step
    assert len(clock.pauses) >= 3
    assert set(clock.pauses) == {PAUSE}


def test_within_the_budget_everything_is_compared(long_texts):
    found, clock = look(long_texts[-1][1], long_texts, 0)
    assert found == (long_texts[-1][0], 100, True)
    assert clock.pauses == []


def test_the_first_are_compared_first(long_texts):
    found, _clock = look(long_texts[0][1], long_texts, 0.02)  # time for one slice
    assert (found.key, found.complete) == (0, False)
    found, _clock = look(long_texts[-1][1], long_texts, 0.02)
    assert (found.key, found.complete) == (None, False)


def test_a_slice_has_so_much_work_at_most(long_texts):
    """So much that a slow processor needs less than SLICE; it was measured, 1.5 ms."""
    new = text_of(random.Random(2))
    slices = [len(part) for part, _texts in comparing._slices(long_texts, len(new))]
    assert sum(slices) == len(long_texts)
    assert max(slices) * KEPT * KEPT <= 64_000_000 + KEPT * KEPT
    short = [(number, "nice post") for number in range(5000)]
    assert max(len(part) for part, _texts in comparing._slices(short, len(new))) <= 500


def test_counting_what_is_common_first_loses_no_match():
    chance = random.Random(4)
    found = 0
    for _ in range(2000):
        one = text_of(chance, chance.randint(20, 90))
        changed = chance.random() / 2
        other = "".join(chance.choice(ALPHABET) if chance.random() < changed else c for c in one)
        other = other[: chance.randint(len(one) // 2, len(one))]
        likeness = Levenshtein.normalized_similarity
        for least in (0.55, 0.7, 0.75, 0.82, likeness(one, other)):
            match = process.extractOne(one, [other], scorer=likeness, score_cutoff=least)
            assert comparing._most_similar(one, [other], least) == match, (one, other, least)
            found += match is not None
    assert found > 3000


@pytest.fixture
def post(write):
    return write()


@pytest.mark.django_db
def test_comment_past_the_time_budget_waits_for_a_person(send, settings, monkeypatch):
    settings.COMMENT_POLICY = "publish-all"
    send(body="Number one speaks of drains and councils.")
    assert Comment.objects.get().reasons == []
    monkeypatch.setattr(comparing, "BUDGET", 0)
    send(body="Number two says something else altogether.")
    comment = Comment.objects.get(body__startswith="Number two")
    assert (comment.status, comment.reasons) == ("pending", ["not-compared"])


@pytest.mark.django_db
def test_memory_for_comparing_is_bounded(post, say):
    say(post, "w" + "\u20dd" * 10 + " many words to say again and again" * 1500)
    rows = recent.said_lately(post.pk, newest_on_site, newest_on_essay)
    assert len(rows[0].words) <= KEPT
    assert Comment.objects.get().words == rows[0].words


@pytest.mark.long("measures")
@pytest.mark.parametrize("kind", ["random", "just too different", "marks", "U+FDFA"])
def test_longest_texts_keep_to_the_time_budget(kind):
    """65,000 characters against 3,000 stored: what it costs, and how long a thread has to wait."""
    chance = random.Random(3)
    new = {"marks": "w" + "\u20dd" * 64_999, "U+FDFA": "\ufdfa" * 65_000}.get(
        kind, text_of(chance, 65_000)
    )
    mostly = [text_of(chance) for _ in range(20)]
    if kind == "just too different":
        mostly = [
            "".join(chance.choice("uvwxyz") if chance.random() < 0.27 else char for char in new)
            for _ in range(20)
        ]
    others = [(number, compared(mostly[number % 20])) for number in range(STORED)]
    slices, last = [], [0.0]

    def pause(seconds):
        slices.append(time.thread_time() - last[0])
        time.sleep(seconds)
        last[0] = time.thread_time()

    gaps, done = [], threading.Event()

    def tick():
        before = time.perf_counter()
        while not done.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - before)
            before = now

    other = threading.Thread(target=tick)
    other.start()
    try:
        compared.cache_clear()
        last[0] = start = time.thread_time()
        found = nearest(new, others, pause=pause)
        taken = time.thread_time() - start
    finally:
        done.set()
        other.join()
    first, *rest = (1000 * seconds for seconds in slices)
    print(
        f"\n{kind}: {1000 * taken:.0f} ms, all compared: {found.complete}, its own words"
        f" {first:.1f} ms, longest slice {max(rest):.1f} ms, longest wait of another thread"
        f" {1000 * max(gaps):.1f} ms"
    )
    assert taken <= BUDGET
    assert max(slices[1:]) <= SLICE
