"""Trains the spam filter again on all decisions, for the command `train_filter`."""

import sqlite3
from itertools import islice

from django.db import transaction

from comments.models.filter_counts import (
    TOTALS,
    FilterToken,
    Lesson,
    learn,
    lesson_of,
    unlearned,
)
from comments.text.spam import ALL, EVERY, key_of, score

# Comments that are held in memory at once.
AT_ONCE = 500


class Rebuilding:
    """Counts everything again while the present counts stay in use, and then replaces them.

    The new counts are kept in a temporary file, so that memory stays small. `progress` is called
    with the step, how many decisions are done, and how many there are.
    """

    def __init__(self, comments, progress):
        self.comments = comments
        self.decided = comments.decided().order_by("pk")
        self.progress = progress
        self.total = self.decided.count()

    def __enter__(self):
        self.notes = sqlite3.connect("")  # SQLite's own temporary file, gone when it is closed
        self.notes.executescript(
            "CREATE TABLE token (key INTEGER PRIMARY KEY, spam INTEGER, ham INTEGER);"
            "CREATE TABLE lesson (comment INTEGER PRIMARY KEY, spam INTEGER, packed BLOB);"
        )
        return self

    def __exit__(self, *failed):
        self.notes.close()

    def read(self):
        """Count the tokens of every decided comment."""
        for done, comment in enumerate(self.decided.iterator(chunk_size=AT_ONCE), 1):
            lesson = lesson_of(comment)
            self.notes.executemany(
                "INSERT INTO token VALUES (?1, ?2 * ?3, (1 - ?2) * ?3) ON CONFLICT (key) DO UPDATE"
                " SET spam = spam + excluded.spam, ham = ham + excluded.ham",
                [(key, lesson.spam, n) for keys, n in lesson.increments for key in keys],
            )
            row = (lesson.comment_id, lesson.spam, lesson.packed)
            self.notes.execute("INSERT INTO lesson VALUES (?, ?, ?)", row)
            self.progress("read", done, self.total)

    @property
    def learned(self):
        """How many spam comments and how many others were read."""
        return self.counts_of(TOTALS).get(key_of(EVERY), (0, 0))

    def cross_validate(self, trial):
        """Score each comment as if the filter had learned all others but not this one."""
        for done, lesson in enumerate(self.lessons(), 1):
            others = self.counts_of([*lesson.keys, *TOTALS])
            for keys, times in lesson.increments:
                for key in keys:
                    spam, ham = others[key]
                    others[key] = (spam - times * lesson.spam, ham - times * (not lesson.spam))
            others |= {EVERY: others[TOTALS[0]], ALL: others[TOTALS[1]]}
            if found := score(lesson.keys, others):
                trial.add(found.points, lesson.spam)
            self.progress("try", done, self.total)

    def swap(self):
        """Replace the counts in use by the new ones, in one transaction."""
        with transaction.atomic():
            FilterToken.objects.take_turn()
            FilterToken.objects.exclude(key__in=TOTALS).delete()
            FilterToken.objects.update(spam=0, ham=0)
            Lesson.objects.all().delete()
            rows = self.notes.execute("SELECT key, spam, ham FROM token ORDER BY key")
            for batch in batches(rows):
                tokens = [FilterToken(key=key, spam=spam, ham=ham) for key, spam, ham in batch]
                FilterToken.objects.bulk_create(
                    tokens,
                    update_conflicts=True,
                    unique_fields=["key"],
                    update_fields=["spam", "ham"],
                )
            for batch in batches(self.lessons()):
                # Comments that were deleted meanwhile have no row any more.
                here = self.comments.filter(pk__in=[lesson.pk for lesson in batch])
                here = set(here.values_list("pk", flat=True))
                Lesson.objects.bulk_create(lesson for lesson in batch if lesson.pk in here)
        # Learn what was decided meanwhile. A list, because SQLite does not let a connection write
        # while it reads what another connection has changed.
        for comment in list(unlearned(self.comments).only("pk")):
            learn(comment)

    def lessons(self):
        """Yield the lessons that were read."""
        for comment, spam, packed in self.notes.execute("SELECT * FROM lesson ORDER BY comment"):
            yield Lesson(comment_id=comment, spam=bool(spam), packed=packed)

    def counts_of(self, keys):
        marks = ",".join("?" * len(keys))
        rows = self.notes.execute(f"SELECT * FROM token WHERE key IN ({marks})", keys)  # noqa: S608
        return {key: (spam, ham) for key, spam, ham in rows}


def batches(rows):
    """Yield lists of at most AT_ONCE rows."""
    rows = iter(rows)
    while batch := list(islice(rows, AT_ONCE)):
        yield batch
