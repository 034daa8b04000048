"""What the filter learned, in the database, so that all processes share it and undo is exact.

Whoever learns takes a turn on one row, so that none wait for each other in a circle and no count is
lost. Learning belongs outside the request; scoring reads one query and waits for nobody.
"""

import sqlite3
from array import array
from itertools import islice

from django.db import connections, models, transaction
from django.db.models import F

from .spam import ALL, EVERY, counted, features, key_of, score

# Comments held in memory at once while all of them are gone through.
AT_ONCE = 500

# The rows that are always there.
TOTALS = (key_of(EVERY), key_of(ALL))


class FilterTokenManager(models.Manager):
    def take_turn(self):
        """Wait until nobody else learns, until the end of the transaction."""
        totals = [FilterToken(key=key) for key in TOTALS]
        self.bulk_create(totals, ignore_conflicts=True)
        self.select_for_update().get(key=key_of(EVERY))

    def counts_of(self, tokens):
        """Return in how many spam comments and in how many others each was (one query)."""
        token_of = {key_of(token): token for token in counted(tokens)}
        # Whole numbers, so written out: binding so many takes longer than all the rest.
        keys, table = ",".join(map(str, token_of)), self.model._meta.db_table
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"SELECT key, spam, ham FROM {table} WHERE key IN ({keys})")  # noqa: S608
            return {token_of[key]: (spam, ham) for key, spam, ham in cursor}

    def add(self, lesson, times):
        """Count a lesson once more (1) or take it back (-1); whose turn it is may do so."""
        self.bulk_create([FilterToken(key=key) for key in lesson.keys], ignore_conflicts=True)
        kind = "spam" if lesson.spam else "ham"
        for keys, count in lesson.increments:
            self.filter(key__in=keys).update(**{kind: F(kind) + times * count})
        if times < 0:
            # The table is again as it was before what is undone.
            self.filter(key__in=lesson.keys, spam=0, ham=0).delete()


class FilterToken(models.Model):
    """In how many comments a token was. `key` is the number spam.key_of gives it."""

    key = models.BigIntegerField(primary_key=True)
    spam = models.PositiveIntegerField(default=0)
    ham = models.PositiveIntegerField(default=0)

    objects = FilterTokenManager()

    def __str__(self):
        return f"{self.key}: {self.spam}/{self.ham}"


class Lesson(models.Model):
    """What the filter learned from one comment: the counts are the sum of all lessons.

    The keys of its tokens are kept, so that a lesson can be taken back exactly though the comment
    was edited or erased meanwhile, or another version of Postil sees other tokens in it. A
    comment that is deleted for good leaves what it taught.
    """

    comment = models.OneToOneField(
        "comments.Comment", on_delete=models.CASCADE, primary_key=True, related_name="lesson"
    )
    spam = models.BooleanField()
    packed = models.BinaryField()

    def __str__(self):
        return f"{self.comment_id}: {'spam' if self.spam else 'ham'}"

    @property
    def keys(self):
        return list(array("q", bytes(self.packed)))

    @property
    def increments(self):
        """Pairs of keys and by how much the count of each rises, as spam.counted has it."""
        keys = self.keys
        return [(keys, 1), (TOTALS[:1], 1), (TOTALS[1:], len(keys))]


def tokens_of(comment):
    """Return what the filter sees of a comment or mention."""
    text, url = f"{comment.title}\n{comment.body}", comment.url or comment.source
    return features(text, comment.name, url, repeat=comment.likeness is not None)


def lesson_of(comment):
    """Return what a comment teaches as it is decided now, unsaved; None if it teaches nothing."""
    verdict = {comment.Status.SPAM: True, comment.Status.APPROVED: False}.get(comment.status)
    if verdict is None:
        return None
    packed = array("q", sorted(map(key_of, tokens_of(comment)))).tobytes()
    return Lesson(comment_id=comment.pk, spam=verdict, packed=packed)


def learn(comment):
    """Bring the filter to what is decided on a stored comment now, whatever it was taught before.

    Approved and spam are lessons; waiting and trash take the lesson back. Reads the comment anew,
    and does no harm when run twice, late, or by several at once.
    """
    with transaction.atomic():
        FilterToken.objects.take_turn()
        now = type(comment).objects.filter(pk=comment.pk).first()
        old = Lesson.objects.filter(comment_id=comment.pk).first()
        new = now and lesson_of(now)
        if old and new and (old.spam, bytes(old.packed)) == (new.spam, new.packed):
            return
        if old:
            FilterToken.objects.add(old, -1)
            old.delete()
        if new:
            FilterToken.objects.add(new, 1)
            new.save(force_insert=True)


def weigh(comment):
    """Return the filter's Score of a comment, or None while it learned too little (one query)."""
    tokens = tokens_of(comment)
    return score(tokens, FilterToken.objects.counts_of(tokens))


def unlearned(comments):
    """Return those of the comments that the filter was taught otherwise than is decided now."""
    status, decided = comments.model.Status, comments.decided()
    none = models.Q(lesson=None)
    waits = comments.filter(~none, status__in=[status.PENDING, status.TRASH])
    spam = decided.filter(none | models.Q(lesson__spam=False), status=status.SPAM)
    ham = decided.filter(none | models.Q(lesson__spam=True), status=status.APPROVED)
    return waits | spam | ham


class Rebuilding:
    """Learning everything anew, beside what is in use, and then putting it in its place.

    What is counted is kept in a temporary file, so that memory stays small at any number of
    decisions. `progress` is called with the step, how many are done and of how many.
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
        """Count what every decided comment teaches."""
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
        """Try the filter on each comment as if it had learned all others, and not this one."""
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
        """Put what was counted in the place of what was in use, all at once."""
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
                # What was deleted since it was read has no row to stand by.
                here = self.comments.filter(pk__in=[lesson.pk for lesson in batch])
                here = set(here.values_list("pk", flat=True))
                Lesson.objects.bulk_create(lesson for lesson in batch if lesson.pk in here)
        # And what was decided since; read first, because SQLite lets nobody write who is reading
        # what another has changed meanwhile.
        for comment in list(unlearned(self.comments).only("pk")):
            learn(comment)

    def lessons(self):
        """Yield what was read, one by one."""
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
